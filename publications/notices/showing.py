"""What the notices' pages share: forms to orders and back, the days in words, the paper for the eye."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from markupsafe import Markup

from foundation import clock
from foundation.database import fetch
from foundation.errors import Refusal
from foundation.i18n import current_locale
from foundation.i18n import gettext as _
from foundation.web.policy import Actor
from foundation.web.templates import WEEKDAYS
from publications.notices import paper, queries, rules
from publications.notices.rules import Stage
from publications.notices.schemas import DraftForm, Notice, NoticeOrder, OpenNotice, Period, SubjectOrder
from publications.notices.strip import Day
from publications.permissions import Permission

CELLS = re.compile(r"\s*[|｜\t]\s*")
STATE_MARK = {Stage.OPEN: "open", Stage.ENDED: "off", Stage.CONCLUDED: "valid", Stage.WITHDRAWN: "off"}


def split(line: str) -> tuple[str, ...]:
    """``甲 | 乙`` or two cells of a spreadsheet → ("甲", "乙")."""
    return tuple(cell.strip() for cell in CELLS.split(line.strip(" "))) if line.strip() else ()


def order_of(form: DraftForm) -> NoticeOrder:
    """What was typed, as an order."""
    given = {f.name: getattr(form, f.name) for f in msgspec.structs.fields(DraftForm) if f.name not in ("headings", "subjects", "version")}  # fmt: skip
    lines = [line for line in form.subjects.split("\n") if line.strip()]
    return NoticeOrder(
        **given, headings=split(form.headings), subjects=tuple(SubjectOrder(cells=split(line)) for line in lines)
    )


def typed(notice: Notice) -> dict[str, Any]:
    """A notice as the values of its form."""
    values = {f.name: getattr(notice, f.name) for f in msgspec.structs.fields(DraftForm) if hasattr(notice, f.name)}
    values["headings"] = " | ".join(notice.headings)
    values["subjects"] = "\n".join(" | ".join(s.cells) for s in notice.subjects)
    return {name: "" if value is None else value for name, value in values.items()}


async def organisations(actor: Actor) -> list[Any]:
    """Those in whose name this actor may publish."""
    return await fetch(
        "SELECT id, name, kind, contact_phone, address FROM organisation WHERE id = ANY($1::uuid[]) AND closed_at IS NULL"
        " ORDER BY cardinality(ancestors), sort_key",
        list(Permission.DRAFT_NOTICES.scope(actor)),
    )


def level_choices(kinds: set[str]) -> list[tuple[str, str]]:
    levels = {level for kind in kinds for level in rules.LEVELS_OF.get(kind, ())}
    return [(level, _(text)) for level, text in rules.LEVELS.items() if level in levels]


async def paper_of_draft(notice: Notice, period: Period | None) -> Markup:
    """The paper as it would be frozen now; the number is taken at the opening."""
    today = await clock.today()
    first, last = (period.first_day, period.last_day) if period else (today, today)
    number = f"{notice.series}〔{first.year}〕__号" if notice.series else None
    body = paper.as_html(notice, notice.subjects, number=number, first=first, last=last, days=notice.days)
    return Markup(body.decode())  # noqa: S704 - our own template, autoescaped


async def paper_of(notice: UUID) -> Markup:
    """The published paper, byte for byte as it was frozen."""
    return Markup((await queries.frozen(notice)).html.decode())  # noqa: S704 - escaped when it was frozen


async def period_of(notice: Notice) -> Period | None:
    """The period for the eye; None for a draft, or where the calendar no longer tells."""
    if notice.first_day is None or notice.last_day is None:
        return None
    try:
        return await queries.period(notice.first_day, notice.last_day)
    except Refusal:
        return None


def weekday(day: date) -> str:
    if current_locale.get() == "en":
        return day.strftime("%a")
    return "周" + WEEKDAYS[day.weekday()]


def month_day(day: date) -> str:
    """5月6日 / 6 May."""
    return day.strftime("%-d %b") if current_locale.get() == "en" else f"{day.month}月{day.day}日"


def strip_items(days: tuple[Day, ...]) -> list[dict[str, str]]:
    """The strip as ``pub.days`` wants it."""
    items = []
    for day in days:
        if day.kind == "rest":
            until = day.until or day.day
            items.append({"day": _("休"), "note": _rest_span(day.day, until), "kind": "rest"})
            continue
        last = day is days[-1]
        note = _("今天") if day.kind == "today" else _("%(w)s止", w=weekday(day.day)) if last else weekday(day.day)
        items.append({"day": str(day.day.day), "note": note, "kind": day.kind})
    return items


def _rest_span(first: date, until: date) -> str:
    """1–5日 / 1–5; with months where it crosses into another."""
    if first.month != until.month:
        return f"{first.month}.{first.day}–{until.month}.{until.day}"
    days = str(first.day) if first == until else f"{first.day}–{until.day}"
    return days if current_locale.get() == "en" else f"{days}日"


def cell_note(day: Day, last: date) -> str:
    """What stands under a day in the sheet of weeks."""
    if day.kind == "today":
        return _("今天")
    if day.count:
        return _("第%(n)s日", n=day.count)
    if day.kind == "rest":
        return _(day.name) if day.name else _("休")
    return _("补班") if day.worked else ""


def standing_words(one: OpenNotice | Period) -> str:
    """第 2 个工作日，尚余 3 个."""
    s = one.standing
    if s.nth == 0:
        return _("尚未到首个工作日，共 %(n)s 个", n=s.total)
    return _("第 %(nth)s 个工作日，尚余 %(left)s 个", nth=s.nth, left=s.left)


def open_for_strip(notices: list[OpenNotice]) -> list[dict[str, Any]]:
    """What ``publications/notices/_strip.html`` draws."""
    return [
        {
            "href": f"/notices/{n.id}", "number": n.number, "level": _(rules.LEVELS[n.level]), "title": n.title,
            "subjects": n.subjects, "days": strip_items(n.strip), "words": standing_words(n),
        }
        for n in notices
    ]  # fmt: skip


HELPERS: dict[str, Any] = {
    "weekday": weekday, "month_day": month_day, "cell_note": cell_note, "strip_items": strip_items,
    "standing_words": standing_words, "stages": rules.STAGES, "levels": rules.LEVELS, "state_mark": STATE_MARK,
}  # fmt: skip
