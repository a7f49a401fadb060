"""A process of ours behind two pipes: msgpack messages, each after its length in four bytes; no secret in its environment."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Generic, Self, TypeVar

import msgspec

from publications.certificates.proof.schemas import ProofRefused

ROOT = Path(__file__).resolve().parents[3]
LARGEST = 64 << 20
T = TypeVar("T")


class Child(Generic[T]):
    """One process that answers each message with one message of type ``answers``."""

    def __init__(self, process: asyncio.subprocess.Process, folder: str, answers: Any) -> None:
        self._process, self._folder = process, folder
        self._decoder: msgspec.msgpack.Decoder[T] = msgspec.msgpack.Decoder(answers)
        # One reader at a time: who ends the process waits until the reader under way has seen the end of the pipe.
        self._reading = asyncio.Lock()

    @classmethod
    async def start(cls, module: str, *arguments: str, answers: Any) -> Self:
        """Start ``python -m module`` with a temporary folder of its own and nothing of the site's environment but paths."""
        folder = tempfile.mkdtemp(prefix="gongjiang-proof-")
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}
        environment |= {"TMPDIR": folder, "PYTHONDONTWRITEBYTECODE": "1"}
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-s", "-m", module, *arguments,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=environment, start_new_session=True,
        )  # fmt: skip
        return cls(process, folder, answers)

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ask(self, message: msgspec.Struct | None, *, seconds: float) -> T:
        """Send (nothing for the first word) and await one answer; raises ``ProofRefused`` ``proof.process``."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(seconds):
                if message is not None:
                    self._process.stdin.write(pack(message))
                    await self._process.stdin.drain()
                async with self._reading:
                    size = int.from_bytes(await self._process.stdout.readexactly(4), "big")
                    if size > LARGEST:
                        raise ProofRefused("proof.process", "签验进程的答复无法识别")
                    return self._decoder.decode(await self._process.stdout.readexactly(size))
        except TimeoutError:
            raise ProofRefused("proof.process", "签验超时，已终止") from None
        except (asyncio.IncompleteReadError, BrokenPipeError, ConnectionResetError, msgspec.DecodeError):
            raise ProofRefused("proof.process", "签验进程意外退出") from None

    async def end(self) -> None:
        """Kill it if it still lives, and remove what it left in its folder."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        # Reading what it had still to say: a full pipe that nobody reads would keep its end from being seen, for ever.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(10), self._reading:
                await self._process.communicate()
        shutil.rmtree(self._folder, ignore_errors=True)


def pack(message: msgspec.Struct) -> bytes:
    body = msgspec.msgpack.encode(message)
    if len(body) > LARGEST:
        raise ValueError("message too large")
    return len(body).to_bytes(4, "big") + body


class Conversation:
    """The child's side: standard input and output, kept apart from whatever a library prints."""

    def __init__(self) -> None:
        self._source: BinaryIO = sys.stdin.buffer
        self._sink: BinaryIO = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)

    def say(self, message: msgspec.Struct) -> None:
        self._sink.write(pack(message))
        self._sink.flush()

    def serve(self, asks: Any, answer: Callable[[Any], msgspec.Struct]) -> None:
        """Answer each message of type ``asks`` until the input ends."""
        decoder = msgspec.msgpack.Decoder(asks)
        while len(head := self._source.read(4)) == 4:
            size = int.from_bytes(head, "big")
            if size > LARGEST:
                raise ValueError("message too large")
            self.say(answer(decoder.decode(self._source.read(size))))
