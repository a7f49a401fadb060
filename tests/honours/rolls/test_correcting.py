"""A published entry is mended in public, by two people, with its reason."""

from __future__ import annotations

import pytest

from foundation.database import fetch, fetchrow, fetchval
from foundation.errors import Conflict, NotFound, Refusal, Stale
from honours.rolls import correcting, deciding, publishing
from honours.rolls.schemas import CorrectionForm
from registry.achievements.queries import of_worker
from registry.search_keys import keys_for_query
from tests.honours.support import form


@pytest.fixture
async def published(ready):
    decision = await deciding.draft(ready.city, ready.cycle, form())
    await deciding.issue(ready.city, decision)
    await publishing.publish_roll(ready.city, decision)
    return ready


async def zhao():
    return await fetchrow("SELECT * FROM roll_entry WHERE name = '赵立春' OR name = '赵立椿'")


def typed(row, **changes) -> CorrectionForm:
    values = {name: row[name] for name in ("name", "unit_name", "post", "region", "version")}
    return CorrectionForm(**{**values, "reason": "原名单姓名有误字", **changes})


async def test_the_name_changes_everywhere_and_the_old_certificate_points_to_the_new(published):
    row = await zhao()
    made = await correcting.propose(published.city, row["id"], typed(row, name="赵立椿"))
    with pytest.raises(Refusal) as refused:
        await correcting.confirm(published.city, made)
    assert refused.value.code == "correction_second_person"
    assert (await zhao())["name"] == "赵立春"

    await correcting.confirm(published.second, made)

    after = await zhao()
    assert after["name"] == "赵立椿"
    assert set(keys_for_query("立椿")) <= set(after["search_keys"])
    assert [one.holder_name for one in await of_worker(published.workers["赵立春"])] == ["赵立椿"]
    sheets = await fetch("SELECT state, holder FROM certificate WHERE subject = $1 ORDER BY made_at, number", row["id"])
    assert [(one["state"], one["holder"]) for one in sheets] == [("superseded", "赵立春"), ("numbered", "赵立椿")]


async def test_a_post_leaves_the_certificate_as_it_is(published):
    row = await zhao()
    made = await correcting.propose(published.city, row["id"], typed(row, post="钳工"))
    await correcting.confirm(published.second, made)
    assert await fetchval("SELECT count(*) FROM certificate WHERE subject = $1", row["id"]) == 1


async def test_what_is_refused(published):
    row = await zhao()
    for form_, code in (
        (typed(row), "correction_nothing"),
        (typed(row, post="电话15400007788"), "correction_private"),
        (typed(row, region="999999"), "no_such_choice"),
    ):
        with pytest.raises(Refusal) as refused:
            await correcting.propose(published.city, row["id"], form_)
        assert refused.value.code == code
    with pytest.raises(Stale):
        await correcting.propose(published.city, row["id"], typed(row, post="钳工", version=row["version"] - 1))
    li = await published.house.person("li", "county_officer", at="xuanzhou")
    with pytest.raises(NotFound):
        await correcting.propose(li, row["id"], typed(row, post="钳工"))


async def test_one_at_a_time_and_a_dropped_one_changes_nothing(published):
    row = await zhao()
    made = await correcting.propose(published.city, row["id"], typed(row, post="钳工"))
    with pytest.raises(Conflict):
        await correcting.propose(published.second, row["id"], typed(row, post="铣工"))
    await correcting.drop(published.city, made)
    assert (await zhao())["post"] == "焊工班班长、高级技师"
    await correcting.propose(published.city, row["id"], typed(row, post="铣工"))
    with pytest.raises(Conflict):
        await correcting.confirm(published.second, made)
