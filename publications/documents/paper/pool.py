"""Documents set outside this process: one sealed process for each piece of work, few at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

from publications.certificates.rendering.pool import RenderPool
from publications.certificates.rendering.protocol import Refused, Sheet
from publications.certificates.rendering.schemas import RenderRefused
from publications.documents.paper.worker import PaperWork
from publications.documents.schemas import Paper

WORKER = "publications.documents.paper.worker"
CPU_SECONDS = 60
"""A roll of 5,000 names is 230 pages."""
AT_ONCE, WAITING = 2, 16
_gates: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
_waiting: WeakKeyDictionary[asyncio.AbstractEventLoop, int] = WeakKeyDictionary()


class DocumentPool(RenderPool):
    """``async with DocumentPool() as pool: pdf = await pool.set(paper)``."""

    def __init__(self, *, processes: int = 1) -> None:
        super().__init__(processes=processes, cpu_seconds=CPU_SECONDS, timeout=90.0, module=WORKER)

    async def warm(self) -> None:
        """Start the process now: whoever must not be kept waiting later (a locked row) asks for it first."""
        async with self._process():
            pass

    async def set(self, paper: Paper, *, for_seal: bool = False) -> bytes:
        """The PDF/A-3u of a document; ``for_seal`` with the empty field of a signature. Raises `RenderRefused`."""
        async with self._process() as process:
            process.jobs += 1
            await process.send(PaperWork(paper=paper, for_seal=for_seal))  # type: ignore[arg-type]
            try:
                async with asyncio.timeout(self._timeout):
                    answer = await process.answer()
            except TimeoutError:
                raise RenderRefused("render.timeout", "排版超时，已终止") from None
            if isinstance(answer, Refused) and answer.code == "render.memory":
                raise answer.error()
        match answer:
            case Sheet(pdf=pdf):
                return pdf
            case Refused():
                raise answer.error()
        raise RenderRefused("render.crashed", "排版进程的答复无法识别")


@asynccontextmanager
async def press() -> AsyncIterator[DocumentPool]:
    """A pool of one process. Two stand open at once, sixteen wait; more are refused (``render.busy``)."""
    loop = asyncio.get_running_loop()
    gate = _gates.setdefault(loop, asyncio.Semaphore(AT_ONCE))
    if _waiting.get(loop, 0) >= WAITING:
        raise RenderRefused("render.busy", "排版任务过多，请稍后再试")
    _waiting[loop] = _waiting.get(loop, 0) + 1
    try:
        async with gate, DocumentPool() as pool:
            yield pool
    finally:
        _waiting[loop] -= 1


async def set_papers(papers: Sequence[Paper]) -> list[bytes]:
    """Each paper's PDF, set in one process."""
    async with press() as pool:
        return [await pool.set(paper) for paper in papers]


async def set_paper(paper: Paper) -> bytes:
    """One paper's PDF."""
    return (await set_papers([paper]))[0]
