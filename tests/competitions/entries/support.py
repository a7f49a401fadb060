"""Workers and events for the tests of registration. All names are plainly synthetic."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from competitions.entries.schemas import MemberForm
from foundation.clock import SHANGHAI
from foundation.database.columns import new_id
from registry.search_keys import keys_for_name, sort_key
from registry.tables import Worker
from registry.workers.sealing import id_index
from tests.competitions import support
from tests.support.people import House

OPENS = datetime(2026, 4, 1, 9, 0, tzinfo=SHANGHAI)
CLOSES = datetime(2026, 4, 17, 17, 30, tzinfo=SHANGHAI)
DURING = datetime(2026, 4, 14, 14, 36, tzinfo=SHANGHAI)
HELD = date(2026, 5, 9)


async def worker(house: House, name: str, *, at: str = "jia", number: str = "", **fields: Any) -> UUID:
    """A worker in service; ``number`` is the identity number whose blind index is kept (the sealed bytes are a stand-in)."""
    known = number or f"none-{new_id()}"
    values: dict[str, Any] = {
        "organisation": house.organisations[at], "region": "341802", "name": name, "search_keys": keys_for_name(name),
        "sort_key": sort_key(name), "id_number_sealed": b"sealed", "id_number_index": id_index(known),
        "sex": "1", "born_on": date(1990, 6, 1), "job_category": "industrial_worker", "post": "装配工",
        "skill_level": "3", "employed_on": date(2015, 7, 1), **fields,
    }  # fmt: skip
    made = Worker(**values)
    await made.save()
    return made.id


async def open_event(
    house: House, *, kind: str = "team", least: int = 2, most: int = 3, **fields: Any
) -> support.Stage:
    """An event that registers from 1 to 17 April 2026 and is held on 9 May."""
    values: dict[str, Any] = {
        "stage": "registration", "kind": kind, "team_min": least, "team_max": most, "min_age": 16,
        "registration_opens_at": OPENS, "registration_closes_at": CLOSES,
        "starts_at": datetime(2026, 5, 9, 8, 30, tzinfo=SHANGHAI), **fields,
    }  # fmt: skip
    return await support.event(house, **values)


def lines(*people: tuple[UUID, str] | UUID) -> list[MemberForm]:
    """A list in the given order; a bare id is a competitor."""
    pairs = [(one, "competitor") if isinstance(one, UUID) else one for one in people]
    return [MemberForm(worker=worker, role=role, place=place) for place, (worker, role) in enumerate(pairs)]
