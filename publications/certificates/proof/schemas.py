"""What is claimed, what is signed, what was found. Plain values that cross process borders."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from msgspec import Struct

from foundation.errors import Refusal


class ProofRefused(Refusal):
    """A proof that does not hold. Codes: ``proof.form`` (not ours, or damaged) · ``proof.key`` (signed by a key that is not
    published) · ``proof.signature`` (ours in form, but the signature does not fit) · ``proof.signer`` (signing failed)."""


class Claim(Struct, frozen=True, kw_only=True):
    """Everything a certificate says, as it is signed. ``home`` is the installation's public address."""

    home: str
    number: str
    code: str
    holder: str
    members: tuple[str, ...]
    award: str
    competition: str
    event: str
    year: int
    issuer: str
    issued_on: date
    unit: str = ""
    replaces: str = ""
    kind: int = 1
    """1 is a competition certificate (竞赛获奖证书)."""


class Statement(Struct, frozen=True, kw_only=True, tag="statement"):
    """A claim, signed twice over: ``token`` for the QR, ``credential`` (canonical JSON) for the file and the wallet."""

    token: str
    credential: str


class TokenClaim(Struct, frozen=True, kw_only=True):
    """What a QR token says by itself. ``holder_hash`` is eight bytes; see :func:`proof.token.holder_hash`."""

    key_id: str
    kind: int
    number: str
    award: str
    issued_on: date
    holder_hash: bytes


class Published(Struct, frozen=True, kw_only=True):
    """The public halves: Ed25519 keys by their id (32 bytes each), and the certificates (DER) that seal PDFs."""

    keys: Mapping[str, bytes]
    certificates: tuple[bytes, ...] = ()


class Finding(StrEnum):
    """What a PDF proves without the register."""

    GENUINE = "genuine"
    TAMPERED = "tampered"
    FOREIGN = "foreign"
    """Not a certificate of this house, as far as can be seen: no seal, no statement."""


class Examined(Struct, frozen=True, kw_only=True):
    """The outcome of an examination; ``number`` and ``credential`` only where the statement's own signature holds."""

    finding: Finding
    reason: str = ""
    number: str = ""
    credential: str = ""
