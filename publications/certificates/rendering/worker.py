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

from publications.certificates.rendering import fonts, limits
from publications.certificates.rendering.protocol import Answer, Ready, Refused, Sheet, pack, read_work
from publications.certificates.rendering.schemas import CompetitionCertificate, RenderRefused

CANNOT_START, OUT_OF_MEMORY = 76, 77
_NO_FONTS = '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig></fontconfig>'
Renderer = Callable[[Sequence[CompetitionCertificate], Callable[[], None]], Iterator[bytes | RenderRefused]]


def hide_system_fonts() -> None:
    """Let fontconfig see no font at all: a missing glyph can then never be filled from elsewhere."""
    handle, path = tempfile.mkstemp(prefix="gongjiang-fonts-", suffix=".conf")
    with os.fdopen(handle, "w") as file:
        file.write(_NO_FONTS)
    os.environ["FONTCONFIG_FILE"] = path
    warnings.filterwarnings("ignore", message="No fonts configured in FontConfig")


def certificates() -> Renderer:
    """The renderer of competition certificates, with the machine's fonts found and the layout engine loaded."""
    faces = fonts.resolve()
    hide_system_fonts()
    from publications.certificates.rendering.page import Underlay, render_many

    under = Underlay(faces)
    return lambda sheets, each: render_many(sheets, faces, under, before_each=each)


def serve(prepare: Callable[[], Renderer], memory: int = limits.MEMORY, cpu_seconds: int = limits.CPU_SECONDS) -> int:
    """Answer work until the input ends. Returns the process's exit status."""
    # Whatever a library prints must not get between two messages.
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def say(message: Answer) -> None:
        sink.write(pack(message))
        sink.flush()

    try:
        render = prepare()
    except RenderRefused as fault:
        say(Refused.of(fault))
        return CANNOT_START
    gc.freeze()  # what is loaded now stays: the collector need not walk it again for every sheet
    offline = limits.leave_network()
    limits.limit_memory(memory)
    limits.seal()
    say(Ready(offline=offline))
    while (work := read_work(source)) is not None:
        limits.allow_cpu(cpu_seconds)
        try:
            for result in render(work.certificates, lambda: limits.allow_cpu(cpu_seconds)):
                say(Refused.of(result) if isinstance(result, RenderRefused) else Sheet(pdf=result))
        except MemoryError:
            # The heap is spent and in an unknown state: say so, and let the pool start a fresh process.
            say(Refused(code="render.memory", message="排版所需内存超过上限", field=None, facts={}))
            return OUT_OF_MEMORY
    return 0


def main(prepare: Callable[[], Renderer] = certificates) -> int:
    """Start with the limits given on the command line: bytes of memory, seconds of processor time."""
    memory, cpu_seconds = (int(value) for value in sys.argv[1:3])
    Path(tempfile.gettempdir()).mkdir(exist_ok=True)
    return serve(prepare, memory, cpu_seconds)


if __name__ == "__main__":
    sys.exit(main())
