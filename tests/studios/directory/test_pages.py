"""What the public reads of studios, and what it never does; what officers compare."""

from __future__ import annotations

import io
import re
from datetime import date

import openpyxl
import pytest

from foundation import listing
from foundation.database import fetch
from studios.directory import queries
from tests.studios.directory.conftest import Register

LIST = "/studios-directory"


async def full(register: Register) -> None:
    """The first studio with everything."""
    for name in ("殷雨水", "郝清明"):
        await register.worker(name, "jia")
    await register.teaches("赵立春", "赵立春", "殷雨水")
    await register.teaches("赵立春", "殷雨水", "郝清明")
    await register.agrees("赵立春", "殷雨水")
    await register.output("赵立春", "invention", 2025, "窄间隙自动焊")
    await register.output("赵立春", "improvement", 2024, "编程模板库")
    await register.output("赵立春", "improvement", 2025, "尚未核实的改造", stage="claimed")
    await register.output("赵立春", "award", 2025, "重复的奖", stage="struck")
    await register.output("赵立春", "benefit", 2025, "焊接增效", wan="186.0500")
    await register.output("赵立春", "benefit", 2024, "返修增效", wan="0.25")
    await register.output("赵立春", "training", 2025, "练兵", people=1240)
    sheets = [{"funds": "8"}, {"funds": "8.5"}, {"funds": "8.5", "team": "14"}]
    await register.graded("赵立春", 2025, "94.50", "excellent", sheets=sheets)


async def test_the_list_shows_who_is_on_the_register(register: Register, browse):
    await full(register)
    answer = await (await browse(None)).get(LIST)
    text = answer.text
    assert "赵立春劳模创新工作室" in text
    assert "钱雨水劳模创新工作室" in text
    assert "孙惊蛰" not in text
    assert "2025年考核优秀" in text
    assert 'aria-label="宣州区：1 家"' in text
    assert 'aria-label="宁国市：1 家"' in text
    assert 'aria-label="泾县：0 家"' in text
    assert answer.headers["cache-control"] == "public, max-age=10"
    # last year's confirmed outputs: one patent; money and people are no outputs, nor what is claimed or struck
    row = text.split("赵立春劳模创新工作室")[1].split("</li>")[0]
    assert re.findall(r"<dd>(\d+)</dd>", row) == ["1", "2"]


@pytest.mark.parametrize(
    ("query", "there", "gone"),
    [
        ("q=zlc", "赵立春", "钱雨水"),
        ("q=qianyushui", "钱雨水", "赵立春"),
        ("q=硫化", "钱雨水", "赵立春"),
        ("level=province", "赵立春", "钱雨水"),
        ("county=341881", "钱雨水", "赵立春"),
        ("grade=excellent", "赵立春", "钱雨水"),
    ],
)
async def test_the_list_narrows(register: Register, browse, query: str, there: str, gone: str):
    await register.graded("赵立春", 2025, "94.50", "excellent")
    text = (await (await browse(None)).get(f"{LIST}?{query}")).text
    assert f"{there}劳模创新工作室" in text
    assert f"{gone}劳模创新工作室" not in text


async def test_an_empty_list_says_so(register: Register, browse):
    assert "没有符合条件的工作室" in (await (await browse(None)).get(f"{LIST}?q=无此")).text


async def test_a_studio_page_tells_its_figures(register: Register, browse):
    await full(register)
    text = (await (await browse(None)).get(f"{LIST}/GZS-2022-1")).text
    for said in (
        "窄间隙自动焊",
        "186.05",
        "186.3",
        "1,240",
        "2025年考核 94.50 分",
        "命名为省级工作室",
        "殷雨水",
        "2026-12",
    ):
        assert said in text, said
    for hidden in ("尚未核实的改造", "重复的奖", "郝清明"):
        assert hidden not in text, hidden
    assert "<b>8.33</b><small>/10" in text  # (8 + 8.5 + 8.5) / 3
    assert "<b>14.67</b><small>/15" in text  # (15 + 15 + 14) / 3


async def test_one_that_left_says_since_when_and_no_more(register: Register, browse):
    await register.output("孙惊蛰", "invention", 2025, "旧专利")
    text = (await (await browse(None)).get(f"{LIST}/GZS-2023-3")).text
    assert "已摘牌" in text
    assert "2026年3月2日" in text
    assert "旧专利" not in text
    assert "在徒" not in text


async def test_one_that_merged_leads_to_the_other(register: Register, browse):
    await fetch("UPDATE studio SET stage = 'merged', ended_on = '2026-02-01' WHERE id = $1", register.ids["钱雨水"])
    await fetch(
        "INSERT INTO studio_merger (id, studio, into_studio, merged_on, reason) VALUES (gen_random_uuid(), $1, $2, '2026-02-01', '内部原因')",
        register.ids["钱雨水"], register.ids["赵立春"],
    )  # fmt: skip
    text = (await (await browse(None)).get(f"{LIST}/GZS-2023-2")).text
    assert f'href="{LIST}/GZS-2022-1"' in text
    assert "内部原因" not in text
    assert "钱雨水" not in (await (await browse(None)).get(LIST)).text


async def test_unknown_codes_are_not_found(register: Register, browse):
    assert (await (await browse(None)).get(f"{LIST}/GZS-1999-1")).status_code == 404


async def test_nothing_private_is_public(register: Register, browse):
    """P3: no address, birth day, note, ID number or phone on any page or sheet."""
    await full(register)
    await fetch("UPDATE studio SET profile = '联系电话 15400000001' WHERE id = $1", register.ids["赵立春"])
    visitor = await browse(None)
    sheet = openpyxl.load_workbook(io.BytesIO((await visitor.get(f"{LIST}/list.xlsx")).content))
    cells = " ".join(str(cell.value) for row in sheet.worksheets[0].iter_rows() for cell in row)
    assert "赵立春劳模创新工作室" in cells
    assert "孙惊蛰" not in cells
    texts = [cells, *[(await visitor.get(path)).text for path in (LIST, f"{LIST}/GZS-2022-1", f"{LIST}/GZS-2023-3")]]
    for text in texts:
        assert "密巷" not in text
        assert "内部备注" not in text
        assert "1980" not in text
        assert "15400000001" not in text
        assert not re.search(r"(?<![0-9a-f])[1-9]\d{16}[\dX](?![0-9a-f])", text)


async def test_more_studios_ask_no_more(register: Register, browse, monkeypatch):
    """The head's figures are three queries; a studio's line brings its figures with it."""
    asked: list[str] = []

    async def noting(sql: str, *values):
        asked.append(sql)
        return await fetch(sql, *values)

    monkeypatch.setattr(queries, "fetch", noting)
    monkeypatch.setattr(listing, "fetch", noting)
    visitor = await browse(None)
    assert (await visitor.get(LIST)).status_code == 200
    few = len(asked)
    for name in ("周示甲", "周示乙", "周示丙"):
        await register.studio(name, at="jia", level="city", field="", named=date(2024, 1, 1))
    assert "周示丙劳模创新工作室" in (await visitor.get(LIST)).text
    assert (few, len(asked) - few) == (3, 3)  # by region and level, grades, the page; who learns is a single row apart


async def test_officers_compare_exact_figures(register: Register, browse):
    await full(register)
    officer = await browse(register.house.actors["zhou"])
    text = (await officer.get("/studios/comparison")).text
    assert "186.3" in text
    assert "赵立春劳模创新工作室" in text
    assert "孙惊蛰" not in text
    sheet = openpyxl.load_workbook(io.BytesIO((await officer.get("/studios/comparison/list.xlsx")).content))
    rows = [[str(cell.value) for cell in row] for row in sheet.worksheets[0].iter_rows()]
    (line,) = [row for row in rows if "赵立春劳模创新工作室" in row]
    assert line[4:10] == ["0", "1", "1", "186.3", "2", "1240"]


async def test_a_county_compares_its_own(register: Register, browse):
    wang = await register.house.person("wang", "county_officer", at="ningguo")
    text = (await (await browse(wang)).get("/studios/comparison")).text
    assert "钱雨水劳模创新工作室" in text
    assert "赵立春" not in text


async def test_contacts_do_not_compare(register: Register, browse):
    contact = await register.house.person("li", "enterprise_contact", at="jia")
    assert (await (await browse(contact)).get("/studios/comparison")).status_code == 403
