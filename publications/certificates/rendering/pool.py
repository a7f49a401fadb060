"""Rendering from the site: a few processes, each restarted when it dies, none of them trusted to come back in time."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from publications.certificates.designs.sheets import AnySheet, TemplateText
from publications.certificates.rendering import limits
from publications.certificates.rendering.protocol import (
    LARGEST,
    Answer,
    DesignWork,
    Proof,
    Ready,
    Refused,
    Sheet,
    Work,
    pack,
    read_answer,
)
from publications.certificates.rendering.schemas import CompetitionCertificate, RenderRefused

ROOT = Path(__file__).resolve().parents[3]
WORKER = "publications.certificates.rendering.worker"
_START_SECONDS, _STOP_SECONDS = 30.0, 8.0
# Each job's fonts and each text leave some memory behind in the text libraries: about 10 KB a sheet.
_JOBS_PER_PROCESS, _SHEETS_PER_PROCESS = 300, 2000


class _Process:
    """One worker and its two pipes."""

    def __init__(self, process: asyncio.subprocess.Process, folder: str) -> None:
        self._process, self._folder = process, folder
        self.jobs = self.sheets = 0
        self.offline = False
        # One reader at a time: who ends a process waits until the reader under way has seen the end of the pipe.
        self._reading = asyncio.Lock()

    @classmethod
    async def start(cls, module: str, memory: int, cpu_seconds: int) -> Self:
        """Start with a temporary folder of its own and no variable of the site's environment but the paths."""
        folder = tempfile.mkdtemp(prefix="gongjiang-render-")
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
        environment |= {"TMPDIR": folder, "PYTHONDONTWRITEBYTECODE": "1"}
        # fontconfig keeps its cache under the home folder where the system's is not writable.
        environment |= {name: os.environ[name] for name in ("HOME", "XDG_CACHE_HOME") if name in os.environ}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-s", "-m", module, str(memory), str(cpu_seconds)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        started = cls(process, folder)
        try:
            async with asyncio.timeout(_START_SECONDS):
                match await started.answer():
                    case Ready(offline=offline):
                        started.offline = offline
                    case Refused() as refused:
                        raise refused.error()
                    case _:
                        raise RenderRefused("render.crashed", "排版进程未能启动")
        except BaseException as error:
            await started.end()
            if isinstance(error, TimeoutError):
                raise RenderRefused("render.timeout", "排版进程启动超时") from error
            raise
        return started

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def usable(self) -> bool:
        assert self._process.stdout is not None
        alive = self._process.returncode is None and not self._process.stdout.at_eof()
        return alive and self.jobs < _JOBS_PER_PROCESS and self.sheets < _SHEETS_PER_PROCESS

    async def send(self, work: Work | DesignWork) -> None:
        self.jobs += 1
        # papers of other wings go through the same processes: each counts as one sheet
        self.sheets += len(work.certificates if isinstance(work, Work) else getattr(work, "sheets", (work,)))
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._process.stdin.write(pack(work))
            await self._process.stdin.drain()

    async def answer(self) -> Answer:
        """The next message; a process that ended is a named refusal."""
        assert self._process.stdout is not None
        try:
            async with self._reading:
                size = int.from_bytes(await self._process.stdout.readexactly(4), "big")
                if size > LARGEST:
                    raise RenderRefused("render.crashed", "排版进程的答复无法识别")
                return read_answer(await self._process.stdout.readexactly(size))
        except asyncio.IncompleteReadError:
            raise _epitaph(await self._process.wait()) from None

    async def end(self) -> None:
        """Kill it if it still lives, and remove what it left in its folder."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        # Reading what it had still to say: a full pipe that nobody reads would keep its end from being seen, for ever.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(10), self._reading:
                await self._process.communicate()
        shutil.rmtree(self._folder, ignore_errors=True)


def _epitaph(status: int) -> RenderRefused:
    """Why a worker ended, from its exit status."""
    if status == -signal.SIGXCPU:
        return RenderRefused("render.cpu", "排版耗时超过处理器时间上限")
    name = signal.Signals(-status).name if status < 0 else f"exit {status}"
    return RenderRefused("render.crashed", "排版进程意外退出（{status}）", status=name)


class RenderPool:
    """Certificates as PDFs, set outside this process.

    ``async with RenderPool(processes=2) as pool: pdf = await pool.render(certificate)``. A call waits for a free
    process up to ``timeout`` seconds, and each document may take as long again; then it is refused and the process
    replaced. More than ``waiting`` calls in the queue are refused at once (`render.busy`).
    """

    def __init__(
        self,
        *,
        processes: int = 1,
        memory: int = limits.MEMORY,
        cpu_seconds: int = limits.CPU_SECONDS,
        timeout: float = 40.0,
        waiting: int = 64,
        module: str = WORKER,
    ) -> None:
        self._size, self._memory, self._cpu_seconds = processes, memory, cpu_seconds
        self._timeout, self._waiting, self._module = timeout, waiting, module
        self._free: asyncio.LifoQueue[_Process | None] = asyncio.LifoQueue()
        self._live: set[_Process] = set()
        self._queued = 0
        self._open = False

    async def __aenter__(self) -> Self:
        """Open; processes start with the first work that needs them."""
        for _ in range(self._size):
            self._free.put_nowait(None)
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close: work under way has a few seconds to end, then every process is killed."""
        self._open = False
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                for _ in range(self._size):
                    await self._free.get()
        await asyncio.gather(*(process.end() for process in self._live))

    async def render(self, certificate: CompetitionCertificate) -> bytes:
        """One certificate with fonts cut for it alone: the same certificate gives the same bytes. Raises `RenderRefused`."""
        results = [result async for result in self.render_many([certificate])]
        if isinstance(results[0], RenderRefused):
            raise results[0]
        return results[0]

    async def render_many(
        self, certificates: Sequence[CompetitionCertificate]
    ) -> AsyncGenerator[bytes | RenderRefused]:
        """A PDF or a refusal for each certificate, in order; fonts are cut once. Raises if the process itself fails."""
        async with self._process() as process:
            await process.send(Work(certificates=tuple(certificates)))
            for _ in certificates:
                try:
                    async with asyncio.timeout(self._timeout):
                        answer = await process.answer()
                except TimeoutError:
                    raise RenderRefused("render.timeout", "排版超时，已终止") from None
                match answer:
                    case Sheet(pdf=pdf):
                        yield pdf
                    case Refused(code="render.memory"):
                        raise answer.error()
                    case Refused():
                        yield answer.error()
                    case _:
                        raise RenderRefused("render.crashed", "排版进程的答复无法识别")

    async def proofs(
        self, template: TemplateText, sheets: Sequence[AnySheet]
    ) -> AsyncGenerator[tuple[bytes, list[RenderRefused]]]:
        """(PDF, faults) of each sheet set by a template's own text. Raises if the process itself fails."""
        async with self._process() as process:
            await process.send(DesignWork(template=template, sheets=tuple(sheets)))
            for _ in sheets:
                try:
                    async with asyncio.timeout(self._timeout):
                        answer = await process.answer()
                except TimeoutError:
                    raise RenderRefused("render.timeout", "排版超时，已终止") from None
                match answer:
                    case Proof(pdf=pdf, faults=faults):
                        yield pdf, [fault.error() for fault in faults]
                    case Refused():
                        raise answer.error()
                    case _:
                        raise RenderRefused("render.crashed", "排版进程的答复无法识别")

    async def render_designed(
        self, template: TemplateText, sheets: Sequence[AnySheet]
    ) -> AsyncGenerator[bytes | RenderRefused]:
        """A PDF, or the first fault, for each sheet to be issued."""
        async for pdf, faults in self.proofs(template, sheets):
            yield faults[0] if faults else pdf

    @contextlib.asynccontextmanager
    async def _process(self) -> AsyncIterator[_Process]:
        """Borrow a live process; one whose work did not come to its end is never lent again."""
        held = await self._borrow()
        clean = False
        try:
            if held is None or not held.usable:
                held = await self._fresh(held)
            yield held
            clean = True
        finally:
            if not clean and held is not None:
                self._live.discard(held)
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.shield(held.end())
                held = None
            self._free.put_nowait(held)

    async def _fresh(self, worn: _Process | None) -> _Process:
        if worn is not None:
            self._live.discard(worn)
            await worn.end()
        process = await _Process.start(self._module, self._memory, self._cpu_seconds)
        self._live.add(process)
        return process

    async def _borrow(self) -> _Process | None:
        if not self._open:
            raise RenderRefused("render.closed", "排版服务未启动")
        if self._queued >= self._waiting:
            raise RenderRefused("render.busy", "排版任务过多，请稍后再试")
        self._queued += 1
        try:
            async with asyncio.timeout(self._timeout):
                held = await self._free.get()
        except TimeoutError:
            raise RenderRefused("render.busy", "排版任务过多，请稍后再试") from None
        finally:
            self._queued -= 1
        if not self._open:
            self._free.put_nowait(held)
            raise RenderRefused("render.closed", "排版服务未启动")
        return held
