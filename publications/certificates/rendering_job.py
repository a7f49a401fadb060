"""The job that signs, sets and seals a source's certificates: killed and started again, it goes on with those not yet made."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from itertools import groupby
from typing import Any
from uuid import UUID

from foundation import jobs, storage
from foundation.database import fetch, fetchval, transaction
from foundation.errors import Refusal
from foundation.i18n import gettext as _
from foundation.jobs import JobContext
from foundation.settings import settings
from publications.certificates import keys
from publications.certificates.designs.issuing import for_template
from publications.certificates.designs.queries import text_of
from publications.certificates.numbering import TEMPLATE
from publications.certificates.operations import RENDER
from publications.certificates.papers import claim_of, sheet_of
from publications.certificates.proof.schemas import ProofRefused, Statement
from publications.certificates.proof.signing import SignerProcess
from publications.certificates.rendering.pool import RenderPool
from publications.certificates.rendering.schemas import RenderRefused

BATCH = 40
WAITING_SQL = (
    "SELECT id, number, code_sealed, wording, holder, award, title, template FROM certificate WHERE source = $1 AND state = 'numbered'"
    " ORDER BY number LIMIT $2"
)
Made = tuple[Any, bytes, str] | tuple[Any, Refusal, str]


@jobs.handler(RENDER)
async def render_source(job: JobContext) -> None:
    """Make every numbered certificate of one source valid; a fault is kept beside its certificate."""
    source = UUID(job.args["source"])
    total = await fetchval(
        "SELECT count(*) FROM certificate WHERE source = $1 AND state IN ('numbered', 'valid', 'faulty')", source
    )
    done = await fetchval("SELECT count(*) FROM certificate WHERE source = $1 AND state IN ('valid', 'faulty')", source)
    job.result = {"href": f"/certificates?source={source}", "label": _("查看证书")}
    async with SignerProcess(settings()) as signer, RenderPool(processes=1) as pool:
        await keys.publish(signer.published)  # before the first file that needs them is out of the house
        while rows := await fetch(WAITING_SQL, source, BATCH):
            async for row, made, credential in _make(rows, signer, pool):
                await _keep(row, made, credential, job.made_by)
                done += 1
                await job.progress(done, total, _("正在生成证书"))
    faulty = await fetchval("SELECT count(*) FROM certificate WHERE source = $1 AND state = 'faulty'", source)
    await job.progress(done, total, _("证书已生成") if not faulty else _("部分证书有问题，请在列表中查看"))


async def _make(rows: Sequence[Any], signer: SignerProcess, pool: RenderPool) -> AsyncIterator[Made]:
    """(row, sealed PDF or refusal, credential) for each row; the next sheet is set while one is sealed."""
    signed: list[tuple[Any, Statement]] = []
    for row, statement in zip(rows, await signer.attest([claim_of(row) for row in rows]), strict=True):
        if isinstance(statement, Statement):
            signed.append((row, statement))
        else:
            yield row, statement, ""
    if not signed:
        return
    signed.sort(key=lambda one: (one[0]["template"], one[0]["number"]))
    place = 0
    async for made in _set(signed, pool):
        row, statement = signed[place]
        place += 1
        if isinstance(made, RenderRefused):
            yield row, made, ""
            continue
        try:
            yield row, await signer.seal(made), statement.credential
        except ProofRefused as why:
            if why.code == "proof.process":  # the signer is gone: no fault of this certificate
                raise
            yield row, why, ""


async def _set(signed: Sequence[tuple[Any, Statement]], pool: RenderPool) -> AsyncIterator[bytes | RenderRefused]:
    """Each sheet by the template that its certificate names: the competition's own, or a version's text."""
    for template, group in groupby(signed, key=lambda one: one[0]["template"]):
        sheets = [sheet_of(row, statement) for row, statement in group]
        if template == TEMPLATE:
            results = pool.render_many(sheets)
        else:
            results = pool.render_designed(await text_of(template), [for_template(sheet) for sheet in sheets])
        async for made in results:
            yield made


async def _keep(row: Any, made: bytes | Refusal, credential: str, by: UUID | None) -> None:
    """One outcome, once: the compare-and-set on ``numbered`` lets a second worker's file go."""
    async with transaction():
        if isinstance(made, Refusal):
            await fetch(
                "UPDATE certificate SET state = 'faulty', fault = $2 WHERE id = $1 AND state = 'numbered'",
                row["id"],
                made.text(),
            )
            return
        mine = await fetchval("SELECT id FROM certificate WHERE id = $1 AND state = 'numbered' FOR UPDATE", row["id"])
        if mine is None:
            return
        file = await storage.keep(made, name=f"{row['number']}.pdf", media_type="application/pdf", made_by=by)
        await fetch(
            "UPDATE certificate SET state = 'valid', file = $2, credential = $3, rendered_at = clock_timestamp()"
            " WHERE id = $1 AND state = 'numbered'",
            row["id"], file, credential,
        )  # fmt: skip
