"""Who refers to a row, asked of the database's own catalogue: so that merging reaches tables of wings above this one."""

from __future__ import annotations

from uuid import UUID

import asyncpg

from foundation.database import fetch, transaction
from foundation.errors import Conflict

REFERENCES_SQL = """
SELECT c.conrelid::regclass::text AS "table", a.attname AS "column"
FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'f' AND c.confrelid = $1::text::regclass AND cardinality(c.conkey) = 1
  AND has_table_privilege(c.conrelid, 'UPDATE')
ORDER BY 1, 2
"""


async def references_to(table: str) -> list[tuple[str, str]]:
    """(table, column) of every foreign key to ``table`` that the application may rewrite.

    Append-only tables are left out: their rows keep pointing at the merged row, which stays and says where it went.
    """
    return [(row["table"], row["column"]) for row in await fetch(REFERENCES_SQL, table)]


async def repoint(
    table: str, other: UUID, keep: UUID, *, leave: frozenset[tuple[str, str]] = frozenset()
) -> dict[str, int]:
    """Let everything that refers to ``other`` refer to ``keep``; returns how many rows of each table moved.

    Raises ``Conflict`` ``merge_overlap`` where both stand in a place that only one may hold (the same entry, the same
    result): those have to be put right where they stand. ``leave`` names (table, column) pairs not to touch.
    """
    moved: dict[str, int] = {}
    for name, column in await references_to(table):
        if (name, column) in leave:
            continue
        try:
            async with transaction():
                rows = await fetch(f'UPDATE {name} SET "{column}" = $1 WHERE "{column}" = $2 RETURNING 1', keep, other)
        except (asyncpg.UniqueViolationError, asyncpg.ExclusionViolationError):
            raise Conflict(
                "merge_overlap", "两者在“{table}”中都有同一项记录，不能直接合并：请先在那里处理", table=name
            ) from None
        if rows:
            moved[f"{name}.{column}"] = len(rows)
    return moved
