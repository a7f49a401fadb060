"""Organisations by sheet."""

from __future__ import annotations

import pytest

from foundation.database import fetch, fetchrow, fetchval
from registry.codes import credit_code
from tests.support.sheets import workbook

PATH = "/registry/organisations/import"
HEAD = ["组织名称*", "类别", "上级工会*", "工会统一社会信用代码", "所在单位", "行业", "会员数"]
TOWN = credit_code.build("81", "341899", "XN000101")
UNIT = credit_code.build("81", "341899", "XN000102")


@pytest.fixture
async def officer(house):
    return await house.person("sun", "county_officer", at="xuanzhou")


async def upload(browser, rows):
    return await browser.post(
        PATH, data={"_csrf_token": await browser.token()}, files={"file": ("组织.xlsx", workbook(HEAD, rows))}
    )


async def test_a_town_and_its_unit_come_in_one_sheet(house, browse, officer):
    browser = await browse(officer)
    rows = [
        ["宣州区示例立春镇总工会", "乡镇街道、开发区工会", "宣州区示例总工会", TOWN, "", "", ""],
        ["示例立春机械工会", "", TOWN, UNIT, "示例立春机械有限公司", "制造业", 86],
    ]
    where = (await upload(browser, rows)).headers["location"]
    assert (await browser.submit(f"{where}/confirmation")).status_code == 303
    town = await fetchval("SELECT id FROM organisation WHERE union_code = $1", TOWN)
    unit = await fetchrow("SELECT * FROM organisation WHERE union_code = $1", UNIT)
    assert unit["ancestors"] == [house.organisations["city"], house.organisations["xuanzhou"], town, unit["id"]]
    assert (unit["industry"], unit["member_count"], unit["region"]) == ("C", 86, "341802")
    assert "示例立春机械" in (await browser.get("/registry/organisations", params={"q": "sllcjx"})).text


async def test_each_row_is_told_what_is_wrong(house, browse, officer):
    browser = await browse(officer)
    rows = [
        ["示例甲", "", "宁国市示例总工会", "", "示例甲厂", "", ""],
        ["示例乙", "", "宣州区示例总工会", UNIT, "", "航天", "很多"],
        ["示例丙", "", "宣州区示例总工会", UNIT, "示例丙厂", "", ""],
        ["示例丁", "", "宣州区示例总工会", UNIT, "示例丁厂", "", ""],
        ["示例戊", "县市区总工会", "宣州区示例总工会", "", "", "", ""],
    ]
    where = (await upload(browser, rows)).headers["location"]
    page = (await browser.get(where)).text
    for words in (
        "没有这个上级工会", "基层工会须填所在单位名称", "不在行业代码表中", "应为整数", "与第 4 行是同一个工会代码",
        "不能设在",
    ):  # fmt: skip
        assert words in page, words
    assert (await browser.submit(f"{where}/confirmation")).status_code == 409
    assert await fetchval("SELECT count(*) FROM organisation") == 5


async def test_contacts_import_no_organisations(house, browse):
    contact = await house.person("li", "enterprise_contact", at="jia")
    assert (await (await browse(contact)).get(PATH)).status_code == 403
    assert await fetch("SELECT 1 FROM sheet_upload") == []
