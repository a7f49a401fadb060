"""All of a source in one file: for the drawer a zip, for the print shop one PDF with bleed and marks."""

from __future__ import annotations

import io
import shutil
import subprocess
import zipfile
from datetime import date
from uuid import UUID, uuid4

import pikepdf
import pytest
from PIL import Image

from foundation import jobs
from foundation.database import fetch, fetchrow, fetchval
from foundation.errors import NotFound
from foundation.jobs import worker
from publications.certificates import bundling_job, keys
from publications.certificates.lines import Line
from publications.certificates.proof.examine import examine
from publications.certificates.proof.schemas import Finding
from publications.certificates.requests import request_certificates
from tests.publications.certificates.support import PREFIX, issue, order

MM = 72 / 25.4


@pytest.fixture
async def source(db, house):
    made, job = await issue(
        None,
        [
            order("a", organisation=house.organisations["jia"]),
            order("b", "钱雨水", tier=2),
            order("c", "孙惊蛰", tier=3),
        ],
    )
    assert job is not None
    await worker.do_job(job)
    return made


async def fetched(browser, source, form: str) -> bytes:
    asked = await browser.submit(f"/certificates/sources/{source}/bundle/{form}", {})
    assert asked.status_code == 303
    job = UUID(asked.headers["location"].rsplit("/", 1)[-1])
    await worker.do_job(job)
    assert await fetchval("SELECT state FROM job WHERE id = $1", job) == "done"
    href = await fetchval("SELECT result->>'href' FROM job WHERE id = $1", job)
    answer = await browser.get(href)
    assert "attachment" in answer.headers["content-disposition"]
    return answer.content


async def test_the_zip_holds_every_sealed_file(source, house, browse):
    qian = await house.person("qian", "city_officer", at="city")
    packed = zipfile.ZipFile(io.BytesIO(await fetched(await browse(qian), source, "zip")))
    assert packed.namelist() == [f"{PREFIX}-{n:04d}.pdf" for n in (1, 2, 3)]
    published = await keys.published()
    import asyncio

    for name in packed.namelist():
        found = await asyncio.to_thread(examine, packed.read(name), published)
        assert (found.finding, found.number) == (Finding.GENUINE, name.removesuffix(".pdf"))


async def test_the_print_shop_gets_trim_bleed_and_marks(source, house, browse):
    qian = await house.person("qian", "city_officer", at="city")
    body = await fetched(await browse(qian), source, "print")
    with pikepdf.open(io.BytesIO(body)) as pdf:
        assert len(pdf.pages) == 3
        assert "/AcroForm" not in pdf.Root
        assert list(pdf.attachments) == []
        for page in pdf.pages:
            boxes = {name: [float(v) / MM for v in page.obj[name]] for name in ("/TrimBox", "/BleedBox", "/MediaBox")}
            assert boxes["/TrimBox"] == pytest.approx([0, 0, 297, 210], abs=0.01)
            assert boxes["/BleedBox"] == pytest.approx([-3, -3, 300, 213], abs=0.01)
            assert boxes["/MediaBox"] == pytest.approx([-10, -10, 307, 220], abs=0.01)
            assert "/Annots" not in page.obj


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="needs poppler-utils")
async def test_ground_runs_into_the_bleed_and_marks_stay_out_of_it(source, house, browse):
    qian = await house.person("qian", "city_officer", at="city")
    body = await fetched(await browse(qian), source, "print")
    command = ["pdftoppm", "-r", "254", "-f", "1", "-l", "1", "-png", "-"]  # ten dots a millimetre
    picture = subprocess.run(command, input=body, capture_output=True, check=True).stdout  # noqa: ASYNC221
    sheet = Image.open(io.BytesIO(picture)).convert("RGB")
    assert sheet.size == pytest.approx((3170, 2300), abs=2)

    def at(x: float, y: float):
        """Millimetres from the trimmed sheet's upper left corner."""
        return sheet.getpixel((int((x + 10) * 10), int((y + 10) * 10)))

    assert at(-2.5, 3) == at(1, 3) == (0x8E, 0x0F, 0x16)
    assert at(299.5, 105) == at(295, 105) == (0xFC, 0xF8, 0xEE)
    assert at(-4, 105) == at(301, 105) == at(150, -4) == (255, 255, 255)
    for x, y in ((0, -6), (297, -6), (-6, 0), (-6, 210), (303, 0), (303, 210), (0, 216), (297, 216)):
        place = (round((x + 10) * 10), round((y + 10) * 10))
        near = sheet.crop((place[0] - 3, place[1] - 3, place[0] + 4, place[1] + 4)).convert("L")
        assert near.getextrema()[0] < 160, (x, y)


async def test_a_unit_gets_its_own_only_and_nobody_elses_file(source, house, browse):
    li = await house.person("li", "enterprise_contact", at="jia")
    sun = await house.person("sun", "enterprise_contact", at="yi")
    packed = zipfile.ZipFile(io.BytesIO(await fetched(await browse(li), source, "zip")))
    assert packed.namelist() == [f"{PREFIX}-0001.pdf"]
    href = await fetchval("SELECT result->>'href' FROM job WHERE kind = $1", bundling_job.BUNDLE)
    assert (await (await browse(sun)).get(href)).status_code == 404
    assert (await (await browse(sun)).submit(f"/certificates/sources/{source}/bundle/zip", {})).status_code == 404
    with pytest.raises(NotFound):
        await bundling_job.bundle_source(li, source, "exe")
    file = await fetchval("SELECT file FROM certificate WHERE number = $1", f"{PREFIX}-0002")
    assert (await (await browse(li)).get(f"/certificates/bundles/{file}")).status_code == 404


async def test_cancelled_it_leaves_nothing_and_can_be_asked_again(source, house, browse):
    qian = await house.person("qian", "city_officer", at="city")
    before = await fetchval("SELECT count(*) FROM stored_file")
    job = await bundling_job.bundle_source(qian, source, "zip")
    context = jobs.JobContext(job, bundling_job.BUNDLE, (await args_of(job)), qian.account)
    await fetch("UPDATE job SET cancel_asked = true WHERE id = $1", job)
    with pytest.raises(jobs.Cancelled):
        await bundling_job.bundle(context)
    assert await fetchval("SELECT count(*) FROM stored_file") == before
    assert await fetched(await browse(qian), source, "zip")


async def args_of(job):
    import msgspec

    row = await fetchrow("SELECT args FROM job WHERE id = $1", job)
    return msgspec.json.decode(row["args"])


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="needs poppler-utils")
@pytest.mark.parametrize("kind", ["medal", "commendation"])
async def test_sheets_of_other_kinds_bleed_too(db, house, browse, kind):
    """Their own ground, stretched: the colour at the sheet's edge is the colour 2.5 mm beyond it."""
    qian = await house.person("qian", "city_officer", at="city")
    made = uuid4()
    one = {
        "medal": Line(
            subject=uuid4(), recipient="赵立春", kind="person", award="宣城市五一劳动奖章", issued_on=date(2026, 4, 28),
            series="XCWY-2026-GR",
        ),
        "commendation": Line(
            subject=uuid4(), recipient="宣城示例精密机械有限公司", kind="unit", award="宣城市五一劳动奖状",
            issued_on=date(2026, 4, 28), series="XCWY-2026-JZ",
        ),
    }[kind]  # fmt: skip
    job = await request_certificates(None, [one], source_kind="roll", source=made)
    assert job is not None
    await worker.do_job(job)
    body = await fetched(await browse(qian), made, "print")
    with pikepdf.open(io.BytesIO(body)) as pdf:
        width, height = [float(v) / MM for v in pdf.pages[0].obj.TrimBox.as_list()][2:]
    command = ["pdftoppm", "-r", "50.8", "-png", "-"]  # two dots a millimetre
    picture = subprocess.run(command, input=body, capture_output=True, check=True).stdout  # noqa: ASYNC221
    sheet = Image.open(io.BytesIO(picture)).convert("RGB")

    def at(x: float, y: float) -> tuple[int, ...]:
        found = sheet.getpixel((int((x + 10) * 2), int((y + 10) * 2)))
        assert isinstance(found, tuple)
        return found

    for inside, outside in (
        ((1, 50), (-2.5, 50)),
        ((width - 1, 50), (width + 2.5, 50)),
        ((80, height - 1), (80, height + 2.5)),
    ):
        assert at(*outside) == pytest.approx(at(*inside), abs=6)
        assert at(*outside) != (255, 255, 255)
    assert at(-5, 50) == (255, 255, 255)
