"""Programmes and calls for programs, under ``/api/v1/studio-programmes`` and ``/api/v1/studio-calls``."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
from litestar import Controller, get, post, put
from litestar.params import FromPath

from foundation.database import fetch, fetchrow
from foundation.errors import NotFound
from foundation.forms import read_json
from foundation.web.pages import HouseRequest, actor_of
from foundation.web.policy import Actor
from studios.applications import naming, notices, programmes, rule_form
from studios.applications.api import line_of
from studios.applications.schemas import CallForm, NamingForm, NoticeForm, ProgrammeForm
from studios.permissions import Permission
from studios.schemas import ProgrammeRules


class ProgrammeLineApi(msgspec.Struct, frozen=True, kw_only=True):
    """A programme of the caller's union, and the call that is open in it."""

    id: UUID
    code: str
    title: str
    level: str
    kind: str
    open: UUID | None
    version: int


class CallLineApi(msgspec.Struct, frozen=True, kw_only=True):
    """A call of a programme."""

    id: UUID
    code: str
    title: str
    opens_on: date
    closes_on: date
    stage: str
    version: int


class ProgrammeApi(ProgrammeLineApi, frozen=True, kw_only=True):
    """A programme with the rules in force and its calls, the newest first."""

    rules_number: int
    rules: ProgrammeRules
    calls: tuple[CallLineApi, ...]


class CandidateApi(msgspec.Struct, frozen=True, kw_only=True):
    """An application of a call, with what its panel came to."""

    id: UUID
    number: str | None
    leader_name: str
    unit: str
    stage: str
    result: str | None
    grade: str | None


class CallApi(CallLineApi, frozen=True, kw_only=True):
    """A call with everything that was handed in."""

    programme: UUID
    applications: tuple[CandidateApi, ...]


class NoticeMadeApi(msgspec.Struct, frozen=True, kw_only=True):
    """The notice that was opened."""

    notice: UUID


class NamedApi(msgspec.Struct, frozen=True, kw_only=True):
    """The document's number, and the studios that it named."""

    number: str
    studios: tuple[UUID, ...]


class StudioProgrammeApi(Controller):
    """`/api/v1/studio-programmes`."""

    path = "/api/v1/studio-programmes"
    opt = {"policy": Permission.RUN_PROGRAMMES}

    @get("/", name="studios.programmes.api.list", operation_id="listStudioProgrammes")
    async def index(self, request: HouseRequest) -> tuple[ProgrammeLineApi, ...]:
        """The programmes of one's own union."""
        return tuple(line_of(row, ProgrammeLineApi) for row in await programmes.programmes_of(actor_of(request)))

    @post("/", name="studios.programmes.api.create", operation_id="createStudioProgramme")
    async def create(self, request: HouseRequest) -> ProgrammeApi:
        """Make a programme from a preset."""
        data, actor = (await read_json(request, ProgrammeForm)).data, actor_of(request)
        return await _programme(actor, await programmes.create_programme(actor, data))

    @get("/{programme:uuid}", name="studios.programmes.api.show", operation_id="showStudioProgramme")
    async def show(self, request: HouseRequest, programme: FromPath[UUID]) -> ProgrammeApi:
        """One programme."""
        return await _programme(actor_of(request), programme)

    @put("/{programme:uuid}/rules", name="studios.programmes.api.rules", operation_id="saveStudioProgrammeRules")
    async def rules(self, request: HouseRequest, programme: FromPath[UUID]) -> ProgrammeApi:
        """Put a new version of the conditions, terms and subsidies in force, with its reason."""
        actor = actor_of(request)
        await programmes.programme_for(actor, programme)
        said = (await read_json(request, rule_form.RulesForm)).data
        made = rule_form.with_form(await programmes.rules_of(programme), said)
        await programmes.save_rules(
            actor, programme, msgspec.json.encode(made).decode(), reason=said.reason, version=said.version
        )
        return await _programme(actor, programme)

    @post("/{programme:uuid}/calls", name="studios.programmes.api.call", operation_id="openStudioCall")
    async def open_call(self, request: HouseRequest, programme: FromPath[UUID]) -> CallApi:
        """Open a call; the rules are locked until it ends."""
        data, actor = (await read_json(request, CallForm)).data, actor_of(request)
        return await _call(actor, await programmes.open_call(actor, programme, data))


class StudioCallApi(Controller):
    """`/api/v1/studio-calls`."""

    path = "/api/v1/studio-calls"
    opt = {"policy": Permission.RUN_PROGRAMMES}

    @get("/{call:uuid}", name="studios.calls.api.show", operation_id="showStudioCall")
    async def show(self, request: HouseRequest, call: FromPath[UUID]) -> CallApi:
        """One call with its applications."""
        return await _call(actor_of(request), call)

    @post("/{call:uuid}/notice", name="studios.calls.api.notice", operation_id="announceStudioCall")
    async def announce(self, request: HouseRequest, call: FromPath[UUID]) -> NoticeMadeApi:
        """Announce what the meeting approved."""
        data = (await read_json(request, NoticeForm)).data
        return NoticeMadeApi(notice=await notices.announce(actor_of(request), call, data))

    @post("/{call:uuid}/naming", name="studios.calls.api.naming", operation_id="nameStudioCall")
    async def name_all(self, request: HouseRequest, call: FromPath[UUID]) -> NamedApi:
        """Issue the document and name; every obstacle of every application at once, or all of them are named."""
        data = (await read_json(request, NamingForm)).data
        number, made = await naming.name_call(actor_of(request), call, data)
        return NamedApi(number=number, studios=tuple(made))

    @post("/{call:uuid}/closing", name="studios.calls.api.close", operation_id="closeStudioCall", status_code=200)
    async def close(self, request: HouseRequest, call: FromPath[UUID]) -> CallApi:
        """End the call once nothing of it waits."""
        actor = actor_of(request)
        await programmes.close_call(actor, call)
        return await _call(actor, call)


async def _programme(actor: Actor, programme: UUID) -> ProgrammeApi:
    row, rules = await programmes.programme_for(actor, programme), await programmes.newest_rules(programme)
    calls = await fetch("SELECT * FROM studio_call WHERE programme = $1 ORDER BY opens_on DESC, id", programme)
    line = msgspec.structs.asdict(line_of(row, ProgrammeLineApi))
    return ProgrammeApi(
        **line, rules_number=rules["number"], rules=msgspec.json.decode(rules["rules"], type=ProgrammeRules),
        calls=tuple(line_of(one, CallLineApi) for one in calls),
    )  # fmt: skip


async def _call(actor: Actor, call: UUID) -> CallApi:
    row = await fetchrow(
        "SELECT c.* FROM studio_call c JOIN programme p ON p.id = c.programme WHERE c.id = $1"
        " AND p.organisation = ANY($2::uuid[])",
        call, list(Permission.RUN_PROGRAMMES.scope(actor)),
    )  # fmt: skip
    if row is None:
        raise NotFound
    rows = await fetch(
        "SELECT a.id, a.number, a.leader_name, coalesce(nullif(o.unit_name, ''), o.name) AS unit, a.stage, v.result, v.grade"
        " FROM studio_application a JOIN organisation o ON o.id = a.organisation"
        " LEFT JOIN visit v ON v.subject = a.id AND v.stage = 'closed' WHERE a.call = $1 AND a.stage <> 'draft' ORDER BY a.number",
        call,
    )
    line = msgspec.structs.asdict(line_of(row, CallLineApi))
    return CallApi(**line, programme=row["programme"], applications=tuple(line_of(one, CandidateApi) for one in rows))
