"""The API is as it is described: no fault of ours, no status and no field that the description does not know."""

from __future__ import annotations

import pytest

from foundation.web.openapi import ADDRESS, describe
from tests.competitions.support import mark_all, standard
from tests.support.contract import cases, faults_of

EXAMPLES = 2
"""Of each kind for each operation; the drill makes up many more."""


@pytest.fixture(scope="module")
def made(app):
    """The requests, made up once for all roles."""
    document = describe(app)
    requests = list(cases(document, EXAMPLES))
    assert len(requests) > 4 * len(document["paths"])
    return requests


@pytest.mark.parametrize("role", ["city_officer", "enterprise_contact", "judge", None])
async def test_answers_are_as_described(db, house, browse, made, role):
    stage = await standard(house)
    await mark_all(stage, {"A01": {"T": ["80"], "P1": ["50", "51"]}})
    where = {"at": "jia" if role == "enterprise_contact" else "city"}
    actor = stage.judges["J2"] if role == "judge" else await house.person("zhou", role, **where) if role else None
    browser = await browse(actor)
    wrong, statuses = await faults_of(browser, made)
    assert wrong == []
    if role == "city_officer":
        assert {200, 404, 422} <= set(statuses), "requests that came through, and requests that were refused"
    assert sorted((await browser.get(ADDRESS)).json()["paths"]) == sorted({case.operation.path for case in made})
