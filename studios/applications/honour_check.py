"""领衔人资格 (T2, T9, H77): asked of the registry's achievements, never of the honours themselves."""

from __future__ import annotations

from uuid import UUID

from foundation import clock
from foundation.database import fetch, fetchrow
from foundation.errors import Refusal
from registry.achievements.queries import of_worker
from registry.achievements.schemas import Achievement
from studios.schemas import Conditions
from studios.stages import LISTED
from studios.tables.studios import LEVELS

RANK = {level: place for place, level in enumerate(reversed(LEVELS))} | {"unit": 0}
"""enterprise 0 … national 4."""


def qualifying(achievements: list[Achievement], conditions: Conditions) -> Achievement | None:
    """The highest valid honour that makes its holder a leader (T2): of a listed family, at least of the level. Pure."""
    fitting = [
        one
        for one in achievements
        if one.kind == "honour"
        and one.withdrawn_at is None
        and RANK.get(one.level, -1) >= RANK[conditions.leader_level]
        and (not conditions.leader_families or one.facts.get("family", "") in conditions.leader_families)
    ]
    return max(fitting, key=lambda one: (RANK[one.level], one.achieved_on), default=None)


async def leader_honour(worker: UUID, conditions: Conditions) -> Achievement | None:
    """The honour that this worker qualifies by now, or None; None too where no honour is asked."""
    if not conditions.leader_level:
        return None
    return qualifying(await of_worker(worker, withdrawn=False), conditions)


async def lower_studio(worker: UUID, conditions: Conditions) -> UUID | None:
    """The active studio of the lower level that this worker leads (T9); None where the programme asks for none."""
    if not conditions.lower_level:
        return None
    row = await fetchrow(
        "SELECT id FROM studio WHERE leader = $1 AND level = $2 AND stage = 'active' ORDER BY named_on LIMIT 1",
        worker, conditions.lower_level,
    )  # fmt: skip
    return None if row is None else row["id"]


async def leader_refusals(worker: UUID, conditions: Conditions, *, upgrades: UUID | None) -> list[Refusal]:
    """What forbids that this worker leads: no valid honour (T2, H77), another studio (T2), no lower level for long (T9)."""
    refused: list[Refusal] = []
    if conditions.leader_level and await leader_honour(worker, conditions) is None:
        refused.append(
            Refusal(
                "leader_honour", "领衔人没有有效的市级及以上劳模、五一劳动奖章或工匠称号（已撤销的不算）", rule="T2"
            )
            if conditions.leader_level == "city"
            else Refusal("leader_honour", "领衔人没有本项目要求级别的有效荣誉（已撤销的不算）", rule="T2")
        )
    others = await fetch(
        "SELECT name FROM studio WHERE leader = $1 AND stage = ANY($2::varchar[]) AND id IS DISTINCT FROM $3",
        worker, sorted(LISTED), upgrades,
    )  # fmt: skip
    if others and conditions.leader_one_studio:
        refused.append(
            Refusal("leader_leads", "领衔人已领衔“{studio}”，不再重复命名", rule="T2", studio=others[0]["name"])
        )
    if conditions.lower_level:
        refused += await _lower(upgrades, conditions)
    return refused


async def _lower(upgrades: UUID | None, conditions: Conditions) -> list[Refusal]:
    held = await fetchrow(
        "SELECT 1 FROM studio_naming n WHERE n.studio = $1 AND n.level = $2"
        " AND n.named_on <= $4::date - make_interval(years => $3)",
        upgrades, conditions.lower_level, conditions.lower_years, await clock.today(),
    )  # fmt: skip
    if upgrades is not None and held is not None:
        return []
    return [
        Refusal(
            "lower_level", "须先命名为下一级工作室满 {years} 年，才能申报本级", rule="T9", years=conditions.lower_years
        )
    ]
