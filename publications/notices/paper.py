"""What is published, as bytes: the text as canonical HTML, the list as canonical JSON (D4). The paper of it, typeset after
GB/T 9704, is made from the same frozen copy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from foundation import clock
from foundation.i18n import current_locale
from foundation.trail import canonical
from foundation.web.templates import render

TEMPLATE = "publications/notices/_paper.html"


def number_of(code: str, year: int, count: int) -> str:
    """``宣工示`` , 2026 and 7 → ``宣工示〔2026〕7号``."""
    return f"{code}〔{year}〕{count}号"


def chinese_date(day: date, *, year: bool = True) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if year else f"{day.month}月{day.day}日"


def span(first: date, last: date) -> str:
    """2026年4月27日至5月6日; the year again where it changes."""
    return f"{chinese_date(first)}至{chinese_date(last, year=last.year != first.year)}"


def paragraphs(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def as_html(notice: Any, subjects: Sequence[Any], *, number: str | None, first: date, last: date, days: int) -> bytes:
    """The text in Chinese whoever asks, one element a line, no white space around, LF at each line's end."""
    context = {
        "n": notice, "subjects": subjects, "number": number or "", "paragraphs": paragraphs, "days": days,
        "opened": chinese_date(first), "span": span(first, last),
    }  # fmt: skip
    token = current_locale.set("zh")
    try:
        text = render(TEMPLATE, context)
    finally:
        current_locale.reset(token)
    return ("\n".join(line.strip() for line in text.splitlines() if line.strip()) + "\n").encode()


def as_json(
    notice: Any, subjects: Sequence[Any], *, number: str | None, first: date, last: date, days: int, at: datetime
) -> bytes:
    """The list for programs: sorted keys, no white space."""
    body = {
        "format": "gongjiang.notice/1", "number": number, "title": notice["title"], "organisation": notice["signature"],
        "level": notice["level"], "first_day": first, "last_day": last, "working_days": days,
        "published_at": clock.local(at).isoformat(timespec="seconds"), "headings": list(notice["headings"]),
        "subjects": [list(subject["cells"]) for subject in subjects],
    }  # fmt: skip
    return canonical(body).encode()
