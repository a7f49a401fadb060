"""Ten simulated years of fifty studios: after every act the register stands as a naive model of the rules says (T2, T4, T8, T9).

Whether an act is taken or refused is the model's prediction too. The suite walks one seed; ``GONGJIANG_STUDIO_SEEDS=20``
walks more.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest

import studios.wing as wing
from foundation.database import fetch, fetchval, transaction
from foundation.errors import NotFound, Refusal, Refusals
from registry.achievements.operations import withdraw
from registry.workers.operations import leave
from registry.workers.schemas import LeaveForm
from studios.upkeep import operations as life
from studios.upkeep import schedule
from studios.upkeep.schemas import (
    AssessForm,
    EndForm,
    LeaderForm,
    MergeForm,
    ReasonForm,
    RenewForm,
    RevisitForm,
    UpgradeForm,
)
from tests.studios.upkeep.register_model import Entry, Person
from tests.studios.upkeep.world import at, deliver_all, of

SEEDS = range(1, 1 + int(os.environ.get("GONGJIANG_STUDIO_SEEDS", "1")))
STUDIOS, YEARS = 50, range(2025, 2035)
SESSIONS = ((4, 1), (11, 20))
SEEN_SQL = (
    "SELECT id, stage, level, cycle_ends_on, leader, last_grade, coalesce(last_assessed, 0) AS assessed FROM studio"
)
FITTING = {
    "active": ["assess", "assess", "rise"],
    "rectifying": ["revisit"],
    "rereview": ["keep", "hand"],
    "lapsed": ["renew"],
}
Trial = tuple[Callable[[], Awaitable[Any]], bool]


class Town:
    """Fifty studios twice: in the database under the wing's operations, and in the model."""

    def __init__(self, world: Any, seed: int) -> None:
        self.world, self.chance = world, random.Random(seed)
        self.people: dict[Any, Person] = {}
        self.sources: dict[Any, list[tuple[str, Any]]] = {}
        self.register: dict[Any, Entry] = {}
        self.done: Counter[tuple[str, bool]] = Counter()

    async def build(self, house: Any) -> Town:
        self.city = await house.person("sun", "city_officer", at="city")
        self.contact = await house.person("li", "enterprise_contact", at="jia")
        for n in range(STUDIOS):
            named = date(2025, 1 + n % 3, 3)
            studio = await self.world.studio(named_on=named, ends=date(2028, 1 + n % 3, 3))
            leader = (await of(studio))["leader"]
            source = await fetchval("SELECT a.source FROM achievement a JOIN studio s ON s.leader_honour = a.id WHERE s.id = $1", studio)  # fmt: skip
            self.people[leader], self.sources[leader] = Person(["city"]), [("city", source)]
            self.register[studio] = Entry(leader=leader, named_on=named, ends_on=date(2028, 1 + n % 3, 3))
            if n % 3 == 0:
                await self.honour(leader, "province")
        return self

    async def honour(self, person: Any, level: str) -> None:
        _made, source = await self.world.honour(person, level)
        self.people[person].honours.append(level)
        self.sources[person].append((level, source))

    async def newcomer(self) -> Any:
        """A colleague at the unit, most with an honour."""
        made = await self.world.worker("jia", "后来人")
        self.people[made], self.sources[made] = Person(), []
        if self.chance.random() < 0.8:
            await self.honour(made, self.chance.choice(["city", "city", "province"]))
        return made

    async def trial(self, kind: str, studio: Any, today: date) -> Trial | None:
        """The wing's act, and what the model says of it; the model is moved here."""
        entry, row, chance = self.register[studio], await of(studio), self.chance
        version, reason = row["version"], "示例理由"
        leader = self.people[entry.leader]
        if kind == "assess":
            year, total = today.year - chance.choice([0, 0, 1, 11]), chance.choice([95, 90, 85, 70, 69, 60, 59])
            form = AssessForm(year=year, total=str(total), points="标牌", reason="材料齐全", version=version)
            return (lambda: life.assess(self.city, studio, form)), entry.assess(year, total, today)
        if kind == "revisit":
            mended = chance.random() < 0.8
            said = RevisitForm(mended=("yes" if mended else "no",), reason=reason)
            return (lambda: life.revisit(self.city, studio, said)), entry.revisit(mended)
        if kind == "renew":
            return (
                lambda: life.renew(self.city, studio, RenewForm(document_number="文", version=version))
            ), entry.renew(today)
        if kind == "rise":
            up = UpgradeForm(
                programme=self.world.province_programme, document_number="文", named_on=today, version=version
            )
            return (lambda: life.upgrade(self.city, studio, up)), entry.rise(leader, today)
        if kind == "keep":
            kept = ReasonForm(reason=reason, version=version)
            return (lambda: life.keep_after_rereview(self.city, studio, kept)), entry.keep(leader)
        if kind == "hand":
            new = await self.newcomer() if chance.random() < 0.8 else chance.choice(list(self.people))
            another = any(e.listed and e.leader == new for s, e in self.register.items() if s != studio)
            given = LeaderForm(worker=new, reason=reason, version=version)
            return (lambda: life.change_leader(self.city, studio, given)), entry.hand_to(new, self.people[new], leads_another=another)  # fmt: skip
        if kind == "end":
            action = chance.choice(["withdraw", "close", "revoke"])
            ended = EndForm(action=action, reason=reason, version=version)
            to = {"withdraw": "withdrawn", "close": "closed", "revoke": "revoked"}[action]
            return (lambda: life.end_studio(self.city, studio, ended)), entry.leave(to)
        if kind == "merge":
            into = chance.choice(list(self.register))
            merged = MergeForm(into=into, reason=reason, version=version)
            may = into != studio and self.register[into].listed
            return (lambda: life.merge_studio(self.city, studio, merged)), may and entry.leave("merged")
        return None

    async def happen(self, kind: str, studio: Any, today: date) -> None:
        """News from elsewhere: an honour is taken back, a leader goes, another honour comes, somebody doubts."""
        leader = self.register[studio].leader
        person = self.people[leader]
        if kind == "revoked" and self.sources[leader]:
            level, source = self.sources[leader].pop(self.chance.randrange(len(self.sources[leader])))
            person.honours.remove(level)
            by = await fetchval("SELECT id FROM achievement WHERE source = $1", source)
            led_by = {row["id"] for row in await fetch("SELECT id FROM studio WHERE leader_honour = $1", by)}
            await withdraw(None, source=source, reason="撤销")
            for one in led_by:
                self.register[one].look_again()
        elif kind == "left" and not person.gone:
            version = await fetchval("SELECT version FROM worker WHERE id = $1", leader)
            await leave(self.contact, leader, LeaveForm(left_on=today, reason="退休", version=version))
            person.gone = True
            for entry in self.register.values():
                if entry.leader == leader:
                    entry.look_again()
        elif kind == "doubted":  # an officer wants the studio looked at again
            await life.open_rereview(studio, "officer", studio)
            self.register[studio].look_again()
        elif kind == "honoured":
            await self.honour(leader, "province")
        await deliver_all()

    async def step(self, studio: Any, today: date) -> None:
        if self.chance.random() < 0.1:
            await self.happen(self.chance.choice(["revoked", "left", "honoured", "doubted"]), studio, today)
            return
        kinds = ["assess"] * 6 + ["revisit"] * 3 + ["renew"] * 2 + ["rise", "keep", "keep", "hand"]
        if self.chance.random() < 0.5:  # half of the time somebody does what the studio waits for
            kinds = FITTING[self.register[studio].stage] if self.register[studio].listed else kinds
        kind = self.chance.choice(["end", "merge"]) if self.chance.random() < 0.015 else self.chance.choice(kinds)
        made = await self.trial(kind, studio, today)
        assert made is not None
        act, predicted = made
        try:
            async with transaction():
                await act()
            taken = True
        except (Refusal, Refusals, NotFound):
            taken = False
        assert taken == predicted, (kind, today, self.register[studio])
        self.done[kind, taken] += 1

    async def compare(self, today: date) -> None:
        for row in await fetch(SEEN_SQL):
            entry = self.register[row["id"]]
            seen = (row["stage"], row["level"], row["cycle_ends_on"], row["leader"], row["assessed"], row["last_grade"])
            assert seen == (entry.stage, entry.level, entry.ends_on, entry.leader, *entry.last), (today, entry)


@pytest.mark.parametrize("seed", SEEDS)
async def test_fifty_studios_live_ten_years_as_the_rules_say(house, world, seed):
    wing.register()
    town = await Town(world, seed).build(house)
    for year in YEARS:
        for month, day in SESSIONS:
            today = date(year, month, day)
            async with at(today):
                await schedule.lapse_due()
                for entry in town.register.values():
                    entry.lapse(today)
                for studio in town.register:
                    if town.register[studio].listed or town.chance.random() < 0.1:
                        await town.step(studio, today)
                await town.compare(today)
    # the walk has been everywhere: each act taken and refused, each end reached, else it shows nothing
    for kind in ("assess", "revisit", "renew", "rise", "keep", "hand"):
        assert town.done[kind, True], kind
        assert town.done[kind, False], kind
    assert {"withdrawn", "active"} <= {entry.stage for entry in town.register.values()}
    down = [studio for studio, entry in town.register.items() if not entry.listed]
    assert await fetchval("SELECT count(*) FROM plaque_recovery") == len(down), (
        "one checklist for each plaque that is down"
    )
    assert not await fetchval(
        "SELECT count(*) FROM rectification r JOIN studio s ON s.id = r.studio WHERE r.closed_on IS NULL AND s.stage NOT IN ('rectifying', 'rereview')"
    )
