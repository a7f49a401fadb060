"""Renderers that use up what a process may have, for the tests of the pool: the real process, pipes and limits.

``python -m tests.publications.certificates.rendering.exhausting`` stands where the worker stands; what it does is said by
the certificate's number.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

from publications.certificates.rendering.worker import hide_system_fonts, main

HUNGRY = "<p style='position:static'>" + "一<b>二</b>" * 2_000_000


def misbehave(kind: str) -> bytes:
    match kind:
        case "MEMORY":
            return b"".join(bytes(64 << 20) for _ in range(64))
        case "PAGE":
            return HTML(string=HUNGRY).write_pdf() or b""
        case "CPU":
            while True:
                sum(range(1000))
        case "HALF":
            end = time.process_time() + 0.6
            while time.process_time() < end:
                sum(range(1000))
        case "SLEEP":
            time.sleep(3600)
        case "ABORT":
            os.abort()
        case "PRINT":
            print("a library that chats on standard output")
            os.write(1, b"\0\0\0\0")
        case "NETWORK":
            return attempt(lambda: socket.create_connection(("127.0.0.1", 9), timeout=1))
        case "PROGRAM":
            return attempt(lambda: subprocess.run(["true"], check=True))
        case "ENVIRONMENT":
            return " ".join(sorted(os.environ)).encode()
    return kind.encode()


def attempt(act) -> bytes:
    try:
        act()
    except Exception as error:
        return type(error).__name__.encode()
    return b"done"


def prepare():
    global HTML
    hide_system_fonts()
    from weasyprint import HTML

    def render(sheets, each):
        for sheet in sheets:
            each()
            yield misbehave(sheet.number)

    return render


if __name__ == "__main__":
    sys.exit(main(prepare))
