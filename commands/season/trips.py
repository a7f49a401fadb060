"""劳模疗休养: last autumn's trip that took place, and this spring's with its answers coming in."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from commands.season.accounts import actor_of
from commands.season.clock_of_season import at, on
from foundation.web.policy import Actor
from honours.laureates import files, trips
from honours.laureates.schemas import FinishTripForm, InviteForm, TripForm

AUTUMN = TripForm(
    title="2025年秋季劳模疗休养", place="黄山示例疗养院", first_day=date(2025, 10, 13), last_day=date(2025, 10, 17),
    answer_by=date(2025, 9, 26), places=10,
)  # fmt: skip
SPRING = TripForm(
    title="2026年春季劳模疗休养", place="泾县示例职工疗养中心", first_day=date(2026, 5, 18), last_day=date(2026, 5, 22),
    answer_by=date(2026, 4, 30), places=12,
)  # fmt: skip


async def load() -> None:
    """Both trips, by the operations, at their own times."""
    async with at(on(9, 8, year=2025)):
        officer = await actor_of("shizong")
        await files.open_files(officer)
        autumn = await trips.plan_trip(officer, AUTUMN)
        asked = await _ask(officer, autumn, 13)
        for place, invitation in enumerate(asked):
            await trips.answer(officer, invitation, "declined" if place in (2, 7) else "accepted")
    async with at(on(10, 20, year=2025)):
        row = await trips.trip_for(officer, autumn)
        going = [one["id"] for one in await trips.invited(officer, autumn) if one["answer"] == "accepted"]
        await trips.finish(officer, autumn, FinishTripForm(went=tuple(going[:-1]), version=row["version"]))
    async with at(on(4, 8)):
        spring = await trips.plan_trip(officer, SPRING)
        asked = await _ask(officer, spring, 15)
        for place, invitation in enumerate(asked[:10]):
            await trips.answer(officer, invitation, "declined" if place == 4 else "accepted")


async def _ask(officer: Actor, trip: UUID, count: int) -> list[UUID]:
    row = await trips.trip_for(officer, trip)
    first = [one["id"] for one in (await trips.candidates(officer, row))[:count]]
    await trips.invite(officer, trip, InviteForm(laureates=tuple(first), version=row["version"]))
    return [one["id"] for one in await trips.invited(officer, trip)]
