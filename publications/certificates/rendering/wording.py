"""The words on a competition certificate (D5): pure functions from plain values to the printed strings."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

from publications.certificates.rendering.schemas import CompetitionCertificate

DIGITS = "〇一二三四五六七八九"
IDEOGRAPHIC_SPACE = "\u3000"
_KIND_OF_EVENT = ("工种", "赛项", "项目", "职业", "组", "组别")
_CLOSING_MARKS = "”’）》〉」』】、，。：；！？"
_PIECES = re.compile(r"[（《〈“‘「『【]*(?:[!-~·–]+ *|.)[”’）》〉」』】、，。：；！？]*", re.DOTALL)
_CJK = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]")


def chinese_year(year: int) -> str:
    """2026 → 二〇二六年, digit by digit, with 〇 U+3007 (D5)."""
    if not 1 <= year <= 9999:
        raise ValueError(f"a year of one to four digits is wanted, not {year}")
    return "".join(DIGITS[int(digit)] for digit in str(year)) + "年"


def chinese_number(value: int) -> str:
    """1…99 as a day or month is written: 5 → 五, 10 → 十, 21 → 二十一."""
    if not 1 <= value <= 99:
        raise ValueError(f"1 to 99 is wanted, not {value}")
    tens, ones = divmod(value, 10)
    head = "" if tens == 0 else "十" if tens == 1 else DIGITS[tens] + "十"
    return head + (DIGITS[ones] if ones else "")


def chinese_month(day: date) -> str:
    """2026-05-04 → 二〇二六年五月."""
    return f"{chinese_year(day.year)}{chinese_number(day.month)}月"


def chinese_date(day: date) -> str:
    """2026-05-04 → 二〇二六年五月四日."""
    return f"{chinese_month(day)}{chinese_number(day.day)}日"


def open_name(name: str) -> str:
    """A name of two characters is opened with one ideographic space; any other is printed as it is registered."""
    name = name.strip()
    return f"{name[0]}{IDEOGRAPHIC_SPACE}{name[1]}" if len(name) == 2 and len(_CJK.findall(name)) == 2 else name


def name_scale(characters: int) -> float:
    """How far a name shrinks with its length: 1 up to 4 characters, .86 up to 8, .70 up to 13, .64 beyond."""
    for limit, scale in ((4, 1.0), (8, 0.86), (13, 0.70)):
        if characters <= limit:
            return scale
    return 0.64


def without_year(title: str, year: int) -> str:
    """The competition's title without its own year in front, since the year is printed apart."""
    for prefix in (f"{year}年", chinese_year(year), f"{year}"):
        if title.startswith(prefix) and title != prefix:
            return title[len(prefix) :].lstrip("度 ")
    return title


def event_phrase(event: str) -> str:
    """焊工 → （焊工工种）; a title that says its own kind, or is not Chinese, stands as it is; none → nothing."""
    if not event:
        return ""
    plain = event.endswith(_KIND_OF_EVENT) or not _CJK.search(event)
    return f"（{event}）" if plain else f"（{event}工种）"


def grouped(code: str) -> str:
    """A check code in groups of four, unless it already comes in groups."""
    if "-" in code or len(code) <= 5:
        return code
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def columns(title: str, *, first: int = 14) -> tuple[str, ...]:
    """The title cut into vertical columns of about even length, read from right to left; one column up to ``first``.

    No column begins with a closing mark: it hangs on the column before.
    """
    count = -(-len(title) // first)
    length = -(-len(title) // count)
    cut = [title[start : start + length] for start in range(0, len(title), length)]
    for at in range(1, len(cut)):
        while cut[at] and cut[at][0] in _CLOSING_MARKS:
            cut[at - 1], cut[at] = cut[at - 1] + cut[at][0], cut[at][1:]
    return tuple(column for column in cut if column)


def head_line(certificate: CompetitionCertificate) -> str:
    """The small line on top: 二〇二六年宣城市职工职业技能大赛 · 焊工."""
    title = chinese_year(certificate.year) + without_year(certificate.competition, certificate.year)
    return f"{title} · {certificate.event}" if certificate.event else title


def sentence(certificate: CompetitionCertificate) -> str:
    """What stands before the award's name in the body (D5)."""
    title = without_year(certificate.competition, certificate.year)
    return f"在{certificate.year}年{title}{event_phrase(certificate.event)}中荣获"


CLOSING = "。特发此证，以资鼓励。"


def unbreakable(text: str) -> list[str]:
    """The pieces between which a line may break: a Chinese character with the marks that cling to it, or a word."""
    return _PIECES.findall(text)


def is_team(certificate: CompetitionCertificate) -> bool:
    """A team certificate names the team and lists its members; several people without a team stand side by side."""
    return bool(certificate.team)


def unprintable(text: str) -> tuple[str, ...]:
    """Control, format, surrogate, private-use and line characters, which no field of a certificate may hold."""
    bad = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    return tuple(sorted({char for char in text if unicodedata.category(char) in bad}))


def is_latin(text: str) -> bool:
    """A text without one Chinese character."""
    return _CJK.search(text) is None
