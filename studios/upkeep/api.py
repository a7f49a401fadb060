"""The register for programs, under ``/api/v1/studios``: studios, their yearly reports and grades, and the acts of the pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, get, post, put
from litestar.params import FromPath, FromQuery

from foundation.database import fetchrow, fetchval
from foundation.errors import NotFound
from foundation.forms import read_json
from foundation.web.pages import HouseRequest, actor_of
from foundation.web.policy import Actor
from studios.applications.api import line_of
from studios.outputs import queries as outputs
from studios.permissions import Permission
from studios.upkeep import access, queries, schemas
from studios.upkeep import operations as life
from studios.upkeep.pages import ACTS

SEE, DECIDE = {"policy": Permission.SEE_STUDIOS}, {"policy": Permission.DECIDE_STUDIOS}
KEEP, RECOMMEND = {"policy": Permission.KEEP_STUDIO}, {"policy": Permission.RECOMMEND}
NAME = "studios.register.api"
BODIES = {act: struct for act, (struct, _verb) in ACTS.items()}
"""What each act reads, for the description too."""


class StudioLineApi(msgspec.Struct, frozen=True, kw_only=True):
    """A studio in the register."""

    id: UUID
    code: str
    name: str
    leader_name: str
    unit: str
    county: str
    level: str
    stage: str
    named_on: date
    cycle_ends_on: date | None
    last_grade: str
    last_assessed: int | None


class StudioListApi(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the register."""

    studios: tuple[StudioLineApi, ...]
    total: int
    page: int
    pages: int


class NamingApi(msgspec.Struct, frozen=True, kw_only=True):
    """A naming by a document, the newest first (T9)."""

    level: str
    named_on: date
    document_number: str
    plaque_number: str


class ReportLineApi(msgspec.Struct, frozen=True, kw_only=True):
    """A year's report."""

    id: UUID
    year: int
    due_on: date
    stage: str
    submitted_at: datetime | None
    county_grade: str
    county_opinion: str
    version: int


class AssessmentApi(msgspec.Struct, frozen=True, kw_only=True):
    """A year's grade; in force from ``decided_at``."""

    id: UUID
    year: int
    total: str
    reckoned: str
    grade: str
    raised: bool
    reason: str
    decided_at: datetime | None


class PointApi(msgspec.Struct, frozen=True, kw_only=True):
    """A thing to mend, and what the enterprise says was done."""

    text: str
    answer: str


class StudioEventApi(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that happened to the studio."""

    kind: str
    happened_on: date
    public_text: str


class StudioApi(msgspec.Struct, frozen=True, kw_only=True):
    """A studio with its years; ``figures`` are the ledger's by year and kind (T11), exact decimals."""

    id: UUID
    code: str
    name: str
    title_kind: str
    field_of_work: str
    level: str
    organisation_name: str
    county_name: str
    programme_title: str
    leader: UUID | None
    leader_name: str
    stage: str
    named_on: date
    cycle_ends_on: date | None
    last_grade: str
    last_assessed: int | None
    address: str
    ended_on: date | None
    version: int
    namings: tuple[NamingApi, ...]
    reports: tuple[ReportLineApi, ...]
    assessments: tuple[AssessmentApi, ...]
    points: tuple[PointApi, ...]
    events: tuple[StudioEventApi, ...]
    figures: dict[str, dict[str, str]]


class ReportApi(ReportLineApi, frozen=True, kw_only=True):
    """A year's report with its words and its figures, which handing in froze."""

    studio: UUID
    body: schemas.ReportBody
    figures: dict[str, str]


class DueApi(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is due."""

    studio: UUID
    name: str
    unit: str
    kind: str
    due_on: date | None
    about: UUID


class StudioRegisterApi(Controller):
    """`/api/v1/studios`."""

    path = "/api/v1/studios"

    @get("/", opt=SEE, name=f"{NAME}.list", operation_id="listStudios")
    async def index(
        self, request: HouseRequest, q: FromQuery[str] = "", stage: FromQuery[str] = "", level: FromQuery[str] = "",
        grade: FromQuery[str] = "", county: FromQuery[str] = "", sort: FromQuery[str] = "", page: FromQuery[int] = 1,
        size: FromQuery[int] = 50,
    ) -> StudioListApi:  # fmt: skip
        """The studios within reach; ``q`` searches leaders, 拼音, units and names."""
        asked = {"q": q, "stage": stage, "level": level, "grade": grade, "county": county, "sort": sort}
        found = await queries.LIST.fetch(
            queries.LIST.ask({**asked, "page": str(page), "size": str(size)}), access.VISIBLE, queries.scope_of(actor_of(request))
        )  # fmt: skip
        lines = tuple(line_of(row, StudioLineApi) for row in found.rows)
        return StudioListApi(studios=lines, total=found.total, page=found.page, pages=found.pages)

    @get("/due", opt=SEE, name=f"{NAME}.due", operation_id="listDueStudios")
    async def due(self, request: HouseRequest) -> tuple[DueApi, ...]:
        """What is due within reach, the earliest first."""
        return tuple(DueApi(**msgspec.structs.asdict(one)) for one in await queries.due(actor_of(request)))

    @get("/{studio:uuid}", opt=SEE, name=f"{NAME}.show", operation_id="showStudio")
    async def show(self, request: HouseRequest, studio: FromPath[UUID]) -> StudioApi:
        """One studio with its years and its time-line."""
        return await _studio(actor_of(request), studio)

    @post("/{studio:uuid}/acts/{act:str}", opt=DECIDE, name=f"{NAME}.act", operation_id="actOnStudio", status_code=200)
    async def act(self, request: HouseRequest, studio: FromPath[UUID], act: FromPath[str]) -> StudioApi:
        """One of the naming union's acts: assessment, revisit, review, renewal, upgrade, leader, merger, relocation, ending,
        recovery, visit, visit-end, visit-off. Each has the body of its form."""
        if act not in ACTS:
            raise NotFound
        data: Any = (await read_json(request, BODIES[act])).data
        await ACTS[act][1](actor_of(request), studio, data)
        return await _studio(actor_of(request), studio)

    @post("/{studio:uuid}/answers", opt=KEEP, name=f"{NAME}.answers", operation_id="answerStudioPoints", status_code=200)  # fmt: skip
    async def answers(self, request: HouseRequest, studio: FromPath[UUID]) -> StudioApi:
        """The enterprise says of each point what was mended."""
        data, actor = (await read_json(request, schemas.AnswersForm)).data, actor_of(request)
        await life.answer_points(actor, studio, data)
        return await _studio(actor, studio)

    @post("/assessments/{assessment:uuid}/decision", opt=DECIDE, name=f"{NAME}.decide", operation_id="decideStudioAssessment", status_code=200)  # fmt: skip
    async def decide(self, request: HouseRequest, assessment: FromPath[UUID]) -> StudioApi:
        """A second person agrees to a raised grade, or lets the total's own stand."""
        data, actor = (await read_json(request, schemas.DecideForm)).data, actor_of(request)
        await life.decide_raised(actor, assessment, data)
        return await _studio(actor, await fetchval("SELECT studio FROM assessment WHERE id = $1", assessment))

    @get("/reports/{report:uuid}", opt=SEE, name=f"{NAME}.report", operation_id="showStudioReport")
    async def report(self, request: HouseRequest, report: FromPath[UUID]) -> ReportApi:
        """A year's report."""
        return await _report(actor_of(request), report)

    @put("/reports/{report:uuid}", opt=KEEP, name=f"{NAME}.report.save", operation_id="saveStudioReport")
    async def save(self, request: HouseRequest, report: FromPath[UUID]) -> ReportApi:
        """Keep the report, or hand it in."""
        data, actor = (await read_json(request, schemas.ReportForm)).data, actor_of(request)
        await life.save_report(actor, report, data)
        return await _report(actor, report)

    @post("/reports/{report:uuid}/opinion", opt=RECOMMEND, name=f"{NAME}.report.opinion", operation_id="giveStudioReportOpinion", status_code=200)  # fmt: skip
    async def opinion(self, request: HouseRequest, report: FromPath[UUID]) -> ReportApi:
        """The county's opinion, or the report goes back."""
        data, actor = (await read_json(request, schemas.OpinionForm)).data, actor_of(request)
        await life.give_opinion(actor, report, data)
        return await _report(actor, report)


async def _studio(actor: Actor, studio: UUID) -> StudioApi:
    row = await access.studio_for(actor, studio, Permission.SEE_STUDIOS)
    seen, years = await queries.page_of(studio), await outputs.years_of(studio)
    parts = {
        "namings": NamingApi, "reports": ReportLineApi, "assessments": AssessmentApi, "points": PointApi, "events": StudioEventApi,
    }  # fmt: skip
    plain = [name for name in StudioApi.__struct_fields__ if name not in parts and name != "figures"]
    lists: dict[str, Any] = {name: tuple(line_of(one, struct) for one in seen[name]) for name, struct in parts.items()}
    return StudioApi(
        **{name: row[name] for name in plain}, **lists, figures={str(year): kinds for year, kinds in years.items()}
    )


async def _report(actor: Actor, report: UUID) -> ReportApi:
    one = await fetchrow("SELECT * FROM annual_report WHERE id = $1", report)
    if one is None:
        raise NotFound
    await access.studio_for(actor, one["studio"], Permission.SEE_STUDIOS)
    frozen = msgspec.json.decode(one["figures"])
    return ReportApi(
        **msgspec.structs.asdict(line_of(one, ReportLineApi)), studio=one["studio"],
        body=msgspec.json.decode(one["body"], type=schemas.ReportBody),
        figures=frozen or await outputs.figures_of(one["studio"], one["year"]),
    )  # fmt: skip
