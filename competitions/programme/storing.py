"""Import: a bundle's event, entries, panels, marks and adjustments into the database, in one transaction.

Entrants and judges of a bundle are external people (no worker, no account). Importing a code again makes a new version:
what is the same stays, marks get a next version, what the file no longer holds is withdrawn, never deleted.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from competitions.permissions import Permission
from competitions.programme.rules import EventStage, require_importable
from competitions.programme.stored_rows import AGAIN, store_adjustments, store_entries, store_marks, store_panels
from competitions.scoring.bundle import Bundle, given
from competitions.scoring.canonical import canonical
from competitions.scoring.faults import BundleFaults, Fault
from foundation import clock, trail
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Forbidden, NotFound, Refusal
from foundation.web.policy import Actor
from registry.search_keys import keys_for_organisation


async def store_bundle(actor: Actor, bundle: Bundle, *, competition_id: UUID | None = None) -> UUID:
    """Store a checked bundle as an external event of the officer's organisation; returns the event's id.

    ``competition_id`` is where a new event goes (default: the organisation's collection of this year's imports).
    Raises ``BundleFaults`` where a text is longer than the house keeps, ``Forbidden`` for no officer, ``NotFound`` for
    another tenant's competition, ``Refusal`` where the code is another's, or its results are confirmed or published.
    """
    if faults := storable_faults(bundle):
        raise BundleFaults(faults)
    body = canonical(bundle)
    async with transaction():
        now = await clock.now()
        known = await _known_event(actor, bundle.event.code)
        event = known or await _new_event(actor, bundle, competition_id, now)
        await _store_head(actor, event, bundle, body.decode(), now)
        entries = await store_entries(actor, event, bundle.entries, now)
        seats = await store_panels(event, bundle, now)
        await store_marks(event, bundle.marks, entries, seats, now)
        await store_adjustments(actor, event, bundle.changes, entries, now)
        counts = {"entries": len(bundle.entries), "marks": len(bundle.marks), "again": known is not None}
        await trail.record(actor, "event.imported", "event", event, counts)
    return event


def storable_faults(bundle: Bundle) -> list[Fault]:
    """What the format allows and the database does not keep: texts that are too long, or that hold U+0000."""
    found: list[Fault] = []

    def text(path: str, value: str, most: int) -> None:
        if len(value) > most:
            found.append(
                Fault(path=path, code="too-long", what=f"{len(value)} characters", allowed=f"at most {most} characters")
            )
        if "\x00" in value:
            found.append(Fault(path=path, code="text", what="the text holds U+0000", allowed="text without U+0000"))

    text("$.event.title", bundle.event.title, 200)
    for index, entry in enumerate(bundle.entries):
        path = f"$.entries[{index}]"
        text(f"{path}.name", entry.name, 200)
        text(f"{path}.organisation", entry.organisation, 200)
        if isinstance(entry.group, str):
            text(f"{path}.group", entry.group, 100)
        for place, member in enumerate(given(entry.members, ())):
            text(f"{path}.members[{place}]", member, 200)
    for index, change in enumerate(bundle.changes):
        text(f"$.adjustments[{index}].reason", change.reason, 300)
    return found


async def _known_event(actor: Actor, code: str) -> UUID | None:
    """The external event that bears this code, held for the transaction; None where the code is new."""
    row = await fetchrow(
        "SELECT e.id, e.stage, e.external, o.ancestors && $2::uuid[] AS ours FROM event e"
        " JOIN competition c ON c.id = e.competition JOIN organisation o ON o.id = c.organiser"
        " WHERE e.code = $1 FOR UPDATE OF e",
        code,
        list(Permission.RUN_COMPETITION.scope(actor)),
    )
    if row is None:
        return None
    if not row["ours"]:
        raise Refusal("code_taken", "代号“{event}”已被其他单位使用", field="file", event=code)
    require_importable(code, EventStage(row["stage"]), external=row["external"])
    return row["id"]


async def _new_event(actor: Actor, bundle: Bundle, competition_id: UUID | None, now: datetime) -> UUID:
    competition = competition_id or await _collection(actor, now)
    ours = await fetchval(
        "SELECT 1 FROM competition c JOIN organisation o ON o.id = c.organiser"
        " WHERE c.id = $1 AND o.ancestors && $2::uuid[]",
        competition,
        list(Permission.RUN_COMPETITION.scope(actor)),
    )
    if ours is None:
        raise NotFound
    largest = max((len(given(entry.members, ())) for entry in bundle.entries), default=1) or 1
    made = await fetchval(
        "INSERT INTO event (id, competition, code, title, stage, kind, external, made_by, made_at, team_max)"
        " VALUES ($1, $2, $3, $4, $5, $6, true, $7, $8, $9) ON CONFLICT (code) DO NOTHING RETURNING id",
        new_id(),
        competition,
        bundle.event.code,
        bundle.event.title,
        EventStage.JUDGING.value,
        "team" if largest > 1 else "individual",
        actor.account,
        now,
        min(largest, 99),
    )
    if made is None:
        raise Refusal(
            "code_taken_meanwhile", "代号“{event}”刚刚被他人使用，请重试", field="file", event=bundle.event.code
        )
    return made


async def _collection(actor: Actor, now: datetime) -> UUID:
    """The competition that takes in what an organisation imports in a year, made on first need."""
    home = await _home(actor)
    day = clock.local(now).date()
    code = f"imported-{day.year}-{home['region']}-{home['id'].hex[-6:]}"
    title = f"{day.year} 年导入的赛事"
    await fetch(
        "INSERT INTO competition (id, code, title, organiser, region, year, starts_on, ends_on, stage, search_keys,"
        " made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 'open', $8, $9, $10) ON CONFLICT (code) DO NOTHING",
        new_id(), code, title, home["id"], home["region"], day.year, day, keys_for_organisation(title), actor.account,
        now,
    )  # fmt: skip
    return await fetchval("SELECT id FROM competition WHERE code = $1", code)


async def _home(actor: Actor) -> Any:
    """The organisation whose officer the actor is: the account's own, else the first within which the role is held."""
    row = await fetchrow(
        "SELECT id, region FROM organisation WHERE ancestors && $1::uuid[] AND (id = $2 OR id = ANY($1::uuid[]))"
        " ORDER BY id = $2 DESC NULLS LAST, cardinality(ancestors), id LIMIT 1",
        list(Permission.RUN_COMPETITION.scope(actor)),
        actor.organisation,
    )
    if row is None:
        raise Forbidden
    return row


async def _store_head(actor: Actor, event: UUID, bundle: Bundle, body: str, now: datetime) -> None:
    """Title, rules (a new version where they differ), and the file itself."""
    rules = msgspec.json.encode(bundle.event.rules, order="sorted").decode()
    current = await fetchrow("SELECT s.rules FROM rule_set s JOIN event e ON e.rule_set = s.id WHERE e.id = $1", event)
    if current is None or current["rules"] != rules:
        rule_set = await fetchval(
            "INSERT INTO rule_set (id, event, number, rules, reason, made_by, made_at) SELECT $1, $2,"
            " (SELECT coalesce(max(number), 0) + 1 FROM rule_set WHERE event = $2), $3, $4, $5, $6 RETURNING id",
            new_id(), event, rules, "" if current is None else AGAIN, actor.account, now,
        )  # fmt: skip
        await fetch("UPDATE event SET rule_set = $2 WHERE id = $1", event, rule_set)
    await fetch(
        "UPDATE event SET title = $2, stage = $3, version = version + 1 WHERE id = $1",
        event, bundle.event.title, EventStage.JUDGING.value,
    )  # fmt: skip
    await fetch(
        "INSERT INTO imported_bundle (id, event, number, canonical, sha256, made_by, made_at) SELECT $1, $2,"
        " (SELECT coalesce(max(number), 0) + 1 FROM imported_bundle WHERE event = $2), $3, $4, $5, $6",
        new_id(), event, body, sha256(body.encode()).hexdigest(), actor.account, now,
    )  # fmt: skip
