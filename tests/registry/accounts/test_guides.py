"""The first page's lines about one's work: every role has some, and none leads where the role may not go."""

from __future__ import annotations

from uuid import uuid4

import pytest

from competitions import wing as competitions
from foundation import wing as foundation
from foundation.web.navigation import navigation
from foundation.web.policy import Actor, Grant
from publications import wing as publications
from registry import wing as registry
from registry.accounts.guides import guides
from registry.accounts.roles import Role


@pytest.mark.parametrize("role", Role)
async def test_each_role_is_told_its_work_and_led_only_where_it_may_go(db, house, role):
    for wing in (foundation, registry, competitions, publications):
        wing.register()
    actor = await house.person("qian", str(role), at="city")
    told = guides(actor)
    assert told
    assert all(line.title and line.note for line in told)
    sections = await navigation(actor, "/home")
    open_to = {item["href"] for section in sections for item in section["items"]}
    assert {line.href for line in told} - {""} <= open_to


def test_two_roles_with_one_work_are_told_it_once():
    grants = frozenset(Grant(role=role, event=uuid4()) for role in (Role.SCOREKEEPER, Role.SUPERVISOR))
    (line,) = guides(Actor(account=uuid4(), login="qian", name="钱（示例）", grants=grants))
    assert line.href == "/boards"


async def test_the_page_shows_them_while_nothing_waits(db, house, browse):
    registry.register()
    text = (await (await browse(await house.person("qian", "reviewer", at="city"))).get("/home")).text
    assert "推荐材料评审" in text
