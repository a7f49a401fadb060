"""What another wing asks for: one batch, one job, in its own transaction; asked twice, given once; ended by its subject."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from foundation import jobs
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.errors import Conflict, Refusal, Refusals
from foundation.jobs import worker
from publications.certificates import operations, rendering_job, requests, verification
from publications.certificates.lines import Line
from tests.publications.certificates.support import code_of

assert rendering_job.render_source  # importing it registers the job
DAY = date(2026, 4, 28)


def medal(name: str = "赵立春", **other: Any) -> Line:
    base: dict[str, Any] = {
        "subject": uuid4(), "recipient": name, "kind": "person", "award": "宣城市五一劳动奖章", "issued_on": DAY,
        "series": "XCWY-2026-GR",
    }  # fmt: skip
    return Line(**{**base, **other})


def of_a_unit(**other: Any) -> Line:
    base: dict[str, Any] = {
        "subject": uuid4(), "recipient": "宣城示例精密机械有限公司", "kind": "unit", "award": "宣城市五一劳动奖状",
        "issued_on": DAY, "series": "XCWY-2026-JZ",
    }  # fmt: skip
    return Line(**{**base, **other})


async def ask(lines, source=None, **other):
    source = source or uuid4()
    async with transaction():
        job = await requests.request_certificates(None, lines, source_kind="roll", source=source, **other)
    return source, job


async def rows_of(source) -> list[Any]:
    return await fetch("SELECT * FROM certificate WHERE source = $1 ORDER BY number", source)


async def sheets_of(source) -> dict[str, dict[str, Any]]:
    return {row["number"]: msgspec.json.decode(row["wording"]) for row in await rows_of(source)}


async def test_a_roll_of_every_kind_is_one_job_numbered_by_its_series(db):
    team = Line(
        subject=uuid4(), recipient="示例焊装班组", kind="team", award="宣城市工人先锋号", issued_on=DAY, series="XCWY-2026-XF",
        unit="宣城示例精密机械有限公司",
    )  # fmt: skip
    source, job = await ask([medal(), of_a_unit(), medal("李镒"), team])
    sheets = await sheets_of(source)
    assert list(sheets) == ["XCWY-2026-GR-0001", "XCWY-2026-GR-0002", "XCWY-2026-JZ-0001", "XCWY-2026-XF-0001"]
    assert sheets["XCWY-2026-GR-0002"]["recipient"] == "李镒"
    assert {sheet["issued_on"] for sheet in sheets.values()} == {"2026-04-28"}
    unit = sheets["XCWY-2026-JZ-0001"]
    assert (unit["region"], unit["honour"], unit["lines"]) == ("宣城市", "五一劳动奖状", ["宣城示例精密机械有限公司"])
    assert sheets["XCWY-2026-XF-0001"]["lines"] == ["宣城示例精密机械有限公司", "示例焊装班组"]
    assert await fetchval("SELECT count(*) FROM job") == 1
    assert job is not None
    await worker.do_job(job)
    assert [(row["state"], row["fault"]) for row in await rows_of(source)] == [("valid", "")] * 4


async def test_a_studio_has_its_naming_certificate_and_its_plaque(db):
    studio = uuid4()
    common: dict[str, Any] = {
        "subject": studio, "recipient": "欧阳示例劳模创新工作室", "kind": "studio", "award": "宣城市劳模（工匠）创新工作室",
        "issued_on": DAY, "series": "XCGZ-2026-CX",
    }  # fmt: skip
    words = {"leader": "欧阳示例", "document": "宣工〔2026〕12号", "valid_until": date(2029, 4, 30)}
    source, job = await ask([Line(**common, words=words), Line(**common, design="plaque")])
    assert job is not None
    await worker.do_job(job)
    given = (await requests.certificates_of([studio, uuid4()]))[studio]
    assert {(one.design, one.number, one.state, one.has_file) for one in given} == {
        ("naming", "XCGZ-2026-CX-0001", "valid", True), ("plaque", "XCGZ-2026-CX-0002", "valid", True),
    }  # fmt: skip
    assert (await sheets_of(source))["XCGZ-2026-CX-0001"]["valid_until"] == "2029-04-30"


async def test_asked_twice_given_once_and_who_comes_later_follows(db):
    first, second = medal(), medal("钱雨水")
    source, job = await ask([first])
    assert job is not None
    assert (await ask([first], source))[1] is None
    assert (await ask([first, second], source))[1] is not None
    assert list(await sheets_of(source)) == ["XCWY-2026-GR-0001", "XCWY-2026-GR-0002"]


async def test_asked_by_several_at_once_given_once(committed):
    lines, source = [medal(), of_a_unit()], uuid4()
    await asyncio.gather(*(ask(lines, source) for _ in range(6)))
    assert len(await rows_of(source)) == 2
    assert await fetchval("SELECT sum(last) FROM certificate_series") == 2


async def test_two_rolls_with_their_series_in_opposite_order_both_come_through(committed):
    rolls = [[medal(), of_a_unit()] if n % 2 else [of_a_unit(), medal()] for n in range(8)]
    async with asyncio.timeout(180):
        await asyncio.gather(*(ask(lines) for lines in rolls))
    for series in ("XCWY-2026-GR", "XCWY-2026-JZ"):
        numbers = [
            row["number"]
            for row in await fetch("SELECT number FROM certificate WHERE number LIKE $1 ORDER BY 1", series + "%")
        ]
        assert numbers == [f"{series}-{n:04d}" for n in range(1, 9)]


async def test_the_callers_rollback_takes_everything_back(db):
    with pytest.raises(RuntimeError):
        async with transaction():
            await requests.request_certificates(None, [medal()], source_kind="roll", source=uuid4())
            raise RuntimeError
    assert await fetchval("SELECT count(*) FROM certificate") == 0
    assert await fetchval("SELECT count(*) FROM job") == 0
    source, _job = await ask([medal()])
    assert list(await sheets_of(source)) == ["XCWY-2026-GR-0001"]


async def test_every_wrong_line_is_named_and_none_is_numbered(db):
    twice = medal()
    lines = [
        medal(), medal(series="xcwy"), medal(kind="unit", design="medal"), medal(kind="nobody"), medal(award="奖" * 64),
        medal(words={"salary": "9000"}), medal(kind="person", design="thanks"), twice, twice,
    ]  # fmt: skip
    with pytest.raises(Refusals) as refused:
        await ask(lines)
    assert [(one.field, one.code) for one in refused.value.refusals] == [
        ("lines-1", "certificate_series"), ("lines-2", "certificate_design"), ("lines-3", "certificate_design"),
        ("lines-4", "certificate_award"), ("lines-5", "certificate_words"), ("lines-6", "certificate_words"),
        ("lines", "certificate_twice"),
    ]  # fmt: skip
    assert await fetchval("SELECT count(*) FROM certificate_series") == 0


async def test_a_countys_honour_names_the_county(db):
    line = of_a_unit(award="宣州区五一劳动奖状", series="XZWY-2026-JZ")
    source, _job = await ask([line], issuer="宣州区总工会")
    sheet = (await sheets_of(source))["XZWY-2026-JZ-0001"]
    assert (sheet["issuer"], sheet["region"], sheet["honour"]) == ("宣州区总工会", "宣州区", "五一劳动奖状")


async def test_what_a_subject_holds_is_ended_by_its_subject(db, house):
    qian = await house.person("qian", "city_officer", at="city")
    one, other = medal(), medal("钱雨水")
    source, _job = await ask([one, other])
    assert await requests.revoke_subjects(qian, [one.subject], "撤销称号（示例）") == 1
    assert await requests.revoke_subjects(qian, [one.subject], "再次") == 0
    assert [row["state"] for row in await rows_of(source)] == ["revoked", "numbered"]
    told = await verification.by_code("XCWY-2026-GR-0001", await code_of("XCWY-2026-GR-0001"))
    assert told.found is not None
    assert (told.verdict, told.found.ended_reason) == ("revoked", "撤销称号（示例）")
    with pytest.raises(Refusal):
        await requests.revoke_subjects(qian, [other.subject], " ")
    assert (await ask([one], source))[1] is None, "what was revoked is not given again by the same publication"


async def test_a_corrected_name_takes_a_new_number_and_the_rest_keep_theirs(db):
    wrong, right = medal("赵立舂"), medal("钱雨水")
    source, _job = await ask([wrong, right])
    lines = [msgspec.structs.replace(wrong, recipient="赵立春"), right]
    async with transaction():
        job = await requests.supersede_certificates(None, lines, "更正姓名", source_kind="roll", source=source)
    assert job is not None
    rows = await rows_of(source)
    assert [(row["number"], row["holder"], row["state"]) for row in rows] == [
        ("XCWY-2026-GR-0001", "赵立舂", "superseded"), ("XCWY-2026-GR-0002", "钱雨水", "numbered"),
        ("XCWY-2026-GR-0003", "赵立春", "numbered"),
    ]  # fmt: skip
    assert msgspec.json.decode(rows[2]["wording"])["replaces"] == "XCWY-2026-GR-0001"
    told = await verification.by_code("XCWY-2026-GR-0001", await code_of("XCWY-2026-GR-0001"))
    assert told.found is not None
    assert (told.verdict, told.found.replaced_by) == ("superseded", "XCWY-2026-GR-0003")
    again = await requests.supersede_certificates(None, lines, "更正姓名", source_kind="roll", source=source)
    assert again is None
    assert len(await rows_of(source)) == 3


async def test_a_renewal_comes_from_another_publication(db):
    studio = Line(
        subject=uuid4(), recipient="示例工匠创新工作室", kind="studio", award="宣城市工匠创新工作室", issued_on=DAY,
        series="XCGZ-2026-CX", words={"valid_until": date(2029, 4, 30)},
    )  # fmt: skip
    await ask([studio])
    later = msgspec.structs.replace(studio, issued_on=date(2029, 4, 30), words={"valid_until": date(2032, 4, 30)})
    renewal = uuid4()
    async with transaction():
        await requests.supersede_certificates(None, [later], "期满续期", source_kind="renewal", source=renewal)
    assert list(await sheets_of(renewal)) == ["XCGZ-2026-CX-0002"]
    assert [one.state for one in (await requests.certificates_of([studio.subject]))[studio.subject]] == [
        "numbered", "superseded",
    ]  # fmt: skip


async def test_nothing_is_superseded_where_nothing_lives_or_nobody_says_why(db):
    line = medal()
    with pytest.raises(Conflict):
        await requests.supersede_certificates(None, [line], "更正", source_kind="roll", source=uuid4())
    source, _job = await ask([line])
    with pytest.raises(Refusal, match="原因"):
        await requests.supersede_certificates(None, [line], "", source_kind="roll", source=source)
    await requests.revoke_source(None, source, "撤回")
    with pytest.raises(Conflict):
        await requests.supersede_certificates(None, [line], "更正", source_kind="roll", source=source)


async def test_a_lost_certificate_is_replaced_with_the_rolls_date_and_stays_its_subjects(db, house):
    qian = await house.person("qian", "city_officer", at="city")
    line = medal()
    source, _job = await ask([line], issuer="宣州区总工会")
    made = await operations.reissue(qian, (await rows_of(source))[0]["id"], "遗失")
    row = await fetchrow("SELECT * FROM certificate WHERE id = $1", made)
    assert row is not None
    assert (row["subject"], row["issued_on"]) == (line.subject, DAY)
    assert msgspec.json.decode(row["wording"])["issuer"] == "宣州区总工会"
    unchanged = await requests.supersede_certificates(
        None, [line], "核对", source_kind="roll", source=source, issuer="宣州区总工会"
    )
    assert unchanged is None


async def test_the_job_belongs_to_who_published(db, house):
    qian = await house.person("qian", "city_officer", at="city")
    async with transaction():
        job = await requests.request_certificates(qian, [medal()], source_kind="roll", source=uuid4())
    assert job is not None
    assert await fetchval("SELECT made_by FROM job WHERE id = $1", job) == qian.account
    assert jobs.handler_of(await fetchval("SELECT kind FROM job WHERE id = $1", job)) is not None
