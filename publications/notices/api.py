"""Notices for programs: what the public may read, and what officers do."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation.errors import Refusal
from foundation.forms import read_json
from foundation.web.pages import HouseRequest, actor_of
from foundation.web.policy import EVERYBODY
from publications.notices import operations, queries, sheet
from publications.notices.objections import operations as objection_operations
from publications.notices.objections import queries as objection_queries
from publications.notices.objections.schemas import Objection, StepForm
from publications.notices.schemas import Notice, NoticeOrder, OpeningForm, Outcome, PublicNotice
from publications.permissions import Permission


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """The id of what was made."""

    id: UUID


class NoticeLine(msgspec.Struct, frozen=True, kw_only=True):
    """A notice in the public list."""

    id: UUID
    number: str | None
    title: str
    organisation: str
    level: str
    state: str
    first_day: str
    last_day: str
    subjects: int


class NoticeList(msgspec.Struct, frozen=True, kw_only=True):
    total: int
    page: int
    pages: int
    notices: tuple[NoticeLine, ...]


class ObjectionLine(msgspec.Struct, frozen=True, kw_only=True):
    """An objection in its officers' list: no name, no word of it."""

    id: UUID
    number: str
    notice: UUID
    channel: str
    kind: str
    stage: str
    outcome: str
    overdue: bool


class ObjectionList(msgspec.Struct, frozen=True, kw_only=True):
    total: int
    page: int
    pages: int
    objections: tuple[ObjectionLine, ...]


class NoticeApi(Controller):
    """/api/v1/notices"""

    path = "/api/v1/notices"

    @get("/", opt={"policy": EVERYBODY}, name="api.notices.list", operation_id="listNotices")
    async def listed(self, request: HouseRequest) -> NoticeList:
        """Published notices, the open ones first; takes ``q``, ``stage``, ``level``, ``year`` and ``page``."""
        found = await queries.PUBLIC_LIST.fetch(queries.PUBLIC_LIST.ask(request.query_params), queries.PUBLIC)
        lines = tuple(
            NoticeLine(
                id=row["id"], number=row["number"], title=row["title"], organisation=row["signature"], level=row["level"],
                state=row["stage"], first_day=row["first_day"].isoformat(), last_day=row["last_day"].isoformat(),
                subjects=row["subjects"],
            )
            for row in found.rows
        )  # fmt: skip
        return NoticeList(total=found.total, page=found.page, pages=found.pages, notices=lines)

    @get("/{notice:uuid}", opt={"policy": EVERYBODY}, name="api.notices.show", operation_id="showNotice")
    async def show(self, request: HouseRequest, notice: FromPath[UUID]) -> PublicNotice:
        """One notice; the list only while it is shown (P4)."""
        n = await queries.public_one(notice)
        kept, shown = await queries.frozen(notice), await queries.names_shown(n)
        paper = await sheet.of(notice)
        assert n.first_day is not None
        assert n.last_day is not None
        return PublicNotice(
            id=n.id, number=n.number, title=n.title, organisation=n.signature, level=n.level, state=n.stage,
            first_day=n.first_day, last_day=n.last_day, working_days=n.days, published_at=kept.published_at,
            html_sha256=kept.html_sha256, list_sha256=kept.roll_sha256,
            sheet_sha256=paper.sha256 if paper else "", withdrawn_reason=n.withdrawn_reason,
            replaced_by=n.replaced_by, headings=n.headings if shown else (),
            subjects=tuple(s.cells for s in n.subjects) if shown else (),
        )  # fmt: skip

    @post("/", opt={"policy": Permission.DRAFT_NOTICES}, name="api.notices.draft", operation_id="draftNotice")
    async def draft(self, request: HouseRequest) -> Made:
        """Keep a draft."""
        order = (await read_json(request, NoticeOrder)).data
        if order.source is not None or order.source_kind or order.handling is not None:
            raise Refusal("notice_source", "来源和受理组织由系统填写", field="source", rule="H34")
        return Made(id=await operations.draft_notice(actor_of(request), order))

    @get("/{notice:uuid}/office", opt={"policy": Permission.DRAFT_NOTICES}, name="api.notices.office", operation_id="showNoticeForOffice")  # fmt: skip
    async def office(self, request: HouseRequest, notice: FromPath[UUID]) -> Notice:
        """A notice within my scope, drafts too."""
        return await queries.one(actor_of(request), notice)

    @get("/{notice:uuid}/outcome", opt={"policy": Permission.DRAFT_NOTICES}, name="api.notices.outcome", operation_id="showNoticeOutcome")  # fmt: skip
    async def outcome(self, request: HouseRequest, notice: FromPath[UUID]) -> Outcome:
        """How it stands with its objections."""
        await queries.one(actor_of(request), notice)
        return await queries.outcome_of(notice)

    @post("/{notice:uuid}/opening", opt={"policy": Permission.OPEN_NOTICES}, name="api.notices.open", operation_id="openNotice", status_code=200)  # fmt: skip
    async def open(self, request: HouseRequest, notice: FromPath[UUID]) -> Notice:
        """Publish a draft; ``last_day`` is the day that was seen."""
        form = (await read_json(request, OpeningForm)).data
        if not form.checked:
            raise Refusal("notice_unchecked", "请核对名单和期满日后勾选确认", field="checked", rule="D4")
        await operations.open_draft(actor_of(request), notice, last_day=form.last_day, version=form.version)
        return await queries.one(actor_of(request), notice)


class ObjectionApi(Controller):
    """/api/v1/objections"""

    path = "/api/v1/objections"
    opt = {"policy": Permission.HANDLE_OBJECTIONS}

    @get("/", name="api.objections.list", operation_id="listObjections")
    async def listed(self, request: HouseRequest) -> ObjectionList:
        """What my organisation handles; takes ``q``, ``state``, ``channel``, ``notice`` and ``page``."""
        found = await objection_queries.listed(actor_of(request), objection_queries.LIST.ask(request.query_params))
        names = [f.name for f in msgspec.structs.fields(ObjectionLine)]
        lines = tuple(ObjectionLine(**{name: row[name] for name in names}) for row in found.rows)
        return ObjectionList(total=found.total, page=found.page, pages=found.pages, objections=lines)

    @get("/{objection:uuid}", name="api.objections.show", operation_id="showObjection")
    async def show(self, request: HouseRequest, objection: FromPath[UUID]) -> Objection:
        """One of them with its way so far; who objects is masked."""
        return await objection_queries.one(actor_of(request), objection)

    @post("/{objection:uuid}/steps", name="api.objections.step", operation_id="stepObjection", status_code=200)
    async def step(self, request: HouseRequest, objection: FromPath[UUID]) -> Response[Any]:
        """Move it on."""
        form = (await read_json(request, StepForm)).data
        await objection_operations.take_step(actor_of(request), objection, form)
        return Response(await objection_queries.one(actor_of(request), objection))
