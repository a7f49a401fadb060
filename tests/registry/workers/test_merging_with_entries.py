"""Merging reaches the tables of wings above, found in the database's own catalogue."""

from __future__ import annotations

from datetime import date

import pytest

from foundation.database import fetch, fetchval
from foundation.database.columns import new_id
from foundation.errors import Conflict
from foundation.forms import bind_tree
from registry.codes import id_card
from registry.references import references_to
from registry.workers.endings import merge_worker
from registry.workers.operations import register_worker
from registry.workers.schemas import MergeForm, WorkerForm
from tests.support.workers import typed


@pytest.fixture
async def two(house):
    actor = await house.person("li", "enterprise_contact", at="jia")
    made = []
    for n in (11, 13):
        number = id_card.build("341899", date(1990, 6, 15), n)
        form = bind_tree(typed(house.organisations["jia"], id_number=number), WorkerForm).data
        made.append(await register_worker(actor, form))
    return actor, *made


async def test_every_wing_that_points_at_workers_is_known(db):
    found = await references_to("worker")
    for known in (
        ("achievement", "worker"),
        ("employment", "worker"),
        ("account", "worker"),
        ("entry_member", "worker"),
        ("certificate", "worker"),
    ):
        assert known in found


async def test_append_only_tables_are_never_rewritten(db):
    tables = {table for table, _ in await references_to("worker")} | {t for t, _ in await references_to("organisation")}
    assert tables.isdisjoint({"mark", "trail_entry", "unmasking", "adjustment", "rule_set"})


async def test_where_both_stand_in_one_place_the_merge_is_refused_whole(two):
    actor, keep, other = two
    source = new_id()
    for worker in (keep, other):
        await fetch(
            "INSERT INTO achievement (id, worker, holder_name, kind, title, level, award, achieved_on, source_kind, source,"
            " withdrawn_reason) VALUES ($1, $2, '示例', 'competition', '示例', 'city', '', '2026-04-01', 'result', $3, '')",
            new_id(), worker, source,
        )  # fmt: skip
    with pytest.raises(Conflict) as refused:
        await merge_worker(actor, keep, MergeForm(other=other, reason="录重"))
    assert refused.value.code == "merge_overlap"
    assert await fetchval("SELECT merged_into FROM worker WHERE id = $1", other) is None
    assert await fetchval("SELECT count(*) FROM subject_key") == 2
