"""What is never published: identity and mobile numbers, however they are written (P3, A16). Pure, and needs no table."""

from __future__ import annotations

import re
import unicodedata

ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9]{17}[0-9Xx](?![0-9A-Za-z])")
SPACED_ID = re.compile(
    r"(?<![0-9])[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx](?![0-9])"
)
MOBILE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")
GAPS = re.compile(r"(?<=[0-9])[\s·.\-‐-―]+(?=[0-9Xx])")


def private_in(text: str) -> str:
    """``id_number``, ``mobile`` or "": whether a text shows what is never published (P3); gaps between digits are read
    over, full-width digits understood."""
    plain = unicodedata.normalize("NFKC", text)
    tight = GAPS.sub("", plain)
    if ID_NUMBER.search(plain) or SPACED_ID.search(tight):
        return "id_number"
    return "mobile" if MOBILE.search(plain) or MOBILE.search(tight) else ""
