"""Rolls for programs: the same frozen entries as on the public pages; the officers' acts by the same operations."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation.forms import read_json
from foundation.web.pages import HouseRequest, actor_of
from foundation.web.policy import EVERYBODY
from honours.permissions import Permission
from honours.rolls import deciding, public, publishing, revoking
from honours.rolls.public_pages import CACHE
from honours.rolls.schemas import DecisionForm, OpinionForm, OutcomeForm, WithVersion


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    honour: str
    kind: str
    place: int
    name: str
    unit: str
    post: str
    county: str


class RollLine(msgspec.Struct, frozen=True, kw_only=True):
    code: str
    title: str
    year: int
    organ: str
    document_number: str
    decided_on: date
    published_at: datetime
    sha256: str
    honours: dict[str, int]


class RollOut(msgspec.Struct, frozen=True, kw_only=True):
    """A roll with those who stand on it now; ``sha256`` is that of the list as it was published."""

    roll: RollLine
    revoked: int
    entries: tuple[Entry, ...]


class RollsOut(msgspec.Struct, frozen=True, kw_only=True):
    rolls: tuple[RollLine, ...]


def _line(head: public.RollHead) -> RollLine:
    return RollLine(
        code=head.code, title=head.title, year=head.year, organ=head.organ, document_number=head.document_number,
        decided_on=head.decided_on, published_at=head.published_at, sha256=head.digest,
        honours={title: count for title, _kind, count in head.counts},
    )  # fmt: skip


def _kept(body: Any) -> Response[Any]:
    return Response(body, headers={"Cache-Control": f"public, max-age={CACHE}"})


class PublicRollApi(Controller):
    """/api/v1/honours/rolls"""

    path = "/api/v1/honours/rolls"
    opt = {"policy": EVERYBODY}

    @get("/", name="api.rolls.list", operation_id="listRolls")
    async def listed(self, request: HouseRequest) -> Response[RollsOut]:
        """The newest hundred rolls; ``?year=`` narrows."""
        text = str(request.query_params.get("year", ""))
        year = int(text) if text.isdecimal() and len(text) == 4 else None
        return _kept(RollsOut(rolls=tuple(_line(head) for head in await public.rolls(100, year=year))))

    @get("/{code:str}", name="api.rolls.show", operation_id="showRoll")
    async def show(self, code: FromPath[str]) -> Response[RollOut]:
        """One roll. Name, unit, post and county, nothing else (P3); revoked entries are left out and counted (H77)."""
        head = await public.roll_of(code)
        _corrections, gone = await public.corrections_of(head.id)
        entries = tuple(
            Entry(
                id=row.id, honour=row.title, kind=row.kind, place=row.place, name=row.name, unit=row.unit_name, post=row.post,
                county=row.county_name,
            )
            for row in await public.entries_of(head.id)
        )  # fmt: skip
        return _kept(RollOut(roll=_line(head), revoked=gone, entries=entries))


class Made(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID


class Issued(msgspec.Struct, frozen=True, kw_only=True):
    number: str


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    stage: str


class DecisionApi(Controller):
    """/api/v1/honours"""

    path = "/api/v1/honours"
    opt = {"policy": Permission.DECIDE}

    @post("/cycles/{cycle:uuid}/decisions", name="api.decisions.draft", operation_id="draftDecision", status_code=201)
    async def draft(self, request: HouseRequest, cycle: FromPath[UUID]) -> Made:
        """Draft a decision over the cycle's noticed nominees."""
        form = (await read_json(request, DecisionForm)).data
        return Made(id=await deciding.draft(actor_of(request), cycle, form))

    @post("/decisions/{decision:uuid}/issue", name="api.decisions.issue", operation_id="issueDecision", status_code=200)
    async def issue(self, request: HouseRequest, decision: FromPath[UUID]) -> Issued:
        """Number and issue it (H70)."""
        return Issued(number=await deciding.issue(actor_of(request), decision))

    @post("/decisions/{decision:uuid}/publication", name="api.decisions.publish", operation_id="publishRoll", status_code=201)  # fmt: skip
    async def publish(self, request: HouseRequest, decision: FromPath[UUID]) -> Made:
        """Publish its roll; 422 with every obstacle."""
        form = (await read_json(request, WithVersion)).data
        return Made(id=await publishing.publish_roll(actor_of(request), decision, version=form.version))


class RevocationApi(Controller):
    """/api/v1/honours/revocations"""

    path = "/api/v1/honours/revocations"
    opt = {"policy": Permission.REPORT_REVOCATION}

    @post("/{revocation:uuid}/{action:str}", name="api.revocations.step", operation_id="stepRevocation", status_code=200)  # fmt: skip
    async def step(self, request: HouseRequest, revocation: FromPath[UUID], action: FromPath[str]) -> Moved:
        """endorse, propose, refer or withdraw with an opinion; decide or keep with the outcome (H76)."""
        actor = actor_of(request)
        if action in ("decide", "keep"):
            outcome = (await read_json(request, OutcomeForm)).data
            return Moved(stage=(await revoking.decide(actor, revocation, action, outcome)).value)
        form = (await read_json(request, OpinionForm)).data
        return Moved(stage=(await revoking.step(actor, revocation, action, form.opinion, version=form.version)).value)


HANDLERS = [PublicRollApi, DecisionApi, RevocationApi]
