"""The job that signs, sets and seals a source's certificates: killed and started again, it goes on with those not yet made.

Several processes set sheets at once; what they make comes back here, where one after another is kept.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
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
from publications.certificates.designs.sheets import TemplateText
from publications.certificates.numbering import TEMPLATE
from publications.certificates.operations import RENDER
from publications.certificates.papers import claim_of, sheet_of
from publications.certificates.proof.schemas import ProofRefused, Statement
from publications.certificates.proof.signing import SignerProcess
from publications.certificates.rendering.pool import RenderPool
from publications.certificates.rendering.schemas import RenderRefused

PIECE = 40
"""Sheets that one process sets with one cut of the fonts."""
MOST_PROCESSES = 4
"""By default; one signer seals what they make, about as fast as four of them set."""
WAITING_SQL = (
    "SELECT id, number, code_sealed, wording, holder, award, title, template FROM certificate WHERE source = $1 AND state = 'numbered'"
    " ORDER BY template, number LIMIT $2"
)
Made = tuple[Any, bytes | Refusal, str]
"""(row, sealed PDF or refusal, credential)"""


def processes() -> int:
    """How many processes set one job's sheets: as set, else one a processor and at most four."""
    return settings().render_processes or min(MOST_PROCESSES, len(os.sched_getaffinity(0)))


@jobs.handler(RENDER)
async def render_source(job: JobContext) -> None:
    """Make every numbered certificate of one source valid; a fault is kept beside its certificate."""
    source = UUID(job.args["source"])
    total = await fetchval(
        "SELECT count(*) FROM certificate WHERE source = $1 AND state IN ('numbered', 'valid', 'faulty')", source
    )
    done = await fetchval("SELECT count(*) FROM certificate WHERE source = $1 AND state IN ('valid', 'faulty')", source)
    job.result = {"href": f"/certificates?source={source}", "label": _("查看证书")}
    count = processes()
    async with SignerProcess(settings()) as signer, RenderPool(processes=count) as pool:
        press = Press(signer, pool, count)
        while rows := await fetch(WAITING_SQL, source, PIECE * count):
            # Before a file that needs them is out of the house; and again, since a key may be retired meanwhile.
            await keys.publish(signer.published)
            await press.know_templates(rows)
            async with aclosing(press.make(rows)) as making:
                async for row, made, credential in making:
                    await _keep(row, made, credential, job.made_by)
                    done += 1
                    await job.progress(done, total, _("正在生成证书"))
    faulty = await fetchval("SELECT count(*) FROM certificate WHERE source = $1 AND state = 'faulty'", source)
    await job.progress(done, total, _("证书已生成") if not faulty else _("部分证书有问题，请在列表中查看"))


class Press:
    """One signer and some rendering processes, all at work at once. It never touches the database but for templates."""

    def __init__(self, signer: SignerProcess, pool: RenderPool, count: int) -> None:
        self._signer, self._pool, self._count = signer, pool, count
        self._at_the_signer = asyncio.Lock()  # it answers one question at a time
        self._texts: dict[str, TemplateText] = {}

    async def know_templates(self, rows: Sequence[Any]) -> None:
        """Fetch the texts that these rows name, before several tasks are at work."""
        for name in {row["template"] for row in rows} - {TEMPLATE, *self._texts}:
            self._texts[name] = await text_of(name)

    async def make(self, rows: Sequence[Any]) -> AsyncGenerator[Made]:
        """What becomes of each row, as it comes; what is still at work when the caller leaves is given up."""
        share = -(-len(rows) // self._count)
        pieces = [rows[start : start + share] for start in range(0, len(rows), share)]
        made: asyncio.Queue[Made | Exception] = asyncio.Queue(maxsize=2 * self._count)
        tasks = [asyncio.create_task(self._piece(piece, made)) for piece in pieces]
        try:
            for _each in rows:
                match await made.get():
                    case Exception() as why:
                        raise why
                    case outcome:
                        yield outcome
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _piece(self, rows: Sequence[Any], made: asyncio.Queue[Made | Exception]) -> None:
        """A share of the rows, and the fault that ended it early, if one did."""
        try:
            await self._press(rows, made)
        except Exception as why:
            await made.put(why)

    async def _press(self, rows: Sequence[Any], made: asyncio.Queue[Made | Exception]) -> None:
        """Sign, set and seal; the next sheet is set while one is sealed."""
        signed: list[tuple[Any, Statement]] = []
        async with self._at_the_signer:
            statements = await self._signer.attest([claim_of(row) for row in rows])
        for row, statement in zip(rows, statements, strict=True):
            if isinstance(statement, Statement):
                signed.append((row, statement))
            else:
                await made.put((row, statement, ""))
        for template, group in groupby(signed, key=lambda one: one[0]["template"]):
            members = list(group)
            async with aclosing(self._set(template, members)) as setting:
                waiting = iter(members)
                async for pdf in setting:  # to its end: a process left before it would not be lent again
                    row, statement = next(waiting)
                    await made.put(await self._sealed(row, pdf, statement))

    def _set(self, template: str, members: Sequence[tuple[Any, Statement]]) -> AsyncGenerator[bytes | RenderRefused]:
        """Each sheet by the template that its certificate names: the competition's own, or a version's text."""
        sheets = [sheet_of(row, statement) for row, statement in members]
        if template == TEMPLATE:
            return self._pool.render_many(sheets)
        return self._pool.render_designed(self._texts[template], [for_template(sheet) for sheet in sheets])

    async def _sealed(self, row: Any, pdf: bytes | RenderRefused, statement: Statement) -> Made:
        if isinstance(pdf, RenderRefused):
            return row, pdf, ""
        try:
            async with self._at_the_signer:
                return row, await self._signer.seal(pdf), statement.credential
        except ProofRefused as why:
            if why.code == "proof.process":  # the signer is gone: no fault of this certificate
                raise
            return row, why, ""


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
