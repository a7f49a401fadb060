"""Applications for programs, under ``/api/v1/studio-applications``: the same operations as the pages. No ID number and no phone."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Controller, get, post, put
from litestar.params import FromPath, FromQuery

from foundation.errors import NotFound
from foundation.forms import read_json
from foundation.i18n import gettext
from foundation.web.pages import HouseRequest, actor_of
from foundation.web.policy import Actor
from studios.applications import access, operations, showing
from studios.applications.moving import move_application
from studios.applications.schemas import (
    SECTIONS,
    Dossier,
    MoveForm,
    PersonForm,
    StartForm,
    VersionForm,
    VisitForm,
    dossier_of,
)
from studios.applications.stages import LABELS
from studios.permissions import Permission

SEE, APPLY = {"policy": Permission.SEE_APPLICATIONS}, {"policy": Permission.APPLY}
RECOMMEND, REVIEW = {"policy": Permission.RECOMMEND}, {"policy": Permission.REVIEW_APPLICATIONS}
NAME = "studios.applications.api"
S = TypeVar("S", bound=msgspec.Struct)


class OpenCallApi(msgspec.Struct, frozen=True, kw_only=True):
    """A call that the caller's unit may answer now."""

    id: UUID
    title: str
    programme: str
    level: str
    opens_on: date
    closes_on: date


class ApplicationLineApi(msgspec.Struct, frozen=True, kw_only=True):
    """An application in the list."""

    id: UUID
    number: str | None
    leader_name: str
    title_kind: str
    unit: str
    county: str
    call: str
    stage: str
    submitted_at: datetime | None
    returned_due_on: date | None


class DemandApi(msgspec.Struct, frozen=True, kw_only=True):
    """One demand of the rules; ``message`` says what is missing."""

    part: str
    title: str
    rule: str
    ok: bool
    message: str


class TeamMemberApi(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    worker: UUID
    name: str
    skill_level: str
    duty: str


class PaperApi(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the application; ``part`` counts the rules' parts from 0."""

    id: UUID
    part: int
    name: str


class OpinionApi(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what in which words, the newest first."""

    action: str
    opinion: str
    organisation: str | None
    due_on: date | None
    made_at: datetime


class ApplicationApi(msgspec.Struct, frozen=True, kw_only=True):
    """An application with its dossier, team, papers, record and checklist; ``actions`` is what the caller may do now."""

    id: UUID
    number: str | None
    call: UUID
    call_title: str
    programme_title: str
    level: str
    organisation_name: str
    county_name: str
    leader: UUID
    leader_name: str
    title_kind: str
    stage: str
    returned_due_on: date | None
    version: int
    dossier: Dossier
    people: tuple[TeamMemberApi, ...]
    papers: tuple[PaperApi, ...]
    opinions: tuple[OpinionApi, ...]
    checks: tuple[DemandApi, ...]
    actions: tuple[str, ...]


class VisitResultApi(msgspec.Struct, frozen=True, kw_only=True):
    """What the panel came to, as it is printed, and the grade."""

    total: str
    grade: str


class StudioApplicationApi(Controller):
    """`/api/v1/studio-applications`."""

    path = "/api/v1/studio-applications"

    @get("/", opt=SEE, name=f"{NAME}.list", operation_id="listStudioApplications")
    async def index(
        self, request: HouseRequest, stage: FromQuery[str] = "", q: FromQuery[str] = ""
    ) -> tuple[ApplicationLineApi, ...]:
        """A unit's own, drafts too; for officers what was handed in within their reach; at most 300, the newest first."""
        rows = await showing.listed(actor_of(request), stage if stage in set(LABELS) else "", q[:100])
        return tuple(line_of(row, ApplicationLineApi) for row in rows)

    @get("/calls", opt=APPLY, name=f"{NAME}.calls", operation_id="listOpenStudioCalls")
    async def calls(self, request: HouseRequest) -> tuple[OpenCallApi, ...]:
        """The calls that are open to the caller's unit."""
        return tuple(line_of(row, OpenCallApi) for row in await showing.open_calls(actor_of(request)))

    @post("/", opt=APPLY, name=f"{NAME}.start", operation_id="startStudioApplication")
    async def start(self, request: HouseRequest) -> ApplicationApi:
        """Begin a draft for a leader of one's own unit."""
        data, actor = (await read_json(request, StartForm)).data, actor_of(request)
        return await shown(actor, await operations.start_application(actor, data))

    @get("/{application:uuid}", opt=SEE, name=f"{NAME}.show", operation_id="showStudioApplication")
    async def show(self, request: HouseRequest, application: FromPath[UUID]) -> ApplicationApi:
        """One application with all that the rules say of it."""
        return await shown(actor_of(request), application)

    @put("/{application:uuid}/sections/{section:str}", opt=APPLY, name=f"{NAME}.save", operation_id="saveStudioApplicationSection")  # fmt: skip
    async def save(
        self, request: HouseRequest, application: FromPath[UUID], section: FromPath[str], version: FromQuery[int]
    ) -> ApplicationApi:
        """Put one part: ``place``, ``work`` or ``results``; what it still lacks is told in ``checks``."""
        if section not in SECTIONS:
            raise NotFound
        data, actor = (await read_json(request, SECTIONS[section])).data, actor_of(request)
        await operations.save_section(actor, application, section, data, version=version)
        return await shown(actor, application)

    @post("/{application:uuid}/people", opt=APPLY, name=f"{NAME}.people.add", operation_id="addStudioTeamMember", status_code=200)  # fmt: skip
    async def add_person(self, request: HouseRequest, application: FromPath[UUID]) -> ApplicationApi:
        """Add a worker of the unit to the team; adding again changes the duty."""
        data, actor = (await read_json(request, PersonForm)).data, actor_of(request)
        await operations.add_person(actor, application, data.worker, data.duty, version=data.version)
        return await shown(actor, application)

    @post("/{application:uuid}/people/{person:uuid}/removal", opt=APPLY, name=f"{NAME}.people.remove", operation_id="removeStudioTeamMember", status_code=200)  # fmt: skip
    async def remove_person(self, request: HouseRequest, application: FromPath[UUID], person: FromPath[UUID]) -> ApplicationApi:  # fmt: skip
        """Take somebody out of the team."""
        data, actor = (await read_json(request, VersionForm)).data, actor_of(request)
        await operations.remove_person(actor, application, person, version=data.version)
        return await shown(actor, application)

    @post("/{application:uuid}/submission", opt=APPLY, name=f"{NAME}.submit", operation_id="submitStudioApplication", status_code=200)  # fmt: skip
    async def submit(self, request: HouseRequest, application: FromPath[UUID]) -> ApplicationApi:
        """Hand in; everything that is missing comes at once."""
        data, actor = (await read_json(request, VersionForm)).data, actor_of(request)
        await operations.submit(actor, application, version=data.version)
        return await shown(actor, application)

    @post("/{application:uuid}/withdrawal", opt=APPLY, name=f"{NAME}.withdraw", operation_id="withdrawStudioApplication", status_code=200)  # fmt: skip
    async def withdraw(self, request: HouseRequest, application: FromPath[UUID]) -> ApplicationApi:
        """Take it back."""
        data, actor = (await read_json(request, MoveForm)).data, actor_of(request)
        await move_application(actor, application, "withdraw", opinion=data.opinion, version=data.version)
        return await shown(actor, application)

    @post("/{application:uuid}/decision/{action:str}", opt=RECOMMEND, name=f"{NAME}.decide", operation_id="decideStudioApplication", status_code=200)  # fmt: skip
    async def decide(self, request: HouseRequest, application: FromPath[UUID], action: FromPath[str]) -> ApplicationApi:
        """``recommend``, ``return``, ``reject`` or ``approve``, with the opinion."""
        data, actor = (await read_json(request, MoveForm)).data, actor_of(request)
        await operations.decide(actor, application, action, opinion=data.opinion, version=data.version)
        return await shown(actor, application)

    @post("/{application:uuid}/visit", opt=REVIEW, name=f"{NAME}.visit", operation_id="arrangeStudioVisit", status_code=200)  # fmt: skip
    async def arrange(self, request: HouseRequest, application: FromPath[UUID]) -> ApplicationApi:
        """The papers are complete: send a panel."""
        data, actor = (await read_json(request, VisitForm)).data, actor_of(request)
        await operations.arrange_visit(actor, application, data)
        return await shown(actor, application)

    @post("/{application:uuid}/visit/end", opt=REVIEW, name=f"{NAME}.visit.end", operation_id="endStudioVisit", status_code=200)  # fmt: skip
    async def end_visit(self, request: HouseRequest, application: FromPath[UUID]) -> VisitResultApi:
        """Every sheet is in: reckon the panel, hand on to the meeting."""
        closed = await operations.end_visit(actor_of(request), application)
        return VisitResultApi(total=closed.total, grade=closed.grade)

    @post("/{application:uuid}/visit/cancellation", opt=REVIEW, name=f"{NAME}.visit.call_off", operation_id="callOffStudioVisit", status_code=200)  # fmt: skip
    async def call_off(self, request: HouseRequest, application: FromPath[UUID]) -> ApplicationApi:
        """Nobody has signed yet: back to the desk review."""
        data, actor = (await read_json(request, MoveForm)).data, actor_of(request)
        await operations.call_off_visit(actor, application, reason=data.opinion, version=data.version)
        return await shown(actor, application)


def line_of(row: Any, struct: type[S]) -> S:
    """A row as the Struct whose fields are named as its columns."""
    return struct(**{name: row[name] for name in struct.__struct_fields__})


async def shown(actor: Actor, application: UUID) -> ApplicationApi:
    """One application as this caller may read it."""
    row = await access.row_for(actor, application, Permission.SEE_APPLICATIONS)
    seen = await showing.context_of(actor, row, {})
    made = ("dossier", "people", "papers", "opinions", "checks", "actions")
    plain = [name for name in ApplicationApi.__struct_fields__ if name not in made]
    return ApplicationApi(
        **{name: row[name] for name in plain}, dossier=dossier_of(row["dossier"]),
        people=tuple(line_of(one, TeamMemberApi) for one in seen["people"]),
        papers=tuple(line_of(one, PaperApi) for one in seen["papers"]),
        opinions=tuple(line_of(one, OpinionApi) for one in seen["opinions"]),
        checks=tuple(
            DemandApi(
                part=one.part, title=gettext(one.title), rule=one.rule, ok=one.ok,
                message=one.refusal.text(gettext) if one.refusal else "",
            )
            for one in seen["checks"]
        ),
        actions=tuple(sorted(seen["allowed"])),
    )  # fmt: skip
