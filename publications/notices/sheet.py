"""公示件: what was published, as a sealed GB/T 9704 sheet (D4, H32). A worker makes it right after the opening; its bytes stay (P5)."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, jobs, trail
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal
from foundation.i18n import gettext as _
from foundation.settings import settings
from foundation.web.policy import Actor
from publications.certificates.proof.schemas import ProofRefused
from publications.certificates.rendering.schemas import RenderRefused
from publications.documents.composition import MEASURE, cells
from publications.documents.notices import Contact, Period, notice_paper
from publications.documents.schemas import Of, Paper
from publications.documents.sealing import sealer
from publications.notices import operations, queries
from publications.notices.paper import paragraphs
from publications.notices.rules import Stage
from publications.notices.schemas import Notice
from publications.permissions import Permission

KIND = operations.SHEET
PASSING = frozenset({"render.busy", "render.crashed", "render.timeout", "proof.process", "proof.signer"})
"""Faults of the machine: the sheet may be made later. Every other is the text's, and is kept beside the notice."""
LIST = "公示名单"


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """The file as it was kept: its SHA-256 in hex, the certificate that sealed it, when."""

    pdf: bytes
    sha256: str
    seal: str
    made_at: Any


def paper_of(notice: Notice, *, first: date, last: date, days: int, number: str | None) -> Paper:
    """The sheet of a notice: D4's parts, its list in the frozen order. ``document_organ_long`` where no line holds the name."""
    if cells(notice.signature) > MEASURE:
        raise Refusal(
            "document_organ_long", "发文机关“{organ}”超过 28 字，一行排不下：请用规范化简称",
            field="signature", rule="D2", organ=notice.signature,
        )  # fmt: skip
    also = f"本公示同时在{notice.channel}发布。" if notice.channel else ""
    contact = Contact(
        office=notice.office, address=notice.address, phone=notice.phone, email=notice.email, also=also
    )  # fmt: skip
    caption = (f"公示文号 {number}" if number else "公示原文", "扫码核对公示原文")
    made = notice_paper(
        title=notice.title, basis=paragraphs(notice.basis), body=paragraphs(notice.done),
        period=Period(first=first, last=last, days=days), contact=contact, organ=notice.signature, signed_on=first,
        list_title=notice.list_title or LIST, of=Of.PEOPLE if "姓名" in notice.headings[0] else Of.UNITS, rows=[subject.cells for subject in notice.subjects],
        qr_payload=f"{settings().public_url}/notices/{notice.id}", qr_caption=caption,
    )  # fmt: skip
    return msgspec.structs.replace(made, sample=settings().marks_samples)


async def paper_of_draft(notice: Notice) -> Paper:
    """The sheet of a draft as it would be if it were opened on its day; raises what the calendar raises."""
    preview = await queries.preview(notice.planned_on, notice.days)
    if preview.refused is not None or preview.period is None:
        raise preview.refused or NotFound
    first, last = preview.period.first_day, preview.period.last_day
    return paper_of(notice, first=first, last=last, days=notice.days, number=None)


async def paper_published(notice: UUID) -> Paper:
    """The sheet of what was published: period and list from the frozen bytes, however the notice fared since."""
    found = await queries.any_one(notice)
    said = msgspec.json.decode((await queries.frozen(notice)).roll)
    subjects = tuple(
        msgspec.structs.replace(subject, cells=tuple(cells))
        for subject, cells in zip(found.subjects, said["subjects"], strict=True)
    )
    first, last = (date.fromisoformat(said[name]) for name in ("first_day", "last_day"))
    as_published = msgspec.structs.replace(found, subjects=subjects)
    return paper_of(as_published, first=first, last=last, days=said["working_days"], number=said["number"])


@jobs.handler(KIND)
async def make_sheet(job: jobs.JobContext) -> None:
    """Make one notice's sheet; asked again, it is made once."""
    notice = UUID(job.args["notice"])
    job.result = {"href": f"/publicity/{notice}", "label": _("查看公示")}
    await make(notice)


async def make(notice: UUID) -> None:
    """Set, seal and keep. A text that cannot be set is a fault kept beside the notice; the machine's faults are raised."""
    if await of(notice) is not None:
        return
    try:
        paper = await paper_published(notice)
        async with sealer() as press:
            sealed = await press.seal(paper)
    except (RenderRefused, ProofRefused, Refusal) as why:
        if why.code in PASSING:
            raise
        await fetch("UPDATE notice SET paper_fault = $2 WHERE id = $1", notice, why.text()[:300])
        return
    async with transaction():
        made = await fetchval(
            "INSERT INTO notice_paper (id, notice, pdf, pdf_sha256, seal, made_at) VALUES ($1, $2, $3, $4, $5, $6)"
            " ON CONFLICT (notice) DO NOTHING RETURNING id",
            new_id(), notice, sealed.pdf, sealed.sha256, sealed.seal, await clock.now(),
        )  # fmt: skip
        if made is not None:
            await fetch("UPDATE notice SET paper_fault = '' WHERE id = $1", notice)
            body = {"pdf_sha256": sealed.sha256.hex(), "seal": sealed.seal}
            await trail.record(None, "notice.sealed", "notice", notice, body)


async def ask_again(actor: Actor, notice: UUID) -> UUID:
    """Have a sheet made that is missing; returns the job. Raises ``Conflict`` where it is there, or nothing was published."""
    async with transaction():
        row = await operations.locked(actor, notice, Permission.OPEN_NOTICES)
        if row["stage"] == Stage.DRAFT or await of(notice) is not None:
            raise Conflict("notice_sheet_there", "公示件已经制成，或公示尚未发布", rule="H32")
        return await jobs.enqueue(KIND, {"notice": str(notice)}, actor)


async def of(notice: UUID) -> Sheet | None:
    """The kept sheet, None while there is none; raises ``ValueError`` where the bytes are not those that were kept."""
    row = await fetchrow("SELECT pdf, pdf_sha256, seal, made_at FROM notice_paper WHERE notice = $1", notice)
    if row is None:
        return None
    if hashlib.sha256(row["pdf"]).digest() != row["pdf_sha256"]:
        raise ValueError(f"the sheet of notice {notice} was changed")
    return Sheet(pdf=row["pdf"], sha256=row["pdf_sha256"].hex(), seal=row["seal"], made_at=row["made_at"])


async def kept(notice: UUID) -> Sheet:
    """The kept sheet; raises ``NotFound``."""
    found = await of(notice)
    if found is None:
        raise NotFound
    return found
