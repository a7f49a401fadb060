"""A panel over a city round: the county's and the city's officers, five reviewers, nominees under review."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest_asyncio

from foundation import clock
from foundation.clock import moved_to
from foundation.database import fetch
from foundation.database.columns import new_id
from foundation.web.policy import Actor
from honours.nominations import access
from honours.review import rounds
from honours.review.schemas import CriterionForm, RoundForm
from tests.honours.nominations import support
from tests.support.people import House

MEDAL = "city-may1-medal"


@dataclass
class Panel:
    """The round's house, its officers, its reviewers and the nominees by name."""

    house: House
    round: support.Round
    city: Actor
    ningguo: Actor
    xuanzhou: Actor
    reviewers: list[Actor]
    nominees: dict[str, UUID] = field(default_factory=dict)

    @property
    def award(self) -> UUID:
        return self.round.awards[MEDAL]

    async def nominee(self, name: str, *, at: str = "jia", stage: str = "city", **fields: Any) -> UUID:
        """A person in review, with a worker of the registry."""
        who = await support.worker(self.house, name, at=at)
        fields.setdefault("place", len(self.nominees) + 1)
        made = await self.round.nomination(
            who, at=at, name=name, unit_name="示例单位", post="焊工", stage=stage, **fields
        )
        self.nominees[name] = made
        await self.agreed(made, "police")  # the one department that the tests' rules ask about a worker
        return made

    async def agreed(self, nomination: UUID, *departments: str) -> None:
        """These departments were asked and agreed."""
        for department in departments:
            await fetch(
                "INSERT INTO clearance (id, nomination, department, asked_on, opinion, opinion_on, valid_until, note, version, made_at)"
                " VALUES ($1, $2, $3, '2026-04-01', 'agree', '2026-04-02', '2026-12-31', '', 1, now())",
                new_id(), nomination, department,
            )  # fmt: skip

    async def whole(self, name: str, *, at: str = "yi", stage: str = "county", **fields: Any) -> UUID:
        """A person whose dossier lacks nothing, by the operations that the pages call; opinions of the departments with it."""
        from honours.nominations import checklist, papers

        await fetch("UPDATE cycle SET stage = 'open' WHERE id = $1", self.round.cycle)
        login = f"contact_{at}"
        contact = self.house.actors.get(login) or await self.house.person(login, "enterprise_contact", at=at)
        made = await support.complete(self.round, contact, await support.worker(self.house, name, at=at))
        values = {"stage": stage, "submitted_at": support.NOW, **fields}
        sets = ", ".join(f"{key} = ${n}" for n, key in enumerate(values, 2))
        await fetch(f"UPDATE nomination SET {sets} WHERE id = $1", made, *values.values())
        facts = (await checklist.checklist_of(await access.row_of(made))).facts
        await self.agreed(made, *papers.departments_for(facts.rules, papers.candidate_classes(facts)))
        await fetch("UPDATE cycle SET stage = 'review' WHERE id = $1", self.round.cycle)
        self.nominees[name] = made
        return made

    def form(self, names: str = "", **changes: Any) -> RoundForm:
        """A round's form over these nominees (or all), all reviewers seated."""
        chosen = [self.nominees[name] for name in names.split()] if names else list(self.nominees.values())
        values: dict[str, Any] = {
            "title": "复审投票", "method": "approval", "strict": True, "nomination": tuple(chosen),
            "reviewer": tuple(one.account for one in self.reviewers), **changes,
        }  # fmt: skip
        if values["method"] == "scores":
            values.setdefault(
                "criteria",
                (
                    CriterionForm(label="业绩贡献", weight="60", maximum="50"),
                    CriterionForm(label="群众认可", weight="40"),
                ),
            )
        return RoundForm(**values)

    async def opened(self, names: str = "", **changes: Any) -> UUID:
        """A round that is open until tomorrow."""
        made = await rounds.create_round(self.city, self.award, self.form(names, **changes))
        await rounds.open_round(self.city, made, closes_at=await clock.now() + timedelta(days=1), version=1)
        return made


async def panel_of(house: House, *, reviewers: int = 5, **rules: Any) -> Panel:
    made = await support.Round(house).build(stage="review", **rules)
    return Panel(
        house=house, round=made,
        city=await house.person("zheng", "city_officer", at="city"),
        ningguo=await house.person("wu", "county_officer", at="ningguo"),
        xuanzhou=await house.person("li", "county_officer", at="xuanzhou"),
        reviewers=[await house.person(f"expert{n}", "reviewer", at="city") for n in range(1, reviewers + 1)],
    )  # fmt: skip


@pytest_asyncio.fixture
async def panel(house: House):
    """On 14 April 2026: three nominees at the city's review."""
    await support.calendar_2026()
    async with moved_to(support.NOW):
        made = await panel_of(house)
        for name, at in (("冯壬和", "yi"), ("何乙宁", "yi"), ("吴己明", "jia")):
            await made.nominee(name, at=at)
        yield made
