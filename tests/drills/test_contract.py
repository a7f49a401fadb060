"""Many made-up requests against every operation of the API, in every role: 0 faults of ours, every answer as described."""

from __future__ import annotations

import json
from collections import Counter

from foundation.web.openapi import describe
from tests.competitions.support import mark_all, standard
from tests.support.contract import cases, faults_of

EXAMPLES = 40
ROLES = (
    "city_officer",
    "county_officer",
    "enterprise_contact",
    "reviewer",
    "studio_expert",
    "system_admin",
    "audit_admin",
)


async def test_no_request_is_answered_by_a_fault_of_ours(db, house, browse, app, capsys):
    stage = await standard(house)
    await mark_all(stage, {"A01": {"T": ["80"], "P1": ["50", "51"]}})
    made = list(cases(describe(app), EXAMPLES))
    actors = {"judge": stage.judges["J2"], "visitor": None}
    for role in ROLES:
        actors[role] = await house.person(role, role, at="jia" if role == "enterprise_contact" else "city")
    statuses: Counter[int] = Counter()
    for role, actor in actors.items():
        wrong, counted = await faults_of(await browse(actor), made)
        assert wrong == [], role
        statuses += counted
    with capsys.disabled():
        print(
            json.dumps({"drill": "contract", "requests": statuses.total(), "statuses": dict(sorted(statuses.items()))})
        )
    assert sum(count for status, count in statuses.items() if status >= 500) == 0
