"""身份 (H17): which the worker's record or the unit's register tells, which are declared. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from registry.codes.unit_types import NON_PUBLIC

FROM_RECORD = frozenset({"woman", "ethnic_minority", "migrant_worker", "non_public", "new_employment"})
"""What the registry tells of a person; corrected there, never here."""

DECLARED: dict[str, tuple[str, ...]] = {
    "person": (
        "unit_head",
        "county_head",
        "community_worker",
        "key_industry",
        "small_tech",
        "state_owned",
        "countryside",
    ),
    "unit": ("key_industry", "small_tech", "countryside"),
    "team": ("grassroots_team", "key_industry", "small_tech", "countryside"),
}
"""What is ticked in the form, by what is nominated."""

UNIT_CLASS_OF_TYPE = {"400": "institution", "500": "organ"}


def recorded(kind: str, worker: Mapping[str, Any] | None, unit_type: str) -> set[str]:
    """The identities that the registry tells (H17): a person's from the worker's record, a unit's from its type."""
    found: set[str] = set()
    if kind == "person" and worker is not None:
        ticks = {"migrant_worker": "is_migrant", "non_public": "is_non_public", "new_employment": "is_new_form"}
        found |= {flag for flag, column in ticks.items() if worker[column]}
        found |= {"woman"} if worker["sex"] == "2" else set()
        found |= {"ethnic_minority"} if worker["ethnic_group"] not in ("", "01", "98") else set()
    if unit_type in NON_PUBLIC:
        found.add("non_public")
    if unit_type == "110":
        found.add("state_owned")
    return found


def flags_of(kind: str, worker: Mapping[str, Any] | None, unit_type: str, declared: Iterable[str]) -> list[str]:
    """All identities of a nominee, sorted; what may not be declared of this kind is passed over."""
    return sorted(recorded(kind, worker, unit_type) | (set(declared) & set(DECLARED[kind])))


def unit_class_of(unit_type: str) -> str:
    """enterprise, institution, organ for a unit type; empty where the registry has none."""
    return UNIT_CLASS_OF_TYPE.get(unit_type, "enterprise" if unit_type else "")
