"""The process that sets documents: the same limits and the same sealed door as the one that sets certificates.

Started by :class:`DocumentPool` as ``python -m publications.documents.paper.worker MEMORY CPU_SECONDS``.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import BinaryIO

import msgspec
from msgspec import Struct

from publications.certificates.rendering import limits
from publications.certificates.rendering.protocol import LARGEST, Answer, Ready, Refused, Sheet, pack
from publications.certificates.rendering.schemas import RenderRefused
from publications.certificates.rendering.worker import CANNOT_START, OUT_OF_MEMORY, hide_system_fonts
from publications.documents.schemas import Paper


class PaperWork(Struct, frozen=True, kw_only=True, tag="paper"):
    """One document to set; ``for_seal`` leaves the empty field that the signer fills."""

    paper: Paper
    for_seal: bool = False


_decoder = msgspec.msgpack.Decoder(PaperWork)


def read_work(stream: BinaryIO) -> PaperWork | None:
    """The next piece of work, or None at the end of the stream."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    size = int.from_bytes(head, "big")
    if size > LARGEST:
        raise ValueError("message too large")
    return _decoder.decode(stream.read(size))


def main() -> int:
    """Find the fonts, hide the system's, seal, then answer work until the input ends."""
    memory, cpu_seconds = (int(value) for value in sys.argv[1:3])
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def say(message: Answer) -> None:
        sink.write(pack(message))
        sink.flush()

    from publications.documents.paper import faces

    try:
        found = faces.faces()
    except RenderRefused as fault:
        say(Refused.of(fault))
        return CANNOT_START
    hide_system_fonts()
    from publications.documents.paper.setting import Setter

    setter = Setter(found)
    gc.freeze()
    offline = limits.leave_network()
    limits.limit_memory(memory)
    limits.seal()
    say(Ready(offline=offline))
    while (work := read_work(source)) is not None:
        limits.allow_cpu(cpu_seconds)
        try:
            say(Sheet(pdf=setter.render(work.paper, for_seal=work.for_seal)))
        except RenderRefused as fault:
            say(Refused.of(fault))
        except MemoryError:
            say(Refused(code="render.memory", message="排版所需内存超过上限", field=None, facts={}))
            return OUT_OF_MEMORY
    return 0


if __name__ == "__main__":
    sys.exit(main())
