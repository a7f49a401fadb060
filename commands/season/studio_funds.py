"""工作室补助: the city's rule written into its programme, then last year's excellent studios: approved, paid, spent, returned (T4)."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from commands.season.clock_of_season import at, on
from foundation.database import fetch
from foundation.web.policy import Actor
from studios.applications import programmes
from studios.outputs import funds
from studios.outputs.queries import movements_of
from studios.outputs.schemas import ApproveForm, PayForm, ReturnForm, SpendForm
from studios.schemas import SubsidyRule

RULES = (
    SubsidyRule(kind="named", yuan=50_000, tranches=(60, 40)),
    SubsidyRule(kind="renewed", yuan=30_000),
    SubsidyRule(kind="excellent", yuan=20_000, tranches=(60, 40)),
)
"""新命名 5 万、重新确认 3 万 as in Hefei (T4); what an excellent year brings is a proposal."""
SPENT = (("焊接试板与检测耗材", "3860.50"), ("技术资料与标准", "1275"), ("攻关试制加工费", "5200"))


async def load(officer: Actor, programme: UUID) -> None:
    """Everything through the operations, between the grades of 2025 and the call of 2026."""
    async with at(on(3, 23)):
        rules = msgspec.structs.replace(await programmes.rules_of(programme), subsidies=RULES)
        text = msgspec.json.encode(rules).decode()
        await programmes.save_rules(officer, programme, text, reason="写明补助标准（T4）", version=1)
        studios = await fetch(
            "SELECT id FROM studio WHERE programme = $1 AND last_grade = 'excellent' ORDER BY code", programme
        )
        form = ApproveForm(kind="excellent", year=2025, document_number="宣工〔2026〕示例5号")
        subsidies = [await funds.approve(officer, one["id"], form) for one in studios]
    async with at(on(3, 24)):
        for place, subsidy in enumerate(subsidies):
            await _pay_and_spend(officer, subsidy, place)


async def _pay_and_spend(officer: Actor, subsidy: UUID, place: int) -> None:
    """All but the last two have the first part, a few the second too; vouchers here and there; one returns what it did not need."""
    parts = (await movements_of([subsidy]))["tranches"][: 2 if place % 4 == 0 else 1]
    day = date(2026, 3, 24)
    for part in parts:
        await funds.pay(officer, part["id"], PayForm(reference=f"BZ2026-{place + 1:02d}-{part['place']}", paid_on=day))
    for number, (purpose, yuan) in enumerate(SPENT[: place % 4], 1):
        spent = SpendForm(number=f"PZ-{place + 1:02d}-{number}", yuan=yuan, spent_on=day, purpose=purpose)
        await funds.spend(officer, subsidy, spent)
    if place == 3:
        await funds.give_back(officer, subsidy, ReturnForm(reference="TH2026-01", yuan="600", returned_on=day))
