"""Examines one uploaded PDF in a process of its own: memory, processor time, no network, no programs (SECURITY 13, 15)."""

from __future__ import annotations

import asyncio
import logging
import sys

from msgspec import Struct

from publications.certificates.proof.child import Child, Conversation
from publications.certificates.proof.schemas import Examined, Finding, ProofRefused, Published

MODULE = "publications.certificates.proof.examiner_process"
MEMORY, CPU_SECONDS, SECONDS = 512 << 20, 10, 20.0


class Examine(Struct, frozen=True, kw_only=True):
    pdf: bytes
    published: Published


async def examine_apart(pdf: bytes, published: Published) -> Examined:
    """:func:`examine` in a fresh process; a file that exhausts or kills it is no certificate of ours."""
    child: Child[Examined] = await Child.start(MODULE, answers=Examined)
    try:
        return await child.ask(Examine(pdf=pdf, published=published), seconds=SECONDS)
    except ProofRefused as why:
        return Examined(finding=Finding.FOREIGN, reason=why.code)
    finally:
        await child.end()


def main() -> int:
    from publications.certificates.proof.examine import examine
    from publications.certificates.rendering import limits

    logging.disable()
    speech = Conversation()
    loop = asyncio.new_event_loop()  # made before sockets are forbidden
    limits.leave_network()
    limits.limit_memory(MEMORY)
    limits.allow_cpu(CPU_SECONDS)
    limits.seal()

    def answer(ask: Examine) -> Struct:
        try:
            return examine(ask.pdf, ask.published, loop.run_until_complete)
        except MemoryError:
            return Examined(finding=Finding.FOREIGN, reason="memory")

    speech.serve(Examine, answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
