"""Two people at once: the database decides, and the slower one is told why."""

from __future__ import annotations

import asyncio

from foundation.database import fetchval
from foundation.errors import Refusal, Refusals
from foundation.forms import bind_tree
from registry.workers.operations import register_worker
from registry.workers.schemas import WorkerForm
from tests.support.people import House
from tests.support.workers import typed


async def test_the_same_number_registered_twice_at_once_is_registered_once(committed):
    house = await House().build()
    li = await house.person("li", "enterprise_contact", at="jia")
    qian = await house.person("qian", "enterprise_contact", at="yi")

    async def attempt(actor, unit):
        form = bind_tree(typed(house.organisations[unit]), WorkerForm).data
        try:
            return await register_worker(actor, form)
        except (Refusal, Refusals) as refused:
            return refused

    tries = [(li, "jia"), (qian, "yi")] * 4
    answers = await asyncio.gather(*(attempt(actor, unit) for actor, unit in tries))
    made = [answer for answer in answers if not isinstance(answer, Exception)]
    refused = {answer.code for answer in answers if isinstance(answer, Refusal)}
    assert len(made) == 1
    assert len([answer for answer in answers if isinstance(answer, Refusal)]) == 7
    assert refused == {"worker_exists", "worker_elsewhere"}
    assert await fetchval("SELECT count(*) FROM worker") == 1
    assert await fetchval("SELECT count(*) FROM subject_key") == 1
    assert await fetchval("SELECT count(*) FROM employment") == 1


async def test_a_sheet_confirmed_twice_at_once_is_written_once(committed):
    from datetime import date

    from foundation.sheets import uploads
    from registry.codes import id_card
    from registry.workers.sheet import SHEET
    from tests.support.sheets import workbook

    house = await House().build()
    li = await house.person("li", "enterprise_contact", at="jia")
    rows = [[f"钱{n}", id_card.build("341899", date(1988, 3, 1 + n), 1), "产业工人"] for n in range(20)]
    body = workbook(["姓名", "身份证号", "人员类别"], rows)
    upload = await uploads.receive(li, SHEET, body, file_name="a.xlsx", scope=house.organisations["jia"])
    written = await asyncio.gather(*(uploads.confirm(li, SHEET, upload) for _ in range(4)))
    assert written == [20] * 4
    assert await fetchval("SELECT count(*) FROM worker") == 20


async def test_of_two_sheets_with_one_person_in_common_one_is_refused_whole(committed):
    from datetime import date

    from foundation.sheets import uploads
    from registry.codes import id_card
    from registry.workers.sheet import SHEET
    from tests.support.sheets import workbook

    house = await House().build()
    ids = [id_card.build("341899", date(1988, 3, 1 + n), 1) for n in range(9)]
    both = []
    for login, unit, own in (("li", "jia", ids[:5]), ("qian", "yi", ids[4:])):
        actor = await house.person(login, "enterprise_contact", at=unit)
        body = workbook(["姓名", "身份证号", "人员类别"], [["钱示例", number, "产业工人"] for number in own])
        made = await uploads.receive(actor, SHEET, body, file_name="a.xlsx", scope=house.organisations[unit])
        both.append((actor, made))

    async def attempt(actor, upload):
        try:
            return await uploads.confirm(actor, SHEET, upload)
        except Refusal as refused:
            return refused.code

    answers = await asyncio.gather(*(attempt(actor, upload) for actor, upload in both))
    assert sorted(answers, key=str)[0] == 5
    assert {str(answer) for answer in answers} & {"sheet_faulty", "row_registered_meanwhile"}
    assert await fetchval("SELECT count(*) FROM worker") == 5
