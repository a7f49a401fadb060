"""Forms set outside this process: one sealed process for each, two at once."""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

from honours.nominations.paper.schemas import FormSheet
from honours.nominations.paper.worker import FormWork
from publications.certificates.rendering.pool import RenderPool
from publications.certificates.rendering.protocol import Refused, Sheet
from publications.certificates.rendering.schemas import RenderRefused

WORKER = "honours.nominations.paper.worker"
AT_ONCE, WAITING = 2, 16
_gates: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
_waiting: WeakKeyDictionary[asyncio.AbstractEventLoop, int] = WeakKeyDictionary()


class FormPool(RenderPool):
    """``async with FormPool() as pool: pdf = await pool.set(sheet)``."""

    def __init__(self) -> None:
        super().__init__(processes=1, timeout=40.0, module=WORKER)

    async def set(self, sheet: FormSheet) -> bytes:
        """The form's PDF. Raises ``RenderRefused``."""
        async with self._process() as process:
            process.jobs += 1
            await process.send(FormWork(sheet=sheet))  # type: ignore[arg-type]
            try:
                async with asyncio.timeout(self._timeout):
                    answer = await process.answer()
            except TimeoutError:
                raise RenderRefused("render.timeout", "排版超时，已终止") from None
        match answer:
            case Sheet(pdf=pdf):
                return pdf
            case Refused():
                raise answer.error()
        raise RenderRefused("render.crashed", "排版进程的答复无法识别")


async def set_form(sheet: FormSheet) -> bytes:
    """One form. Two are set at once, sixteen wait; more are refused (``render.busy``)."""
    loop = asyncio.get_running_loop()
    gate = _gates.setdefault(loop, asyncio.Semaphore(AT_ONCE))
    if _waiting.get(loop, 0) >= WAITING:
        raise RenderRefused("render.busy", "排版任务过多，请稍后再试")
    _waiting[loop] = _waiting.get(loop, 0) + 1
    try:
        async with gate, FormPool() as pool:
            return await pool.set(sheet)
    finally:
        _waiting[loop] -= 1
