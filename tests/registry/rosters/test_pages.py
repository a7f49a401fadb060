"""The officers' page: upload, check as a job, confirm, write as a job; the file is sealed and then gone."""

from __future__ import annotations

import glob
from pathlib import Path
from uuid import UUID

import pytest

from foundation.database import fetch, fetchrow, fetchval
from foundation.jobs.worker import do_job
from foundation.settings import settings
from registry.codes import credit_code
from tests.support.sheets import workbook
from tests.support.workers import ID, PHONE

CODE = credit_code.build("81", "341899", "XN000501")
HEAD = ["姓名", "身份证号", "手机号", "人员类别", "工会统一社会信用代码"]


@pytest.fixture
async def officer(house):
    await fetch("UPDATE organisation SET union_code = $2 WHERE id = $1", house.organisations["jia"], CODE)
    return await house.person("zhou", "city_officer", at="city")


async def upload(browser, rows):
    return await browser.post(
        "/registry/rosters", data={"_csrf_token": await browser.token(), "kind": "workers"},
        files={"file": ("全市.xlsx", workbook(HEAD, rows))},
    )  # fmt: skip


async def job_of(answer) -> UUID:
    assert answer.status_code == 303
    return UUID(answer.headers["location"].rsplit("/", 1)[1])


async def test_a_roster_is_checked_confirmed_written_and_its_file_dropped(house, browse, officer):
    browser = await browse(officer)
    check = await job_of(await upload(browser, [["曾立春", ID, PHONE, "产业工人", CODE]]))
    file = await fetchrow("SELECT id FROM stored_file")
    (kept,) = glob.glob(f"{settings().storage_url.removeprefix('file://')}/*/{file['id'].hex}")
    kept = Path(kept)
    assert ID.encode() not in kept.read_bytes()
    assert not kept.read_bytes().startswith(b"PK")
    early = await browser.submit(f"/registry/rosters/{check}/confirmation")
    assert early.status_code == 409
    await do_job(check)
    assert await fetchval("SELECT state FROM job WHERE id = $1", check) == "done"
    assert await fetchval("SELECT count(*) FROM worker") == 0
    assert "全部 1 行无错" in (await browser.get(f"/registry/rosters/{check}")).text
    write = await job_of(await browser.submit(f"/registry/rosters/{check}/confirmation"))
    again = await job_of(await browser.submit(f"/registry/rosters/{check}/confirmation"))
    assert again == write
    await do_job(write)
    assert await fetchval("SELECT count(*) FROM worker") == 1
    assert not kept.exists()
    assert await fetchval("SELECT count(*) FROM stored_file") == 0
    assert "已全部写入" in (await browser.get(f"/registry/rosters/{write}")).text


async def test_faults_are_listed_without_numbers_and_there_is_nothing_to_confirm(house, browse, officer):
    browser = await browse(officer)
    bad = ID[:-1] + ("0" if ID[-1] != "0" else "1")
    check = await job_of(await upload(browser, [["曾立春", bad, "1380107", "贵族", CODE]]))
    await do_job(check)
    page = (await browser.get(f"/registry/rosters/{check}")).text
    for words in ("校验位不符", "手机号应为 11 位，现为 7 位", "没有这个选项，可填：产业工人"):
        assert words in page
    assert bad not in page
    assert bad not in await fetchval("SELECT result::text FROM job WHERE id = $1", check)
    assert (await browser.submit(f"/registry/rosters/{check}/confirmation")).status_code == 409


async def test_only_city_officers_and_only_ones_own(house, browse, officer):
    check = await job_of(await upload(await browse(officer), [["曾立春", ID, PHONE, "产业工人", CODE]]))
    county = await browse(await house.person("sun", "county_officer", at="xuanzhou"))
    assert (await county.get("/registry/rosters")).status_code == 403
    other = await browse(await house.person("wu", "city_officer", at="city"))
    assert (await other.get(f"/registry/rosters/{check}")).status_code == 404
    assert (await other.submit(f"/registry/rosters/{check}/confirmation")).status_code == 404


async def test_a_file_that_is_no_workbook_never_becomes_a_job(house, browse, officer):
    browser = await browse(officer)
    answer = await browser.post(
        "/registry/rosters", data={"_csrf_token": await browser.token(), "kind": "workers"},
        files={"file": ("x.xlsx", b"a,b\n1,2\n")},
    )  # fmt: skip
    assert answer.status_code == 422
    assert "文本文件" in answer.text
    assert await fetchval("SELECT count(*) FROM job") == 0
