"""Synthetic workers for tests: numbers under the unassigned 341899."""

from __future__ import annotations

from datetime import date

from registry.codes import id_card

BORN = date(1990, 6, 15)
ID = id_card.build("341899", BORN, 11)  # odd: male
OTHER_ID = id_card.build("341899", date(1985, 2, 3), 22)  # even: female
PHONE = "15400000001"


def typed(unit, **changes) -> dict[str, str]:
    """A form as a browser sends it."""
    base = {
        "name": "曾立春", "organisation": str(unit), "id_number": ID, "phone": PHONE, "sex": "", "born_on": "",
        "ethnic_group": "01", "political_status": "13", "education": "31", "job_category": "industrial_worker",
        "skill_level": "3", "occupation": "", "post": "数控车工", "employed_on": "2020-03-01", "evidence": "合同岗位",
        "version": "0",
    }  # fmt: skip
    return {**base, **{key: str(value) for key, value in changes.items()}}
