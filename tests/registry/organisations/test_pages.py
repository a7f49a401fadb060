"""Organisations through their pages: what each person sees, and what the acts do."""

from __future__ import annotations

import uuid

import pytest

from foundation.database import fetchrow, fetchval
from registry.codes import credit_code

UNION = credit_code.build("81", "341899", "XN000001")
EMPLOYER = credit_code.build("91", "341899", "XN000001")


def form(parent, **changes):
    base = {
        "name": "宣州区示例丙电子科技有限公司工会委员会", "kind": "grassroots", "parent": str(parent),
        "unit_name": "宣州区示例丙电子科技有限公司", "version": "0",
    }  # fmt: skip
    return {**base, **changes}


@pytest.fixture
async def officer(house):
    return await house.person("sun", "county_officer", at="xuanzhou")


async def test_county_officers_list_their_county_only(house, browse, officer):
    page = await (await browse(officer)).get("/registry/organisations")
    assert "示例甲机械" in page.text
    assert "示例乙汽车" not in page.text


async def test_a_contact_sees_the_own_unit_only(house, browse):
    contact = await house.person("li", "enterprise_contact", at="jia")
    browser = await browse(contact)
    assert "示例乙" not in (await browser.get("/registry/organisations")).text
    assert (await browser.get(f"/registry/organisations/{house.organisations['yi']}")).status_code == 404
    assert (await browser.get(f"/registry/organisations/{house.organisations['xuanzhou']}")).status_code == 404
    assert (await browser.get(f"/registry/organisations/{house.organisations['jia']}")).status_code == 200
    assert (await browser.submit("/registry/organisations", form(house.organisations["jia"]))).status_code == 403


async def test_visitors_are_sent_to_sign_in(db, browse):
    answer = await (await browse(None)).get("/registry/organisations")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


async def test_an_officer_registers_an_organisation_in_the_own_county(house, browse, officer):
    answer = await (await browse(officer)).submit(
        "/registry/organisations", form(house.organisations["xuanzhou"], union_code=UNION, unit_code=EMPLOYER)
    )
    assert answer.status_code == 303
    row = await fetchrow("SELECT * FROM organisation WHERE union_code = $1", UNION)
    assert row["region"] == "341802"
    assert row["ancestors"] == [house.organisations["city"], house.organisations["xuanzhou"], row["id"]]
    assert row["unit_code"] == EMPLOYER
    assert await fetchval("SELECT action FROM trail_entry WHERE subject = $1", row["id"]) == "organisation.created"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"union_code": UNION[:-1] + "0" if UNION[-1] != "0" else UNION[:-1] + "1"}, "校验位不符"),
        ({"union_code": EMPLOYER}, "应以 81 开头"),
        ({"unit_code": UNION}, "所填为工会的代码"),
        ({"kind": "county"}, "不能设在"),
        ({"region": "341881"}, "所在地区应与上级工会一致"),
        ({"unit_name": ""}, "基层工会须填所在单位名称"),
        ({"industry": "?"}, "不在行业代码表中"),
        ({"member_count": "-1"}, "不能小于 0"),
        ({"name": "甲\x00乙"}, "控制字符"),
    ],
)
async def test_what_is_wrong_is_refused_beside_its_field_and_nothing_is_written(house, browse, officer, changes, words):
    before = await fetchval("SELECT count(*) FROM organisation")
    answer = await (await browse(officer)).submit(
        "/registry/organisations", form(house.organisations["xuanzhou"], **changes)
    )
    assert answer.status_code == 422
    assert words in answer.text
    assert await fetchval("SELECT count(*) FROM organisation") == before


async def test_all_faults_stand_at_once_and_what_was_typed_is_kept(house, browse, officer):
    answer = await (await browse(officer)).submit(
        "/registry/organisations",
        form(
            house.organisations["xuanzhou"], union_code=EMPLOYER, unit_code=UNION, unit_name="", address="示例路 1 号"
        ),
    )
    for words in ("应以 81 开头", "所填为工会的代码", "基层工会须填所在单位名称", "示例路 1 号"):
        assert words in answer.text


async def test_another_countys_parent_is_no_parent(house, browse, officer):
    answer = await (await browse(officer)).submit("/registry/organisations", form(house.organisations["ningguo"]))
    assert answer.status_code == 422
    assert "没有这个上级工会" in answer.text


async def test_whether_a_unit_has_a_union_is_of_its_record(house, browse, officer):
    """H50, I3: a unit without a union is registered as one; a union's own credit code says that there is a union."""
    browser, xuanzhou = await browse(officer), house.organisations["xuanzhou"]
    made = (await browser.submit("/registry/organisations", form(xuanzhou, union_state="none"))).headers["location"]
    assert (
        await fetchval("SELECT union_state FROM organisation WHERE id = $1", uuid.UUID(made.rsplit("/", 1)[1]))
        == "none"
    )
    assert "未组建工会" in (await browser.get(made)).text
    assert made in (await browser.get("/registry/organisations?union=none")).text
    assert made not in (await browser.get("/registry/organisations?union=own")).text
    for changes, words in (
        ({"union_state": "none", "union_code": UNION}, "有工会信用代码的单位已建工会"),
        ({"union_state": "dissolved", "kind": "town"}, "只有基层单位可以未建或撤销工会"),
    ):
        refused = await browser.submit("/registry/organisations", form(xuanzhou, **changes))
        assert refused.status_code == 422
        assert words in refused.text
    assert await fetchval("SELECT count(*) FROM organisation WHERE union_state <> 'own'") == 1


async def test_a_union_code_is_registered_once(house, browse, officer):
    browser = await browse(officer)
    path = "/registry/organisations"
    assert (await browser.submit(path, form(house.organisations["xuanzhou"], union_code=UNION))).status_code == 303
    again = await browser.submit(path, form(house.organisations["xuanzhou"], union_code=UNION, name="另一个示例工会"))
    assert again.status_code == 422
    assert "已登记在另一组织名下" in again.text


async def test_an_edit_of_an_older_version_is_refused_and_the_current_one_shown(house, browse, officer):
    browser = await browse(officer)
    jia = house.organisations["jia"]
    first = form(None, name="示例甲一", version="1")
    del first["parent"]
    assert (await browser.submit(f"/registry/organisations/{jia}", first)).status_code == 303
    second = await browser.submit(f"/registry/organisations/{jia}", {**first, "name": "示例甲二"})
    assert second.status_code == 412
    assert "现为第 2 版" in second.text
    assert await fetchval("SELECT name FROM organisation WHERE id = $1", jia) == "示例甲一"


async def test_the_search_finds_by_name_pinyin_initials_and_code(house, browse, officer):
    browser = await browse(officer)
    await browser.submit("/registry/organisations", form(house.organisations["xuanzhou"], union_code=UNION))
    for q in ("丙电子", "bingdianzi", "bdzkj", UNION, UNION[:10].lower()):
        page = await browser.get("/registry/organisations", params={"q": q})
        assert "示例丙电子" in page.text, q
        assert "示例甲机械" not in page.text, q


async def test_moving_takes_everything_below_along(house, browse):
    city = await house.person("zhou", "city_officer", at="city")
    town = await house.organisation("town", "宣州区示例镇总工会", kind="town", parent=house.organisations["xuanzhou"])
    unit = await house.organisation("unit", "示例丁厂工会", parent=town, unit="示例丁厂")
    browser = await browse(city)
    answer = await browser.submit(
        f"/registry/organisations/{town}/place",
        {"parent": str(house.organisations["ningguo"]), "reason": "区划调整", "version": "1"},
    )
    assert answer.status_code == 303
    row = await fetchrow("SELECT ancestors, region FROM organisation WHERE id = $1", unit)
    assert row["ancestors"] == [house.organisations["city"], house.organisations["ningguo"], town, unit]
    assert row["region"] == "341881"


async def test_nothing_moves_below_itself(house, browse):
    city = await house.person("zhou", "city_officer", at="city")
    xuanzhou = house.organisations["xuanzhou"]
    town = await house.organisation("town", "宣州区示例镇总工会", kind="town", parent=xuanzhou)
    answer = await (await browse(city)).submit(
        f"/registry/organisations/{xuanzhou}/place", {"parent": str(town), "reason": "试", "version": "1"}
    )
    assert answer.status_code == 422
    assert "自己的下级之下" in answer.text


async def test_closing_names_everything_that_is_in_the_way(house, browse, officer):
    await house.person("li", "enterprise_contact", at="jia")
    answer = await (await browse(officer)).submit(
        f"/registry/organisations/{house.organisations['jia']}/closing", {"reason": "注销", "version": "1"}
    )
    assert answer.status_code == 422
    assert "还有 1 个可登录的账号" in answer.text


async def test_merging_repoints_accounts_and_achievements_and_keeps_a_trace(house, browse, officer):
    from datetime import date

    from registry.achievements.operations import record
    from registry.achievements.schemas import Achieved

    double = await house.organisation(
        "double", "示例甲机械工会", parent=house.organisations["xuanzhou"], unit="示例甲机械"
    )
    contact = await house.person("li", "enterprise_contact", at="double")
    await record(
        None,
        Achieved(
            holder_name="示例甲机械", kind="honour", title="示例荣誉", achieved_on=date(2026, 4, 1), source_kind="roll",
            source=uuid.uuid4(), organisation=double,
        ),
    )  # fmt: skip
    jia = house.organisations["jia"]
    answer = await (await browse(officer)).submit(
        f"/registry/organisations/{jia}/merging", {"other": str(double), "reason": "重复登记"}
    )
    assert answer.status_code == 303
    assert await fetchval("SELECT organisation FROM account WHERE id = $1", contact.account) == double
    assert await fetchval("SELECT count(*) FROM outbox_event WHERE name = 'organisation.merged'") == 0
    second = await browse(await house.person("wu", "city_officer", at="city"))
    asked = await fetchval("SELECT id FROM merge_request")
    assert (await second.submit(f"/registry/merges/{asked}/decision", {"decision": "accepted"})).status_code == 303
    assert await fetchval("SELECT organisation FROM account WHERE id = $1", contact.account) == jia
    assert await fetchval("SELECT organisation FROM achievement") == jia
    row = await fetchrow("SELECT merged_into, closed_at FROM organisation WHERE id = $1", double)
    assert row["merged_into"] == jia
    assert row["closed_at"] is not None
    assert await fetchval("SELECT count(*) FROM outbox_event WHERE name = 'organisation.merged'") == 1


async def test_an_officer_cannot_merge_a_neighbours_organisation_in(house, browse, officer):
    answer = await (await browse(officer)).submit(
        f"/registry/organisations/{house.organisations['jia']}/merging",
        {"other": str(house.organisations["yi"]), "reason": "试"},
    )
    assert answer.status_code == 422
    assert "没有这个组织" in answer.text


async def test_the_tree_opens_level_by_level_within_the_scope(house, browse, officer):
    browser = await browse(officer)
    page = await browser.get("/registry/organisations/tree")
    assert "示例甲机械" in page.text
    assert (await browser.get(f"/registry/organisations/tree/{house.organisations['ningguo']}")).status_code == 404


async def test_the_export_holds_what_the_list_holds(house, browse, officer):
    import io

    import openpyxl

    answer = await (await browse(officer)).get("/registry/organisations/export")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    names = [row[0].value for row in book.active.iter_rows(min_row=2) if row[0].value]
    assert set(names) == {"宣州区示例甲机械制造有限公司工会委员会", "宣州区示例总工会"}
    assert all(cell.data_type in ("s", "n") for row in book.active.iter_rows() for cell in row)


@pytest.mark.parametrize("query", ["page=0", "page=999999999999", "size=100000", "sort=;drop", "region=%27", "under=x", "q=%00", "kind=nothing", "state=all"])  # fmt: skip
async def test_a_strange_address_is_bounded_not_broken(house, browse, officer, query):
    assert (await (await browse(officer)).get(f"/registry/organisations?{query}")).status_code == 200
