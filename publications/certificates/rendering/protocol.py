"""What the site and a rendering process say to each other: msgpack messages, each after its length in four bytes."""

from __future__ import annotations

from typing import Any, BinaryIO

import msgspec
from msgspec import Struct

from publications.certificates.designs.sheets import AnySheet, TemplateText
from publications.certificates.rendering.schemas import CompetitionCertificate, RenderRefused

LARGEST = 64 << 20


class Work(Struct, frozen=True, kw_only=True, tag="work"):
    """Certificates to set with one cut of the fonts; one answer each, in order."""

    certificates: tuple[CompetitionCertificate, ...]


class DesignWork(Struct, frozen=True, kw_only=True, tag="designs"):
    """Sheets of one kind to set by a version's own text; one `Proof` each, in order."""

    template: TemplateText
    sheets: tuple[AnySheet, ...]


class Ready(Struct, frozen=True, kw_only=True, tag="ready"):
    """The process has its fonts and limits. ``offline`` is true where the kernel gave it an empty network."""

    offline: bool


class Sheet(Struct, frozen=True, kw_only=True, tag="sheet"):
    pdf: bytes


class Refused(Struct, frozen=True, kw_only=True, tag="refused"):
    """A `RenderRefused`, spelled out."""

    code: str
    message: str
    field: str | None
    facts: dict[str, str | int]

    @classmethod
    def of(cls, error: RenderRefused) -> Refused:
        facts = {name: value if isinstance(value, int) else str(value) for name, value in error.facts.items()}
        return cls(code=error.code, message=error.message, field=error.field, facts=facts)

    def error(self) -> RenderRefused:
        facts: dict[str, Any] = dict(self.facts)
        return RenderRefused(self.code, self.message, field=self.field, **facts)


class Proof(Struct, frozen=True, kw_only=True, tag="proof"):
    """A designed sheet: its PDF, empty where none could be made, and every fault found."""

    pdf: bytes
    faults: tuple[Refused, ...]


Answer = Ready | Sheet | Refused | Proof
_work = msgspec.msgpack.Decoder(Work | DesignWork)
_answer = msgspec.msgpack.Decoder(Answer)


def pack(message: Struct) -> bytes:
    body = msgspec.msgpack.encode(message)
    if len(body) > LARGEST:
        raise ValueError("message too large")
    return len(body).to_bytes(4, "big") + body


def read_work(stream: BinaryIO) -> Work | DesignWork | None:
    """The next piece of work, or None at the end of the stream. Raises ValueError on a broken message."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    size = int.from_bytes(head, "big")
    if size > LARGEST:
        raise ValueError("message too large")
    return _work.decode(stream.read(size))


def read_answer(body: bytes) -> Answer:
    return _answer.decode(body)
