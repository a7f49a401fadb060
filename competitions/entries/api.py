"""The same operations for programs, under ``/api/v1/entries``."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import Controller, delete, get, post, put
from litestar.params import FromPath, FromQuery

from competitions.entries import deciding, facts, operations, queries, review, showing
from competitions.entries.schemas import (
    Choice,
    EntryApi,
    EntryBody,
    EntryView,
    FindingApi,
    MemberApi,
    ReasonForm,
    StartForm,
    SubstituteForm,
    VersionForm,
)
from competitions.permissions import Permission
from foundation.forms import read_json
from foundation.web.pages import HouseRequest, actor_of
from foundation.web.policy import Actor


class EntryLineApi(msgspec.Struct, frozen=True, kw_only=True):
    """An entry in a list."""

    id: UUID
    event: UUID
    code: str | None
    name: str
    organisation: str
    stage: str


class EntryListApi(msgspec.Struct, frozen=True, kw_only=True):
    """A page of entries: the organiser's list, as its page has it."""

    entries: tuple[EntryLineApi, ...]
    total: int
    page: int
    pages: int


class EntryApiPages(Controller):
    """Entries as JSON."""

    path = "/api/v1/entries"

    @get(
        "/", opt={"policy": Permission.DECIDE_ENTRY}, name="competitions.entries.api.list", operation_id="list_entries"
    )
    async def list(
        self, request: HouseRequest, q: FromQuery[str] = "", event: FromQuery[str] = "", stage: FromQuery[str] = "",
        county: FromQuery[str] = "", page: FromQuery[int] = 1,
    ) -> EntryListApi:  # fmt: skip
        """Entries of the organiser's events; ``q`` searches names, 拼音 and units."""
        query = {"q": q, "event": event, "stage": stage, "county": county, "page": str(page)}
        found = await review.reviewed(actor_of(request), query)
        lines = tuple(
            EntryLineApi(id=r["id"], event=r["event"], code=r["code"], name=r["name"], organisation=r["unit"], stage=r["stage"])
            for r in found.rows
        )  # fmt: skip
        return EntryListApi(entries=lines, total=found.total, page=found.page, pages=found.pages)

    @post(
        "/",
        opt={"policy": Permission.REGISTER_ENTRY},
        name="competitions.entries.api.start",
        operation_id="start_entry",
    )
    async def start(self, request: HouseRequest) -> EntryApi:
        """Begin a draft."""
        data = (await read_json(request, StartForm)).data
        actor = actor_of(request)
        return await _entry(actor, await operations.start_entry(actor, data.event, name=data.name))

    @get("/{entry:uuid}", opt={"policy": Permission.SEE_ENTRY}, name="competitions.entries.api.show", operation_id="show_entry")  # fmt: skip
    async def show(self, request: HouseRequest, entry: FromPath[UUID]) -> EntryApi:
        """One entry with its members and what the rules say of it."""
        return await _entry(actor_of(request), entry)

    @put("/{entry:uuid}", opt={"policy": Permission.REGISTER_ENTRY}, name="competitions.entries.api.edit", operation_id="edit_entry")  # fmt: skip
    async def edit(self, request: HouseRequest, entry: FromPath[UUID]) -> EntryApi:
        """Put the whole list."""
        data, actor = (await read_json(request, EntryBody)).data, actor_of(request)
        await operations.edit_entry(actor, entry, version=data.version, name=data.name, members=data.members)
        return await _entry(actor, entry)

    @delete("/{entry:uuid}", opt={"policy": Permission.REGISTER_ENTRY}, name="competitions.entries.api.discard", operation_id="discard_entry")  # fmt: skip
    async def discard(self, request: HouseRequest, entry: FromPath[UUID], version: FromQuery[int]) -> None:
        """Throw a draft away."""
        await operations.discard_entry(actor_of(request), entry, version=version)

    @post("/{entry:uuid}/submission", opt={"policy": Permission.REGISTER_ENTRY}, name="competitions.entries.api.submit", operation_id="submit_entry", status_code=200)  # fmt: skip
    async def submit(self, request: HouseRequest, entry: FromPath[UUID]) -> EntryApi:
        """Hand in; everything that refuses comes at once."""
        data, actor = (await read_json(request, VersionForm)).data, actor_of(request)
        await operations.submit_entry(actor, entry, version=data.version)
        return await _entry(actor, entry)

    @post("/{entry:uuid}/withdrawal", opt={"policy": Permission.REGISTER_ENTRY}, name="competitions.entries.api.withdraw", operation_id="withdraw_entry", status_code=200)  # fmt: skip
    async def withdraw(self, request: HouseRequest, entry: FromPath[UUID]) -> EntryApi:
        """Take back before the close."""
        data, actor = (await read_json(request, ReasonForm)).data, actor_of(request)
        await operations.withdraw_entry(actor, entry, version=data.version, reason=data.reason)
        return await _entry(actor, entry)

    @post("/{entry:uuid}/members/{member:uuid}/substitution", opt={"policy": Permission.REGISTER_ENTRY}, name="competitions.entries.api.substitute", operation_id="substitute_member", status_code=200)  # fmt: skip
    async def substitute(self, request: HouseRequest, entry: FromPath[UUID], member: FromPath[UUID]) -> EntryApi:
        """Put another worker in a member's place."""
        data, actor = (await read_json(request, SubstituteForm)).data, actor_of(request)
        await operations.substitute(actor, entry, member, version=data.version, worker=data.worker, reason=data.reason)
        return await _entry(actor, entry)

    @post("/{entry:uuid}/acceptance", opt={"policy": Permission.DECIDE_ENTRY}, name="competitions.entries.api.accept", operation_id="accept_entry", status_code=200)  # fmt: skip
    async def accept(self, request: HouseRequest, entry: FromPath[UUID]) -> EntryApi:
        """Accept, with the next number."""
        data, actor = (await read_json(request, VersionForm)).data, actor_of(request)
        await deciding.accept_entries(actor, [Choice(id=entry, version=data.version)])
        return await _entry(actor, entry)

    @post("/{entry:uuid}/return", opt={"policy": Permission.DECIDE_ENTRY}, name="competitions.entries.api.return", operation_id="return_entry", status_code=200)  # fmt: skip
    async def send_back(self, request: HouseRequest, entry: FromPath[UUID]) -> EntryApi:
        """Return with a reason."""
        data, actor = (await read_json(request, ReasonForm)).data, actor_of(request)
        await deciding.return_entry(actor, Choice(id=entry, version=data.version), reason=data.reason)
        return await _entry(actor, entry)

    @post("/{entry:uuid}/rejection", opt={"policy": Permission.DECIDE_ENTRY}, name="competitions.entries.api.reject", operation_id="reject_entry", status_code=200)  # fmt: skip
    async def reject(self, request: HouseRequest, entry: FromPath[UUID]) -> EntryApi:
        """Reject with a reason."""
        data, actor = (await read_json(request, ReasonForm)).data, actor_of(request)
        await deciding.reject_entry(actor, Choice(id=entry, version=data.version), reason=data.reason)
        return await _entry(actor, entry)

    @post("/{entry:uuid}/striking", opt={"policy": Permission.DECIDE_ENTRY}, name="competitions.entries.api.strike", operation_id="strike_entry", status_code=200)  # fmt: skip
    async def strike(self, request: HouseRequest, entry: FromPath[UUID]) -> EntryApi:
        """Take an entry out, with a reason."""
        data, actor = (await read_json(request, ReasonForm)).data, actor_of(request)
        await deciding.strike_entry(actor, Choice(id=entry, version=data.version), reason=data.reason)
        return await _entry(actor, entry)


async def _entry(actor: Actor, entry: UUID) -> EntryApi:
    view: EntryView = await queries.entry_for(actor, entry)
    found = []
    for one in await facts.findings(view):
        fault = showing.fault_of(one)
        found.append(
            FindingApi(
                severity=one.severity, code=fault.code, message=fault.message, field=fault.field, rule=fault.rule
            )
        )
    return EntryApi(
        id=view.id, event=view.event.id, code=view.code, name=view.name, organisation=view.organisation_name,
        stage=view.stage, status=view.status, return_reason=view.return_reason, version=view.version,
        members=tuple(MemberApi(id=m.id, worker=m.worker, name=m.name, role=m.role, place=m.place) for m in view.members),
        findings=tuple(found),
    )  # fmt: skip
