"""The job that sets a source's certificates: killed and started again, it goes on with those not yet set."""

from __future__ import annotations

from uuid import UUID

from foundation import jobs, storage
from foundation.database import fetch, fetchval, transaction
from foundation.i18n import gettext as _
from foundation.jobs import JobContext
from publications.certificates.operations import RENDER, sheet_of
from publications.certificates.rendering.pool import RenderPool
from publications.certificates.rendering.schemas import RenderRefused

BATCH = 40
WAITING_SQL = "SELECT id, number, code_sealed, wording FROM certificate WHERE source = $1 AND state = 'numbered' ORDER BY number LIMIT $2"


@jobs.handler(RENDER)
async def render_source(job: JobContext) -> None:
    """Render, store and make valid every numbered certificate of one source; a fault is kept beside its certificate."""
    source = UUID(job.args["source"])
    total = await fetchval(
        "SELECT count(*) FROM certificate WHERE source = $1 AND state IN ('numbered', 'valid', 'faulty')", source
    )
    done = await fetchval("SELECT count(*) FROM certificate WHERE source = $1 AND state IN ('valid', 'faulty')", source)
    job.result = {"href": f"/certificates?source={source}", "label": _("查看证书")}
    async with RenderPool(processes=1) as pool:
        while rows := await fetch(WAITING_SQL, source, BATCH):
            sheets = [sheet_of(row) for row in rows]
            place = 0
            async for made in pool.render_many(sheets):
                await _keep(rows[place], made, job.made_by)
                place += 1
                done += 1
                await job.progress(done, total, _("正在生成证书"))
    faulty = await fetchval("SELECT count(*) FROM certificate WHERE source = $1 AND state = 'faulty'", source)
    await job.progress(done, total, _("证书已生成") if not faulty else _("部分证书有问题，请在列表中查看"))


async def _keep(row, made: bytes | RenderRefused, by: UUID | None) -> None:
    """One outcome, once: the compare-and-set on ``numbered`` lets a second worker's file go."""
    async with transaction():
        if isinstance(made, RenderRefused):
            await fetch(
                "UPDATE certificate SET state = 'faulty', fault = $2 WHERE id = $1 AND state = 'numbered'",
                row["id"],
                made.text(),
            )
            return
        file = await storage.keep(made, name=f"{row['number']}.pdf", media_type="application/pdf", made_by=by)
        await fetch(
            "UPDATE certificate SET state = 'valid', file = $2, rendered_at = clock_timestamp() WHERE id = $1 AND state = 'numbered'",
            row["id"], file,
        )  # fmt: skip
