"""字数 (H62): Chinese characters and words, without white space. The page counts the same way (``counting.js``).

A character of Chinese writing (汉字, 〇, its full-width letters and its punctuation) counts one; a run of anything else that
is not white space counts one, as a word: ``获国家专利12项`` is 7: 获 国 家 专 利 12 项.
"""

from __future__ import annotations

import re

SPACE = r"\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
WIDE = (
    r"\u2014\u2018\u2019\u201c\u201d\u2026\u00b7\u2e80-\u2fff\u3001-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff01-\uffef"
    r"\U00020000-\U0003ffff"
)
_TOKEN = re.compile(f"[{WIDE}]|[^{WIDE}{SPACE}]+")


def count(text: str) -> int:
    """How many characters and words ``text`` has (H62)."""
    return sum(1 for _ in _TOKEN.finditer(text))


def cut(text: str, most: int) -> int:
    """Where in ``text`` (an index of code points) the part begins that is over ``most``; its length where nothing is."""
    for number, token in enumerate(_TOKEN.finditer(text)):
        if number == most:
            return token.start()
    return len(text)
