"""A roster of invented workers as an Excel file, the shape that an enterprise or a city hands in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from registry.codes.education import EDUCATION_LEVELS
from registry.codes.ethnic_groups import ETHNIC_GROUPS
from registry.codes.job_categories import JOB_CATEGORIES
from registry.codes.political_status import SHORT_NAMES
from registry.codes.skill_levels import SKILL_LEVELS
from registry.synthetic.organisations import SyntheticOrganisation
from registry.synthetic.people import SyntheticWorker

Column = tuple[str, Callable[[SyntheticWorker, SyntheticOrganisation], str]]


def _yes_no(value: bool) -> str:
    return "是" if value else "否"


COLUMNS: tuple[Column, ...] = (
    ("姓名", lambda worker, _: worker.name),
    ("身份证号", lambda worker, _: worker.id_number),
    ("手机号", lambda worker, _: worker.phone),
    ("性别", lambda worker, _: "男" if worker.sex == "1" else "女"),
    ("民族", lambda worker, _: ETHNIC_GROUPS.zh(worker.ethnic_group)),
    ("政治面貌", lambda worker, _: SHORT_NAMES[worker.political_status]),
    ("学历", lambda worker, _: EDUCATION_LEVELS.zh(worker.education)),
    ("人员类别", lambda worker, _: JOB_CATEGORIES.zh(worker.job_category)),
    ("技能等级", lambda worker, _: SKILL_LEVELS.zh(worker.skill_level)),
    ("岗位", lambda worker, _: worker.title),
    ("农民工", lambda worker, _: _yes_no(worker.migrant_worker)),
    ("新就业形态", lambda worker, _: _yes_no(worker.new_employment)),
    ("入职日期", lambda worker, _: worker.employed_since.isoformat()),
    ("工会统一社会信用代码", lambda _, organisation: organisation.union_code),
    ("所属工会", lambda _, organisation: organisation.name),
)
"""Heading and cell of each column; a caller with another template passes its own."""


def write_roster(
    path: Path,
    workers: Iterable[SyntheticWorker],
    organisations: Iterable[SyntheticOrganisation],
    *,
    columns: Sequence[Column] = COLUMNS,
    sheet_name: str = "职工",
) -> int:
    """Write one row a worker, all cells typed strings, in constant memory; returns the number of workers.

    Excel holds 1,048,575 rows below the heading; more are refused with ``ValueError``.
    """
    import xlsxwriter

    by_serial = {organisation.serial: organisation for organisation in organisations}
    count = 0
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet(sheet_name)
        for index, (heading, _) in enumerate(columns):
            sheet.write_string(0, index, heading)
        for count, worker in enumerate(workers, 1):
            organisation = by_serial[worker.organisation]
            for index, (_, cell) in enumerate(columns):
                if sheet.write_string(count, index, cell(worker, organisation)) == -1:
                    raise ValueError("an Excel sheet holds no more than 1,048,575 workers")
    return count
