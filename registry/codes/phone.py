"""手机号码: mobile numbers of the mainland, eleven digits."""

from __future__ import annotations

import re
import unicodedata

from foundation.errors import Refusal

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_PREFIX = re.compile(r"(?:\+|00)86")


def normalise(text: str) -> str:
    """Full-width forms to plain ones, spaces, hyphens and the prefix ``+86`` out."""
    plain = re.sub(r"[\s\-‐-―]", "", unicodedata.normalize("NFKC", text))
    return _PREFIX.sub("", plain, count=1) if _PREFIX.match(plain) else plain


def parse(text: str, *, field: str | None = None) -> str:
    """The eleven digits of a mobile number; refuses with ``phone_length`` or ``phone_form``."""
    number = normalise(text)
    if not (number.isascii() and number.isdigit()):
        raise Refusal("phone_form", "手机号只能由数字组成：请填 11 位手机号", field=field)
    if len(number) != 11:
        raise Refusal("phone_length", "手机号应为 11 位，现为 {length} 位", field=field, length=len(number))
    if not _MOBILE.fullmatch(number):
        raise Refusal("phone_form", "手机号应以 13 至 19 开头：请填 11 位手机号，不要填固定电话", field=field)
    return number


def mask(number: str) -> str:
    """First three and last four digits (P3): ``138****0000``. Shorter text is hidden whole."""
    if len(number) <= 7:
        return "*" * len(number)
    return number[:3] + "*" * (len(number) - 7) + number[-4:]
