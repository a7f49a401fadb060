"""Many workers at once: checked people as lines of ``COPY``, sealed and keyed; pure until :func:`copy_lines`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import date, datetime
from uuid import UUID

import msgspec

from foundation.database import connection, fetch
from foundation.database.columns import new_id
from registry.search_keys import keys_for_name, sort_key
from registry.workers.schemas import Checked
from registry.workers.sealing import seal_new

WORKER_COLUMNS = (
    "id", "organisation", "region", "name", "search_keys", "sort_key", "id_number_sealed", "id_number_index",
    "phone_sealed", "phone_index", "sex", "born_on", "nationality", "ethnic_group", "political_status", "education", "job_category",
    "evidence", "is_migrant", "is_non_public", "is_new_form", "skill_level", "occupation", "post", "employed_on",
    "version", "made_at",
)  # fmt: skip
KEY_COLUMNS = ("subject", "wrapped")
EMPLOYMENT_COLUMNS = ("id", "worker", "organisation", "post", "started_on", "reason")
TABLES = (("worker", WORKER_COLUMNS), ("subject_key", KEY_COLUMNS), ("employment", EMPLOYMENT_COLUMNS))
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class Lines(msgspec.Struct, kw_only=True):
    """Lines of ``COPY … (FORMAT text)`` for each of ``TABLES``, and the ID numbers' blind indexes in the same order."""

    worker: bytes
    subject_key: bytes
    employment: bytes
    indexes: list[bytes]

    def without(self, places: set[int]) -> Lines:
        """The same without the people at these places."""
        if not places:
            return self

        def rest(body: bytes) -> bytes:
            kept = [line for place, line in enumerate(body.rstrip(b"\n").split(b"\n")) if place not in places]
            return b"\n".join(kept) + b"\n" if kept else b""

        return Lines(
            worker=rest(self.worker), subject_key=rest(self.subject_key), employment=rest(self.employment),
            indexes=[index for place, index in enumerate(self.indexes) if place not in places],
        )  # fmt: skip


def _text(value: str) -> str:
    return value.translate(_ESCAPES) if "\\" in value or "\t" in value or "\n" in value or "\r" in value else value


def _bytes(value: bytes | None) -> str:
    return "\\N" if value is None else "\\\\x" + value.hex()


def _day(value: date | None) -> str:
    return "\\N" if value is None else value.isoformat()


def array(values: Iterable[str]) -> str:
    """A ``text[]`` literal; only what is not plain letters, digits and characters is quoted."""
    quoted = [
        value if value.isalnum() else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values
    ]
    return _text("{" + ",".join(quoted) + "}")


def _flag(value: bool) -> str:
    return "t" if value else "f"


def lines_of(people: Iterable[tuple[Checked, UUID, str]], now: datetime) -> Lines:
    """Lines for (person, organisation, region) triples: a key for each, numbers sealed, search keys cut."""
    workers: list[str] = []
    keys: list[str] = []
    employments: list[str] = []
    indexes: list[bytes] = []
    made_at = now.isoformat()
    for p, organisation, region in people:
        worker = new_id()
        sealed = seal_new(worker, p.id_number, p.phone)
        indexes.append(sealed.id_index)
        post, unit = _text(p.post), str(organisation)
        workers.append(
            "\t".join((
                str(worker), unit, region, _text(p.name), array(keys_for_name(p.name)), _text(sort_key(p.name)),
                _bytes(sealed.id_number), _bytes(sealed.id_index), _bytes(sealed.phone), _bytes(sealed.phone_index),
                p.sex, p.born_on.isoformat(), p.nationality, p.ethnic_group, p.political_status, p.education, p.job_category,
                _text(p.evidence), _flag(p.is_migrant), _flag(p.is_non_public), _flag(p.is_new_form), p.skill_level,
                p.occupation, post, _day(p.employed_on), "1", made_at,
            ))
        )  # fmt: skip
        keys.append(f"{worker}\t{_bytes(sealed.wrapped)}")
        employments.append(f"{new_id()}\t{worker}\t{unit}\t{post}\t{_day(p.employed_on)}\t")
    return Lines(worker=_joined(workers), subject_key=_joined(keys), employment=_joined(employments), indexes=indexes)


def _joined(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode() if lines else b""


async def copy_lines(lines: Lines) -> None:
    """Write the lines in the current transaction."""
    for table, columns in TABLES:
        await copy_text(table, columns, getattr(lines, table))


async def copy_text(table: str, columns: tuple[str, ...], body: bytes) -> None:
    """``COPY`` one piece of text into a table, with a minute for it instead of the usual ten seconds."""
    if not body:
        return

    async def source() -> AsyncIterator[bytes]:
        yield body

    await fetch("SET LOCAL statement_timeout = '120s'")
    await connection().copy_to_table(table, source=source(), columns=columns, format="text", timeout=120)


async def known_indexes(indexes: list[bytes]) -> set[bytes]:
    """Which of these ID numbers are registered already."""
    rows = await fetch("SELECT id_number_index FROM worker WHERE id_number_index = ANY($1::bytea[])", indexes)
    return {bytes(row["id_number_index"]) for row in rows}
