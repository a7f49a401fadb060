"""劳模疗休养: plan a trip, ask in a stated order, answer, confirm who went (H73). One verb, one transaction."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from foundation import clock, trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal, Refusals, Stale
from foundation.web.policy import Actor
from honours.laureates import files, trip_rules
from honours.laureates.schemas import FinishTripForm, InviteForm, TripForm
from honours.permissions import Permission

MOST_ASKED = 500
FIT = f"({files.STANDING}) IN ('working', 'retired') AND {files.VALID}"
"""Who may go (H73, H76): alive, not abroad or moved away, with a valid honour."""
TRIP_REACH = "t.organisation = ANY({0}::uuid[]) OR EXISTS (SELECT 1 FROM organisation s WHERE s.id = ANY({0}::uuid[]) AND t.organisation = ANY(s.ancestors))"
CANDIDATES_SQL = f"""
SELECT l.id, {files.NAME} AS name, {files.UNIT} AS unit, coalesce(o.region, l.region) AS region, {files.STANDING} AS standing,
       {files.TREATMENT} AS treatment, {files._last("trip")} AS last_trip,
       (SELECT min(e.conferred_on) FROM roll_entry e JOIN honour h ON h.id = e.honour
        WHERE {files.HOLDS} AND {files.QUALIFIES} AND e.revoked_at IS NULL) AS honoured_on
FROM {files.SOURCE} WHERE {files.REACH.format("$1")} AND {FIT}
  AND ($2::varchar[] = '{{}}' OR {files.TREATMENT} = ANY($2::varchar[]))
  AND NOT EXISTS (SELECT 1 FROM trip_invitation i WHERE i.trip = $3 AND i.laureate = l.id)
ORDER BY last_trip NULLS FIRST, honoured_on, l.sort_key COLLATE "C", l.id LIMIT $4
"""
"""The order of asking: who has never been first, then whose last trip is the longest ago, then the earlier honour."""
INVITED_SQL = f"""
SELECT i.id, i.laureate, i.place, i.answer, i.answered_at, i.went, {files.NAME} AS name, {files.UNIT} AS unit,
       coalesce(o.region, l.region) AS region, {files.REACH.format("$2")} AS mine,
       {files.VALID} AND NOT EXISTS (SELECT 1 FROM laureate_change c WHERE c.laureate = l.id AND c.kind = 'deceased'
         AND c.happened_on <= t.first_day) AS could_go
FROM trip_invitation i JOIN laureate_trip t ON t.id = i.trip JOIN laureate l ON l.id = i.laureate LEFT JOIN worker w ON w.id = l.worker
LEFT JOIN organisation o ON o.id = w.organisation WHERE i.trip = $1 ORDER BY i.place
"""


async def plan_trip(actor: Actor, form: TripForm) -> UUID:
    """Plan a trip of the actor's own union. Raises ``Refusals`` for days out of order, all at once."""
    refused = trip_rules.require_days(form.first_day, form.last_day, form.answer_by, await clock.today())
    if refused:
        raise Refusals(refused)
    async with transaction():
        union = next(iter(sorted(Permission.RUN_CYCLE.scope(actor))), None)
        if union is None:
            raise NotFound
        made = new_id()
        await fetch(
            "INSERT INTO laureate_trip (id, organisation, title, place, first_day, last_day, answer_by, places, treatments,"
            f" stage, reason, version, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'inviting', '', 1, $10, {NOW_SQL})",
            made, union, form.title, form.place, form.first_day, form.last_day, form.answer_by, form.places,
            list(form.treatments), actor.account,
        )  # fmt: skip
        await trail.record(actor, "trip.planned", "laureate_trip", made, {"places": form.places})
        return made


async def trip_for(actor: Actor, trip: UUID, *, lock: bool = False, runs: bool = False) -> Any:
    """A trip that the actor's union runs, or that a union above runs; ``runs``: only one's own. Else ``NotFound``."""
    scope = list((Permission.RUN_CYCLE if runs else Permission.KEEP_LAUREATES).scope(actor))
    reach = "t.organisation = ANY($2::uuid[])" if runs else f"({TRIP_REACH.format('$2')})"
    row = await fetchrow(
        f"SELECT t.* FROM laureate_trip t WHERE t.id = $1 AND {reach}" + (" FOR UPDATE" if lock else ""), trip, scope
    )
    if row is None:
        raise NotFound
    return row


async def invite(actor: Actor, trip: UUID, form: InviteForm) -> int:
    """Ask further model workers, in the order of the proposals; returns how many. Nobody is asked twice.

    Raises ``NotFound``, ``Stale``, ``Refusal`` ``trip_settled``, ``trip_answer_late``, ``trip_unfit`` naming who may not go.
    """
    async with transaction():
        row = await _locked(actor, trip, form.version)
        trip_rules.require_open(row["stage"], row["answer_by"], await clock.today())
        proposed = [one["id"] for one in await candidates(actor, row)]
        chosen = [one for one in proposed if one in set(form.laureates)]
        if len(chosen) < len(set(form.laureates)) or not chosen:
            raise Refusal(
                "trip_unfit",
                "请选择名单中的劳模：已邀请、去世、出国或荣誉已撤销的不能邀请",
                field="laureates",
                rule="H73",
            )
        last = await fetchval("SELECT coalesce(max(place), 0) FROM trip_invitation WHERE trip = $1", trip)
        for n, laureate in enumerate(chosen, last + 1):
            await fetch(
                f"INSERT INTO trip_invitation (id, trip, laureate, place, answer, made_by, made_at) VALUES ($1, $2, $3, $4, '', $5, {NOW_SQL})",
                new_id(), trip, laureate, n, actor.account,
            )  # fmt: skip
        await fetch("UPDATE laureate_trip SET version = version + 1 WHERE id = $1", trip)
        await trail.record(actor, "trip.invited", "laureate_trip", trip, {"count": len(chosen)})
        return len(chosen)


async def answer(actor: Actor, invitation: UUID, said: str) -> str:
    """Write down what somebody within reach answered; returns what it came to: ``accepted``, ``waiting`` or ``declined``.

    Two officers at once share out the last place once: the trip is locked. Raises ``NotFound`` for somebody else's people.
    """
    if said not in ("accepted", "declined"):
        raise Refusal("answer_unknown", "答复只能是参加或不参加", field="answer", rule="H73")
    async with transaction():
        trip = await fetchval("SELECT trip FROM trip_invitation WHERE id = $1", invitation)
        if trip is None:
            raise NotFound
        row = await trip_for(actor, trip, lock=True)
        trip_rules.require_open(row["stage"], row["answer_by"], await clock.today())
        asked = await invited(actor, trip)
        at = next(n for n, one in enumerate(asked) if one["id"] == invitation)
        if not asked[at]["mine"]:
            raise NotFound
        after = trip_rules.settled([one["answer"] for one in asked], at, said, row["places"])
        for one, now in zip(asked, after, strict=True):
            if now != one["answer"]:
                await fetch(
                    f"UPDATE trip_invitation SET answer = $2, answered_at = {NOW_SQL}, answered_by = $3 WHERE id = $1",
                    one["id"], now, actor.account,
                )  # fmt: skip
        await trail.record(actor, "trip.answered", "laureate_trip", trip, {"answer": after[at]})
        return after[at]


async def finish(actor: Actor, trip: UUID, form: FinishTripForm) -> int:
    """Confirm who went: each gets the care in the file (H73); returns how many. Only after the last day.

    Raises ``NotFound``, ``Stale``, ``Refusal`` ``trip_not_over``, ``trip_not_accepted`` for somebody who had no place,
    ``trip_could_not_go`` for who had died before or lost the honour since (H76).
    """
    async with transaction():
        row = await _locked(actor, trip, form.version)
        if await clock.today() < row["last_day"]:
            raise Refusal("trip_not_over", "疗休养尚未结束，返回之日起才能确认成行名单", rule="H73")
        going = {one["id"]: one for one in await invited(actor, trip) if one["answer"] == "accepted"}
        if not set(form.went) <= set(going):
            raise Refusal("trip_not_accepted", "成行名单中有人没有名额", field="went", rule="H73")
        unable = [one["name"] for one in going.values() if one["id"] in form.went and not one["could_go"]]
        if unable:
            raise Refusal(
                "trip_could_not_go", "{names}：出发前已去世，或者荣誉已撤销，不能记为成行", field="went", rule="H76",
                names="、".join(unable),
            )  # fmt: skip
        await _move(actor, row, "finish", "")
        for invitation, one in going.items():
            went = invitation in form.went
            await fetch("UPDATE trip_invitation SET went = $2 WHERE id = $1", invitation, went)
            if went:
                await _care(actor, one["laureate"], row["first_day"], f"{row['title']}（{row['place']}）")
        return len(set(form.went))


async def cancel(actor: Actor, trip: UUID, reason: str, version: int) -> None:
    """Call the trip off, with the reason. Raises ``NotFound``, ``Stale``, ``Conflict``."""
    async with transaction():
        row = await _locked(actor, trip, version)
        if not reason.strip():
            raise Refusal("reason_required", "请写明取消的原因", field="reason", rule="H73")
        await _move(actor, row, "cancel", reason.strip()[:300])


async def _locked(actor: Actor, trip: UUID, version: int) -> Any:
    row = await trip_for(actor, trip, lock=True, runs=True)
    if row["version"] != version:
        raise Stale("trip_changed", "这次疗休养刚刚被他人修改，请刷新后再办", current=row["version"])
    return row


async def _move(actor: Actor, row: Any, act: str, reason: str) -> None:
    to = trip_rules.MOVES.get((row["stage"], act))
    if to is None:
        raise Conflict("trip_settled", "这次疗休养已成行或已取消", rule="H73")
    await fetch(
        "UPDATE laureate_trip SET stage = $2, reason = $3, version = version + 1 WHERE id = $1", row["id"], to, reason
    )
    done = {"finish": "trip.finished", "cancel": "trip.cancelled"}[act]
    await trail.record(actor, done, "laureate_trip", row["id"], {})


async def _care(actor: Actor, laureate: UUID, on: date, note: str) -> None:
    await fetch(
        "INSERT INTO laureate_care (id, laureate, kind, happened_on, note, made_by, made_at)"
        f" VALUES ($1, $2, 'trip', $3, $4, $5, {NOW_SQL})",
        new_id(), laureate, on, note, actor.account,
    )  # fmt: skip


async def candidates(actor: Actor, row: Any) -> list[Any]:
    """Who may still be asked, in the order of asking; at most ``MOST_ASKED``."""
    return await fetch(CANDIDATES_SQL, files.scope(actor), list(row["treatments"]), row["id"], MOST_ASKED)


async def invited(actor: Actor, trip: UUID) -> list[Any]:
    """Everybody asked, in order; ``mine``: within the actor's reach."""
    return await fetch(INVITED_SQL, trip, files.scope(actor))


async def trips_of(actor: Actor) -> list[Any]:
    """The trips within sight, the newest first, with how many were asked and have a place."""
    return await fetch(
        "SELECT t.*, (SELECT count(*) FROM trip_invitation i WHERE i.trip = t.id) AS asked,"
        " (SELECT count(*) FROM trip_invitation i WHERE i.trip = t.id AND i.answer = 'accepted') AS going"
        f" FROM laureate_trip t WHERE {TRIP_REACH.format('$1')} ORDER BY t.first_day DESC, t.id LIMIT 100",
        files.scope(actor),
    )


async def export_going(actor: Actor, trip: UUID, reason: str) -> tuple[str, list[tuple[str, ...]]]:
    """(title, rows of order, name, unit, county) of those within reach with a place, for a reason that stays in the trail."""
    async with transaction():
        row = await trip_for(actor, trip)
        await trail.record(actor, "trip.exported", "laureate_trip", trip, {"reason": reason})
        return row["title"], [
            (str(one["place"]), one["name"], one["unit"] or "", files.county(one["region"]))
            for one in await invited(actor, trip)
            if one["answer"] == "accepted" and one["mine"]
        ]
