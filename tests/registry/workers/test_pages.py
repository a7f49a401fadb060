"""Workers through their pages: registering, masking, unmasking, tenancy, transfers, endings."""

from __future__ import annotations

import io
import re
import uuid
from datetime import date

import msgspec
import pytest

from foundation.database import fetch, fetchrow, fetchval
from registry.codes import id_card
from registry.workers import queries
from tests.support.workers import BORN, ID, OTHER_ID, PHONE, typed


@pytest.fixture
async def contact(house):
    return await house.person("li", "enterprise_contact", at="jia")


@pytest.fixture
async def neighbour(house):
    return await house.person("qian", "enterprise_contact", at="yi")


async def registered(browser, unit, **changes):
    answer = await browser.submit("/registry/workers", typed(unit, **changes))
    assert answer.status_code == 303, re.findall(r'class="fault".*?</p>', answer.text, re.S)
    return answer.headers["location"]


async def test_a_contact_registers_a_worker_and_the_numbers_are_sealed(house, browse, contact):
    browser = await browse(contact)
    where = await registered(browser, house.organisations["jia"])
    row = await fetchrow("SELECT * FROM worker")
    assert (row["sex"], row["born_on"], row["region"]) == ("1", date(1990, 6, 15), "341802")
    assert ID.encode() not in bytes(row["id_number_sealed"])
    assert PHONE.encode() not in bytes(row["phone_sealed"])
    page = (await browser.get(where)).text
    assert "3418**********" + ID[-4:] in page
    assert "154****0001" in page
    assert ID not in page
    assert PHONE not in page
    assert await fetchval("SELECT started_on FROM employment WHERE worker = $1", row["id"]) == date(2020, 3, 1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id_number": ID[:-1] + ("0" if ID[-1] != "0" else "1")}, "校验位不符"),
        ({"id_number": "341899199002300011"}, "不是真实存在的日期"),
        ({"id_number": id_card.build("341899", date(2099, 1, 1), 1)}, "晚于今天"),
        ({"id_number": "340123800101001"}, "15 位身份证号"),
        ({"id_number": ""}, "必填"),
        ({"sex": "2"}, "所填性别与身份证号不一致"),
        ({"born_on": "1990-06-16"}, "所填出生日期与身份证号不一致"),
        ({"phone": "1380107"}, "手机号应为 11 位，现为 7 位"),
        ({"job_category": ""}, "必填"),
        ({"job_category": "nobleman"}, "不在人员类别代码表中"),
        ({"employed_on": "2000-01-01"}, "入职时未满 16 周岁"),
        ({"ethnic_group": "99"}, "不在民族代码表中"),
    ],
)
async def test_what_is_wrong_is_refused_and_nothing_is_written(house, browse, contact, changes, words):
    answer = await (await browse(contact)).submit("/registry/workers", typed(house.organisations["jia"], **changes))
    assert answer.status_code == 422
    assert words in answer.text
    assert await fetchval("SELECT count(*) FROM worker") == 0
    assert await fetchval("SELECT count(*) FROM subject_key") == 0


async def test_a_foreigner_s_nationality_follows_from_the_card(house, browse, contact):
    """I1, H14: 840 on the card is the USA; what is chosen must agree with it."""
    browser, unit = await browse(contact), house.organisations["jia"]
    foreign = id_card.build("934840", date(1990, 6, 15), 11)
    refused = await browser.submit("/registry/workers", typed(unit, id_number=foreign, nationality="CHN"))
    assert refused.status_code == 422
    assert "所填国籍与证件号不一致" in refused.text
    where = await registered(browser, unit, id_number=foreign)
    assert await fetchval("SELECT nationality FROM worker") == "USA"
    assert "美国" in (await browser.get(where)).text
    await registered(browser, unit)
    assert sorted(row["nationality"] for row in await fetch("SELECT nationality FROM worker")) == ["CHN", "USA"]
    found = (await browser.get("/registry/workers?flag=foreign")).text
    assert where in found
    assert ID[-4:] not in found


async def test_retired_area_codes_are_accepted(house, browse, contact):
    number = id_card.build("341822", date(1975, 5, 5), 31)  # 广德县, retired in 2019
    await registered(await browse(contact), house.organisations["jia"], id_number=number)


async def test_a_person_is_registered_once_and_the_own_unit_is_told_who(house, browse, contact):
    browser = await browse(contact)
    await registered(browser, house.organisations["jia"])
    again = await browser.submit("/registry/workers", typed(house.organisations["jia"], name="别人"))
    assert again.status_code == 422
    assert "已登记过：曾立春" in again.text


async def test_a_neighbour_learns_only_that_the_number_is_taken(house, browse, contact, neighbour):
    await registered(await browse(contact), house.organisations["jia"])
    answer = await (await browse(neighbour)).submit("/registry/workers", typed(house.organisations["yi"], name="别人"))
    assert answer.status_code == 422
    assert "已登记在其他单位" in answer.text
    assert "曾立春" not in answer.text
    assert "示例甲" not in answer.text
    assert "/registry/transfers/new" in answer.text


async def test_a_neighbour_can_neither_see_nor_change_nor_export(house, browse, contact, neighbour):
    where = await registered(await browse(contact), house.organisations["jia"])
    browser = await browse(neighbour)
    assert (await browser.get(where)).status_code == 404
    assert (await browser.get(where + "/edit")).status_code == 404
    assert (await browser.submit(where, typed(house.organisations["yi"], version=1))).status_code == 404
    for act, body in {
        "unmasking": {"field": "id_number", "reason": "核对身份证件"},
        "leaving": {"left_on": "2026-04-01", "reason": "x", "version": "1"},
        "employment": {"organisation": str(house.organisations["yi"]), "started_on": "2026-04-01", "version": "1"},
        "merging": {"other": str(uuid.uuid4()), "reason": "x"},
    }.items():
        assert (await browser.submit(f"{where}/{act}", body)).status_code == 404, act
    assert "曾立春" not in (await browser.get("/registry/workers")).text
    export = await browser.get("/registry/workers/export")
    assert "曾立春".encode() not in export.content
    assert (await browser.get("/api/v1/workers?q=曾")).json()["workers"] == []
    assert await fetchval("SELECT count(*) FROM unmasking") == 0


async def test_county_officers_see_their_county(house, browse, contact):
    where = await registered(await browse(contact), house.organisations["jia"])
    ours = await house.person("sun", "county_officer", at="xuanzhou")
    theirs = await house.person("wu", "county_officer", at="ningguo")
    assert (await (await browse(ours)).get(where)).status_code == 200
    assert (await (await browse(theirs)).get(where)).status_code == 404


async def test_who_holds_one_federation_sees_nothing_of_another(house, browse, contact):
    """The city's officer is asked for no scope while the city is the only top; with a second one it is asked again."""
    sun = await house.person("sun", "city_officer", at="city")
    assert queries.scope_sql(sun)[0] == ""
    elsewhere = await house.organisation("other", "邻市示例总工会", kind="city", region="341700")
    await house.organisation("far", "邻市示例丙厂工会委员会", region="341702", parent=elsewhere, unit="邻市示例丙厂")
    far = await house.person("wu", "enterprise_contact", at="far")
    await registered(await browse(contact), house.organisations["jia"])
    await registered(await browse(far), house.organisations["far"], id_number=OTHER_ID, name="欧阳谷雨", sex="2")
    for query in ("", "?q=ouyang", "?q=欧阳谷雨"):
        text = (await (await browse(sun)).get(f"/registry/workers{query}")).text
        assert re.findall(r'<a href="/registry/workers/[0-9a-f-]{36}">(.*?)</a>', text) == ([] if query else ["曾立春"])
    assert "曾立春" in (await (await browse(sun)).get("/registry/workers")).text
    assert queries.scope_sql(await house.refresh(sun))[0] == queries.SCOPE
    assert queries.scope_sql(msgspec.structs.replace(sun, tops=frozenset()))[0] == queries.SCOPE  # not known: asked


async def test_judges_have_no_business_here(house, browse):
    judge = await house.person("judge", "judge", event=uuid.uuid4())
    assert (await (await browse(judge)).get("/registry/workers")).status_code == 403


async def test_a_number_is_shown_for_a_reason_and_everybody_can_see_who_looked(house, browse, contact):
    browser = await browse(contact)
    where = await registered(browser, house.organisations["jia"])
    refused = await browser.submit(f"{where}/unmasking", {"field": "id_number", "reason": ""})
    assert refused.text.count('aria-invalid="true"') == 1  # not beside the other form's reason
    assert refused.status_code == 422
    assert ID not in refused.text
    shown = await browser.submit(f"{where}/unmasking", {"field": "id_number", "reason": "办理工会会员证"})
    assert ID in shown.text
    assert PHONE not in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert ID not in str(shown.url)
    row = await fetchrow("SELECT * FROM unmasking")
    assert (row["account"], row["field"], row["reason"]) == (contact.account, "id_number", "办理工会会员证")
    assert await fetchval("SELECT count(*) FROM trail_entry WHERE action = 'worker.unmasked'") == 1
    again = (await browser.get(where)).text
    assert ID not in again
    assert "办理工会会员证" in again


async def test_no_trail_row_holds_a_name_or_a_number(house, browse, contact):
    browser = await browse(contact)
    where = await registered(browser, house.organisations["jia"])
    await browser.submit(where, typed(house.organisations["jia"], version=1, name="曾谷雨"))
    await browser.submit(f"{where}/unmasking", {"field": "phone", "reason": "电话回访"})
    bodies = " ".join(row["body"] for row in await fetch("SELECT body FROM trail_entry"))
    for secret in (ID, PHONE, "曾立春", "曾谷雨"):
        assert secret not in bodies
    ids = {row["subject"] for row in await fetch("SELECT subject FROM trail_entry WHERE subject_kind = 'worker'")}
    assert await fetchval("SELECT id FROM worker") not in ids


async def test_an_edit_keeps_numbers_that_were_not_typed_and_refuses_an_older_version(house, browse, contact):
    browser = await browse(contact)
    where = await registered(browser, house.organisations["jia"])
    before = await fetchrow("SELECT id_number_index, phone_index FROM worker")
    changed = typed(house.organisations["jia"], version=1, id_number="", phone="", post="班组长")
    assert (await browser.submit(where, changed)).status_code == 303
    row = await fetchrow("SELECT id_number_index, phone_index, post FROM worker")
    assert (row["id_number_index"], row["phone_index"]) == tuple(before)
    assert row["post"] == "班组长"
    stale = await browser.submit(where, {**changed, "post": "车间主任"})
    assert stale.status_code == 412
    assert "现为第 2 版" in stale.text
    assert "车间主任" in stale.text


async def test_an_id_number_is_not_searched_in_the_address(house, browse, contact):
    browser = await browse(contact)
    where = await registered(browser, house.organisations["jia"])
    answer = await browser.get("/registry/workers", params={"q": ID})
    assert answer.status_code == 303
    assert ID not in answer.headers["location"]
    found = await browser.submit("/registry/workers/lookup", {"id_number": ID.lower()})
    assert found.headers["location"] == where
    assert (await browser.submit("/registry/workers/lookup", {"id_number": OTHER_ID})).status_code == 422


@pytest.mark.parametrize("q", ["曾立春", "立春", "zenglichun", "zlc", "示例甲", "shilijia"])
async def test_the_list_finds_by_name_pinyin_initials_and_unit(house, browse, contact, q):
    from registry.search_keys import keys_for_organisation

    await fetch(
        "UPDATE organisation SET search_keys = $2 WHERE id = $1", house.organisations["jia"],
        keys_for_organisation("宣州区示例甲机械制造有限公司"),
    )  # fmt: skip
    browser = await browse(contact)
    await registered(browser, house.organisations["jia"])
    await registered(browser, house.organisations["jia"], id_number=OTHER_ID, name="欧阳谷雨", sex="2")
    text = (await browser.get("/registry/workers", params={"q": q})).text
    assert "曾立春" in text
    assert ("欧阳谷雨" in text) == (q in ("示例甲", "shilijia"))


@pytest.mark.parametrize("people_count", [1, 3])
async def test_a_list_page_asks_the_same_number_of_queries_for_one_and_for_three(house, browse, contact, people_count):
    from foundation.database import engine

    browser = await browse(contact)
    for n in range(people_count):
        await registered(
            browser, house.organisations["jia"], id_number=id_card.build("341899", date(1980, 1, 1 + n), 1), name=f"王立{'一二三'[n]}"
        )  # fmt: skip
    asked: list[str] = []
    current = engine().current_transaction.get().connection
    listener = lambda record: asked.append(record.query)  # noqa: E731
    current.add_query_logger(listener)
    try:
        await browser.get("/registry/workers")
    finally:
        current.remove_query_logger(listener)
    assert len([sql for sql in asked if "w.id_number_sealed" in sql]) == 1
    assert len(asked) == 3, asked  # who asks, the list, the side bar's numbers with the time


async def test_an_export_with_numbers_needs_a_reason_and_leaves_a_trail(house, browse, contact):
    import openpyxl

    browser = await browse(contact)
    await registered(browser, house.organisations["jia"], name="=曾立春")
    assert (await browser.submit("/registry/workers/export", {"reason": ""})).status_code == 422
    answer = await browser.submit("/registry/workers/export", {"reason": "年度体检"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert ID in [cell.value for cell in cells]
    assert {cell.data_type for cell in cells} == {"s"}  # no formula, no number
    assert any("年度体检" in cell.value and contact.name in cell.value for cell in cells)
    assert (
        await fetchval("SELECT body FROM trail_entry WHERE action = 'workers.exported'")
        == '{"count":1,"personal":true}'
    )
    plain = openpyxl.load_workbook(io.BytesIO((await browser.get("/registry/workers/export")).content)).active
    assert ID not in [cell.value for row in plain.iter_rows() for cell in row]


async def test_a_change_of_employer_ends_one_stretch_and_begins_another(house, browse, contact):
    where = await registered(await browse(contact), house.organisations["jia"])
    officer = await house.person("zhou", "city_officer", at="city")
    yi = house.organisations["yi"]
    answer = await (await browse(officer)).submit(
        f"{where}/employment", {"organisation": str(yi), "started_on": "2025-07-01", "post": "电工", "version": "1"}
    )
    assert answer.status_code == 303
    rows = await fetch("SELECT organisation, started_on, ended_on FROM employment ORDER BY started_on")
    assert [tuple(row) for row in rows] == [
        (house.organisations["jia"], date(2020, 3, 1), date(2025, 6, 30)), (yi, date(2025, 7, 1), None),
    ]  # fmt: skip
    assert tuple(await fetchrow("SELECT organisation, region FROM worker")) == (yi, "341881")


async def test_a_transfer_needs_name_and_number_and_the_other_units_consent(house, browse, contact, neighbour):
    ours, theirs = await browse(contact), await browse(neighbour)
    where = await registered(ours, house.organisations["jia"])
    ask = {
        "organisation": str(house.organisations["yi"]),
        "name": "曾立夏",
        "id_number": ID,
        "post": "电工",
        "reason": "已入职",
    }
    assert "没有姓名和身份证号都相符的登记" in (await theirs.submit("/registry/transfers", ask)).text
    ask["name"] = "曾立春"
    assert (await theirs.submit("/registry/transfers", ask)).status_code == 303
    assert (await theirs.submit("/registry/transfers", ask)).status_code == 422  # one open request
    listed = (await theirs.get("/registry/transfers")).text
    assert "示例甲" not in listed
    transfer = await fetchval("SELECT id FROM transfer")
    accept = {"decision": "accepted"}
    assert (await theirs.submit(f"/registry/transfers/{transfer}/decision", accept)).status_code == 404
    assert (await ours.submit(f"/registry/transfers/{transfer}/decision", {"decision": "refused"})).status_code == 422
    assert (await ours.submit(f"/registry/transfers/{transfer}/decision", accept)).status_code == 303
    assert (await ours.submit(f"/registry/transfers/{transfer}/decision", accept)).status_code in (404, 422)
    assert (await theirs.get(where)).status_code == 200
    assert (await ours.get(where)).status_code == 404


async def test_somebody_who_left_may_be_taken_on_at_once(house, browse, contact, neighbour):
    ours, theirs = await browse(contact), await browse(neighbour)
    where = await registered(ours, house.organisations["jia"])
    left = await ours.submit(f"{where}/leaving", {"left_on": "2026-01-31", "reason": "合同到期", "version": "1"})
    assert left.status_code == 303
    ask = {"organisation": str(house.organisations["yi"]), "name": "曾立春", "id_number": ID, "reason": "已入职"}
    await theirs.submit("/registry/transfers", ask)
    assert await fetchval("SELECT decision FROM transfer") == "accepted"
    assert tuple(await fetchrow("SELECT organisation, left_at FROM worker")) == (house.organisations["yi"], None)


async def test_merging_moves_what_refers_and_drops_the_doubles_key(house, browse, contact):
    from registry.achievements.operations import record
    from registry.achievements.schemas import Achieved

    browser = await browse(contact)
    keep = await registered(browser, house.organisations["jia"])
    double = await registered(browser, house.organisations["jia"], id_number=id_card.build("341899", BORN, 13))
    other = uuid.UUID(double.rsplit("/", 1)[1])
    await record(
        None,
        Achieved(
            holder_name="曾立春", kind="competition", title="示例竞赛", achieved_on=date(2026, 4, 1), rank=1,
            source_kind="result_row", source=uuid.uuid4(), worker=other,
        ),
    )  # fmt: skip
    assert double.rsplit("/", 1)[1] in (await browser.get(f"{keep}/merging")).text
    assert (await browser.submit(f"{keep}/merging", {"other": str(other), "reason": "录重"})).status_code == 303
    assert await fetchval("SELECT worker FROM achievement") == other  # one person alone moves nothing
    second = await browse(await house.person("wu", "county_officer", at="xuanzhou"))
    asked = await fetchval("SELECT id FROM merge_request")
    assert (await second.submit(f"/registry/merges/{asked}/decision", {"decision": "accepted"})).status_code == 303
    assert await fetchval("SELECT worker FROM achievement") == uuid.UUID(keep.rsplit("/", 1)[1])
    assert await fetchval("SELECT count(*) FROM subject_key WHERE subject = $1", other) == 0
    assert await fetchval("SELECT count(*) FROM employment WHERE ended_on IS NULL") == 1
    assert "已并入另一名职工" in (await browser.get(double)).text
    assert (await browser.get("/registry/workers")).text.count("曾立春") == 1


async def test_erasing_is_refused_with_every_reason_and_then_leaves_nothing_readable(house, browse, contact):
    browser = await browse(contact)
    where = await registered(browser, house.organisations["jia"])
    officer = await browse(await house.person("sun", "county_officer", at="xuanzhou"))
    assert (await browser.submit(f"{where}/erasure", {})).status_code == 403
    assert "在册职工不能删除" in (await officer.submit(f"{where}/erasure", {})).text
    await browser.submit(f"{where}/leaving", {"left_on": "2026-01-31", "reason": "退休", "version": "1"})
    assert (await officer.submit(f"{where}/erasure", {})).status_code == 303
    row = await fetchrow("SELECT * FROM worker")
    assert row["name"] == "（已删除）"
    assert row["search_keys"] == []
    assert await fetchval("SELECT count(*) FROM subject_key") == 0
    from registry.workers.sealing import id_index

    assert row["id_number_index"] != id_index(ID)
    page = await officer.get(where)
    assert page.status_code == 200
    assert "曾立春" not in page.text


async def test_whose_result_is_kept_is_not_erased(house, browse, contact):
    from registry.achievements.operations import record
    from registry.achievements.schemas import Achieved

    browser = await browse(contact)
    where = await registered(browser, house.organisations["jia"])
    await record(
        None,
        Achieved(
            holder_name="曾立春", kind="honour", title="示例荣誉", achieved_on=date(2026, 4, 1), source_kind="roll",
            source=uuid.uuid4(), worker=uuid.UUID(where.rsplit("/", 1)[1]),
        ),
    )  # fmt: skip
    await browser.submit(f"{where}/leaving", {"left_on": "2026-01-31", "reason": "退休", "version": "1"})
    officer = await browse(await house.person("sun", "county_officer", at="xuanzhou"))
    answer = await officer.submit(f"{where}/erasure", {})
    assert answer.status_code == 422
    assert "1 条业绩须永久保存" in answer.text
