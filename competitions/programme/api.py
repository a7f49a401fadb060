"""The programme for programs: competitions, events, their stages and rules, as JSON."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath
from msgspec import Struct

from competitions.judging.live_signal import changed
from competitions.permissions import Permission
from competitions.programme import bundle_files, operations, queries, rule_sets
from competitions.programme.queries import CompetitionView, EventView
from competitions.programme.schemas import CompetitionForm, EventForm, MoveForm
from competitions.scoring.bundle import FORMAT, Rules
from competitions.scoring.faults import BundleFaults
from competitions.scoring.reading import examine
from foundation.errors import NotFound, Refusal
from foundation.forms import Line300, bind_tree, read_json
from foundation.web.pages import HouseRequest, actor_of


class CompetitionOut(Struct, frozen=True, kw_only=True):
    """One line of the list."""

    id: UUID
    code: str
    title: str
    level: str
    plan_class: str
    year: int
    stage: str
    events: int
    entries: int


class CompetitionsOut(Struct, frozen=True, kw_only=True):
    """A page of the list: as ``/competitions`` asks it (``q``, ``year``, ``level``, ``stage``, ``sort``, ``page``)."""

    competitions: list[CompetitionOut]
    page: int
    pages: int
    total: int


class MadeOut(Struct, frozen=True, kw_only=True):
    """What was made."""

    id: UUID


class RulesIn(Struct, frozen=True, kw_only=True):
    """What stands beside ``rules`` (an object in the words of the bundle's ``event.rules``) in a request.

    ``based_on`` is the version that was read (0: none).
    """

    based_on: int = 0
    reason: Line300 = ""
    hundred: bool = False


class RulesSent(RulesIn, frozen=True, kw_only=True):
    """The whole request, for the API's description: ``rules`` are checked by the format's own checker."""

    rules: Rules


class RulesOut(Struct, frozen=True, kw_only=True):
    """A version of an event's rules."""

    number: int
    rules: Rules


class ProgrammeApi(Controller):
    """`/api/v1/competitions` and `/api/v1/events`."""

    path = "/api/v1"
    opt = {"policy": Permission.RUN_COMPETITION}

    @get("/competitions", name="competitions.programme.api.list", operation_id="listCompetitions")
    async def index(self, request: HouseRequest) -> CompetitionsOut:
        """The competitions of one's own federation and those below it."""
        scope = list(Permission.RUN_COMPETITION.scope(actor_of(request)))
        found = await queries.LIST.fetch(queries.LIST.ask(request.query_params), queries.SCOPE, scope)
        names = [field.name for field in msgspec.structs.fields(CompetitionOut)]
        rows = [CompetitionOut(**{name: row[name] for name in names}) for row in found.rows]
        return CompetitionsOut(competitions=rows, page=found.page, pages=found.pages, total=found.total)

    @post("/competitions", name="competitions.programme.api.create", operation_id="createCompetition")
    async def create(self, request: HouseRequest) -> MadeOut:
        """Make a competition as a draft."""
        form = await read_json(request, CompetitionForm)
        return MadeOut(id=await operations.create_competition(actor_of(request), form.data))

    @get("/competitions/{competition_id:uuid}", name="competitions.programme.api.show", operation_id="showCompetition")
    async def show(self, request: HouseRequest, competition_id: FromPath[UUID]) -> CompetitionView:
        """A competition."""
        return await queries.competition_for(actor_of(request), competition_id, Permission.RUN_COMPETITION)

    @post(
        "/competitions/{competition_id:uuid}/stage", name="competitions.programme.api.move", status_code=200,
        operation_id="moveCompetition",
    )  # fmt: skip
    async def move(self, request: HouseRequest, competition_id: FromPath[UUID]) -> CompetitionView:
        """Open, close or reopen."""
        form = await read_json(request, MoveForm)
        await operations.move_competition(actor_of(request), competition_id, form.data.action)
        return await queries.competition_for(actor_of(request), competition_id, Permission.RUN_COMPETITION)

    @post(
        "/competitions/{competition_id:uuid}/events", name="competitions.programme.api.event.create",
        operation_id="createEvent",
    )  # fmt: skip
    async def create_event(self, request: HouseRequest, competition_id: FromPath[UUID]) -> MadeOut:
        """Add an event as a draft."""
        form = await read_json(request, EventForm)
        return MadeOut(id=await operations.create_event(actor_of(request), competition_id, form.data))

    @get("/events/{event_id:uuid}", name="competitions.programme.api.event.show", operation_id="showEvent")
    async def event(self, request: HouseRequest, event_id: FromPath[UUID]) -> EventView:
        """An event."""
        return await queries.event_for(actor_of(request), event_id, Permission.RUN_COMPETITION)

    @post(
        "/events/{event_id:uuid}/stage", name="competitions.programme.api.event.move", status_code=200,
        operation_id="moveEvent",
    )  # fmt: skip
    async def move_event(self, request: HouseRequest, event_id: FromPath[UUID]) -> EventView:
        """Open registration, start judging, or go back; every obstacle comes back at once."""
        data = (await read_json(request, MoveForm)).data
        await operations.move_event(actor_of(request), event_id, data.action, reason=data.reason)
        return await queries.event_for(actor_of(request), event_id, Permission.RUN_COMPETITION)

    @get("/events/{event_id:uuid}/rules", name="competitions.programme.api.rules", operation_id="readRules")
    async def rules(self, request: HouseRequest, event_id: FromPath[UUID]) -> RulesOut:
        """The rules in force."""
        await queries.event_for(actor_of(request), event_id, Permission.RUN_COMPETITION)
        versions = await rule_sets.versions_of(event_id)
        if not versions:
            raise NotFound
        return RulesOut(number=versions[0].number, rules=versions[0].rules)

    @post(
        "/events/{event_id:uuid}/rules", name="competitions.programme.api.rules.save", operation_id="saveRules",
        opt={"body": RulesSent},
    )  # fmt: skip
    async def save_rules(self, request: HouseRequest, event_id: FromPath[UUID]) -> RulesOut:
        """Save a new version; every fault at once, ``field`` is its JSON path in a bundle (``$.event.rules…``)."""
        actor = actor_of(request)
        await queries.event_for(actor, event_id, Permission.RUN_COMPETITION)
        typed, data = await _rules_in(request)
        head = {"code": "x", "title": "", "rules": typed}
        if faults := examine({"format": FORMAT, "event": head, "entries": [], "marks": []}):
            raise bundle_files.refusals_of(BundleFaults(faults))
        rules = msgspec.convert(typed, Rules)
        number = await rule_sets.save_rules(
            actor, event_id, rules, based_on=data.based_on, reason=data.reason, hundred=data.hundred
        )
        changed(event_id)
        return RulesOut(number=number, rules=await queries.rules_of(event_id) or rules)


async def _rules_in(request: HouseRequest) -> tuple[Any, RulesIn]:
    """The ``rules`` of the body as they stand, for the format's own checker, and what stands beside them."""
    try:
        tree = msgspec.json.decode(await request.body())
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise Refusal("not_json", "请求体不是有效的 JSON") from None
    if not isinstance(tree, dict):
        raise Refusal("not_an_object", "请求体应为一个 JSON 对象")
    typed = tree.pop("rules", None)
    return typed, bind_tree(tree, RulesIn).data
