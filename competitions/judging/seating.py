"""Panels, seats and excusals (评分组、评分席、回避): who judges what, and who may not."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from competitions.judging import live_signal, rules
from competitions.judging.appointments import grant_role, require_roles_apart
from competitions.judging.schemas import ExcuseIn, PanelIn, SeatIn
from competitions.permissions import Permission
from competitions.programme.queries import event_for, rules_of
from competitions.scoring.bundle import Rules
from foundation import clock, trail
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal, Refusals
from foundation.web.policy import Actor
from foundation.web.sessions import close_sessions_of

AUTOMATIC = "与参赛单位同属一个单位或集团"


async def make_panel(actor: Actor, event_id: UUID, given: PanelIn) -> UUID:
    """A panel (评分组) whose seats mark these aspects. An aspect belongs to one panel only, so that no judge has two
    sheets for it. Raises ``NotFound``, ``Refusal`` (no rules yet, unknown aspect, aspect of another panel).
    """
    async with transaction():
        event = await event_for(actor, event_id, Permission.SEAT_JUDGES, lock=True)
        _require_seatable(event.stage)
        await _require_aspects(event_id, given.aspects, None)
        made = new_id()
        await fetch(
            "INSERT INTO panel (id, event, title, aspects, place) SELECT $1, $2, $3, $4,"
            " (SELECT coalesce(max(place), -1) + 1 FROM panel WHERE event = $2)",
            made, event_id, given.title, list(given.aspects),
        )  # fmt: skip
        await trail.record(actor, "panel.made", "panel", made, {"aspects": given.aspects})
    live_signal.changed(event_id)
    return made


async def change_panel(actor: Actor, panel_id: UUID, given: PanelIn) -> UUID:
    """Another name or other aspects, while no mark of an aspect that would go is standing. Returns the event's id."""
    async with transaction():
        panel = await _panel(actor, panel_id)
        gone = set(panel["aspects"]) - set(given.aspects)
        await _require_aspects(panel["event"], given.aspects, panel_id)
        marked = await fetchval(
            "SELECT m.aspect FROM mark m JOIN seat s ON s.id = m.seat WHERE s.panel = $1 AND m.aspect = ANY($2::varchar[]) LIMIT 1",
            panel_id, list(gone),
        )  # fmt: skip
        if marked:
            raise Refusal("aspect_marked", "{aspect} 已有给分，不能从评分组中去掉", field="aspects", aspect=marked)
        await _require_enough(panel_id, given.aspects, await rules_of(panel["event"]))
        await fetch(
            "UPDATE panel SET title = $2, aspects = $3 WHERE id = $1", panel_id, given.title, list(given.aspects)
        )
        await trail.record(actor, "panel.changed", "panel", panel_id, {"aspects": given.aspects})
    live_signal.changed(panel["event"])
    return panel["event"]


async def remove_panel(actor: Actor, panel_id: UUID) -> UUID:
    """Take away a panel on which nobody ever sat. Returns the event's id."""
    async with transaction():
        panel = await _panel(actor, panel_id)
        if await fetchval("SELECT true FROM seat WHERE panel = $1 LIMIT 1", panel_id):
            raise Conflict("panel_in_use", "该评分组已安排过裁判，不能删除；可改名或调整评分项")
        await fetch("DELETE FROM panel WHERE id = $1", panel_id)
        await trail.record(actor, "panel.removed", "panel", panel_id)
    return panel["event"]


async def seat_judge(actor: Actor, panel_id: UUID, given: SeatIn) -> UUID:
    """Seat a judge (C60, C61) and grant the role within the event; returns the seat.

    Excuses the seat from every entry of the judge's own unit or group. Raises ``Refusal``: no judge, a supervisor or
    code keeper of the event, a seat that is taken, somebody who sits there already, or — with the arithmetic — a panel
    that would fall below what an aspect needs.
    """
    async with transaction():
        panel = await _panel(actor, panel_id)
        await require_roles_apart(panel["event"], given.account, "judge")
        judge = await _judge(given.account)
        code = await _seat_code(panel, given)
        seat = await _sit(panel, judge, code)
        await excuse_own_units(actor, panel["event"], seat=seat)
        await _require_enough(panel_id, panel["aspects"], await rules_of(panel["event"]))
        await grant_role(actor, given.account, "judge", panel["event"])
        await trail.record(actor, "seat.taken", "seat", seat, {"panel": panel_id, "code": code})
    live_signal.changed(panel["event"])
    return seat


async def vacate_seat(actor: Actor, seat_id: UUID) -> UUID:
    """The judge leaves an open sheet; its marks are kept, and no longer scored. Returns the event's id."""
    async with transaction():
        seat = await _seat(actor, seat_id)
        if seat["sheet_state"] != "open":
            raise Conflict("sheet_signed_stays", "该席评分表已签署，裁判不能再撤下", rule="C24")
        await fetch("UPDATE seat SET vacated_at = $2 WHERE id = $1", seat_id, await clock.now())
        others = await fetchval(
            "SELECT true FROM seat WHERE event = $1 AND account = $2 AND vacated_at IS NULL",
            seat["event"],
            seat["account"],
        )
        if not others and seat["account"]:
            await fetch(
                "UPDATE role_grant SET ended_at = $3, ended_by = $4"
                " WHERE account = $1 AND event = $2 AND role = 'judge' AND ended_at IS NULL",
                seat["account"], seat["event"], await clock.now(), actor.account,
            )  # fmt: skip
            await close_sessions_of(seat["account"])
        await trail.record(actor, "seat.vacated", "seat", seat_id)
    live_signal.changed(seat["event"])
    return seat["event"]


async def excuse(actor: Actor, given: ExcuseIn) -> UUID:
    """A declared relation (C61): the seat does not mark the entry; what it had given is taken back, kept as versions.

    Returns the event's id. Raises ``Refusal`` where the panel would fall below its minimum or the seat is excused already,
    ``Conflict`` where the sheet is signed.
    """
    async with transaction():
        seat = await _seat(actor, given.seat)
        rules.require_open(seat["sheet_state"])
        entry = await fetchval(
            "SELECT id FROM entry WHERE id = $1 AND event = $2 AND stage = 'accepted'", given.entry, seat["event"]
        )
        if entry is None:
            raise Refusal("no_such_entry_here", "本项目没有这件作品", field="entry")
        made = await fetchval(
            "INSERT INTO excusal (id, seat, entry, reason, automatic, made_by, made_at) VALUES ($1, $2, $3, $4, false, $5, $6)"
            " ON CONFLICT (seat, entry) DO NOTHING RETURNING id",
            new_id(), given.seat, entry, given.reason, actor.account, await clock.now(),
        )  # fmt: skip
        if made is None:
            raise Refusal("excused_already", "该席对这件作品已经免评", field="entry", rule="C61")
        await _take_back(actor, seat, entry)
        panel = await fetchrow("SELECT aspects FROM panel WHERE id = $1", seat["panel"])
        assert panel is not None
        await _require_enough(seat["panel"], panel["aspects"], await rules_of(seat["event"]))
        await trail.record(actor, "seat.excused", "seat", given.seat, {"entry": entry})
    live_signal.changed(seat["event"])
    return seat["event"]


async def _take_back(actor: Actor, seat: Any, entry: UUID) -> None:
    await fetch(
        "INSERT INTO mark (event, seat, entry, aspect, version, value, amount, marked_by, reason, marked_at)"
        " SELECT $1, $2, $3, aspect, version + 1, NULL, NULL, $4, '免评', $5 FROM"
        " (SELECT DISTINCT ON (aspect) aspect, version, value FROM mark WHERE seat = $2 AND entry = $3"
        "  ORDER BY aspect, version DESC) newest WHERE value IS NOT NULL",
        seat["event"], seat["id"], entry, actor.account, await clock.now(),
    )  # fmt: skip


EXCUSE_SQL = """
INSERT INTO excusal (id, seat, entry, reason, automatic, made_by, made_at)
SELECT gen_random_uuid(), s.id, n.id, $2, true, $3, $4
FROM seat s JOIN organisation j ON j.id = s.organisation
JOIN entry n ON n.event = s.event AND n.stage = 'accepted' JOIN organisation o ON o.id = n.organisation
WHERE s.event = $1 AND s.vacated_at IS NULL AND ($5::uuid IS NULL OR s.id = $5)
  AND EXISTS (SELECT FROM organisation g WHERE g.id = ANY(j.ancestors) AND g.id = ANY(o.ancestors) AND g.kind = 'grassroots')
ON CONFLICT (seat, entry) DO NOTHING RETURNING seat, entry
"""


async def excuse_own_units(actor: Actor | None, event_id: UUID, *, seat: UUID | None = None) -> int:
    """C61: excuse every seat (or one) from the entries of its judge's own unit or group; returns how many were new.

    Called when a judge is seated, when an entry is accepted and when judging starts; in the caller's transaction. Unions
    of cities, counties and towns are nobody's unit: only enterprises count.
    """
    who = None if actor is None else actor.account
    rows = await fetch(EXCUSE_SQL, event_id, AUTOMATIC, who, await clock.now(), seat)
    for row in rows:
        await trail.record(actor, "seat.excused", "seat", row["seat"], {"entry": row["entry"], "automatic": True})
    return len(rows)


async def settle_excusals(actor: Actor, event_id: UUID) -> None:
    """When judging starts: excuse what was accepted since the judges were seated, and refuse where a panel would then
    be too small (C61). In the caller's transaction.
    """
    await excuse_own_units(actor, event_id)
    known = await rules_of(event_id)
    short: list[Refusal] = []
    for panel in await fetch("SELECT id, aspects FROM panel WHERE event = $1 ORDER BY place", event_id):
        try:
            await _require_enough(panel["id"], panel["aspects"], known)
        except Refusal as refusal:
            short.append(refusal)
    if short:
        raise Refusals(short)


def _require_seatable(stage: str) -> None:
    if stage not in ("draft", "registration", "judging"):
        raise Conflict("not_seatable", "成绩已确认，不能再调整评分组和裁判", rule="C54")


async def _require_aspects(event: UUID, codes: tuple[str, ...], panel: UUID | None) -> None:
    known = await rules_of(event)
    if known is None:
        raise Refusal("no_rule_set", "该项目还没有规则集，请先编制规则")
    if not codes:
        raise Refusal("no_aspects", "请至少选择一个评分项", field="aspects")
    unknown = [code for code in codes if code not in rules.aspects_of(known, codes)]
    if unknown:
        raise Refusal("unknown_aspects", "规则里没有评分项 {aspects}", field="aspects", aspects="、".join(unknown))
    taken = await fetchrow(
        "SELECT title, aspects FROM panel WHERE event = $1 AND aspects && $2::varchar[] AND id IS DISTINCT FROM $3",
        event, list(codes), panel,
    )  # fmt: skip
    if taken:
        both = [code for code in codes if code in taken["aspects"]]
        raise Refusal("aspect_taken", "{aspects} 已归“{panel}”评分，一个评分项只能归一个评分组", field="aspects", aspects="、".join(both), panel=taken["title"])  # fmt: skip


async def _panel(actor: Actor, panel_id: UUID) -> Any:
    panel = await fetchrow("SELECT id, event, title, aspects FROM panel WHERE id = $1", panel_id)
    if panel is None:
        raise NotFound
    event = await event_for(actor, panel["event"], Permission.SEAT_JUDGES, lock=True)
    _require_seatable(event.stage)
    return panel


async def _seat(actor: Actor, seat_id: UUID) -> Any:
    seat = await fetchrow("SELECT event FROM seat WHERE id = $1 AND vacated_at IS NULL", seat_id)
    if seat is None:
        raise NotFound
    event = await event_for(actor, seat["event"], Permission.SEAT_JUDGES, lock=True)
    _require_seatable(event.stage)
    held = await fetchrow("SELECT id, event, panel, account, sheet_state FROM seat WHERE id = $1 FOR UPDATE", seat_id)
    assert held is not None
    return held


async def _judge(account: UUID) -> Any:
    judge = await fetchrow(
        "SELECT a.id, a.name, a.organisation FROM account a WHERE a.id = $1 AND a.closed_at IS NULL AND EXISTS"
        " (SELECT FROM role_grant g WHERE g.account = a.id AND g.role IN ('judge', 'chief_judge') AND g.ended_at IS NULL)",
        account,
    )
    if judge is None:
        raise Refusal("not_a_judge", "此人不是在册裁判员", field="account", rule="C60")
    return judge


async def _seat_code(panel: Any, given: SeatIn) -> str:
    """The seat's code: as asked, else the judge's own in this event, else the next free J number."""
    rows = await fetch(
        "SELECT s.code, s.account, s.panel, s.name, s.vacated_at FROM seat s WHERE s.event = $1", panel["event"]
    )
    here = [row for row in rows if row["panel"] == panel["id"] and row["vacated_at"] is None]
    if any(row["account"] == given.account for row in here):
        raise Refusal("seated_already", "此人已在“{panel}”就座", field="account", panel=panel["title"])
    own = next((row["code"] for row in rows if row["account"] == given.account), None)
    code = given.code or own
    if code is None:
        used = {row["code"] for row in rows}
        code = next(f"J{n}" for n in range(1, len(used) + 2) if f"J{n}" not in used)
    if taken := next((row for row in here if row["code"] == code), None):
        raise Refusal(
            "seat_taken", "{seat} 席已由 {name} 就座，一席只坐一人", field="code", seat=code, name=taken["name"]
        )
    if own is not None and code != own:
        raise Refusal("another_code", "此人在本项目的席号是 {own}，各评分组须一致", field="code", own=own)
    if any(row["code"] == code and row["account"] != given.account for row in rows):
        raise Refusal("code_of_another", "席号 {seat} 在本项目已属另一位裁判", field="code", seat=code)
    return code


async def _sit(panel: Any, judge: Any, code: str) -> UUID:
    """A new seat, or the one that this judge had left."""
    back = await fetchval(
        "UPDATE seat SET vacated_at = NULL WHERE panel = $1 AND account = $2 AND vacated_at IS NOT NULL RETURNING id",
        panel["id"], judge["id"],
    )  # fmt: skip
    if back is not None:
        return back
    made = new_id()
    await fetch(
        "INSERT INTO seat (id, panel, event, code, account, name, organisation, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        made, panel["id"], panel["event"], code, judge["id"], judge["name"], judge["organisation"], await clock.now(),
    )  # fmt: skip
    return made


async def _require_enough(panel_id: UUID, aspects: Any, known: Rules | None) -> None:
    """C61 for a whole panel, as it would now stand."""
    if known is None:
        return
    rows = await fetch(
        "SELECT n.code, count(*) AS excused FROM excusal x JOIN seat s ON s.id = x.seat JOIN entry n ON n.id = x.entry"
        " WHERE s.panel = $1 AND s.vacated_at IS NULL AND n.stage = 'accepted' AND n.status = 'competed' GROUP BY n.code",
        panel_id,
    )
    seats = await fetchval("SELECT count(*) FROM seat WHERE panel = $1 AND vacated_at IS NULL", panel_id)
    excused = {row["code"] or "?": row["excused"] for row in rows}
    rules.require_enough(seats, excused, rules.needs(known, aspects))
