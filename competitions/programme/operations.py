"""Verbs about competitions and events: create, edit, change the stage. One verb is one transaction."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from competitions.entries.operations import freeze_snapshots
from competitions.judging.seating import settle_excusals
from competitions.permissions import Permission
from competitions.programme import rules
from competitions.programme.queries import EventView, competition_for, event_facts, event_for
from competitions.programme.rules import COMPETITION_MOVES, EVENT_MOVES, CompetitionStage, EventStage
from competitions.programme.schemas import CompetitionForm, EventForm
from foundation import clock, moves, trail
from foundation.database import fetch, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, Refusal, Refusals, Stale, gather
from foundation.web.policy import Actor
from registry.codes.occupations import OCCUPATIONS
from registry.search_keys import keys_for_organisation

NEEDS_REASON = frozenset({"reopen_registration", "to_draft"})


async def create_competition(actor: Actor, form: CompetitionForm) -> UUID:
    """Make a competition as a draft; raises ``Refusals`` beside their fields."""
    async with transaction():
        region = await _check_competition(actor, form, None)
        made = await fetchval(
            "INSERT INTO competition (id, code, title, organiser, region, level, plan_class, year, starts_on, ends_on,"
            " venue, summary, search_keys, made_by, made_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
            " ON CONFLICT (code) DO NOTHING RETURNING id",
            new_id(), form.code, form.title, form.organiser, region, form.level, form.plan_class, form.starts_on.year,
            form.starts_on, form.ends_on, form.venue, form.summary, keys_for_organisation(form.title), actor.account,
            await clock.now(),
        )  # fmt: skip
        if made is None:  # between the check and here
            raise code_taken(form.code)
        await trail.record(actor, "competition.created", "competition", made, {"code": form.code})
    return made


async def edit_competition(actor: Actor, competition_id: UUID, form: CompetitionForm) -> None:
    """Change a competition; raises ``Stale`` where another version was shown, ``Refusals`` beside their fields."""
    async with transaction():
        known = await competition_for(actor, competition_id, Permission.RUN_COMPETITION, lock=True)
        _require_version(known.version, form.version)
        region = await _check_competition(actor, form, competition_id)
        await fetch(
            "UPDATE competition SET code = $2, title = $3, organiser = $4, region = $5, level = $6, plan_class = $7,"
            " year = $8, starts_on = $9, ends_on = $10, venue = $11, summary = $12, search_keys = $13,"
            " version = version + 1 WHERE id = $1",
            competition_id, form.code, form.title, form.organiser, region, form.level, form.plan_class,
            form.starts_on.year, form.starts_on, form.ends_on, form.venue, form.summary,
            keys_for_organisation(form.title),
        )  # fmt: skip
        await trail.record(actor, "competition.edited", "competition", competition_id, {"version": known.version + 1})


async def move_competition(actor: Actor, competition_id: UUID, action: str) -> None:
    """Open, close or reopen a competition. Closing wants every event published or still a draft."""
    async with transaction():
        known = await competition_for(actor, competition_id, Permission.RUN_COMPETITION, lock=True)
        moves.target(COMPETITION_MOVES, CompetitionStage(known.stage), action)
        if action == "close":
            busy = await fetch(
                "SELECT title FROM event WHERE competition = $1 AND stage NOT IN ('draft', 'published')"
                " AND NOT external ORDER BY code",
                competition_id,
            )
            if busy:
                raise Refusals(
                    Refusal("event_running", "项目“{event}”还没有发布成绩", event=row["title"]) for row in busy
                )
        await moves.move("competition", competition_id, COMPETITION_MOVES, CompetitionStage(known.stage), action)
        await trail.record(actor, f"competition.{action}", "competition", competition_id)


async def create_event(actor: Actor, competition_id: UUID, form: EventForm) -> UUID:
    """Add an event to a competition as a draft."""
    async with transaction():
        known = await competition_for(actor, competition_id, Permission.RUN_COMPETITION, lock=True)
        if known.stage == CompetitionStage.CLOSED:
            raise Conflict("competition_closed", "竞赛已结束，不能再加项目")
        await _check_event(form, None)
        made = await fetchval(
            "INSERT INTO event (id, competition, code, title, kind, team_min, team_max, entries_per_unit, min_age,"
            " occupation, registration_opens_at, registration_closes_at, starts_at, ends_at, venue, live_public,"
            " made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,"
            " $18) ON CONFLICT (code) DO NOTHING RETURNING id",
            new_id(), competition_id, *_event_values(form), actor.account, await clock.now(),
        )  # fmt: skip
        if made is None:  # between the check and here
            raise code_taken(form.code)
        await trail.record(actor, "event.created", "event", made, {"code": form.code})
    return made


async def edit_event(actor: Actor, event_id: UUID, form: EventForm) -> None:
    """Change an event. Its code and kind are fixed once registration has begun, everything once it is confirmed."""
    async with transaction():
        known = await event_for(actor, event_id, Permission.RUN_COMPETITION, lock=True)
        _require_version(known.version, form.version)
        if known.stage in (EventStage.CONFIRMED, EventStage.PUBLISHED):
            raise Conflict("event_settled", "成绩已确认，项目信息不能再改")
        await _check_event(form, known)
        await fetch(
            "UPDATE event SET code = $2, title = $3, kind = $4, team_min = $5, team_max = $6, entries_per_unit = $7,"
            " min_age = $8, occupation = $9, registration_opens_at = $10, registration_closes_at = $11,"
            " starts_at = $12, ends_at = $13, venue = $14, live_public = $15, version = version + 1 WHERE id = $1",
            event_id, *_event_values(form),
        )  # fmt: skip
        await trail.record(actor, "event.edited", "event", event_id, {"version": known.version + 1})


async def move_event(actor: Actor, event_id: UUID, action: str, *, reason: str = "") -> None:
    """Open registration, start judging, or go back; raises every obstacle together (``rules.obstacles``)."""
    async with transaction():
        known = await event_for(actor, event_id, Permission.RUN_COMPETITION, lock=True)
        stage = EventStage(known.stage)
        moves.target(EVENT_MOVES, stage, action)
        if known.external:
            raise Conflict("external_event", "该项目由文件导入，没有报名阶段")
        if action in NEEDS_REASON and not reason:
            raise Refusal("reason_missing", "请写明理由", field="reason")
        if found := rules.obstacles(action, await event_facts(event_id), await clock.now()):
            raise Refusals(found)
        await moves.move("event", event_id, EVENT_MOVES, stage, action)
        if action == "start_judging":
            await freeze_snapshots(event_id)
            await settle_excusals(actor, event_id)
        await trail.record(actor, f"event.{action}", "event", event_id, {"reason": reason} if reason else None)


def _require_version(current: int, shown: int) -> None:
    if current != shown:
        raise Stale("stale", "他人刚刚改过（现为第 {current} 版），请核对后再保存", current=current)


async def _check_event(form: EventForm, known: EventView | None) -> None:
    """Everything that is wrong with an event's form, together."""
    taken = await fetchval(
        "SELECT 1 FROM event WHERE code = $1 AND id IS DISTINCT FROM $2", form.code, known and known.id
    )

    def occupation() -> None:
        if form.occupation and form.occupation not in OCCUPATIONS:
            raise Refusal("no_such_choice", "没有这个选项", field="occupation")

    gather(
        lambda: rules.require_event(
            kind=form.kind, team_min=form.team_min, team_max=form.team_max,
            registration_opens_at=form.registration_opens_at, registration_closes_at=form.registration_closes_at,
            starts_at=form.starts_at, ends_at=form.ends_at,
        ),
        lambda: rules.require_fixed(known.stage, [("code", known.code, form.code), ("kind", known.kind, form.kind)])
        if known
        else None,
        occupation,
        lambda: require_free(form.code, taken),
    )  # fmt: skip


def _event_values(form: EventForm) -> tuple[Any, ...]:
    return (
        form.code, form.title, form.kind, form.team_min, form.team_max, form.entries_per_unit, form.min_age,
        form.occupation, form.registration_opens_at, form.registration_closes_at, form.starts_at, form.ends_at,
        form.venue, form.live_public,
    )  # fmt: skip


def code_taken(code: str) -> Refusal:
    return Refusal("code_taken", "代号“{taken}”已有人使用", field="code", taken=code)


def require_free(code: str, taken: object) -> None:
    """A code is nobody else's."""
    if taken:
        raise code_taken(code)


async def _check_competition(actor: Actor, form: CompetitionForm, own: UUID | None) -> str:
    """Everything that is wrong with a competition's form, together; else the organiser's region."""
    region = await fetchval(
        "SELECT region FROM organisation WHERE id = $1 AND ancestors && $2::uuid[] AND closed_at IS NULL",
        form.organiser,
        list(Permission.RUN_COMPETITION.scope(actor)),
    )
    taken = await fetchval("SELECT 1 FROM competition WHERE code = $1 AND id IS DISTINCT FROM $2", form.code, own)

    def organiser() -> None:
        if region is None:
            raise Refusal("no_such_choice", "没有这个选项", field="organiser")

    gather(
        lambda: rules.require_competition(starts_on=form.starts_on, ends_on=form.ends_on),
        organiser,
        lambda: require_free(form.code, taken),
    )
    return region
