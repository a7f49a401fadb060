"""Ten years of several studios over the real operations, moved by chance: what must hold whatever happens.

A database run of six studios a seed; the arithmetic beneath is tried far wider in the tests of the pure rules.
"""

from __future__ import annotations

import contextlib
import random
from datetime import date

import pytest

from foundation.database import fetch, fetchval, transaction
from foundation.errors import Forbidden, NotFound, Refusal, Refusals
from studios.outputs import funds
from studios.outputs import operations as outputs
from studios.outputs.queries import ACCOUNTS_SQL, account_of, movements_of
from studios.outputs.schemas import ApproveForm, OutputForm, PayForm, SpendForm
from studios.stages import LISTED
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
from tests.studios.upkeep.world import at, of

REFUSED = (Refusal, Refusals, Forbidden, NotFound)


async def act(chance, world, city, contact, studio, others, today) -> None:
    """One thing that somebody tries, fitting or not."""
    row = await of(studio)
    version, reason = row["version"], "示例理由"
    total = chance.choice(["95", "85", "75", "65", "50"])
    patent = OutputForm(kind="award", title="奖", reference=f"奖{chance.randrange(12)}", achieved_on=today)
    tries = [
        lambda: life.assess(city, studio, AssessForm(year=today.year, total=total, points="标牌", reason="材料齐全", version=version)),
        lambda: life.assess(city, studio, AssessForm(year=today.year, total="85", reason="材料齐全", version=version)),
        lambda: life.revisit(city, studio, RevisitForm(mended=(chance.choice(["yes", "yes", "no"]),), reason=reason)),
        lambda: life.renew(city, studio, RenewForm(document_number="文", version=version)),
        lambda: life.open_rereview(studio, "officer", studio),
        lambda: life.keep_after_rereview(city, studio, ReasonForm(reason=reason, version=version)),
        lambda: life.upgrade(city, studio, UpgradeForm(programme=world.province_programme, document_number="文", named_on=today, version=version)),
        lambda: outputs.claim_output(contact, studio, patent),
        lambda: funds.approve(city, studio, ApproveForm(kind=chance.choice(["named", "excellent"]), year=today.year, document_number="文")),
    ]  # fmt: skip
    if chance.random() < 0.05:
        tries = [
            lambda: life.end_studio(city, studio, EndForm(action=chance.choice(["withdraw", "close", "revoke"]), reason=reason, version=version)),
            lambda: life.merge_studio(city, studio, MergeForm(into=chance.choice(others), reason=reason, version=version)),
            lambda: life.change_leader(city, studio, LeaderForm(worker=row["leader"], reason=reason, version=version)),
        ]  # fmt: skip
    with contextlib.suppress(*REFUSED):
        async with transaction():
            await chance.choice(tries)()


async def pay_and_spend(chance, city, contact, today) -> None:
    for one in await fetch("SELECT id FROM subsidy"):
        for tranche in (await movements_of([one["id"]]))["tranches"]:
            with contextlib.suppress(*REFUSED):
                async with transaction():
                    await funds.pay(city, tranche["id"], PayForm(reference=f"R{tranche['id']}", paid_on=today))
        with contextlib.suppress(*REFUSED):
            async with transaction():
                form = SpendForm(
                    number=f"V{chance.randrange(99)}",
                    yuan=str(chance.randrange(1, 30_000)),
                    spent_on=today,
                    purpose="用途",
                )
                await funds.spend(contact, one["id"], form)


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_ten_years_hold_what_must_hold(house, world, seed):
    chance = random.Random(seed)
    city, contact = (
        await house.person("sun", "city_officer", at="city"),
        await house.person("li", "enterprise_contact", at="jia"),
    )
    studios = [await world.studio(named_on=date(2025, 3, 3)) for _ in range(6)]
    for studio in studios[:3]:
        await world.honour((await of(studio))["leader"], "province")
    ends: dict = {}
    gone: set = set()
    for year in range(2025, 2035):
        for month, day in ((4, 1), (11, 20)):
            today = date(year, month, day)
            async with at(today):
                await schedule.lapse_due()
                await life.open_reports()
                for studio in studios:
                    await act(chance, world, city, contact, studio, studios, today)
                    await act(chance, world, city, contact, studio, studios, today)
                await pay_and_spend(chance, city, contact, today)
            for studio in studios:
                row = await of(studio)
                assert row["cycle_ends_on"] >= ends.get(studio, row["cycle_ends_on"])  # terms only go forward
                ends[studio] = row["cycle_ends_on"]
                if studio in gone:
                    assert row["stage"] not in LISTED  # a plaque once down is never hung again
                if row["stage"] not in LISTED:
                    gone.add(studio)
                    assert await fetchval("SELECT count(*) FROM plaque_recovery WHERE studio = $1", studio) == 1
                    assert (
                        await fetchval(
                            "SELECT count(*) FROM rectification WHERE studio = $1 AND closed_on IS NULL", studio
                        )
                        == 0
                    )
            assert all(account_of(row).balance >= 0 and row["paid"] <= row["fen"] for row in await fetch(ACCOUNTS_SQL))
            twice = "SELECT count(*) FROM (SELECT reference FROM output WHERE stage <> 'struck' GROUP BY reference HAVING count(*) > 1) t"
            assert await fetchval(twice) == 0
            levels = "SELECT count(*) FROM studio s WHERE s.level <> (SELECT n.level FROM studio_naming n WHERE n.studio = s.id ORDER BY n.named_on DESC, n.made_at DESC LIMIT 1)"
            assert await fetchval(levels) == 0  # one current level: that of the newest naming
    assert gone, "chance took no studio off: the story says nothing"
    assert await fetchval("SELECT count(*) FROM output") > 3
