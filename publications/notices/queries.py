"""Reads about notices: for officers within their scope, for the public, and for the wings whose next gate waits."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock
from foundation.database import fetch, fetchrow, fetchval
from foundation.errors import NotFound, Refusal
from foundation.i18n import N_, gettext
from foundation.listing import Asked, Column, Filter, Found, Listing
from foundation.web.policy import Actor
from publications.notices import deadlines, rules, strip
from publications.notices.rules import LEVELS, STAGES, Stage
from publications.notices.schemas import Deadline, Frozen, Notice, OpenNotice, Outcome, Period, Preview, SubjectRow
from publications.permissions import Permission
from registry.search_keys import keys_for_query

CHIP = {
    Stage.DRAFT: "neutral",
    Stage.OPEN: "info",
    Stage.ENDED: "wait",
    Stage.CONCLUDED: "ok",
    Stage.WITHDRAWN: "neutral",
}
OPEN_OBJECTION = "x.stage <> 'told'"
NOW_STAGE = f"""CASE WHEN n.stage = 'open' AND n.last_day < ({clock.NOW_SQL} AT TIME ZONE 'Asia/Shanghai')::date
  THEN 'ended' ELSE n.stage END"""
UPHELD = "EXISTS (SELECT 1 FROM notice_objection x WHERE x.notice = n.id AND x.outcome = 'upheld')"
SELECT = f"""n.id, n.number, n.title, n.level, n.signature, n.first_day, n.last_day, n.opened_at, n.days, n.made_at,
  {NOW_STAGE} AS stage, n.withdrawn_reason, o.name AS organisation_name,
  (SELECT count(*) FROM notice_subject s WHERE s.notice = n.id) AS subjects,
  (SELECT count(*) FROM notice_objection x WHERE x.notice = n.id AND {OPEN_OBJECTION}) AS objections"""
SOURCE = "notice n JOIN organisation o ON o.id = n.organisation"
PUBLIC = "n.stage <> 'draft'"


def _search(q: str, bind: Any) -> str:
    return f"n.search_keys @> {bind(keys_for_query(q))}::varchar[] OR n.number = {bind(q)}"


def level_options() -> list[tuple[str, str]]:
    return [(level, gettext(label)) for level, label in LEVELS.items()]


def stage_options() -> list[tuple[str, str]]:
    return [(stage.value, gettext(label)) for stage, label in STAGES.items()]


def _public_stage_options() -> list[tuple[str, str]]:
    return [(stage, text) for stage, text in stage_options() if stage != Stage.DRAFT]


def _year(text: str) -> int:
    """A year of an address; ``ValueError`` for what is none."""
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise ValueError(text)
    return int(text)


def _stage_cell(row: Any) -> str:
    return gettext(STAGES[Stage(row["stage"])])


COLUMNS = (
    Column(key="number", title=N_("文号"), sort="n.number"),
    Column(key="title", title=N_("标题"), sort='n.title COLLATE "C"'),
    Column(key="organisation_name", title=N_("公示单位"), sort="o.sort_key"),
    Column(key="level", title=N_("级别"), sort="n.level", show=lambda row: gettext(LEVELS[row["level"]])),
    Column(key="subjects", title=N_("对象"), number=True),
    Column(key="first_day", title=N_("起始日"), sort="n.first_day"),
    Column(key="last_day", title=N_("期满日"), sort="n.last_day"),
    Column(key="objections", title=N_("未结异议"), number=True),
    Column(key="stage", title=N_("状态"), sort=NOW_STAGE, show=_stage_cell),
)
FILTERS = (
    Filter(key="stage", title=N_("状态"), where=f"{NOW_STAGE} = {{}}", options=stage_options),
    Filter(key="level", title=N_("级别"), where="n.level = {}", options=level_options),
)
LIST = Listing(
    path="/publicity", select=SELECT, source=SOURCE, search=_search, columns=COLUMNS, filters=FILTERS,
    order="n.made_at DESC, n.id",
)  # fmt: skip
PUBLIC_LIST = Listing(
    path="/notices", select=SELECT, source=SOURCE, columns=(), search=lambda q, bind: f"({_search(q, bind)}) AND n.stage <> 'withdrawn' AND NOT {UPHELD}",
    filters=(
        Filter(key="stage", title=N_("状态"), where=f"{NOW_STAGE} = {{}}", options=_public_stage_options),
        Filter(key="level", title=N_("级别"), where="n.level = {}", options=level_options),
        Filter(key="year", title=N_("年份"), where="extract(year FROM n.first_day)::int = {}", convert=_year),
    ),
    order=f"({NOW_STAGE} = 'open') DESC, n.opened_at DESC, n.id",
)  # fmt: skip
"""The public finds by names only what still shows its names (P4)."""
WITHIN = "o.ancestors && {}::uuid[]"


async def listed(actor: Actor, asked: Asked) -> Found:
    """The notices of the organisations within the actor's scope."""
    return await LIST.fetch(asked, WITHIN, list(Permission.DRAFT_NOTICES.scope(actor)))


async def subject_rows(notice: UUID) -> list[Any]:
    return await fetch(
        "SELECT id, place, kind, source, cells FROM notice_subject WHERE notice = $1 ORDER BY place", notice
    )


async def one(actor: Actor, notice: UUID) -> Notice:
    """A notice within the actor's scope, drafts too."""
    return await _notice(notice, list(Permission.DRAFT_NOTICES.scope(actor)))


async def public_one(notice: UUID) -> Notice:
    """A notice that was opened; a draft is not found."""
    found = await any_one(notice)
    if found.stage is Stage.DRAFT:
        raise NotFound
    return found


async def any_one(notice: UUID) -> Notice:
    """A notice for the system's own work, whoever it belongs to."""
    return await _notice(notice, None)


async def _notice(notice: UUID, scope: list[UUID] | None) -> Notice:
    row = await fetchrow(
        "SELECT n.*, o.name AS organisation_name, h.name AS handling_name,"
        " (SELECT r.id FROM notice r WHERE r.replaces = n.id AND r.stage <> 'draft' ORDER BY r.opened_at LIMIT 1) AS replaced_by"
        " FROM notice n JOIN organisation o ON o.id = n.organisation JOIN organisation h ON h.id = n.handling"
        " WHERE n.id = $1 AND ($2::uuid[] IS NULL OR o.ancestors && $2)",
        notice, scope,
    )  # fmt: skip
    if row is None:
        raise NotFound
    last = await deadlines.keep_promise(row)
    subjects = tuple(
        SubjectRow(id=s["id"], place=s["place"], kind=s["kind"], source=s["source"], cells=tuple(s["cells"]))
        for s in await subject_rows(notice)
    )
    moved = await fetch(
        'SELECT kind, "before", "after", reason, made_at FROM notice_deadline WHERE notice = $1 ORDER BY made_at, "after"',
        notice,
    )
    derived = {
        "stage": rules.status(row["stage"], last, await clock.now()), "last_day": last,
        "ends_at": rules.ends_at(last) if last else None, "headings": tuple(row["headings"]), "subjects": subjects,
        "deadlines": tuple(Deadline(**dict(d)) for d in moved),
    }  # fmt: skip
    return Notice(**{f.name: derived.get(f.name, row.get(f.name)) for f in msgspec.structs.fields(Notice)})


async def frozen(notice: UUID) -> Frozen:
    """The bytes that were published; raises ``ValueError`` where they are not what was kept."""
    import hashlib

    row = await fetchrow(
        "SELECT html, html_sha256, roll, roll_sha256, published_at FROM notice_text WHERE notice = $1", notice
    )
    if row is None:
        raise NotFound
    for body, digest in ((row["html"], row["html_sha256"]), (row["roll"], row["roll_sha256"])):
        if hashlib.sha256(body).digest() != digest:
            raise ValueError(f"the published bytes of notice {notice} were changed")
    return Frozen(
        html=row["html"], html_sha256=row["html_sha256"].hex(), roll=row["roll"], roll_sha256=row["roll_sha256"].hex(),
        published_at=row["published_at"],
    )  # fmt: skip


async def period(first: date, last: date, today: date | None = None, around: deadlines.Around | None = None) -> Period:
    """A period for the eye; raises ``calendar_missing``."""
    calendar, held = around or await deadlines.calendar_around(first, last)
    today = today or await clock.today()
    return Period(
        first_day=first, last_day=last, strip=tuple(strip.days_of(first, last, today, calendar, held)),
        weeks=tuple(tuple(week) for week in strip.weeks_of(first, last, today, calendar, held)),
        standing=strip.standing(first, last, today, calendar, held),
    )  # fmt: skip


async def preview(planned_on: date | None, days: int) -> Preview:
    """What would be promised if it were opened on the planned day (or today): shown while drafting."""
    today = await clock.today()
    first = max(planned_on or today, today)
    try:
        rules.require_days(days, rules.LEAST_DAYS)
        last = await deadlines.last_day_of(first, days)
        return Preview(first_day=first, period=await period(first, last, today))
    except Refusal as refused:
        return Preview(first_day=first, refused=refused)


async def names_shown(notice: Notice) -> bool:
    """Whether the public still sees the list: not of a withdrawn notice, nor once an objection was upheld and the period
    is over, for then it names somebody who failed (P4)."""
    if notice.stage is Stage.WITHDRAWN:
        return False
    if notice.stage is Stage.OPEN:
        return True
    upheld = await fetchval(
        "SELECT 1 FROM notice_objection WHERE notice = $1 AND outcome = 'upheld' LIMIT 1", notice.id
    )
    return upheld is None


async def outcome_of(notice: UUID) -> Outcome:
    """How a notice stands with its objections. For wings and officers; the public sees counts only (P4)."""
    row = await fetchrow("SELECT id, stage, first_day, last_day, days FROM notice WHERE id = $1", notice)
    if row is None:
        raise NotFound
    last, now = await deadlines.keep_promise(row), await clock.now()
    stage, today = rules.status(row["stage"], last, now), clock.local(now).date()
    objections = await fetch(
        "SELECT x.stage, x.outcome, x.verify_by, x.subject, s.source FROM notice_objection x"
        " LEFT JOIN notice_subject s ON s.id = x.subject WHERE x.notice = $1",
        notice,
    )
    waiting = [x for x in objections if x["stage"] != "told"]
    upheld = [x for x in objections if x["outcome"] == "upheld"]
    return Outcome(
        stage=stage, last_day=last, received=len(objections), open=len(waiting),
        overdue=sum(is_overdue(x, today) for x in waiting),
        clear=stage in (Stage.ENDED, Stage.CONCLUDED) and not waiting,
        upheld=frozenset(x["source"] or x["subject"] for x in upheld if x["subject"] is not None),
        upheld_whole=any(x["subject"] is None for x in upheld),
    )  # fmt: skip


def is_overdue(objection: Any, today: date) -> bool:
    """The deadline of verification is over and nothing was concluded (H34)."""
    due = objection["verify_by"]
    return due is not None and due < today and objection["stage"] in ("accepted", "verifying")


async def obstacles(notice: UUID, *, subject: UUID | None = None) -> list[Refusal]:
    """What blocks the next gate after this notice, all at once (H32, H34); with ``subject`` (the source of a line, or the
    line), only what concerns that one."""
    outcome, today = await outcome_of(notice), await clock.today()
    about: list[Any] = []
    if outcome.stage is Stage.DRAFT:
        return [Refusal("notice_not_opened", "公示尚未发布", rule="H30")]
    if outcome.stage is Stage.WITHDRAWN:
        return [Refusal("notice_withdrawn", "公示已撤回，须重新公示", rule="H30")]
    refused: list[Refusal] = []
    if outcome.stage is Stage.OPEN and outcome.last_day is not None:
        last = outcome.last_day.isoformat()
        refused.append(Refusal("notice_still_open", "公示到 {last} 24:00 才期满，不能提前结束", rule="H32", last=last))
    waiting, overdue = outcome.open, outcome.overdue
    if subject is not None:
        about = await _about(notice, subject)
        waiting, overdue = sum(x["stage"] != "told" for x in about), sum(is_overdue(x, today) for x in about)
    if waiting:
        refused.append(Refusal("objection_open", "有 {n} 件异议未办结（含告知）", rule="H34", n=waiting))
    if overdue:
        refused.append(Refusal("objection_overdue", "有 {n} 件异议逾期未核查：逾期视为放弃推荐", rule="H34", n=overdue))
    if outcome.upheld_whole:
        refused.append(Refusal("objection_upheld_whole", "对公示整体的异议已认定成立，须撤回后重新公示", rule="H34"))
    if subject is not None and any(x["outcome"] == "upheld" and x["subject"] is not None for x in about):
        refused.append(Refusal("objection_upheld", "对该对象的异议已认定成立", rule="H34"))
    return refused


async def _about(notice: UUID, subject: UUID) -> list[Any]:
    """The objections that touch one subject: its own, and those to the notice as a whole."""
    return await fetch(
        "SELECT x.stage, x.outcome, x.verify_by, x.subject FROM notice_objection x"
        " LEFT JOIN notice_subject s ON s.id = x.subject"
        " WHERE x.notice = $1 AND (x.subject IS NULL OR s.id = $2 OR s.source = $2)",
        notice, subject,
    )  # fmt: skip


async def open_notices(limit: int = 6, *, now: datetime | None = None) -> list[OpenNotice]:
    """The notices that are open now, the one that ends first in front: the home page's strip."""
    moment = now or await clock.now()
    today = clock.local(moment).date()
    rows = await fetch(
        "SELECT n.id, n.number, n.level, n.title, n.stage, n.first_day, n.last_day, n.days,"
        " (SELECT count(*) FROM notice_subject s WHERE s.notice = n.id) AS subjects"
        " FROM notice n WHERE n.stage = 'open' AND n.last_day >= $1 ORDER BY n.last_day, n.opened_at LIMIT $2",
        today, limit,
    )  # fmt: skip
    if not rows:
        return []
    around = await deadlines.calendar_around(min(r["first_day"] for r in rows), max(r["last_day"] for r in rows))
    shown = []
    for row in rows:
        last = await deadlines.keep_promise(row, around)
        assert last is not None
        drawn = await period(row["first_day"], last, today, around)
        shown.append(
            OpenNotice(
                id=row["id"], number=row["number"] or "", level=row["level"], title=row["title"], subjects=row["subjects"],
                last_day=last, strip=drawn.strip, standing=drawn.standing,
            )
        )  # fmt: skip
    return shown
