"""What number and code, a token or a file open of the register: an outcome for a stranger, names masked."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import msgspec

from foundation.crypto import unseal_secret
from foundation.database import fetch, fetchrow
from foundation.errors import NotFound
from publications.certificates import keys, rules
from publications.certificates.designs.issuing import HELD_BY_UNITS
from publications.certificates.papers import CODE_LABEL, code_index
from publications.certificates.proof.examiner_process import examine_apart
from publications.certificates.proof.schemas import Finding, ProofRefused, TokenClaim
from publications.certificates.proof.token import holder_hash, token_in, verify_token
from publications.certificates.rules import State
from publications.certificates.schemas import Verified

FOUND_SQL = (
    "SELECT c.*, (SELECT n.number FROM certificate n WHERE n.replaces = c.id) AS replaced_by,"
    " (SELECT f.sha256 FROM stored_file f WHERE f.id = c.file) AS sha256,"
    " (SELECT k.retired_at FROM certificate_key k"
    "  WHERE k.name = substring(c.credential FROM 'gongjiang-keys\\.json#([0-9a-f]{8})')) AS key_retired_at"
    " FROM certificate c WHERE c.number = $1"
)


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """``verdict``: valid, superseded, revoked, pending, unknown or tampered; ``how``: code, qr or file."""

    how: str
    verdict: str
    number: str = ""
    found: Verified | None = None
    code: str = ""
    token: str = ""
    has_credential: bool = False
    key_retired_at: datetime | None = None
    """When the key that signed it was taken out of use, if it was: the signature stays good."""


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    number: str
    text: str


def verified_of(row: Any) -> Verified:
    """A row as a stranger may see it."""
    wording = msgspec.json.decode(row["wording"])
    verdict = "pending" if row["state"] in (State.NUMBERED, State.FAULTY) else str(row["state"])
    whole = wording.get("team") or wording.get("kind") in HELD_BY_UNITS
    holder = row["holder"] if whole else rules.masked_name(row["holder"])
    return Verified(
        verdict=verdict, number=row["number"], holder=holder, award=row["award"], title=row["title"],
        issuer=wording["issuer"], issued_on=row["issued_on"], unit=wording.get("unit", ""), ended_at=row["ended_at"],
        ended_reason=row["ended_reason"], replaced_by=row["replaced_by"] or "",
    )  # fmt: skip


def _outcome(how: str, row: Any, **proof: str) -> Outcome:
    found = verified_of(row)
    signed = bool(row["credential"]) and found.verdict == "valid" and bool(proof)
    return Outcome(
        how=how, verdict=found.verdict, number=found.number, found=found, has_credential=signed,
        key_retired_at=row["key_retired_at"], **proof,
    )  # fmt: skip


async def _row_by_code(number: str, code: str) -> Any:
    return await fetchrow(f"{FOUND_SQL} AND c.code_index = $2", number, code_index(number, code))


async def by_code(number: str, code: str) -> Outcome:
    """Unknown tells nothing of whether the number exists."""
    row = await _row_by_code(number, code)
    if row is None:
        return Outcome(how="code", verdict="unknown", number=number)
    return _outcome("code", row, code=code)


async def by_token(text: str) -> Outcome:
    """A damaged or forged token is ``tampered`` only where it claims one of our keys; anything else is unknown."""
    token = token_in(text)
    try:
        claim = verify_token(token, await keys.published())
    except ProofRefused as why:
        return Outcome(how="qr", verdict="tampered" if why.code == "proof.signature" else "unknown")
    row = await _row_by_token(claim)
    if row is None:
        return Outcome(how="qr", verdict="unknown", number=claim.number)
    return _outcome("qr", row, token=token)


async def _row_by_token(claim: TokenClaim) -> Any:
    """The register's row, where it says the same as the token does."""
    row = await fetchrow(FOUND_SQL, claim.number)
    if row is None:
        return None
    code = unseal_secret(row["code_sealed"], label=CODE_LABEL)
    same = (
        holder_hash(row["number"], code, row["holder"]) == claim.holder_hash
        and row["award"] == claim.award
        and row["issued_on"] == claim.issued_on
    )
    return row if same else None


async def by_file(pdf: bytes) -> Outcome:
    """The file's own proof first; then whether the register holds this very file, to the byte."""
    examined = await examine_apart(pdf, await keys.published())
    if examined.finding is Finding.TAMPERED:
        return Outcome(how="file", verdict="tampered")
    if examined.finding is Finding.FOREIGN:
        return Outcome(how="file", verdict="unknown")
    row = await fetchrow(FOUND_SQL, examined.number)
    if row is None:
        return Outcome(how="file", verdict="unknown", number=examined.number)
    if row["sha256"] != hashlib.sha256(pdf).digest() or row["credential"] != examined.credential:
        return Outcome(how="file", verdict="tampered")
    return _outcome("file", row)


async def credential_for(number: str, code: str, token: str) -> Credential:
    """The credential of a valid certificate. Raises ``NotFound`` for everything else alike."""
    row = None
    if token:
        try:
            row = await _row_by_token(verify_token(token_in(token), await keys.published()))
        except ProofRefused as why:
            raise NotFound from why
    elif number and code:
        row = await _row_by_code(number, code)
    if row is None or row["state"] != State.VALID or not row["credential"]:
        raise NotFound
    return Credential(number=row["number"], text=row["credential"])


async def keys_shown() -> list[dict[str, Any]]:
    """The published keys for the pages: id, kind, name, public half, since when, retired when; those in use first."""
    rows = await fetch(
        "SELECT id, kind, name, public, made_at, retired_at FROM certificate_key"
        " ORDER BY kind DESC, retired_at IS NOT NULL, made_at DESC"
    )
    return [
        {
            "id": row["id"],
            "kind": row["kind"],
            "name": row["name"],
            "public": bytes(row["public"]).hex() if row["kind"] == keys.STATEMENT else "",
            "made_at": row["made_at"],
            "retired_at": row["retired_at"],
        }
        for row in rows
    ]
