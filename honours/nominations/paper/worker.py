"""The process that sets approval forms: the same limits and the same sealed door as the one that sets documents.

Started by :func:`set_form` as ``python -m honours.nominations.paper.worker MEMORY CPU_SECONDS``.
"""

from __future__ import annotations

import gc
import os
import sys

import msgspec

from honours.nominations.paper.schemas import FormSheet
from publications.certificates.rendering import fonts, limits
from publications.certificates.rendering.protocol import LARGEST, Answer, Ready, Refused, Sheet, pack
from publications.certificates.rendering.schemas import RenderRefused
from publications.certificates.rendering.worker import CANNOT_START, OUT_OF_MEMORY, hide_system_fonts


class FormWork(msgspec.Struct, frozen=True, kw_only=True, tag="form"):
    """One form to set."""

    sheet: FormSheet


_decoder = msgspec.msgpack.Decoder(FormWork)


def main() -> int:
    """Find the fonts, hide the system's, seal, then answer work until the input ends."""
    memory, cpu_seconds = (int(value) for value in sys.argv[1:3])
    source, sink = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)

    def say(message: Answer) -> None:
        sink.write(pack(message))
        sink.flush()

    try:
        found = fonts.resolve()
    except RenderRefused as fault:
        say(Refused.of(fault))
        return CANNOT_START
    hide_system_fonts()
    from honours.nominations.paper.setting import FormSetter

    setter = FormSetter(found)
    gc.freeze()
    offline = limits.leave_network()
    limits.limit_memory(memory)
    limits.seal()
    say(Ready(offline=offline))
    while len(head := source.read(4)) == 4 and (size := int.from_bytes(head, "big")) <= LARGEST:
        work = _decoder.decode(source.read(size))
        limits.allow_cpu(cpu_seconds)
        try:
            say(Sheet(pdf=setter.render(work.sheet)))
        except RenderRefused as fault:
            say(Refused.of(fault))
        except MemoryError:
            say(Refused(code="render.memory", message="排版所需内存超过上限", field=None, facts={}))
            return OUT_OF_MEMORY
    return 0


if __name__ == "__main__":
    sys.exit(main())
