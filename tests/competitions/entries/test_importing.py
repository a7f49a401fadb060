"""The xlsx lane: every fault of every row at once, all teams or none, and no number kept in the clear."""

from __future__ import annotations

import io
from datetime import date

import openpyxl
import pytest

from competitions.entries import importing, queries
from competitions.entries.operations import start_entry, submit_entry
from foundation.clock import moved_to
from foundation.database import fetch, fetchval
from foundation.errors import NotFound
from foundation.sheets import Row
from foundation.sheets.template import template
from registry.codes import id_card
from registry.tables import Achievement
from tests.competitions.entries.support import DURING, lines, open_event, worker

TITLES = ("队", "姓名", "身份", "身份证号", "手机", "赛项", "技能等级")
NAMES = ("team", "name", "role", "id_number", "phone", "event", "level")


def number(sequence: int, born: date = date(1990, 6, 1)) -> str:
    """Synthetic: 341899 is assigned to no county."""
    return id_card.build("341899", born, sequence)


@pytest.fixture
async def li(house):
    return await house.person("li", "enterprise_contact", at="jia")


async def team(house, *names: str, start: int = 1) -> list[str]:
    """Workers with numbers of their own; returns the numbers."""
    numbers = [number(start + 2 * n) for n in range(len(names))]
    for name, known in zip(names, numbers, strict=True):
        await worker(house, name, number=known)
    return numbers


def sheet_rows(*table: tuple[str, ...]) -> list[Row]:
    return [Row(n, dict(zip(NAMES, cells, strict=False))) for n, cells in enumerate(table, 2)]


async def faults(house, li, *table: tuple[str, ...]) -> dict[int, set[tuple[str, str]]]:
    rows = sheet_rows(*table)
    await importing.SHEET.examine(li, house.organisations["jia"], rows)
    return {row.number: {(fault.field, fault.code) for fault in row.faults} for row in rows if row.faults}


async def test_right_rows_become_entries_handed_in(house, li):
    async with moved_to(DURING):
        await open_event(house, title="数控车工", entries_per_unit=2)
        a, b, c, d, e = await team(house, "王立春", "周雨水", "钱惊蛰", "孙小满", "郑谷雨")
        rows = sheet_rows(
            ("一队", "王立春", "队员", a, "13800000102", "数控车工", "三级/高级工"),
            ("一队", "周雨水", "队员", b, "", "数控车工", ""),
            ("一队", "钱惊蛰", "领队", c),
            ("二队", "孙小满", "队员", d, "", "数控车工", "3"),
            ("二队", "郑谷雨", "选手", e, "", "2026-auto-assembly", ""),
        )
        unit = house.organisations["jia"]
        assert await importing.SHEET.examine(li, unit, rows) == 0
        assert await importing.write_rows(li, unit, rows) == 5
        made = {one.name: one for one in await queries.own_entries(li)}
        assert {name: (one.stage, one.competitors, one.leaders) for name, one in made.items()} == {
            "一队": ("submitted", ("王立春", "周雨水"), ("钱惊蛰",)),
            "二队": ("submitted", ("孙小满", "郑谷雨"), ()),
        }


async def test_every_row_says_its_own_fault(house, li):
    async with moved_to(DURING):
        await open_event(house, title="数控车工", entries_per_unit=9, least=1, most=9, code="cnc")
        good, old, holder = await team(house, "王立春", "吴大雪", "冯芒种")
        await fetch("UPDATE worker SET born_on = '1960-01-01' WHERE name = '吴大雪'")
        person = await fetchval("SELECT id FROM worker WHERE name = '冯芒种'")
        await Achievement(
            worker=person, holder_name="冯芒种", kind="title", title="全国技术能手", level="national",
            achieved_on=date(2023, 3, 1), source_kind="test", source=house.organisations["city"],
        ).save()  # fmt: skip
        wrong = good[:17] + ("0" if good[17] != "0" else "1")
        theirs = number(501)
        await worker(house, "赵寒露", at="yi", number=theirs)
        assert await faults(
            house, li,
            ("一队", "王立春", "队员", good, "", "数控车工"),
            ("一队", "王立春", "队员", wrong, "", "数控车工"),
            ("一队", "赵寒露", "队员", theirs, "", "数控车工"),
            ("一队", "王立夏", "教练", good, "", "数控车工"),
            ("一队", "吴大雪", "队员", old, "1380107", "数控车工"),
            ("一队", "冯芒种", "队员", holder, "", "数控铣工"),
            ("二队", "冯芒种", "队员", holder, "", "数控车工", "二级"),
            ("二队", "王立春", "裁判", good, "", "数控车工"),
            ("二队", "王立春", "队员", good, "", "数控车工"),
            ("三队", "王立春", "领队", good),
        ) == {
            3: {("id_number", "id_card_check")},
            4: {("id_number", "not_our_worker_number")},
            5: {("name", "name_differs")},
            6: {("phone", "phone_length"), ("name", "retired")},
            7: {("event", "event_unknown")},
            8: {("role", "holds_title"), ("level", "level_differs")},
            9: {("role", "role_unknown")},
            10: {("name", "same_as_row")},
            11: {("event", "required")},
        }  # fmt: skip


async def test_an_unknown_event_names_the_possible_ones_and_the_rule(house, li):
    async with moved_to(DURING):
        await open_event(house, title="数控车工", code="cnc", least=1, most=1)
        await open_event(house, title="电工", code="elec", least=1, most=1)
        await open_event(house, title="焊工", code="far", at="ningguo")  # another county's: not ours to name
        (known,) = await team(house, "王立春")
        rows = sheet_rows(("一队", "王立春", "队员", known, "", "数控铣工"))
        await importing.SHEET.examine(li, house.organisations["jia"], rows)
        (fault,) = rows[0].faults
        assert (fault.rule, fault.text) == ("C14", "没有“数控铣工”这一赛项，可选：数控车工、电工")


async def test_a_person_entered_already_is_found(house, li):
    async with moved_to(DURING):
        stage = await open_event(house, title="汽车装调工", least=1, most=1)
        await open_event(house, title="数控车工", code="cnc", least=1, most=1, competition_id=stage.competition)
        (known,) = await team(house, "王立春")
        person = await fetchval("SELECT id FROM worker WHERE name = '王立春'")
        await submit_entry(li, await start_entry(li, stage.event, members=lines(person)), version=1)
        assert await faults(house, li, ("一队", "王立春", "队员", known, "", "数控车工")) == {
            2: {("name", "entered_elsewhere")}
        }


async def test_team_size_and_the_units_number_stand_at_the_first_row(house, li):
    async with moved_to(DURING):
        await open_event(house, title="数控车工", least=2, most=2, entries_per_unit=1)
        a, b, c = await team(house, "王立春", "周雨水", "钱惊蛰")
        assert await faults(
            house, li,
            ("一队", "王立春", "队员", a, "", "数控车工"),
            ("一队", "周雨水", "队员", b, "", "数控车工"),
            ("二队", "钱惊蛰", "队员", c, "", "数控车工"),
        ) == {4: {("team", "team_too_small"), ("team", "unit_limit")}}  # fmt: skip


async def test_individuals_need_no_team(house, li):
    async with moved_to(DURING):
        await open_event(house, title="焊工", kind="individual", least=1, most=1, entries_per_unit=2)
        a, b = await team(house, "王立春", "周雨水")
        rows = sheet_rows(("", "王立春", "队员", a, "", "焊工"), ("", "周雨水", "队员", b, "", "焊工"))
        unit = house.organisations["jia"]
        assert await importing.SHEET.examine(li, unit, rows) == 0
        await importing.write_rows(li, unit, rows)
        assert {one.name for one in await queries.own_entries(li)} == {"王立春", "周雨水"}


async def test_another_units_sheet_is_not_found(house, li):
    with pytest.raises(NotFound):
        await importing.check_rows(li, house.organisations["yi"], [])


async def test_the_template_has_the_columns_of_the_form(db):
    book = openpyxl.load_workbook(io.BytesIO(template(importing.SHEET)))
    head = [str(cell).rstrip("*") for cell in next(book.worksheets[0].values) if cell]
    assert tuple(head) == TITLES


async def test_through_the_pages_masked_sealed_and_then_gone(house, li, browse):
    async with moved_to(DURING):
        await open_event(house, title="数控车工", least=1, most=1)
        (known,) = await team(house, "王立春")
        book = openpyxl.Workbook()
        book.active.append(TITLES)
        book.active.append(("一队", "王立春", "队员", known, "13800000102", "数控车工", ""))
        out = io.BytesIO()
        book.save(out)
        contact = await browse(li)
        assert "竞赛报名表" in (await contact.get("/entries/import")).text
        sent = await contact.post(
            "/entries/import", data={"_csrf_token": await contact.token()},
            files={"file": ("报名.xlsx", out.getvalue(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")},
        )  # fmt: skip
        place = sent.headers["location"]
        preview = (await contact.get(place)).text
        assert known not in preview
        assert known[:4] in preview
        stored = await fetchval("SELECT rows::text FROM sheet_upload")
        assert known not in stored
        assert "13800000102" not in stored
        neighbour = await browse(await house.person("zhao", "enterprise_contact", at="yi"))
        assert (await neighbour.get(place)).status_code == 404
        done = await contact.submit(f"{place}/confirmation")
        assert done.status_code == 303
        assert [(one.name, one.stage) for one in await queries.own_entries(li)] == [("一队", "submitted")]
        everything = await fetchval(
            "SELECT string_agg(body, '') FROM trail_entry UNION ALL SELECT string_agg(rows::text, '') FROM sheet_upload"
        )
        assert known not in (everything or "")
