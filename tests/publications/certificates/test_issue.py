"""Issue, verify, reissue, revoke: each holder once, numbers without gaps, a stranger learns only what he should."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from uuid import uuid4

import pytest

from foundation import jobs
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.errors import Conflict, NotFound, Refusal
from foundation.jobs import worker
from publications.certificates import operations, papers, queries, rendering_job, rules
from tests.publications.certificates.support import PREFIX, code_of, issue, order

assert rendering_job.render_source  # importing it registers the job


async def test_numbers_have_no_gaps_and_asking_twice_issues_once(db, house):
    qian = await house.person("qian", "city_officer", at="city")
    source, job = await issue(qian, [order("a"), order("b")])
    assert job is not None
    again = await issue(qian, [order("a"), order("b"), order("c")], source)
    assert again[1] is not None
    assert (await issue(qian, [order("a")], source))[1] is None
    numbers = [row["number"] for row in await queries.of_source(source)]
    assert numbers == [f"{PREFIX}-0001", f"{PREFIX}-0002", f"{PREFIX}-0003"]


async def test_a_rolled_back_issue_gives_its_numbers_back(db, house):
    with pytest.raises(RuntimeError):
        async with transaction():
            await operations.order_certificates(None, [order("x")], prefix=PREFIX, source_kind="result", source=uuid4())
            raise RuntimeError
    source, _job = await issue(None, [order("y")])
    assert [row["number"] for row in await queries.of_source(source)] == [f"{PREFIX}-0001"]


async def test_ten_issues_at_once_share_a_series_without_gap_or_double(committed):
    await asyncio.gather(*(issue(None, [order("a"), order("b")]) for _ in range(10)))
    numbers = sorted(row["number"] for row in await fetch("SELECT number FROM certificate"))
    assert numbers == [rules.number_of(PREFIX, n) for n in range(1, 21)]


async def test_one_source_ordered_twice_at_once_is_issued_once(committed):
    source = uuid4()
    await asyncio.gather(*(issue(None, [order("a"), order("b")], source) for _ in range(6)))
    assert await fetchval("SELECT count(*) FROM certificate WHERE source = $1", source) == 2
    assert await fetchval("SELECT last FROM certificate_series WHERE prefix = $1", PREFIX) == 2


async def test_code_is_kept_sealed_and_verifies_only_with_its_number(db):
    source, _job = await issue(None, [order("a"), order("b", "李镒")])
    first, second = [row["number"] for row in await queries.of_source(source)]
    code = await code_of(first)
    stored = await fetchrow("SELECT * FROM certificate WHERE number = $1", first)
    assert code not in str(dict(stored))
    found = await queries.verified(first, code)
    assert found is not None
    assert (found.verdict, found.holder) == ("pending", "赵*春")
    assert await queries.verified(second, code) is None
    assert await queries.verified(first, rules.new_code()) is None


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")
async def test_the_job_sets_every_certificate_and_can_be_started_again(db, house, tmp_path):
    source, job = await issue(None, [order("a"), order("b", "买买提·艾力")])
    await worker.do_job(job)
    rows = await fetch("SELECT number, state, file, fault FROM certificate WHERE source = $1 ORDER BY number", source)
    assert [(row["state"], row["fault"]) for row in rows] == [("valid", ""), ("valid", "")]
    from foundation import storage

    body, name, media = await storage.load(rows[1]["file"])
    assert (body[:5], name, media) == (b"%PDF-", f"{PREFIX}-0002.pdf", "application/pdf")
    pdf = tmp_path / "certificate.pdf"
    pdf.write_bytes(body)
    text = await asyncio.to_thread(subprocess.check_output, ["pdftotext", "-layout", str(pdf), "-"], text=True)
    assert "买买提·艾力" in text
    assert f"{PREFIX}-0002" in text
    assert rules.grouped(await code_of(f"{PREFIX}-0002")) in text
    files = {row["file"] for row in rows}
    again = await jobs.enqueue(operations.RENDER, {"source": str(source)}, None)
    await worker.do_job(again)
    assert {row["file"] for row in await fetch("SELECT file FROM certificate WHERE source = $1", source)} == files


async def test_a_name_no_font_can_print_is_a_fault_on_its_own_certificate(db):
    source, job = await issue(None, [order("a", "赵\U000e0041春"), order("b")])
    await worker.do_job(job)
    rows = await fetch("SELECT state, fault FROM certificate WHERE source = $1 ORDER BY number", source)
    assert [row["state"] for row in rows] == ["faulty", "valid"]
    assert rows[0]["fault"]


async def test_revoked_stays_revoked_and_says_why(db, house):
    qian = await house.person("qian", "city_officer", at="city")
    source, _job = await issue(qian, [order("a")])
    row = (await queries.of_source(source))[0]
    await operations.revoke(qian, row["id"], "成绩更正（示例）")
    found = await queries.verified(row["number"], await code_of(row["number"]))
    assert found is not None
    assert (found.verdict, found.ended_reason) == ("revoked", "成绩更正（示例）")
    with pytest.raises(Conflict):
        await operations.revoke(qian, row["id"], "再次")
    with pytest.raises(Conflict):
        await operations.reissue(qian, row["id"], "再次")


@pytest.mark.parametrize(
    "reason", ["持证人 341802198001010012 更正", "请联系138 0000 0000", "１３８００００００００", " "]
)
async def test_a_reason_that_everybody_reads_shows_no_number_of_a_person(db, house, reason):
    """P3: the reason stands on the public page of verification; refused, nothing ends."""
    qian = await house.person("qian", "city_officer", at="city")
    source, _job = await issue(qian, [order("a")])
    row = (await queries.of_source(source))[0]
    for verb in (operations.revoke, operations.reissue):
        with pytest.raises(Refusal) as refused:
            await verb(qian, row["id"], reason)
        assert refused.value.field == "reason"
    with pytest.raises(Refusal):
        await operations.revoke_source(qian, source, reason)
    assert await fetchval("SELECT state FROM certificate WHERE id = $1", row["id"]) not in ("revoked", "superseded")


async def test_reissue_takes_a_new_number_and_links_the_old(db, house):
    qian = await house.person("qian", "city_officer", at="city")
    source, _job = await issue(qian, [order("a")])
    old = (await queries.of_source(source))[0]
    await operations.reissue(qian, old["id"], "遗失")
    found = await queries.verified(old["number"], await code_of(old["number"]))
    assert found is not None
    assert (found.verdict, found.replaced_by) == ("superseded", f"{PREFIX}-0002")


async def test_a_unit_sees_its_own_certificates_only(db, house, browse):
    qian = await house.person("qian", "city_officer", at="city")
    jia = await house.person("li", "enterprise_contact", at="jia")
    yi = await house.person("sun", "enterprise_contact", at="yi")
    source, _job = await issue(qian, [order("a", organisation=house.organisations["jia"]), order("b", "钱雨水")])
    own, external = await queries.of_source(source)
    mine = await (await browse(jia)).get("/certificates")
    assert own["number"] in mine.text
    assert external["number"] not in mine.text
    assert own["number"] not in (await (await browse(yi)).get("/certificates")).text
    with pytest.raises(NotFound):
        await queries.one(yi, own["id"])
    both = await (await browse(qian)).get("/certificates?q=qianyushui")
    assert external["number"] in both.text
    assert own["number"] not in both.text
    assert (
        await (await browse(jia)).submit(f"/certificates/{own['id']}/revocation", {"reason": "x"})
    ).status_code == 403


async def test_a_visitor_verifies_by_form_and_by_qr(db, browse):
    source, _job = await issue(None, [order("a")])
    number = (await queries.of_source(source))[0]["number"]
    await fetch("UPDATE certificate SET state = 'valid' WHERE number = $1", number)
    code = await code_of(number)
    visitor = await browse(None)
    shown = await visitor.submit("/verify", {"number": number.lower(), "code": rules.grouped(code)})
    assert shown.status_code == 200
    assert "赵*春" in shown.text
    assert "赵立春" not in shown.text
    assert shown.headers["cache-control"] == "no-store"
    path = re.sub(r"^HTTPS://[^/]+", "", papers.qr_payload(number, code))
    assert "赵*春" in (await visitor.get(path)).text
    assert (await visitor.get(path[:-1] + ("0" if path[-1] != "0" else "1"))).status_code == 404
    wrong = await visitor.submit("/verify", {"number": "x", "code": ""})
    assert wrong.status_code == 422
    assert "必填" in wrong.text


async def test_guessing_is_slowed_down(db, browse):
    visitor = await browse(None)
    answers = [await visitor.get(f"/V/{PREFIX}-0001/{rules.new_code()}") for _ in range(22)]
    assert {a.status_code for a in answers[:20]} == {404}
    assert [a.status_code for a in answers[20:]] == [429, 429]
    assert int(answers[-1].headers["retry-after"]) > 0
