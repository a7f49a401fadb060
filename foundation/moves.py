"""Life-cycles: one declared table of moves, one compare-and-set in the database.

``MOVES = {(Stage.DRAFT, "open"): (Stage.OPEN, Permission.RUN_COMPETITION)}``: every other (stage, action) is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

from foundation.database import fetchval
from foundation.errors import Conflict

S = TypeVar("S", bound=Enum)
Moves = Mapping[tuple[S, str], tuple[S, Any]]


def target(moves: Moves[S], stage: S, action: str) -> S:
    """Where ``action`` leads from ``stage``; raises ``Conflict`` ``no_such_move`` where it leads nowhere."""
    try:
        return moves[(stage, action)][0]
    except KeyError:
        allowed = "、".join(name for (at, name) in moves if at is stage) or "—"
        raise Conflict(
            "no_such_move", "当前状态“{stage}”不能执行“{action}”（可执行：{allowed}）",
            stage=stage.value, action=action, allowed=allowed,
        ) from None  # fmt: skip


def actions(moves: Moves[S], stage: S) -> list[str]:
    """The actions that lead somewhere from ``stage``."""
    return [name for (at, name) in moves if at is stage]


async def move(table: str, row: object, moves: Moves[S], stage: S, action: str, *, column: str = "stage") -> S:
    """Move one row by compare-and-set; raises ``Conflict`` where the table forbids it or somebody moved it before.

    ``table`` and ``column`` are constants of the caller, never request data.
    """
    to = target(moves, stage, action)
    moved = await fetchval(
        f'UPDATE "{table}" SET {column} = $1, version = version + 1 WHERE id = $2 AND {column} = $3 RETURNING id',
        to.value, row, stage.value,
    )  # fmt: skip
    if moved is None:
        raise Conflict("moved_meanwhile", "状态刚刚被他人改变，请刷新后再试")
    return to
