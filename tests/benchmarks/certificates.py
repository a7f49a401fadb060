"""Individual certificates per second and process, beside the same page set by Typst with the same cut fonts.

Both sides get the same people, the same fonts cut to the job, the same ornament and seal, the same QR pictures drawn by the
same function, and each writes tagged PDF/A-3 files one by one; both keep what may be kept between sheets (Typst: its
compiler and what that caches; ours: the layout of a sheet like it). `ratio` is ours divided by theirs within this run, both
with the QR code; `ratio_without_drawing_the_code` leaves that out on both sides. Then what the site does: worker processes
over pipes, one and two in turn; and the signer, apart. Run: ``python -m tests.benchmarks certificates``, and with ``--long``
the memory of one worker over 10,000 sheets.
"""

from __future__ import annotations

import asyncio
import gc
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from publications.certificates.rendering import fonts, lettering, ornament, wording
from publications.certificates.rendering.layout import arrange
from publications.certificates.rendering.page import Job, Underlay
from publications.certificates.rendering.pool import RenderPool
from publications.certificates.rendering.qr import qr_png
from publications.certificates.rendering.schemas import CompetitionCertificate

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
TERMS = ("立春", "雨水", "惊蛰", "春分", "清明", "谷雨", "立夏", "小满", "芒种", "夏至", "小暑", "大暑")
SHEETS, BLOCK = 1000, 100
SEALED = 48
PIECE, PIECES = 40, 6
MARKS = (1000, 2500, 5000, 10_000)


def people(count: int, first: int = 0) -> list[CompetitionCertificate]:
    """Plainly synthetic winners, each with a name, number and QR of their own, counted from ``first``."""
    return [
        CompetitionCertificate(
            recipients=(SURNAMES[at % len(SURNAMES)] + TERMS[at // len(SURNAMES) % len(TERMS)],),
            competition="宣城市职工职业技能大赛",
            event="工业机器人系统操作员",
            award="一等奖",
            tier=1,
            year=2026,
            issuer="宣城市总工会",
            issued_on=date(2026, 5, 4),
            number=f"XCJS-2026-SL-{at + 1:04}",
            check_code=f"6N2DH8QW3F{at:06}",
            qr_payload=f"HTTPS://EXAMPLE.INVALID/V/XCJS-2026-SL-{at + 1:04}/6N2DH8QW3F{at:06}",
        )
        for at in range(first, first + count)
    ]


def _typst(folder: Path, job: Job, faces: dict[str, fonts.Face], sample: CompetitionCertificate) -> Any:
    import typst

    (folder / "fonts").mkdir()
    for family, data in job.fonts.items():
        (folder / "fonts" / f"{family}.otf").write_bytes(data)
    ground = ornament.sheet(ornament.palette(1), faces["Title"], faces["Song"], sample=True)
    ground.shapes += lettering.band_title(arrange(sample, faces).band, faces["Title"]).shapes
    (folder / "ornament.svg").write_text(ground.svg())
    (folder / "seal.svg").write_text(lettering.seal(sample.issuer, faces["Title"], sample=True).svg())
    source = folder / "certificate.typ"
    source.write_text(Path(__file__).with_suffix(".typ").read_text("utf-8"), "utf-8")
    return typst.Compiler(str(source), root=str(folder), font_paths=[str(folder / "fonts")], ignore_system_fonts=True)


def _facts(one: CompetitionCertificate, faces: dict[str, fonts.Face]) -> str:
    layout = arrange(one, faces)
    names = (
        "head",
        "head_size",
        "award_size",
        "award_middle",
        "rule",
        "words_top",
        "name",
        "name_size",
        "date",
        "code",
    )
    facts: dict[str, Any] = {name: getattr(layout, name) for name in names}
    facts |= {"axis": layout.axis, "seal_top": layout.seal_top}
    facts |= {"award": one.award, "issuer": one.issuer, "number": one.number}
    facts |= {"address": one.address, "sentence": wording.sentence(one), "closing": wording.CLOSING}
    facts |= {"title": f"{one.award}证书 {one.number}", "qr": list(qr_png(one.qr_payload))}
    return json.dumps(facts, ensure_ascii=False)


def _rate(render: Callable[[CompetitionCertificate], bytes], sheets: list[CompetitionCertificate]) -> float:
    start = time.perf_counter()
    for sheet in sheets:
        assert render(sheet).startswith(b"%PDF")
    return len(sheets) / (time.perf_counter() - start)


def sealing(sheets: list[CompetitionCertificate], faces: dict[str, fonts.Face]) -> dict[str, Any]:
    """What proof costs, apart from rendering: signed statements and sealed PDFs per second, by the signer's own code.

    The sheets carry their statement and the signature's field here, so that the sealed file is a real one.
    """
    from publications.certificates.proof import keyring
    from publications.certificates.proof.examine import examine
    from publications.certificates.proof.schemas import Claim, Finding
    from publications.certificates.proof.signer_process import House

    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder), "", "", "")
        assert keyring.SEED in {file.name for file in Path(folder).iterdir()}
    claims = [
        Claim(
            home="https://example.invalid", number=one.number, code=one.check_code, holder=one.recipients[0], members=(),
            award=one.award, competition=one.competition, event=one.event, year=one.year, issuer=one.issuer,
            issued_on=one.issued_on,
        )
        for one in sheets
    ]  # fmt: skip
    start = time.perf_counter()
    statements = [house.attest(claim) for claim in claims]
    attested = len(claims) / (time.perf_counter() - start)
    carrying = [
        msgspec.structs.replace(sheet, statement=statement.credential)  # type: ignore[union-attr]
        for sheet, statement in zip(sheets, statements, strict=True)
    ]
    job = Job(carrying, faces, Underlay(faces))
    job.render(carrying[0])
    start = time.perf_counter()
    plain = [job.render(sheet) for sheet in carrying]
    rendered = len(plain) / (time.perf_counter() - start)
    rates = [_rate(house.signer.sign, plain) for _ in range(3)]  # type: ignore[arg-type]
    sealed = house.signer.sign(plain[0])
    start = time.perf_counter()
    assert examine(sealed, house.published).finding is Finding.GENUINE
    return {
        "statements_per_second": round(attested, 1),
        "pdfs_with_statement_per_second": round(rendered, 1),
        "sealed_per_second": round(statistics.median(rates), 1),
        "examination_ms": round(1000 * (time.perf_counter() - start), 1),
        "sealed_bytes": len(sealed),
    }


async def _through(pool: RenderPool, sheets: list[CompetitionCertificate], at_once: int) -> float:
    """Sheets per second through worker processes, as the job sends them: pieces of 40, each with its own cut of the fonts."""
    pieces = [sheets[start : start + PIECE] for start in range(0, len(sheets), PIECE)]

    async def some(first: int) -> None:
        for piece in pieces[first::at_once]:
            async for pdf in pool.render_many(piece):
                assert isinstance(pdf, bytes)

    start = time.perf_counter()
    await asyncio.gather(*(some(first) for first in range(at_once)))
    return len(sheets) / (time.perf_counter() - start)


async def processes() -> dict[str, Any]:
    """One process and two, in turn; the median of five rounds."""
    sheets = people(PIECE * PIECES)
    async with RenderPool(processes=1) as one, RenderPool(processes=2) as two:
        for pool, at_once in ((one, 1), (two, 2)):
            await _through(pool, sheets[: 2 * PIECE], at_once)
        rounds = [(await _through(one, sheets, 1), await _through(two, sheets, 2)) for _ in range(5)]
    single, double = (statistics.median(side) for side in zip(*rounds, strict=True))
    return {
        "worker_pdfs_per_second": round(single, 1),
        "two_workers_pdfs_per_second": round(double, 1),
        "two_workers_over_one": round(statistics.median(two / one for one, two in rounds), 2),
    }


def _resident(pid: int) -> int:
    """The process's memory in MiB, from /proc."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmRSS"))) // 1024


async def _memory(marks: tuple[int, ...]) -> tuple[dict[int, int], int, int]:
    """MiB of the worker after so many sheets, the most that any worker ever had, and how many took part one after another."""
    found: dict[int, int] = {}
    pids: set[int] = set()
    highest = 0
    async with RenderPool(processes=1) as pool:
        for done in range(0, marks[-1], PIECE):
            async for pdf in pool.render_many(people(PIECE, first=done)):
                assert isinstance(pdf, bytes)
            (process,) = pool._live
            pids.add(process.pid)
            size = _resident(process.pid)
            highest = max(highest, size)
            found |= {mark: size for mark in marks if done < mark <= done + PIECE}
    return found, highest, len(pids)


def run_long() -> dict[str, Any]:
    """10,000 sheets through one worker, replaced now and then: its memory on the way, the last figure divided by the first."""
    start = time.perf_counter()
    found, highest, workers = asyncio.run(_memory(MARKS))
    sizes = list(found.values())
    return {
        "benchmark": "certificates, 10,000 through one worker",
        "resident_mib": {str(count): size for count, size in found.items()},
        "last_over_first": round(sizes[-1] / sizes[0], 3),
        "highest_mib": highest,
        "workers_one_after_another": workers,
        "sheets_per_second": round(MARKS[-1] / (time.perf_counter() - start), 1),
    }


def run() -> dict[str, Any]:
    """Rates in PDFs per second over 1,000 sheets in blocks taken in turn, their ratio, and the size of one file on each side."""
    faces = fonts.resolve()
    sheets = people(SHEETS)
    start = time.perf_counter()
    job = Job(sheets, faces, Underlay(faces))
    job.render(sheets[0])
    warm = time.perf_counter() - start
    blocks = [sheets[at : at + BLOCK] for at in range(0, SHEETS, BLOCK)]
    with tempfile.TemporaryDirectory() as folder:
        compiler = _typst(Path(folder), job, faces, sheets[0])

        def theirs(one: CompetitionCertificate) -> bytes:
            return compiler.compile(
                format="pdf", sys_inputs={"certificate": _facts(one, faces)}, pdf_standards="a-3a", pdf_tags=True
            )

        other = theirs(sheets[0])
        gc.collect()
        gc.freeze()  # as the worker does
        rounds = [(_rate(job.render, block), _rate(theirs, block)) for block in blocks]
        gc.unfreeze()
    codes = _rate(lambda one: b"%PDF" + qr_png(one.qr_payload), sheets[:BLOCK])
    ours_rate, theirs_rate = (statistics.median(side) for side in zip(*rounds, strict=True))
    ratio = statistics.median(ours / typst for ours, typst in rounds)
    return {
        "benchmark": "certificates",
        "sheets": SHEETS,
        "pdfs_per_second_per_process": round(ours_rate, 1),
        "typst_pdfs_per_second": round(theirs_rate, 1),
        "ratio": round(ratio, 3),
        "ratio_without_drawing_the_code": round((1 / theirs_rate - 1 / codes) / (1 / ours_rate - 1 / codes), 3),
        "codes_per_second": round(codes, 1),
        "first_sheet_seconds": round(warm, 3),
        "bytes": len(job.render(sheets[0])),
        "typst_bytes": len(other),
        **asyncio.run(processes()),
        **sealing(sheets[:SEALED], faces),
    }


if __name__ == "__main__":
    print(json.dumps(run(), ensure_ascii=False))
