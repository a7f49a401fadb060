"""表格报名: a unit's teams from an xlsx — every row checked by the same rules, all handed in or none.

An identity number only finds the unit's own worker, through its blind index; it is never repaired, and nothing of it is
kept once the import is confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from competitions.entries import facts, operations, queries, rules
from competitions.entries.schemas import EventHead, MemberForm
from foundation import clock
from foundation.database import fetch
from foundation.errors import NotFound, Refusal
from foundation.i18n import N_
from foundation.sheets import Field, Row, Sheet
from foundation.web.policy import Actor
from registry.codes import id_card, phone
from registry.codes.skill_levels import SKILL_LEVELS
from registry.workers.sealing import id_index

ROLE_WORDS = {"队员": rules.COMPETITOR, "选手": rules.COMPETITOR, "领队": rules.LEADER, "教练": rules.COACH}
MOST_ROWS = 500
BESIDE = {"holds_title": "role"}
"""Where a rule's refusal belongs in the sheet; the others stand beside the name."""
WORKERS_SQL = """
SELECT w.id, w.name, w.skill_level, w.id_number_index FROM worker w JOIN organisation o ON o.id = w.organisation
WHERE w.id_number_index = ANY($1::bytea[]) AND o.ancestors @> ARRAY[$2]::uuid[]
  AND w.left_at IS NULL AND w.erased_at IS NULL AND w.merged_into IS NULL
"""


class Line(msgspec.Struct, kw_only=True):
    """What a row turned out to mean; what could not be read is None."""

    role: str | None = None
    event: EventHead | None = None
    number: str | None = None
    worker: UUID | None = None

    @property
    def whole(self) -> bool:
        return None not in (self.role, self.event, self.worker)


Group = tuple[UUID, str]
"""(event, team): the rows of one entry."""


async def check_rows(actor: Actor, scope: UUID | None, rows: list[Row]) -> None:
    """Every fault of every row: the cells, then the people against the registry, then the rules of registration."""
    unit = _unit(actor, scope)
    today = await clock.today()
    for row in rows:
        row.data = Line()
        _read_cells(row, today)
    await _find_events(actor, rows)
    await _find_workers(unit, rows)
    _refuse_twice(rows)
    await _apply_rules(unit, rows)


async def write_rows(actor: Actor, scope: UUID | None, rows: list[Row]) -> int:
    """Start and hand in one entry for each team; returns the number of people."""
    _unit(actor, scope)
    for (event, team), members in _groups(rows).items():
        listed = [
            MemberForm(worker=row.data.worker, role=row.data.role, place=place) for place, row in enumerate(members)
        ]
        entry = await operations.start_entry(actor, event, name="" if team.startswith("#") else team, members=listed)
        await operations.submit_entry(actor, entry, version=1)
    return len(rows)


def _unit(actor: Actor, scope: UUID | None) -> UUID:
    if scope is None or scope != queries.unit_of(actor):
        raise NotFound
    return scope


def _read_cells(row: Row, today: date) -> None:
    line: Line = row.data
    word = row.cells.get("role", "")
    line.role = ROLE_WORDS.get(word)
    if word and line.role is None:
        row.refuse(
            Refusal("role_unknown", "没有“{role}”这种身份，可填：队员、领队、教练", field="role", role=word[:20])
        )
    for name, read in (("id_number", _read_number), ("phone", _read_phone), ("level", _read_level)):
        if row.cells.get(name):
            try:
                read(row, today)
            except Refusal as refusal:
                row.refuse(refusal.at(name))


def _read_number(row: Row, today: date) -> None:
    row.data.number = id_card.parse(row.cells["id_number"], today=today).number


def _read_phone(row: Row, today: date) -> None:
    phone.parse(row.cells["phone"])


def _read_level(row: Row, today: date) -> None:
    SKILL_LEVELS.require(row.cells["level"])


async def _find_events(actor: Actor, rows: list[Row]) -> None:
    """By title or code among what is offered; a leader or coach without an event follows the team."""
    offered = await queries.offers(actor)
    known: dict[str, list[EventHead]] = {}
    for offer in offered:
        for word in {offer.event.title, offer.event.code}:
            known.setdefault(word, []).append(offer.event)
    now = await clock.now()
    for row in rows:
        if word := row.cells.get("event", ""):
            try:
                row.data.event = _one_event(word, known.get(word, []), [offer.event.title for offer in offered])
                rules.require_open(row.data.event.occasion, now)
            except Refusal as refusal:
                row.refuse(refusal.at("event"))
    teams: dict[str, list[EventHead]] = {}
    for row in rows:
        if row.data.event is not None and (team := row.cells.get("team")):
            teams.setdefault(team, []).append(row.data.event)
    for row in rows:
        if not row.cells.get("event"):
            _follow_team(row, teams.get(row.cells.get("team", ""), []))


def _one_event(word: str, found: Sequence[EventHead], titles: Sequence[str]) -> EventHead:
    if not found:
        choices = "、".join(dict.fromkeys(titles)) or "—"
        raise Refusal(
            "event_unknown", "没有“{event}”这一赛项，可选：{choices}", rule="C14", event=word[:60], choices=choices
        )
    if len(found) > 1:
        raise Refusal(
            "event_ambiguous", "有 {count} 个赛项叫“{event}”，请改填代号：{codes}", rule="C14", event=word[:60],
            count=len(found), codes="、".join(one.code for one in found),
        )  # fmt: skip
    return found[0]


def _follow_team(row: Row, events: Sequence[EventHead]) -> None:
    different = {event.id: event for event in events}
    if row.data.role in (rules.LEADER, rules.COACH) and len(different) == 1:
        row.data.event = next(iter(different.values()))
    else:
        row.refuse(Refusal("required", "必填", field="event"))


async def _find_workers(unit: UUID, rows: list[Row]) -> None:
    """The unit's own workers by the blind index of their numbers; whether a stranger is known elsewhere is not told."""
    wanted = {id_index(row.data.number): row for row in rows if row.data.number}
    found = {bytes(one["id_number_index"]): one for one in await fetch(WORKERS_SQL, list(wanted), unit)}
    for row in rows:
        if row.data.number is None:
            continue
        worker = found.get(id_index(row.data.number))
        if worker is None:
            row.refuse(
                Refusal(
                    "not_our_worker_number", "本单位在册职工中没有这个身份证号：请核对号码，或先在“职工”中登记", field="id_number", rule="I1"
                )
            )  # fmt: skip
        elif worker["name"] != row.cells.get("name"):
            row.refuse(
                Refusal(
                    "name_differs", "姓名与职工登记不一致：请核对姓名和身份证号，系统不代改", field="name", rule="I1"
                )
            )
        else:
            row.data.worker = worker["id"]
            _compare_level(row, worker["skill_level"])


def _compare_level(row: Row, registered: str) -> None:
    said = SKILL_LEVELS.find(row.cells.get("level", "")) if row.cells.get("level") else None
    if said is None or said == registered:
        return
    known = SKILL_LEVELS.zh(registered) if registered else "—"
    refusal = Refusal(
        "level_differs",
        "技能等级与职工登记（{registered}）不一致：请先更正其中一项",
        field="level",
        rule="I7",
        registered=known,
    )
    row.refuse(refusal)


def _refuse_twice(rows: list[Row]) -> None:
    """One person competes once in a competition, within the sheet too (C13)."""
    seen: dict[tuple[UUID, UUID], int] = {}
    for row in rows:
        line: Line = row.data
        if line.role != rules.COMPETITOR or line.worker is None or line.event is None:
            continue
        first = seen.setdefault((line.event.competition, line.worker), row.number)
        if first != row.number:
            row.refuse(
                Refusal("same_as_row", "与第 {row} 行是同一人，一人只报一项", field="name", rule="C13", row=first)
            )


def _groups(rows: Sequence[Row]) -> dict[Group, list[Row]]:
    """The rows of each entry. An individual without a team stands alone."""
    groups: dict[Group, list[Row]] = {}
    for row in rows:
        line: Line = row.data
        if line.event is not None and line.role is not None:
            team = row.cells.get("team", "") or (f"#{row.number}" if not line.event.is_team else "")
            if team:
                groups.setdefault((line.event.id, team), []).append(row)
            else:
                row.refuse(Refusal("required", "必填", field="team"))
    return groups


async def _apply_rules(unit: UUID, rows: list[Row]) -> None:
    taken: dict[UUID, list[str]] = {}
    for (event_id, team), members in _groups(rows).items():
        event: EventHead = members[0].data.event
        if event_id not in taken:
            taken[event_id] = await facts.unit_entries(event_id, unit, entry=None)
        listed = [row for row in members if row.data.worker is not None]
        people = await facts.candidates(event, unit, [(row.data.worker, row.data.role) for row in listed], entry=None)
        for finding in rules.check(event.occasion, people, name=team, unit_entries=taken[event_id]):
            if finding.severity != "bad":
                continue
            if finding.member is not None:
                listed[finding.member].refuse(finding.refusal.at(BESIDE.get(finding.refusal.code, "name")))
            elif len(listed) == len(members) or finding.refusal.code not in ("team_too_small", "one_competitor"):
                members[0].refuse(finding.refusal.at("team"))  # a size is judged only once everybody could be read
        taken[event_id].append(team)


SHEET = Sheet(
    kind="competitions.entries",
    title=N_("竞赛报名表"),
    most_rows=MOST_ROWS,
    check=check_rows,
    write=write_rows,
    fields=(
        Field(name="team", title="队", example="一队", most=100, comment="同一队填同一个队名；个人项目可不填"),
        Field(name="name", title="姓名", required=True, example="王示例", most=100, comment="与职工登记一致"),
        Field(name="role", title="身份", required=True, choices=("队员", "领队", "教练"), example="队员"),
        Field(
            name="id_number", title="身份证号", required=True, width=22, mask=id_card.mask, most=40,
            comment="18 位；只用来找到本单位的职工，导入后不保留（I1）",
        ),
        Field(name="phone", title="手机", mask=phone.mask, most=40, comment="可不填；只核对格式"),
        Field(name="event", title="赛项", width=20, example="数控车工", comment="赛项名称或代号；领队、教练可不填，随本队"),
        Field(name="level", title="技能等级", width=16, example="三级/高级工", comment="可不填；填了须与职工登记一致（I7）"),
    ),
)  # fmt: skip
