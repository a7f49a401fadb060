"""The second factor: TOTP by the machine's real time, its QR code, and recovery codes.

Real time, never the house's clock: a phone does not know that a demonstration is set in another week.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import re
import secrets
import time
from uuid import UUID

import segno
from pyotp import random_base32
from pyotp.totp import TOTP

from foundation.crypto import seal_secret, unseal_secret

STEP_SECONDS = 30
RECOVERY_CODES = 10
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LABEL = "totp"


def new_secret() -> bytes:
    """A fresh 160-bit secret, sealed for the account's row."""
    return seal_secret(random_base32(), label=_LABEL)


def open_secret(sealed: bytes) -> str:
    """The secret in base 32, as a phone takes it."""
    return unseal_secret(sealed, label=_LABEL)


def current_code(sealed: bytes) -> str:
    """The code of this moment (the demonstration prints it)."""
    return TOTP(open_secret(sealed)).at(int(time.time()))


def matching_step(secret: str, code: str, *, at: float) -> int | None:
    """The time step whose code this is: the present one or a neighbour (clocks differ); None for a wrong code."""
    digits = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", digits, re.ASCII):
        return None
    totp, now = TOTP(secret), int(at) // STEP_SECONDS
    found = None
    for step in (now, now - 1, now + 1):
        if hmac.compare_digest(totp.at(step * STEP_SECONDS), digits) and found is None:
            found = step
    return found


def qr_data(secret: str, *, login: str, issuer: str) -> str:
    """The QR code that a phone scans, as a PNG data address (the CSP lets images be data)."""
    address = TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)
    return segno.make(address, error="m", micro=False).png_data_uri(scale=5, border=3)


def qr_text(secret: str, *, login: str, issuer: str) -> str:
    """The same for a terminal."""
    out = io.StringIO()
    address = TOTP(secret).provisioning_uri(name=login, issuer_name=issuer)
    segno.make(address, error="l", micro=False).terminal(out=out, compact=True)
    return out.getvalue()


def grouped(secret: str) -> str:
    """The secret in groups of four, to be typed."""
    return " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))


def new_recovery_codes() -> list[str]:
    """Ten codes of 80 bits: ``ABCD-EFGH-JKLM-NPQR``."""
    return ["-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4)) for _ in range(RECOVERY_CODES)]  # fmt: skip


def recovery_digest(account: UUID, code: str) -> bytes:
    """The key under which a recovery code is stored; case, spaces and hyphens make no difference."""
    plain = re.sub(r"[\s-]", "", code).upper()
    return hashlib.sha256(account.bytes + plain.encode("utf-8", "surrogatepass")).digest()
