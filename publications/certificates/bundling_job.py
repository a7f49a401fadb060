"""All certificates of a source in one file: a zip of the sealed PDFs, or one PDF for the print shop.

Nothing is written before the file is whole, so a killed job simply begins again; cancelling leaves nothing behind.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, jobs, storage
from foundation.database import fetch, fetchrow, transaction
from foundation.errors import NotFound, Refusal
from foundation.i18n import gettext as _
from foundation.jobs import JobContext
from foundation.web.policy import Actor
from publications.certificates.operations import reaches_the_city
from publications.certificates.printing import PrintShop, archive
from publications.permissions import Permission

BUNDLE = "certificates.bundle"
MOST = 2000
"""Certificates in one file: some 140 MB in memory."""
FORMS = ("zip", "print")
WITHIN_SQL = (
    " FROM certificate c LEFT JOIN organisation o ON o.id = c.organisation WHERE c.source = $1 AND c.state = 'valid'"
    " AND c.file IS NOT NULL AND (o.ancestors && $2::uuid[] OR (c.organisation IS NULL AND $3))"
)


async def bundle_source(actor: Actor, source: UUID, form: str) -> UUID:
    """Ask for the file of every valid certificate of a source within the actor's scope; returns the job.

    Raises ``NotFound`` where there is none, ``Refusal`` beyond 2,000.
    """
    if form not in FORMS:
        raise NotFound
    scope = list(Permission.SEE_CERTIFICATES.scope(actor))
    city = await reaches_the_city(actor, Permission.SEE_CERTIFICATES)
    async with transaction():
        row = await fetchrow(f"SELECT count(*) AS count{WITHIN_SQL}", source, scope, city)
        count = row["count"] if row else 0
        if not count:
            raise NotFound
        if count > MOST:
            raise Refusal("too_many_certificates", "一次最多 {most} 份，请按状态或单位分批", most=MOST)
        args = {"source": str(source), "scope": [str(one) for one in scope], "city": city, "form": form}
        return await jobs.enqueue(BUNDLE, args, actor)


async def bundle_for(actor: Actor, file: UUID) -> tuple[bytes, str, str]:
    """The finished file, for whoever asked for it; anybody else's is not found."""
    row = await fetchrow(
        "SELECT 1 FROM job WHERE kind = $1 AND made_by = $2 AND result->>'file' = $3", BUNDLE, actor.account, str(file)
    )
    if row is None:
        raise NotFound
    return await storage.load(file)


@jobs.handler(BUNDLE)
async def bundle(job: JobContext) -> None:
    """Collect the files in the order of their numbers, then keep one."""
    source, form = UUID(job.args["source"]), job.args["form"]
    scope = [UUID(one) for one in job.args["scope"]]
    rows = await fetch(
        f"SELECT c.number, c.file, c.wording{WITHIN_SQL} ORDER BY c.number", source, scope, job.args["city"]
    )
    name = f"证书-{await clock.today()}"
    if form == "print":
        shop = PrintShop()
        async for row, body in _files(job, rows):
            await asyncio.to_thread(shop.add, body, msgspec.json.decode(row["wording"]).get("tier"))
        made, name, kind = await asyncio.to_thread(shop.pdf), f"{name}-印厂.pdf", "application/pdf"
    else:
        files = [(f"{row['number']}.pdf", body) async for row, body in _files(job, rows)]
        made, name, kind = await asyncio.to_thread(archive, files), f"{name}.zip", "application/zip"
    async with transaction():
        file = await storage.keep(made, name=name, media_type=kind, made_by=job.made_by)
    job.result = {"href": f"/certificates/bundles/{file}", "label": _("下载"), "file": str(file)}
    await job.progress(len(rows), len(rows), _("已备好，可以下载"))


async def _files(job: JobContext, rows: list[Any]) -> AsyncIterator[tuple[Any, bytes]]:
    for done, row in enumerate(rows):
        if done % 10 == 0:
            await job.progress(done, len(rows), _("正在汇集证书"))
        body, _name, _type = await storage.load(row["file"])
        yield row, body
