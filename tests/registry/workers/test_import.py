"""An enterprise brings its workers by sheet: preview, repair, confirm; nothing is half-written; numbers do not stay."""

from __future__ import annotations

import io
import re
from datetime import date

import openpyxl
import pytest

from foundation.database import fetch, fetchrow, fetchval
from registry.codes import id_card
from tests.support.sheets import workbook
from tests.support.workers import ID, PHONE

PATH = "/registry/workers/import"
HEAD = ["姓名*", "身份证号*", "手机号", "性别", "人员类别*", "技能等级", "农民工", "入职日期"]
GOOD_IDS = [id_card.build("341899", date(1988, 3, 1 + n), 1) for n in range(9)]


def line(n: int, **changes) -> list[object]:
    base = {
        "name": f"钱{'甲乙丙丁戊己庚辛壬'[n]}", "id": GOOD_IDS[n], "phone": f"154000000{n:02d}", "sex": "男",
        "category": "产业工人", "skill": "三级/高级工", "migrant": "否", "since": "2021-05-06",
    }  # fmt: skip
    return list({**base, **changes}.values())


@pytest.fixture
async def contact(house):
    return await house.person("li", "enterprise_contact", at="jia")


async def send(browser, rows, head=HEAD, path=PATH):
    return await browser.post(
        path, data={"_csrf_token": await browser.token()}, files={"file": ("职工.xlsx", workbook(head, rows))}
    )


async def uploaded(browser, rows, head=HEAD, path=PATH) -> str:
    answer = await send(browser, rows, head, path)
    assert answer.status_code == 303, re.findall(
        r'<div class="refusal.*?</div></div>|<p class="fault">.*?</p>', answer.text, re.S
    )
    return answer.headers["location"]


async def test_a_clean_sheet_is_previewed_then_written_whole_and_its_numbers_are_purged(house, browse, contact):
    browser = await browse(contact)
    where = await uploaded(browser, [line(n) for n in range(3)])
    page = (await browser.get(where)).text
    assert "核对 3 行" in page
    assert GOOD_IDS[0] not in page
    assert "3418**********" + GOOD_IDS[0][-4:] in page
    kept = await fetchval("SELECT rows::text FROM sheet_upload")
    assert GOOD_IDS[0] not in kept
    assert "15400000000" not in kept
    assert await fetchval("SELECT count(*) FROM worker") == 0
    assert (await browser.submit(f"{where}/confirmation")).status_code == 303
    assert await fetchval("SELECT count(*) FROM worker WHERE organisation = $1", house.organisations["jia"]) == 3
    assert await fetchval("SELECT count(*) FROM subject_key") == 3
    assert await fetchval("SELECT count(*) FROM employment") == 3
    assert await fetchval("SELECT rows::text FROM sheet_upload") == "[]"
    row = await fetchrow("SELECT * FROM worker WHERE name = '钱甲'")
    assert (row["sex"], row["born_on"], row["skill_level"]) == ("1", date(1988, 3, 1), "3")
    shown = await browser.submit(
        f"/registry/workers/{row['id']}/unmasking", {"field": "id_number", "reason": "核对证件"}
    )
    assert GOOD_IDS[0] in shown.text


async def test_the_nationality_may_stand_in_a_column_and_must_be_the_card_s(house, browse, contact):
    """I1, H14: an empty cell follows from the number; a foreigner's card says the country itself."""
    browser = await browse(contact)
    foreign = id_card.build("934276", date(1988, 3, 1), 1)
    rows = [[*line(0), ""], [*line(1), "中国"], [*line(2, id=foreign), "德国"]]
    where = await uploaded(browser, rows, [*HEAD, "国籍"])
    assert (await browser.submit(f"{where}/confirmation")).status_code == 303
    said = await fetch("SELECT nationality FROM worker ORDER BY nationality")
    assert [row["nationality"] for row in said] == ["CHN", "CHN", "DEU"]
    faulty = await uploaded(browser, [[*line(3), "德国"]], [*HEAD, "国籍"])
    assert "所填国籍与证件号不一致" in (await browser.get(faulty)).text


async def test_confirming_twice_writes_once(house, browse, contact):
    browser = await browse(contact)
    where = await uploaded(browser, [line(0)])
    first = await browser.submit(f"{where}/confirmation")
    second = await browser.submit(f"{where}/confirmation")
    assert (first.status_code, second.status_code) == (303, 303)
    assert await fetchval("SELECT count(*) FROM worker") == 1


async def test_every_fault_stands_under_its_row_and_one_faulty_row_locks_all(house, browse, contact):
    browser = await browse(contact)
    wrong = GOOD_IDS[1][:-1] + ("0" if GOOD_IDS[1][-1] != "0" else "1")
    rows = [
        line(0),
        line(1, id=wrong, phone="1380107"),
        line(2, category="贵族"),
        line(3, id=GOOD_IDS[0]),
        line(4, id=float(GOOD_IDS[4][:17] + "0")),
        line(5, sex="女", since="2021-02-30", migrant="也许"),
        line(6, name=""),
    ]
    where = await uploaded(browser, rows)
    page = (await browser.get(where)).text
    for words in (
        "校验位不符", "手机号应为 11 位，现为 7 位", "没有这个选项，可填：产业工人", "与第 2 行是同一个身份证号", "长号码已被截断",
        "所填性别与身份证号不一致", "没有这个日期", "应填“是”或“否”", "必填", "还不能导入：6 行有错",
    ):  # fmt: skip
        assert words in page, words
    assert wrong not in page
    answer = await browser.submit(f"{where}/confirmation")
    assert answer.status_code == 409
    assert "一行也没有写入" in answer.text
    assert await fetchval("SELECT count(*) FROM worker") == 0


async def test_a_cell_is_repaired_in_the_preview_and_the_whole_sheet_is_looked_at_again(house, browse, contact):
    browser = await browse(contact)
    where = await uploaded(browser, [line(0), line(1, id=GOOD_IDS[0])])
    assert "1 行有错" in (await browser.get(where)).text
    await browser.submit(f"{where}/rows", {"row": "3", "field": "id_number", "value": GOOD_IDS[1]})
    assert (await fetchrow("SELECT fault_count FROM sheet_upload"))["fault_count"] == 0
    assert (await browser.submit(f"{where}/rows", {"row": "99", "field": "name", "value": "x"})).status_code == 404
    assert (await browser.submit(f"{where}/rows", {"row": "2", "field": "nothing", "value": "x"})).status_code == 404
    assert (await browser.submit(f"{where}/confirmation")).status_code == 303
    assert await fetchval("SELECT count(*) FROM worker") == 2


async def test_whoever_is_registered_is_named_by_row_and_a_neighbours_only_as_taken(house, browse, contact):
    from tests.support.workers import typed

    neighbour = await house.person("qian", "enterprise_contact", at="yi")
    theirs = await browse(neighbour)
    await theirs.submit("/registry/workers", typed(house.organisations["yi"]))
    browser = await browse(contact)
    where = await uploaded(browser, [line(0, id=ID, sex="男")])
    page = (await browser.get(where)).text
    assert "已登记在其他单位" in page
    assert "曾立春" not in page


async def test_somebody_registered_between_preview_and_confirmation_stops_all(house, browse, contact):
    from tests.support.workers import typed

    browser = await browse(contact)
    where = await uploaded(browser, [line(0), line(1, id=ID)])
    assert "0 行有错" not in (await browser.get(where)).text
    await browser.submit("/registry/workers", typed(house.organisations["jia"]))
    answer = await browser.submit(f"{where}/confirmation")
    assert answer.status_code == 409
    assert "已登记过" in answer.text
    assert await fetchval("SELECT count(*) FROM worker") == 1


async def test_an_upload_is_its_makers_alone_and_an_abandoned_one_is_gone(house, browse, contact):
    neighbour = await browse(await house.person("qian", "enterprise_contact", at="yi"))
    browser = await browse(contact)
    where = await uploaded(browser, [line(0)])
    for path in (where, f"{where}/marked"):
        assert (await neighbour.get(path)).status_code == 404
    assert (await neighbour.submit(f"{where}/confirmation")).status_code == 404
    assert (await browser.submit(f"{where}/abandonment")).status_code == 303
    assert await fetchval("SELECT count(*) FROM sheet_upload") == 0


async def test_another_units_code_is_refused_row_by_row(house, browse, contact):
    from registry.codes import credit_code

    theirs = credit_code.build("81", "341899", "XN000077")
    await fetch("UPDATE organisation SET union_code = $2 WHERE id = $1", house.organisations["yi"], theirs)
    browser = await browse(contact)
    where = await uploaded(browser, [[*line(0), theirs]], head=[*HEAD, "工会统一社会信用代码"])
    assert "您管辖的组织中没有这个工会代码" in (await browser.get(where)).text
    answer = await send(browser, [line(0)], path=f"{PATH}?unit={house.organisations['yi']}")
    assert answer.status_code in (404, 422)
    assert await fetchval("SELECT count(*) FROM sheet_upload WHERE scope = $1", house.organisations["yi"]) == 0


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (["姓名", "手机号"], "缺少：身份证号、人员类别"),
        ([*HEAD, "血型"], "多余或重复：血型"),
        ([*HEAD, "姓名"], "多余或重复：姓名"),
    ],
)
async def test_a_head_that_is_not_the_templates_is_refused(house, browse, contact, head, words):
    answer = await send(await browse(contact), [["甲"] * len(head)], head=head)
    assert answer.status_code == 422
    assert words in answer.text


async def test_a_file_that_is_no_file_is_refused(house, browse, contact):
    browser = await browse(contact)
    for files in ({}, {"file": ("a.xlsx", b"")}, {"file": ("a.xlsx", "姓名,号码".encode())}):
        data = (
            {"_csrf_token": await browser.token(), "file": "text"}
            if not files
            else {"_csrf_token": await browser.token()}
        )
        answer = await browser.post(PATH, data=data, files=files or {"other": ("x", b"x")})
        assert answer.status_code == 422
        assert await fetchval("SELECT count(*) FROM sheet_upload") == 0


async def test_the_template_comes_back_filled_in(house, browse, contact):
    browser = await browse(contact)
    book = openpyxl.load_workbook(io.BytesIO((await browser.get(f"{PATH}/template")).content))
    assert book.sheetnames[0] == "填写"
    page = book["填写"]
    heads = [cell.value for cell in page[1]]
    assert heads[:2] == ["姓名*", "身份证号*"]
    assert page.data_validations.dataValidation
    values = {
        "姓名*": "王立春",
        "身份证号*": GOOD_IDS[0],
        "人员类别*": "产业工人",
        "民族": "土家族",
        "政治面貌": "民建会员",
    }
    for place, head in enumerate(heads, 1):
        page.cell(2, place, values.get(head))
    out = io.BytesIO()
    book.save(out)
    answer = await browser.post(
        PATH, data={"_csrf_token": await browser.token()}, files={"file": ("t.xlsx", out.getvalue())}
    )
    assert answer.status_code == 303
    assert (await browser.submit(f"{answer.headers['location']}/confirmation")).status_code == 303
    row = await fetchrow("SELECT ethnic_group, political_status FROM worker")
    assert tuple(row) == ("15", "06")


async def test_the_marked_sheet_says_what_is_wrong_and_can_be_uploaded_again(house, browse, contact):
    browser = await browse(contact)
    where = await uploaded(browser, [line(0), line(1, phone="1380107")])
    body = (await browser.get(f"{where}/marked")).content
    page = openpyxl.load_workbook(io.BytesIO(body)).active
    assert "手机号：手机号应为 11 位" in page.cell(3, page.max_column).value
    again = await browser.post(PATH, data={"_csrf_token": await browser.token()}, files={"file": ("m.xlsx", body)})
    assert again.status_code == 303


async def test_no_log_line_and_no_trail_row_holds_a_number(house, browse, contact, caplog):
    from structlog.testing import capture_logs

    browser = await browse(contact)
    with capture_logs() as lines:
        where = await uploaded(browser, [line(0, id=ID, phone=PHONE)])
        await browser.get(where)
        await browser.submit(f"{where}/confirmation")
        await browser.submit("/registry/workers/lookup", {"id_number": ID})
    logged = repr(lines) + caplog.text
    assert "answered" in logged
    bodies = " ".join(row["body"] for row in await fetch("SELECT body FROM trail_entry"))
    for text in (logged, bodies):
        assert ID not in text
        assert PHONE not in text
