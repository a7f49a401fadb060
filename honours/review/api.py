"""Review for programs: the board's lines, a gate's acts, a reviewer's vote."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath

from foundation.forms import read_json
from foundation.i18n import gettext
from foundation.web.pages import HouseRequest, actor_of
from honours.cycles.composition import Line
from honours.permissions import Permission
from honours.review import board as boards
from honours.review import gates, voting
from honours.review import round_reading as reading
from honours.review.schemas import DecisionForm

FIRST = {"policy": Permission.REVIEW_FIRST}


class Stood(msgspec.Struct, frozen=True, kw_only=True):
    """Where a nomination stands after an act."""

    stage: str


class Obstacle(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    message: str
    rule: str | None


class BoardOut(msgspec.Struct, frozen=True, kw_only=True):
    """An award's board: every floor and ceiling, how many stand in each list, what blocks the notice."""

    award: UUID
    chosen: int
    reserve: int
    separate: int
    places: int
    lines: tuple[Line, ...]
    obstacles: tuple[Obstacle, ...]


class MyRoundOut(msgspec.Struct, frozen=True, kw_only=True):
    """A reviewer's own round, before the close without any figure."""

    id: UUID
    title: str
    method: str
    stage: str
    closes_at: datetime
    voted: bool


class Vote(msgspec.Struct, frozen=True, kw_only=True):
    """A whole paper: nomination → choice (approval: 1 yes, 2 no, 0 abstained; ranked: the place, 0 none)."""

    nominations: tuple[UUID, ...]
    choices: tuple[int, ...]


class ReviewApi(Controller):
    """/api/v1/honours"""

    path = "/api/v1/honours"

    @get("/awards/{award:uuid}/composition", opt={"policy": Permission.SEE_COMPOSITION}, name="api.honours.composition", operation_id="getComposition")  # fmt: skip
    async def composition(self, request: HouseRequest, award: FromPath[UUID]) -> BoardOut:
        """The board of one award; a county's officers get the share of their own nominees."""
        board = await boards.board_for(actor_of(request), award)
        refused = boards.obstacles_of(board) if board.award.runs else []
        return BoardOut(
            award=award, chosen=len(board.field.chosen), reserve=len(board.field.reserve), separate=len(board.field.separate),
            places=board.award.open_places, lines=board.lines,
            obstacles=tuple(Obstacle(code=o.code, message=o.text(gettext), rule=o.rule) for o in refused),
        )  # fmt: skip

    @post("/review/{nomination:uuid}/acceptance", opt=FIRST, name="api.honours.review.accept", operation_id="acceptNomination", status_code=200)  # fmt: skip
    async def accept(self, request: HouseRequest, nomination: FromPath[UUID]) -> Stood:
        """Accept at the gate where it stands."""
        data = (await read_json(request, DecisionForm)).data
        stage = await gates.accept(
            actor_of(request), nomination, opinion=data.opinion, signed_by=data.signed_by, version=data.version
        )
        return Stood(stage=stage)

    @post("/review/{nomination:uuid}/return", opt=FIRST, name="api.honours.review.return", operation_id="returnNomination", status_code=200)  # fmt: skip
    async def send_back(self, request: HouseRequest, nomination: FromPath[UUID]) -> Stood:
        """Return with reasons and a day."""
        data = (await read_json(request, DecisionForm)).data
        stage = await gates.send_back(
            actor_of(request), nomination, opinion=data.opinion, due_at=data.due_at, version=data.version
        )
        return Stood(stage=stage)

    @post("/review/{nomination:uuid}/rejection", opt=FIRST, name="api.honours.review.reject", operation_id="rejectNomination", status_code=200)  # fmt: skip
    async def reject(self, request: HouseRequest, nomination: FromPath[UUID]) -> Stood:
        """Reject with reasons."""
        data = (await read_json(request, DecisionForm)).data
        stage = await gates.reject(
            actor_of(request), nomination, opinion=data.opinion, signed_by=data.signed_by, version=data.version
        )
        return Stood(stage=stage)

    @get("/my-rounds", opt={"policy": Permission.SCORE_NOMINATIONS}, name="api.honours.my_rounds", operation_id="listMyRounds")  # fmt: skip
    async def my_rounds(self, request: HouseRequest) -> list[MyRoundOut]:
        """My rounds, those that wait for my vote first."""
        return [_mine(row) for row in await reading.my_rounds(actor_of(request))]

    @post("/my-rounds/{round_id:uuid}/ballot", opt={"policy": Permission.SCORE_NOMINATIONS}, name="api.honours.my_rounds.vote", operation_id="castVote", status_code=204)  # fmt: skip
    async def vote(self, request: HouseRequest, round_id: FromPath[UUID]) -> None:
        """Cast my vote, once; it cannot be taken back."""
        data = (await read_json(request, Vote)).data
        await voting.cast(actor_of(request), round_id, dict(zip(data.nominations, data.choices, strict=False)))


def _mine(row: Any) -> MyRoundOut:
    return MyRoundOut(
        id=row["id"],
        title=row["title"],
        method=row["method"],
        stage=row["stage"],
        closes_at=row["closes_at"],
        voted=row["voted"],
    )
