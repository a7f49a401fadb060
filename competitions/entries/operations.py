"""What a unit does with its entries: start, edit, hand in, withdraw, replace a member.

Locks are taken in one order, the event before its entries, so that handing in, deciding and closing never wait for
each other in a ring.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec

from competitions.entries import facts, queries, rules
from competitions.entries.rules import MOVES, EntryStage
from competitions.entries.schemas import EntryView, EventHead, MemberForm
from competitions.entries.snapshots import freeze_snapshots
from competitions.permissions import Permission
from foundation import clock, moves, trail
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import NotFound, Refusal, Refusals, Stale
from foundation.web.policy import Actor
from registry.search_keys import keys_for_name, keys_for_organisation

__all__ = [
    "discard_entry",
    "edit_entry",
    "freeze_snapshots",
    "start_entry",
    "submit_entry",
    "substitute",
    "withdraw_entry",
]

ONE_EVENT = "entry_member_one_event"


async def start_entry(actor: Actor, event_id: UUID, *, name: str = "", members: Sequence[MemberForm] = ()) -> UUID:
    """Begin a draft for the contact's unit (C15); a team without a name is called 一队, 二队 ….

    Raises ``Refusal`` while registration is not open, ``NotFound`` for an event that the unit may not enter.
    """
    async with transaction():
        unit = queries.unit_of(actor)
        event = await _hold(await queries.offered_event(unit, event_id))
        rules.require_open(event.occasion, await clock.now())
        row = await fetchrow(
            "SELECT coalesce(nullif(unit_name, ''), name) AS name,"
            " ARRAY(SELECT name FROM entry WHERE event = $2 AND organisation = $1) AS taken FROM organisation WHERE id = $1",
            unit, event.id,
        )  # fmt: skip
        assert row is not None
        made, label = new_id(), name.strip() or _team_name(event, row["taken"])
        await fetch(
            "INSERT INTO entry (id, event, name, organisation, organisation_name, stage, status, guest, entry_values,"
            " bundle_extra, search_keys, return_reason, version, made_by, made_at)"
            " VALUES ($1, $2, $3, $4, $5, 'draft', 'competed', false, '{}', '{}', '{}', '', 1, $6, $7)",
            made, event.id, label, unit, row["name"], actor.account, await clock.now(),
        )  # fmt: skip
        await _put_members(made, event, unit, members)
        await _name_and_keys(made, event, label)
        await trail.record(actor, "entry.started", "entry", made, {"event": str(event.id)})
        return made


async def edit_entry(actor: Actor, entry_id: UUID, *, version: int, name: str, members: Sequence[MemberForm]) -> int:
    """Put the whole list as it shall be, in the given order; the draft may be incomplete. Returns the new version.

    Raises ``Stale`` where somebody edited before, ``Refusal`` once it was handed in or registration is closed (C15).
    """
    async with transaction():
        view = await lock_own(actor, entry_id, version=version)
        rules.require_editable(EntryStage(view.stage))
        rules.require_open(view.event.occasion, await clock.now())
        await _put_members(view.id, view.event, view.organisation, members)
        await _name_and_keys(view.id, view.event, name.strip() or view.name)
        await trail.record(actor, "entry.edited", "entry", view.id, {"members": len(members)})
        return await _bump(view.id)


async def submit_entry(actor: Actor, entry_id: UUID, *, version: int) -> None:
    """Hand an entry in to the organiser. All that refuses is raised at once as ``Refusals``, each beside its member:
    window (C15), team size and entries of the unit (C14), age (C10), titles (C11), one event for one person (C13).
    """
    async with transaction():
        view = await lock_own(actor, entry_id, version=version)
        now = await clock.now()
        moves.target(MOVES, EntryStage(view.stage), "submit")
        rules.require_open(view.event.occasion, now)
        await _queue(view.event.competition)
        await _refuse_bad(view)
        await moves.move("entry", view.id, MOVES, EntryStage(view.stage), "submit")
        await _claim(view)
        await fetch(
            "UPDATE entry SET submitted_by = $2, submitted_at = $3, return_reason = '' WHERE id = $1",
            view.id, actor.account, now,
        )  # fmt: skip
        await trail.record(actor, "entry.submitted", "entry", view.id, {"members": len(view.members)})


async def withdraw_entry(actor: Actor, entry_id: UUID, *, version: int, reason: str = "") -> None:
    """The unit takes its entry back before registration closes (C15); its people may then be entered elsewhere."""
    async with transaction():
        view = await lock_own(actor, entry_id, version=version)
        rules.require_open(view.event.occasion, await clock.now())
        await moves.move("entry", view.id, MOVES, EntryStage(view.stage), "withdraw")
        await fetch("UPDATE entry_member SET active = false WHERE entry = $1", view.id)
        await trail.record(actor, "entry.withdrawn", "entry", view.id, {"reason": reason})


async def discard_entry(actor: Actor, entry_id: UUID, *, version: int) -> None:
    """Throw a draft away that was never handed in."""
    async with transaction():
        view = await lock_own(actor, entry_id, version=version)
        if view.stage != EntryStage.DRAFT:
            raise Refusal("entry_not_draft", "只有草稿可以删除；已上报的请撤回")
        await fetch("DELETE FROM entry WHERE id = $1", view.id)
        await trail.record(actor, "entry.discarded", "entry", view.id, {"event": str(view.event.id)})


async def substitute(
    actor: Actor, entry_id: UUID, member_id: UUID, *, version: int, worker: UUID | None, reason: str
) -> None:
    """更换队员: put another worker in a member's place, with a reason, until registration closes (C15).

    The member who goes out stays on record with the reason. Raises ``Refusals`` for all that the rules have against the
    newcomer; ``Refusal`` for an entry that can still be edited or was not handed in.
    """
    async with transaction():
        view = await lock_own(actor, entry_id, version=version)
        rules.require_open(view.event.occasion, await clock.now())
        if view.stage not in (EntryStage.SUBMITTED, EntryStage.ACCEPTED):
            raise Refusal("substitution_of_draft", "草稿或退回的报名请直接修改名单")
        why = rules.require_reason(reason)
        place = next((n for n, member in enumerate(view.members) if member.id == member_id), None)
        if place is None or worker is None:
            raise NotFound if place is None else Refusal("no_worker_chosen", "请选择换上的职工", field="worker")
        await _exchange(view, place, worker, why)
        await _name_and_keys(view.id, view.event, view.name)
        await _bump(view.id)
        body = {"role": view.members[place].role, "member": str(member_id)}
        await trail.record(actor, "entry.member_substituted", "entry", view.id, body)


async def _exchange(view: EntryView, place: int, worker: UUID, why: str) -> None:
    await _queue(view.event.competition)
    gone = view.members[place]
    pairs = [(m.worker, m.role) for m in view.members if m.worker is not None]
    pairs[place] = (worker, gone.role)
    people = await facts.candidates(view.event, view.organisation, pairs, entry=view.id)
    if len(people) != len(pairs) or not people[place].ours:
        raise Refusal("not_our_worker", "只能选本单位在册职工", field="worker", rule="C15")
    if any(n != place and pair == pairs[place] for n, pair in enumerate(pairs)):
        raise Refusal("member_twice", "{name} 在名单中重复", field="worker", rule="C13", name=people[place].name)
    found = rules.check_member(view.event.occasion, people[place], place)
    if bad := [one.refusal.at("worker") for one in found if one.severity == "bad"]:
        raise Refusals(bad)
    note = {"replaced": {"reason": why, "by_name": people[place].name, "at": (await clock.now()).isoformat()}}
    await fetch(
        "UPDATE entry_member SET active = false, snapshot = snapshot || $2::jsonb WHERE id = $1",
        gone.id, msgspec.json.encode(note).decode(),
    )  # fmt: skip
    try:
        async with transaction():
            await _insert(
                view.id, view.event.competition, worker, people[place].name, gone.role, gone.place, active=True
            )
    except asyncpg.UniqueViolationError as taken:
        if getattr(taken, "constraint_name", "") != ONE_EVENT:
            raise
        raise Refusal(
            "entered_by_another", "已由其他单位在本竞赛中报名，一人只报一项", field="worker", rule="C13"
        ) from taken


async def lock_own(actor: Actor, entry_id: UUID, *, version: int) -> EntryView:
    """An entry of the contact's unit, its event held against closing and its row locked, as of now.

    Raises ``NotFound``, or ``Stale`` where ``version`` is not the current one.
    """
    event = await fetchval(
        f"SELECT n.event FROM entry n WHERE n.id = $1 AND {queries.OURS.format(entry='n', scope='$2')}",
        entry_id, list(Permission.REGISTER_ENTRY.scope(actor)),
    )  # fmt: skip
    if event is None:
        raise NotFound
    await fetch("SELECT 1 FROM event WHERE id = $1 FOR SHARE", event)
    return await lock_entry(actor, entry_id, version=version)


async def lock_entry(actor: Actor, entry_id: UUID, *, version: int) -> EntryView:
    """Lock one entry's row and read it; the caller holds its event. Raises ``NotFound`` or ``Stale``."""
    await fetch("SELECT 1 FROM entry WHERE id = $1 FOR UPDATE", entry_id)
    view = await queries.entry_for(actor, entry_id)
    if view.version != version:
        raise Stale("entry_changed", "该报名刚刚被他人修改（现为第 {current} 版），请刷新后再试", current=view.version)
    return view


async def _hold(event: EventHead) -> EventHead:
    """The event again, held so that it does not close meanwhile."""
    await fetch("SELECT 1 FROM event WHERE id = $1 FOR SHARE", event.id)
    return await queries.event_head(event.id)


async def _queue(competition: UUID) -> None:
    """One hand-in of a competition at a time: a unit's entries can be counted (C14), and two lists that share people
    never wait for each other in a ring (C13)."""
    await fetch("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"entry:{competition}")


async def _refuse_bad(view: EntryView) -> None:
    if bad := [finding.refusal for finding in await facts.findings(view) if finding.severity == "bad"]:
        raise Refusals(bad)


async def _claim(view: EntryView) -> None:
    """Make the members count; the database lets one person compete once in a competition (C13)."""
    try:
        async with transaction():
            await fetch("UPDATE entry_member SET active = true WHERE entry = $1 AND NOT snapshot ? 'replaced'", view.id)
    except asyncpg.UniqueViolationError as taken:
        if getattr(taken, "constraint_name", "") != ONE_EVENT:
            raise
        await _refuse_bad(view)  # now committed by the other: says beside whom
        raise Refusal(
            "entered_by_another", "已由其他单位在本竞赛中报名，一人只报一项", field="members", rule="C13"
        ) from taken


async def _put_members(entry: UUID, event: EventHead, unit: UUID | None, members: Sequence[MemberForm]) -> None:
    if len(members) > rules.MOST_MEMBERS:
        raise Refusal("too_many_members", "名单最多 {most} 人", field="members", rule="C14", most=rules.MOST_MEMBERS)
    ordered = sorted(enumerate(members), key=lambda pair: (pair[1].place, pair[0]))
    names = await _names_of_ours(unit, [member.worker for _, member in ordered], entry)
    if any(member.worker not in names for _, member in ordered):
        raise Refusal("not_our_worker", "只能选本单位在册职工", field="members", rule="C15")
    await fetch("DELETE FROM entry_member WHERE entry = $1", entry)
    seen: set[tuple[UUID, str]] = set()
    for place, (_, member) in enumerate(ordered):
        if (member.worker, member.role) not in seen:
            await _insert(
                entry, event.competition, member.worker, names[member.worker], member.role, place, active=False
            )
        seen.add((member.worker, member.role))


async def _names_of_ours(unit: UUID | None, workers: Sequence[UUID], entry: UUID) -> dict[UUID, str]:
    """Names of those workers who belong to the unit, or stand on the list already (they may have left since)."""
    rows = await fetch(
        "SELECT w.id, w.name FROM worker w JOIN organisation o ON o.id = w.organisation WHERE w.id = ANY($2::uuid[]) AND"
        " (w.left_at IS NULL AND w.erased_at IS NULL AND w.merged_into IS NULL AND o.ancestors @> ARRAY[$1]::uuid[]"
        " OR EXISTS (SELECT 1 FROM entry_member m WHERE m.entry = $3 AND m.worker = w.id))",
        unit, list(workers), entry,
    )  # fmt: skip
    return {row["id"]: row["name"] for row in rows}


async def _insert(
    entry: UUID, competition: UUID, worker: UUID, name: str, role: str, place: int, *, active: bool
) -> None:
    await fetch(
        "INSERT INTO entry_member (id, entry, competition, worker, name, role, place, active, snapshot)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '{}')",
        new_id(), entry, competition, worker, name, role, place, active,
    )  # fmt: skip


async def _name_and_keys(entry: UUID, event: EventHead, name: str) -> None:
    """The entry's name (an individual's is the competitor's) and what it is found by: name, unit, members."""
    rows = await fetch(
        "SELECT m.name, m.role FROM entry_member m WHERE m.entry = $1 AND NOT m.snapshot ? 'replaced'"
        " ORDER BY m.role = 'competitor' DESC, m.place, m.id",
        entry,
    )
    if not event.is_team and rows and rows[0]["role"] == rules.COMPETITOR:
        name = rows[0]["name"]
    unit = await fetchval("SELECT organisation_name FROM entry WHERE id = $1", entry)
    keys = {*keys_for_name(name), *keys_for_organisation(unit)}.union(*(keys_for_name(row["name"]) for row in rows))
    await fetch("UPDATE entry SET name = $2, search_keys = $3 WHERE id = $1", entry, name, sorted(keys))


async def _bump(entry: UUID) -> int:
    return await fetchval("UPDATE entry SET version = version + 1 WHERE id = $1 RETURNING version", entry)


_NUMERALS = "一二三四五六七八九十"


def _team_name(event: EventHead, taken: Sequence[str]) -> str:
    """The first of 一队, 二队 … that the unit does not use yet in the event."""
    if not event.is_team:
        return "个人报名"
    names = [f"{numeral}队" for numeral in _NUMERALS] + [f"{number}队" for number in range(11, len(taken) + 12)]
    return next(name for name in names if name not in taken)
