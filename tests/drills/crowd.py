"""A crowd in a process of its own: ``python -m tests.drills.crowd PORT VISITORS SECONDS`` prints what it was answered.

As little client as HTTP allows, so that the site is what is measured. Whoever is told to wait comes back in a tenth of a
second, much sooner than asked.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time


async def visitor(port: int, ends: float, answers: dict[str, int]) -> None:
    """One person who reloads the verification page."""
    request = f"GET /verify HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/html\r\n\r\n".encode()
    while time.monotonic() < ends:
        writer = None
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            while time.monotonic() < ends:
                writer.write(request)
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
                await reader.readexactly(length)
                kind = head.split(b" ", 2)[1].decode()
                if kind == "503":
                    kind = "503" if b"\r\nretry-after:" in head else "503 without Retry-After"
                answers[kind] = answers.get(kind, 0) + 1
                if kind != "200":
                    await asyncio.sleep(0.1)
        except (OSError, asyncio.IncompleteReadError) as why:
            answers[type(why).__name__] = answers.get(type(why).__name__, 0) + 1
            await asyncio.sleep(0.1)
        finally:
            if writer is not None:
                writer.close()


async def main(port: int, visitors: int, seconds: float) -> None:
    answers: dict[str, int] = {}
    ends = time.monotonic() + seconds
    await asyncio.gather(*(visitor(port, ends, answers) for _ in range(visitors)))
    sys.stdout.write(json.dumps(answers))


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
