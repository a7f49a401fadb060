"""The season's round of honours after the units handed in: counties, departments, the city's review, a secret ballot."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from commands.season.accounts import Person, actor_of, open_account
from commands.season.clock_of_season import at, on
from foundation.database import fetch, fetchval
from foundation.errors import Refusal, Refusals
from foundation.web.policy import Actor
from honours.cycles import operations as cycles
from honours.cycles.queries import rules_of
from honours.nominations import access, facts, papers, vetting
from honours.nominations.schemas import AnswerForm, AskForm
from honours.review import gates, rounds, voting
from honours.review.schemas import RoundForm
from registry.accounts.roles import Role

OPENED, COUNTIES_DONE, TAKEN_UP = on(3, 2), on(4, 9), on(4, 13)
PLAN = (
    ("industrial_worker", 19), ("other_frontline", 20), ("science_education", 7), ("enterprise_leader", 6), ("manager", 7),
    ("official", 1),
)  # fmt: skip
"""What the counties hand on for the medal's sixty places: two industrial workers too few (35 % × 60 = 21)."""


async def load(awards: dict[str, UUID]) -> None:
    """Counties hand on, departments answer, the city takes up what is clear and has the rest voted on."""
    await _counties(awards)
    await _city(awards)
    await _panel(awards["city-may1-medal"])


async def _officers() -> dict[UUID, Actor]:
    """An officer for each first gate: the county's own where the season has one."""
    async with at(OPENED):
        gates_of = await fetch("SELECT DISTINCT n.first_gate AS id FROM nomination n ORDER BY 1")
        found = {}
        for n, row in enumerate(gates_of, 1):
            login = await fetchval(
                "SELECT a.login FROM account a JOIN role_grant g ON g.account = a.id WHERE g.organisation = $1"
                " AND g.role = 'county_officer' AND g.ended_at IS NULL LIMIT 1",
                row["id"],
            )
            person = Person(login=f"xian{n:02d}", name=f"县区经办人{n:02d}（示例）", role=Role.COUNTY_OFFICER, at=None)
            found[row["id"]] = (
                await actor_of(login) if login else await open_account(person, row["id"], may_sign_in=False)
            )
        return found


async def _counties(awards: dict[str, UUID]) -> None:
    """Each county hands on within its quota, with one substitute for the medal, and says no to the rest."""
    officers = await _officers()
    async with at(COUNTIES_DONE):
        for code, award in awards.items():
            rows = await fetch(
                "SELECT id, first_gate, category, role, organisation FROM nomination WHERE award = $1 ORDER BY number",
                award,
            )
            quotas = {
                row["organisation"]: row["places"]
                for row in await fetch("SELECT organisation, places FROM quota WHERE award = $1", award)
            }
            passed = _passed(rows, quotas, medal=code == "city-may1-medal")
            for row in rows:
                officer = officers[row["first_gate"]]
                if row["id"] in passed:
                    await gates.accept(
                        officer, row["id"], opinion="材料齐全，程序合规，同意推荐。", signed_by="分管负责人（示例）"
                    )
                else:
                    await gates.reject(officer, row["id"], opinion="符合条件，因名额所限，经差额比选未列入推荐。")


def _passed(rows: Sequence[Any], quotas: dict[UUID, int], *, medal: bool) -> set[UUID]:
    """Who is handed on: by quota; for the medal with the plan's categories, the rarest first, then substitutes."""
    left = dict(quotas)
    passed: set[UUID] = set()
    principals = [row for row in rows if row["role"] == "principal"]
    plan = sorted(PLAN, key=lambda one: one[1]) if medal else [("", sum(quotas.values()))]
    for category, wanted in plan:
        for row in principals:
            if (
                wanted
                and left.get(row["first_gate"], 0)
                and row["id"] not in passed
                and row["category"] in (category or row["category"],)
            ):
                passed.add(row["id"])
                left[row["first_gate"]] -= 1
                wanted -= 1
    passed |= {row["id"] for row in rows if row["role"] == "substitute"}
    return passed


async def _city(awards: dict[str, UUID]) -> None:
    """Departments are asked and have mostly answered; the city takes up those that nothing stands against."""
    officer = await actor_of("shizong")
    cycle = await fetchval("SELECT cycle FROM cycle_award WHERE id = $1", awards["city-may1-medal"])
    async with at(on(4, 10, 18)):
        version = await fetchval("SELECT version FROM cycle WHERE id = $1", cycle)
        await cycles.move_cycle(officer, cycle, "close", version=version)
    async with at(on(4, 11)):
        rows = await fetch(
            "SELECT n.id, n.role, n.award FROM nomination n WHERE n.cycle = $1 AND n.stage = 'city' ORDER BY n.number",
            cycle,
        )
        for row in rows:
            await _ask(officer, row["id"])
    async with at(TAKEN_UP):
        for n, row in enumerate(rows):
            await _answer(officer, row["id"], but=1 if n % 23 == 5 else 0)
        for n, row in enumerate(rows):
            if n % 23 == 5 or (n % 4 == 3 and row["award"] == awards["city-may1-medal"]):
                continue
            with contextlib.suppress(Refusal, Refusals):  # what the rules stop stays where it is
                act = gates.reserve if row["role"] == "substitute" else gates.accept
                await act(officer, row["id"], opinion="经复审，同意。")


async def _ask(officer: Actor, it: UUID) -> None:
    row = await access.row_of(it)
    wanted = papers.departments_for(await rules_of(row["cycle"]), papers.candidate_classes(await facts.gather(row)))
    if wanted:
        await vetting.ask(officer, it, AskForm(departments=tuple(wanted), asked_on=date(2026, 4, 11)))


async def _answer(officer: Actor, it: UUID, *, but: int) -> None:
    """Answer all that was asked, except the last ``but`` of them."""
    asked = await fetch("SELECT id, version FROM clearance WHERE nomination = $1 ORDER BY department", it)
    form = {"opinion": "agree", "opinion_on": date(2026, 4, 13), "note": ""}
    for one in asked[: len(asked) - but]:
        await vetting.answer(officer, it, one["id"], msgspec.convert({**form, "version": one["version"]}, AnswerForm))


async def _panel(award: UUID) -> None:
    """A secret ballot over those whom the city has not taken up yet: seven seats, three of which have voted."""
    async with at(on(4, 14, 9)):
        officer = await actor_of("shizong")
        seats = [await actor_of("pingwei")]
        for n in range(2, 8):
            person = Person(
                login=f"pingwei{n}",
                name=f"{'何吕施张孔曹'[n - 2]}{'子丑寅卯辰巳'[n - 2]}安",
                role=Role.REVIEWER,
                at=None,
            )
            seats.append(await open_account(person, officer.organisation, may_sign_in=False))
        nominees = [row["id"] for row in await fetch(NOMINEES_SQL, award)]
        form = RoundForm(
            title="五一劳动奖章人选复审投票", method="approval", nomination=tuple(nominees),
            reviewer=tuple(seat.account for seat in seats),
        )  # fmt: skip
        made = await rounds.create_round(officer, award, form)
        await rounds.open_round(officer, made, closes_at=on(4, 16, 17, 30), version=1)
    async with at(on(4, 14, 11)):
        for n, seat in enumerate(seats[4:], 1):
            await voting.cast(seat, made, {one: int(place % 7 != n) for place, one in enumerate(nominees)})


NOMINEES_SQL = "SELECT id FROM nomination WHERE award = $1 AND stage = 'city' ORDER BY number"
