"""Numbers, codes and what a stranger may see of a certificate (D6, SECURITY 14). Pure."""

from __future__ import annotations

import re
import secrets
import unicodedata
from enum import StrEnum

from foundation.errors import Refusal
from publications.privacy import private_in

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U."""
CODE_LENGTH = 16
"""80 bits; at least 64 are asked for."""
LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})
NUMBER = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*-[0-9]{4,}")


class State(StrEnum):
    """The life of a certificate. Nothing leads back from superseded or revoked."""

    NUMBERED = "numbered"
    VALID = "valid"
    FAULTY = "faulty"
    SUPERSEDED = "superseded"
    REVOKED = "revoked"


def number_of(prefix: str, count: int) -> str:
    """``XCJS-2026-HG`` and 7 → ``XCJS-2026-HG-0007``; beyond 9,999 it grows a digit."""
    return f"{prefix}-{count:04d}"


def new_code() -> str:
    """A check code of 16 characters from the system's randomness."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def grouped(code: str) -> str:
    """``6N2DH8QW…`` → ``6N2D-H8QW-…`` as it is printed."""
    return "-".join(code[n : n + 4] for n in range(0, len(code), 4))


def normal_number(typed: str) -> str:
    """What somebody typed as a number: full-width, lower case and dashes of all kinds are understood."""
    text = unicodedata.normalize("NFKC", typed).upper().strip()
    return re.sub(r"[\s‐-―−－_]+", "-", text)[:60]


def normal_code(typed: str) -> str:
    """What somebody typed as a check code: look-alikes read as Crockford says, separators dropped."""
    text = unicodedata.normalize("NFKC", typed).upper().translate(LOOKALIKES)
    return re.sub(r"[^0-9A-Z]", "", text)[:40]


def require_form(number: str, code: str) -> None:
    """Refuse what cannot be a number and code, each beside its field; says nothing of what exists."""
    from foundation.errors import Refusals

    refused = []
    if not NUMBER.fullmatch(number):
        refused.append(
            Refusal("number_form", "证书编号形如 XCJS-2026-HG-0001，请对照证书左下角", field="number", rule="D6")
        )
    if len(code) != CODE_LENGTH or any(letter not in ALPHABET for letter in code):
        refused.append(
            Refusal("code_form", "校验码为 {length} 位字母和数字，请对照证书左下角", field="code", length=CODE_LENGTH)
        )
    if refused:
        raise Refusals(refused)


def masked_name(name: str) -> str:
    """A person's name as a stranger sees it: 赵立春 → 赵*春, 李镒 → 李*, 买买提·艾力 → 买****力. Units stay whole."""
    if len(name) <= 1:
        return name
    if len(name) == 2:
        return name[0] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def require_public_reason(reason: str) -> None:
    """Why a certificate ended is read by whoever verifies it: it is given, and shows no identity or mobile number (P3, D6)."""
    if not reason.strip():
        raise Refusal("reason_required", "请写明原因", field="reason")
    if private_in(reason):
        raise Refusal("reason_private", "原因会在查验页公开：不能写身份证号或手机号", field="reason", rule="P3")
