"""Outputs counted once, pairs active once, money paid once and never spent over (T4, T11)."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest

from foundation.database import fetchval
from foundation.errors import Conflict, NotFound, Refusal
from studios.outputs import funds, queries
from studios.outputs import operations as outputs
from studios.outputs.schemas import (  # fmt: skip
    AgreementForm,
    ApproveForm,
    LogForm,
    OutputForm,
    PayForm,
    ReturnForm,
    SpendForm,
    StrikeForm,
    VerdictForm,
)
from studios.upkeep import operations as life
from studios.upkeep.schemas import AssessForm
from tests.studios.outputs.test_rules import checked
from tests.studios.upkeep.world import World, at, of
from tests.support.people import House

TODAY = date(2026, 11, 23)
PATENT = checked("202310123456")


def patent(on: date = date(2026, 2, 2), number: str = PATENT) -> OutputForm:
    return OutputForm(
        kind="invention",
        title="一种示例夹具",
        reference=number if number.startswith("CN") else f"ZL {number}",
        achieved_on=on,
    )


async def test_a_patent_is_counted_once_over_years_and_studios(house, world):
    one, two = await world.studio(), await world.studio("yi")
    li, wu = (
        await house.person("li", "enterprise_contact", at="jia"),
        await house.person("wu", "enterprise_contact", at="yi"),
    )
    chen = await house.person("chen", "county_officer", at="xuanzhou")
    async with at(TODAY):
        made = await outputs.claim_output(li, one, patent())
        for who, studio, form in ((li, one, patent(date(2025, 5, 5), "CN" + PATENT)), (wu, two, patent())):
            with pytest.raises(Refusal) as counted:
                await outputs.claim_output(who, studio, form)
            assert counted.value.code == "output_counted"
            assert "2026" in str(counted.value)
            assert (await of(one))["name"] in str(counted.value)
        with pytest.raises(NotFound):
            await outputs.claim_output(wu, one, patent(number=checked("202410123456")))
        with pytest.raises(Refusal):
            await outputs.decide_output(chen, made, StrikeForm(version=1))
        await outputs.decide_output(chen, made, StrikeForm(reason="专利权人不是本单位", version=1))
        assert (await queries.figures_of(one, 2026))["invention"] == "0"
        await outputs.claim_output(wu, two, patent())  # the rightful claim
        assert (await queries.figures_of(two, 2026))["invention"] == "1"


async def test_benefit_is_exact_and_years_stand_apart(house, world):
    studio, li = await world.studio(), await house.person("li", "enterprise_contact", at="jia")
    async with at(TODAY):
        for title, wan, on in (
            ("甲", "0.1", date(2026, 1, 5)),
            ("乙", "0.2", date(2026, 3, 5)),
            ("甲", "310.5", date(2025, 4, 5)),
        ):
            await outputs.claim_output(
                li, studio, OutputForm(kind="benefit", title=title, wan_yuan=wan, achieved_on=on)
            )
        await outputs.claim_output(
            li, studio, OutputForm(kind="training", title="班", people=40, achieved_on=date(2026, 1, 5))
        )
        years = await queries.years_of(studio)
        assert list(years) == [2026, 2025]
        assert (years[2026]["benefit"], years[2025]["benefit"], years[2026]["training"]) == ("0.3", "310.5", "40")
        for form in (
            OutputForm(kind="benefit", title="丙", wan_yuan="1.00001", achieved_on=date(2026, 1, 5)),
            OutputForm(kind="benefit", title="丙", wan_yuan="NaN", achieved_on=date(2026, 1, 5)),
            OutputForm(kind="award", title="奖", achieved_on=date(2026, 1, 5)),
            OutputForm(kind="training", title="班二", achieved_on=date(2026, 1, 5)),
            OutputForm(kind="improvement", title="明天", achieved_on=date(2026, 11, 24)),
        ):
            with pytest.raises(Refusal):
                await outputs.claim_output(li, studio, form)


async def test_a_pair_is_active_once_and_ends_with_a_level(house, world):
    studio, li = await world.studio(), await house.person("li", "enterprise_contact", at="jia")
    master, pupil = (await of(studio))["leader"], await world.worker("jia", "徒甲")

    def form(a, b):
        return AgreementForm(
            master=a, apprentice=b, goals="学焊接", agreed_on=date(2026, 1, 1), ends_on=date(2027, 1, 1)
        )

    async with at(TODAY):
        made = await outputs.agree(li, studio, form(master, pupil))
        for a, b, code in (
            (master, pupil, "pair_active"),
            (master, master, "pair_one"),
            (master, await world.worker("yi"), "worker_unknown"),
        ):
            with pytest.raises(Refusal) as refused:
                await outputs.agree(li, studio, form(a, b))
            assert refused.value.code == code
        grand = await world.worker("jia", "徒乙")
        await outputs.agree(li, studio, form(pupil, grand))
        assert [len(level) for level in await queries.three_generations(studio, master)] == [1, 1, 1]
        await outputs.log_teaching(li, made, LogForm(taught_on=TODAY, text="示范"))
        with pytest.raises(Refusal):
            await outputs.finish(
                li, made, VerdictForm(verdict="qualified", assessment="好", skill_after="3", ended_on=TODAY, version=1)
            )
        await outputs.finish(
            li, made, VerdictForm(verdict="qualified", assessment="好", skill_after="1", ended_on=TODAY, version=1)
        )
        with pytest.raises(Conflict):
            await outputs.log_teaching(li, made, LogForm(taught_on=TODAY, text="再"))
        await outputs.agree(li, studio, form(master, pupil))  # again, once the former is over


async def test_a_subsidy_is_approved_paid_spent_and_returned(house, world):
    studio, city, li = await world.studio(named_on=date(2026, 3, 3)), await house.person("sun", "city_officer", at="city"), await house.person("li", "enterprise_contact", at="jia")  # fmt: skip

    def approve(kind, year):
        return funds.approve(city, studio, ApproveForm(kind=kind, year=year, document_number="宣工〔2026〕9号"))

    async with at(TODAY):
        for kind, year, code in (
            ("named", 2025, "subsidy_no_basis"),
            ("excellent", 2026, "subsidy_no_basis"),
            ("renewed", 2026, "subsidy_no_rule"),
        ):
            with pytest.raises(Refusal) as refused:
                await approve(kind, year)
            assert refused.value.code == code
        subsidy = await approve("named", 2026)
        with pytest.raises(Conflict):
            await approve("named", 2026)
        first, second = [one["id"] for one in (await queries.movements_of([subsidy]))["tranches"]]
        with pytest.raises(Refusal):
            await funds.pay(city, second, PayForm(reference="B2", paid_on=TODAY))
        with pytest.raises(Refusal):
            await funds.spend(li, subsidy, SpendForm(number="1", yuan="0.01", spent_on=TODAY, purpose="未拨先支"))
        await funds.pay(city, first, PayForm(reference="B1", paid_on=TODAY))
        with pytest.raises(Conflict):
            await funds.pay(city, first, PayForm(reference="B3", paid_on=TODAY))
        with pytest.raises(Refusal):
            await funds.pay(city, second, PayForm(reference="B1", paid_on=TODAY))
        await funds.spend(li, subsidy, SpendForm(number="1", yuan="29999.99", spent_on=TODAY, purpose="设备"))
        for form in (
            SpendForm(number="1", yuan="0.01", spent_on=TODAY, purpose="重号"),
            SpendForm(number="2", yuan="0.02", spent_on=TODAY, purpose="超"),
        ):
            with pytest.raises(Refusal):
                await funds.spend(li, subsidy, form)
        await funds.give_back(city, subsidy, ReturnForm(reference="T1", yuan="0.01", returned_on=TODAY))
        account = queries.account_of((await queries.subsidies_of(studio))[0])
        assert (account.approved, account.paid, account.balance) == (5_000_000, 3_000_000, 0)
        await life.assess(city, studio, AssessForm(year=2026, total="95", reason="材料齐全", version=1))
        await approve("excellent", 2026)


async def test_two_at_once_count_one_patent_pay_once_and_never_spend_over(committed):
    house = await House().build()
    world = await World(house).build()
    one, two = await world.studio(), await world.studio()
    li, city = (
        await house.person("li", "enterprise_contact", at="jia"),
        await house.person("sun", "city_officer", at="city"),
    )
    claims = await asyncio.gather(
        *(outputs.claim_output(li, s, patent()) for s in (one, two, one, two)), return_exceptions=True
    )
    assert sum(not isinstance(claim, BaseException) for claim in claims) == 1
    assert {getattr(c, "code", "output_counted") for c in claims if isinstance(c, BaseException)} == {"output_counted"}
    subsidies = await asyncio.gather(
        *(funds.approve(city, one, ApproveForm(kind="named", year=2025, document_number="d")) for _ in range(3)),
        return_exceptions=True,
    )
    subsidy = next(one for one in subsidies if not isinstance(one, BaseException))
    assert await fetchval("SELECT count(*) FROM subsidy") == 1
    tranche = (await queries.movements_of([subsidy]))["tranches"][0]["id"]
    today = await fetchval("SELECT approved_on FROM subsidy")
    await asyncio.gather(
        *(funds.pay(city, tranche, PayForm(reference=f"R{n}", paid_on=today)) for n in range(3)), return_exceptions=True
    )
    assert await fetchval("SELECT count(*) FROM tranche WHERE paid_on IS NOT NULL") == 1
    spending = (
        funds.spend(li, subsidy, SpendForm(number=f"V{n}", yuan="20000", spent_on=today, purpose="并发"))
        for n in range(3)
    )
    done = await asyncio.gather(*spending, return_exceptions=True)
    assert sum(one is None for one in done) == 1  # 30,000 were paid
    assert queries.account_of((await queries.subsidies_of(one))[0]).balance == 1_000_000
