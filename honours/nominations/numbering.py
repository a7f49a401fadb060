"""编号: ``XC-2026-JZ-0117``, gap-free per award and cycle (D6), given when a nomination is first handed in."""

from __future__ import annotations

from typing import Any

from foundation.database import fetch, fetchrow, fetchval
from foundation.database.columns import new_id
from registry.search_keys import initials

FAMILY = {
    "may1_medal": "JZ",
    "may1_certificate": "ZH",
    "pioneer": "XF",
    "model_worker": "LM",
    "competition": "JS",
    "other": "RY",
}
"""奖章, 奖状, 先锋号, 劳模, 竞赛, 其他荣誉."""
LEVEL = {"national": "G", "province": "S", "city": "", "county": ""}


def stem_of(union: str, year: int, family: str, level: str) -> str:
    """The first part of an award's numbers: the union's 拼音 initials (two letters), the year, the title's letters.

    ``stem_of("宣城市总工会", 2026, "may1_medal", "city")`` → ``XC-2026-JZ``; a provincial title gets ``SJZ``.
    """
    place = union.removesuffix("总工会").removesuffix("示例").removesuffix("市")
    letters = "".join(letter for letter in initials(place).upper() if letter.isascii() and letter.isalpha())
    return f"{letters[:2] or 'GH'}-{year}-{LEVEL.get(level, '')}{FAMILY.get(family, 'RY')}"


async def next_number(row: Any) -> str:
    """The next number of this nomination's award, in the caller's transaction: others wait for it, so none is skipped."""
    stem = stem_of(row["running_name"], row["cycle_year"], row["honour_family"], row["honour_level"])
    await _begin(row["award"], stem)
    taken = await fetchrow(
        "UPDATE nomination_series SET last = last + 1 WHERE award = $1 RETURNING stem, last", row["award"]
    )
    assert taken is not None
    return f"{taken['stem']}-{taken['last']:04d}"


async def _begin(award: Any, stem: str) -> None:
    """The award's series; a stem that another award of the year has gets a figure (``XC-2026-JZ2``)."""
    for figure in range(1, 100):
        if await fetchval("SELECT 1 FROM nomination_series WHERE award = $1", award):
            return
        own = stem if figure == 1 else f"{stem}{figure}"
        await fetch(
            "INSERT INTO nomination_series (id, award, stem, last) VALUES ($1, $2, $3, 0) ON CONFLICT DO NOTHING",
            new_id(), award, own,
        )  # fmt: skip
    raise RuntimeError("no free stem for this award's numbers")
