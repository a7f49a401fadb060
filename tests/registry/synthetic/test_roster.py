"""The roster reads back as typed text, one row a worker."""

from python_calamine import CalamineWorkbook

from registry.synthetic.organisations import make_organisations
from registry.synthetic.people import make_workers
from registry.synthetic.roster import COLUMNS, write_roster


def test_a_roster_reads_back_cell_by_cell(tmp_path):
    city = make_organisations(40, 300, seed=2)
    workers = list(make_workers(city, seed=2))
    path = tmp_path / "roster.xlsx"
    assert write_roster(path, workers, city) == 300
    rows = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
    assert rows[0] == [heading for heading, _ in COLUMNS]
    assert len(rows) == 301
    unions = {organisation.serial: organisation for organisation in city}
    for row, worker in zip(rows[1:], workers, strict=True):
        assert all(isinstance(cell, str) for cell in row)
        record = dict(zip(rows[0], row, strict=True))
        assert (record["姓名"], record["身份证号"], record["手机号"]) == (worker.name, worker.id_number, worker.phone)
        assert record["工会统一社会信用代码"] == unions[worker.organisation].union_code
        assert record["性别"] == {"1": "男", "2": "女"}[worker.sex]


def test_a_caller_may_choose_the_columns(tmp_path):
    city = make_organisations(40, 50)
    path = tmp_path / "names.xlsx"
    write_roster(path, make_workers(city), city, columns=[("姓名", lambda worker, _: worker.name)], sheet_name="名单")
    book = CalamineWorkbook.from_path(str(path))
    assert book.sheet_names == ["名单"]
    assert book.get_sheet_by_index(0).to_python()[:2] == [["姓名"], [next(make_workers(city)).name]]
