"""The bulk lane: everybody or nobody, each faulty row named, doubles seen, the file's own limits."""

from __future__ import annotations

import msgspec
import pytest

from foundation.database import fetch, fetchrow, fetchval
from foundation.errors import Refusal
from registry.rosters import importing
from registry.rosters.importing import import_workers
from registry.rosters.organisations import import_organisations
from registry.synthetic.organisations import make_organisations
from registry.synthetic.people import make_workers
from registry.synthetic.roster import write_roster
from tests.support.sheets import workbook


@pytest.fixture
async def city(db):
    """Forty synthetic organisations, written; two hundred people, not yet."""
    from commands.roster import _write_organisations

    made = make_organisations(40, 200, seed=7)
    await _write_organisations(made)
    return made, list(make_workers(made, seed=7))


def roster(tmp_path, city, people=None):
    path = tmp_path / "roster.xlsx"
    write_roster(path, city[1] if people is None else people, city[0])
    return path


async def count() -> int:
    return await fetchval("SELECT count(*) FROM worker")


async def test_a_check_writes_nothing_and_an_import_writes_everybody(city, tmp_path):
    path = roster(tmp_path, city)
    checked = await import_workers(path, None, write=False)
    assert (checked.rows, checked.written, checked.fault_count) == (200, 0, 0)
    assert await count() == 0
    written = await import_workers(path, None, write=True)
    assert (written.rows, written.written, written.fault_count) == (200, 200, 0)
    one = city[1][17]
    row = await fetchrow(
        "SELECT w.*, o.union_code FROM worker w JOIN organisation o ON o.id = w.organisation WHERE w.name = $1 AND w.born_on = $2",
        one.name, one.birth,
    )  # fmt: skip
    assert (row["sex"], row["skill_level"], row["post"]) == (one.sex, one.skill_level, one.title)
    assert row["union_code"] == city[0][one.organisation - 1].union_code
    assert row["is_non_public"] == one.non_public
    assert await fetchval("SELECT count(*) FROM subject_key") == 200
    assert await fetchval("SELECT count(*) FROM employment WHERE ended_on IS NULL") == 200
    from registry.workers.sealing import numbers_of

    numbers = await numbers_of(row["id"])
    assert (numbers.id_number, numbers.phone) == (one.id_number, one.phone)


async def test_one_faulty_row_and_nobody_is_written_every_fault_with_its_row(city, tmp_path):
    people = list(city[1])
    people[3] = msgspec.structs.replace(people[3], id_number=people[3].id_number[:-1] + "?")
    people[9] = people[8]
    people[20] = msgspec.structs.replace(people[20], phone="123", job_category="other")
    outcome = await import_workers(roster(tmp_path, city, people), None, write=True)
    assert await count() == 0
    assert outcome.written == 0
    told = {(fault.row, fault.title) for fault in outcome.faults}
    assert told == {(5, "身份证号"), (11, "身份证号"), (22, "手机号")}
    assert outcome.fault_count == 3
    words = {fault.row: fault.message for fault in outcome.faults}
    assert "与第 10 行是同一个身份证号" in words[11]
    assert all(one.id_number not in repr(outcome) for one in people)


async def test_faults_in_a_late_piece_undo_the_earlier_pieces(city, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "IN_FLIGHT", 1)
    monkeypatch.setattr(importing, "PIECE", 50)
    people = list(city[1])
    people[-1] = msgspec.structs.replace(people[-1], phone="123")
    outcome = await import_workers(roster(tmp_path, city, people), None, write=True)
    assert (outcome.fault_count, outcome.rows) == (1, 200)
    assert await count() == 0
    assert await fetchval("SELECT count(*) FROM subject_key") == 0


async def test_who_is_registered_is_a_fault_or_passed_over_as_asked(city, tmp_path):
    first = city[1][:30]
    await import_workers(roster(tmp_path, city, first), None, write=True)
    path = roster(tmp_path, city)
    refused = await import_workers(path, None, write=True)
    assert refused.fault_count == 30
    assert await count() == 30
    passed = await import_workers(path, None, write=True, skip_known=True)
    assert (passed.passed_over, passed.written) == (30, 170)
    assert await count() == 200


async def test_a_unit_that_nobody_knows_is_named(city, tmp_path):
    code = city[0][city[1][0].organisation - 1].union_code
    await fetch("UPDATE organisation SET union_code = NULL WHERE union_code = $1", code)
    outcome = await import_workers(roster(tmp_path, city), None, write=True)
    assert outcome.fault_count == sum(1 for one in city[1] if city[0][one.organisation - 1].union_code == code)
    assert "没有这个工会代码" in outcome.faults[0].message
    assert await count() == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", "sheet_empty_file"), ("姓名,号码".encode(), "sheet_is_text"), (workbook(["姓名", "血型"], [["甲", "A"]]), "sheet_columns"), (workbook(["姓名", "身份证号", "人员类别"], [["甲", "1", "2"]]), "sheet_columns"), (workbook([], []), "sheet_no_rows")],
)  # fmt: skip
async def test_what_is_no_roster_is_refused(db, tmp_path, body, code):
    path = tmp_path / "bad.xlsx"
    path.write_bytes(body)
    with pytest.raises(Refusal) as refused:
        await import_workers(path, None, write=True)
    assert refused.value.code == code


async def test_an_officer_of_one_county_has_no_say_elsewhere(house, city, tmp_path):
    officer = await house.person("zhou", "city_officer", at="xuanzhou")
    outcome = await import_workers(roster(tmp_path, city), officer, write=True)
    ours = {
        row["union_code"]
        for row in await fetch(
            "SELECT union_code FROM organisation WHERE ancestors @> ARRAY[$1::uuid]", house.organisations["xuanzhou"]
        )
    }
    theirs = [one for one in city[1] if city[0][one.organisation - 1].union_code not in ours]
    assert 0 < len(theirs) < 200
    assert outcome.fault_count == len(theirs)
    assert await count() == 0


async def test_progress_is_told_and_can_stop_everything(city, tmp_path):
    class Stop(Exception):
        pass

    told = []

    async def progress(done, total, message):
        told.append(done)
        raise Stop

    with pytest.raises(Stop):
        await import_workers(roster(tmp_path, city), None, write=True, progress=progress)
    assert told == [200]
    assert await count() == 0


async def test_organisations_come_by_the_same_lane(house, tmp_path):
    path = tmp_path / "organisations.xlsx"
    head = ["组织名称", "上级工会", "所在单位"]
    path.write_bytes(workbook(head, [[f"示例{n}工会", "宣州区示例总工会", f"示例{n}厂"] for n in range(12)]))
    assert (await import_organisations(path, None, write=False)).fault_count == 0
    outcome = await import_organisations(path, None, write=True)
    assert outcome.written == 12
    assert await fetchval("SELECT count(*) FROM organisation WHERE parent = $1", house.organisations["xuanzhou"]) == 13
