"""The rendering process: reads work from standard input, writes PDFs to standard output, and may do nothing else.

It is started by `RenderPool` as ``python -m publications.certificates.rendering.worker MEMORY CPU_SECONDS`` with an empty
environment (no secret of the site reaches it). Before the first document it hides the system's fonts from the layout
engine, so that only the job's cut faces exist for it, leaves the network and seals itself.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from publications.certificates.rendering import fonts, limits
from publications.certificates.rendering.protocol import (
    Answer,
    DesignWork,
    Proof,
    Ready,
    Refused,
    Sheet,
    Work,
    pack,
    read_work,
)
from publications.certificates.rendering.schemas import CompetitionCertificate, RenderRefused

CANNOT_START, OUT_OF_MEMORY = 76, 77
_NO_FONTS = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig></fontconfig>'
Result = bytes | RenderRefused | tuple[bytes, list[RenderRefused]]
Renderer = Callable[[Sequence[CompetitionCertificate], Callable[[], None]], Iterator[bytes | RenderRefused]]
Designer = Callable[[DesignWork, Callable[[], None]], Iterator[tuple[bytes, list[RenderRefused]]]]


def hide_system_fonts() -> None:
    """Let fontconfig see no font at all: a missing glyph can then never be filled from elsewhere."""
    handle, path = tempfile.mkstemp(prefix="gongjiang-fonts-", suffix=".conf")
    with os.fdopen(handle, "w") as file:
        file.write(_NO_FONTS)
    os.environ["FONTCONFIG_FILE"] = path
    warnings.filterwarnings("ignore", message="No fonts configured in FontConfig")


def designs(faces: dict[str, fonts.Face], under: Any) -> Designer:
    """The renderer of sheets by a template's own text; it shares faces and ornaments with the competition's."""
    from publications.certificates.designs.setting import set_many

    return lambda work, each: set_many(work.template, work.sheets, faces, under, before_each=each)


def certificates() -> Renderer | tuple[Renderer, Designer]:
    """The renderer of competition certificates, with the machine's fonts found and the layout engine loaded."""
    faces = fonts.resolve()
    hide_system_fonts()
    from publications.certificates.rendering.page import Underlay, render_many

    under = Underlay(faces)
    return lambda sheets, each: render_many(sheets, faces, under, before_each=each), designs(faces, under)


def _no_designs(_work: DesignWork, _each: Callable[[], None]) -> Iterator[tuple[bytes, list[RenderRefused]]]:
    raise RenderRefused("render.crashed", "排版进程的答复无法识别")


def _answer(result: Result) -> Answer:
    """A result as the message that says it."""
    if isinstance(result, RenderRefused):
        return Refused.of(result)
    if isinstance(result, tuple):
        return Proof(pdf=result[0], faults=tuple(Refused.of(fault) for fault in result[1]))
    return Sheet(pdf=result)


def serve(prepare: Callable[[], Any], memory: int = limits.MEMORY, cpu_seconds: int = limits.CPU_SECONDS) -> int:
    """Answer work until the input ends. Returns the process's exit status."""
    # Whatever a library prints must not get between two messages.
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def say(message: Answer) -> None:
        sink.write(pack(message))
        sink.flush()

    try:
        prepared = prepare()
    except RenderRefused as fault:
        say(Refused.of(fault))
        return CANNOT_START
    render, design = prepared if isinstance(prepared, tuple) else (prepared, _no_designs)
    gc.freeze()  # what is loaded now stays: the collector need not walk it again for every sheet
    offline = limits.leave_network()
    limits.limit_memory(memory)
    limits.seal()
    say(Ready(offline=offline))
    while (work := read_work(source)) is not None:
        limits.allow_cpu(cpu_seconds)

        def each() -> None:
            limits.allow_cpu(cpu_seconds)

        try:
            results = render(work.certificates, each) if isinstance(work, Work) else design(work, each)
            for result in results:
                say(_answer(result))
        except MemoryError:
            # The heap is spent and in an unknown state: say so, and let the pool start a fresh process.
            say(Refused(code="render.memory", message="排版所需内存超过上限", field=None, facts={}))
            return OUT_OF_MEMORY
    return 0


def main(prepare: Callable[[], Any] = certificates) -> int:
    """Start with the limits given on the command line: bytes of memory, seconds of processor time."""
    memory, cpu_seconds = (int(value) for value in sys.argv[1:3])
    Path(tempfile.gettempdir()).mkdir(exist_ok=True)
    return serve(prepare, memory, cpu_seconds)


if __name__ == "__main__":
    sys.exit(main())
