"""The same operations for programs, under ``/api/v1/nominations``. No ID number and no phone is in any answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, get, post, put
from litestar.params import FromPath, FromQuery

from foundation.errors import NotFound
from foundation.forms import read_json
from foundation.web.pages import HouseRequest, actor_of
from foundation.web.policy import Actor
from honours.nominations import access, checklist, operations, queries, showing, starting, vetting
from honours.nominations.schemas import (
    SECTIONS,
    AnswerForm,
    AskForm,
    ConsentForm,
    Dossier,
    ReasonForm,
    StartForm,
    VersionForm,
    VetoForm,
    WaiverForm,
    WithdrawForm,
    dossier_of,
)
from honours.permissions import Permission

SEE, NOMINATE, KEEP = (
    {"policy": one} for one in (Permission.SEE_NOMINATIONS, Permission.NOMINATE, Permission.KEEP_CLEARANCES)
)


class CheckApi(msgspec.Struct, frozen=True, kw_only=True):
    """One demand: ok, bad (blocks), warn (said only), wait (others')."""

    code: str
    part: str
    field: str
    rule: str
    state: str
    title: str
    message: str
    gates: tuple[str, ...]


class NominationApi(msgspec.Struct, frozen=True, kw_only=True):
    """A nomination with its dossier and checklist."""

    id: UUID
    number: str | None
    cycle: UUID
    award: UUID
    honour: str
    kind: str
    name: str
    unit_name: str
    category: str
    flags: tuple[str, ...]
    unit_class: str
    role: str
    place: int
    listing: str
    stage: str
    returned_due_at: datetime | None
    version: int
    dossier: Dossier
    checks: tuple[CheckApi, ...]


class NominationLineApi(msgspec.Struct, frozen=True, kw_only=True):
    """A nomination in a list."""

    id: UUID
    number: str | None
    name: str
    unit: str
    award: str
    stage: str


class NominationListApi(msgspec.Struct, frozen=True, kw_only=True):
    nominations: tuple[NominationLineApi, ...]
    total: int
    page: int
    pages: int


class ClearanceApi(msgspec.Struct, frozen=True, kw_only=True):
    """The newest question to a department."""

    id: UUID
    department: str
    asked_on: Any
    opinion: str
    opinion_on: Any
    valid_until: Any
    version: int


class MadeApi(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID


class NominationApiPages(Controller):
    """Nominations as JSON."""

    path = "/api/v1/nominations"

    @get("/", opt=SEE, name="honours.nominations.api.list", operation_id="list_nominations")
    async def list(
        self, request: HouseRequest, q: FromQuery[str] = "", stage: FromQuery[str] = "", award: FromQuery[str] = "",
        page: FromQuery[int] = 1,
    ) -> NominationListApi:  # fmt: skip
        """What the actor sees; ``q`` searches names, 拼音, units and numbers."""
        found = await queries.listed(actor_of(request), {"q": q, "stage": stage, "award": award, "page": str(page)})
        lines = tuple(
            NominationLineApi(id=r["id"], number=r["number"], name=r["name"], unit=r["unit"], award=r["award"], stage=r["stage"])
            for r in found.rows
        )  # fmt: skip
        return NominationListApi(nominations=lines, total=found.total, page=found.page, pages=found.pages)

    @post("/", opt=NOMINATE, name="honours.nominations.api.start", operation_id="start_nomination")
    async def start(self, request: HouseRequest) -> NominationApi:
        """Begin a draft."""
        data, actor = (await read_json(request, StartForm)).data, actor_of(request)
        return await _shown(actor, await starting.start_nomination(actor, data))

    @get("/{nomination:uuid}", opt=SEE, name="honours.nominations.api.show", operation_id="show_nomination")
    async def show(self, request: HouseRequest, nomination: FromPath[UUID]) -> NominationApi:
        """One nomination with everything the rules say of it."""
        return await _shown(actor_of(request), nomination)

    @put("/{nomination:uuid}/sections/{section:str}", opt=NOMINATE, name="honours.nominations.api.save", operation_id="save_nomination_section")  # fmt: skip
    async def save(
        self, request: HouseRequest, nomination: FromPath[UUID], section: FromPath[str], version: FromQuery[int]
    ) -> NominationApi:
        """Put one part of the dossier; faults in it are kept and told in ``checks``."""
        if section not in SECTIONS:
            raise NotFound
        data, actor = (await read_json(request, SECTIONS[section])).data, actor_of(request)
        await operations.save_section(actor, nomination, section, data, version=version)
        return await _shown(actor, nomination)

    @post("/{nomination:uuid}/submission", opt=NOMINATE, name="honours.nominations.api.submit", operation_id="submit_nomination", status_code=200)  # fmt: skip
    async def submit(self, request: HouseRequest, nomination: FromPath[UUID]) -> NominationApi:
        """Hand in; everything that refuses comes at once."""
        data, actor = (await read_json(request, VersionForm)).data, actor_of(request)
        await operations.hand_in(actor, nomination, version=data.version)
        return await _shown(actor, nomination)

    @post("/{nomination:uuid}/withdrawal", opt=NOMINATE, name="honours.nominations.api.withdraw", operation_id="withdraw_nomination", status_code=200)  # fmt: skip
    async def withdraw(self, request: HouseRequest, nomination: FromPath[UUID]) -> NominationApi:
        """Take back."""
        data, actor = (await read_json(request, WithdrawForm)).data, actor_of(request)
        await operations.withdraw(actor, nomination, version=data.version, reason=data.reason)
        return await _shown(actor, nomination)

    @post("/{nomination:uuid}/consents", opt=NOMINATE, name="honours.nominations.api.consent", operation_id="record_nomination_consent", status_code=200)  # fmt: skip
    async def consent(self, request: HouseRequest, nomination: FromPath[UUID]) -> NominationApi:
        """The nominee's consent to publication."""
        data, actor = (await read_json(request, ConsentForm)).data, actor_of(request)
        await operations.record_consent(actor, nomination, data)
        return await _shown(actor, nomination)

    @get("/{nomination:uuid}/clearances", opt=KEEP, name="honours.nominations.api.clearances", operation_id="list_nomination_clearances")  # fmt: skip
    async def clearances(self, request: HouseRequest, nomination: FromPath[UUID]) -> tuple[ClearanceApi, ...]:
        """Everything that was asked."""
        await vetting.row_for_officer(actor_of(request), nomination)
        rows = await vetting.clearances_of(nomination)
        return tuple(ClearanceApi(**{name: row[name] for name in ClearanceApi.__struct_fields__}) for row in rows)

    @post("/{nomination:uuid}/clearances", opt=KEEP, name="honours.nominations.api.clearance.ask", operation_id="ask_clearances")  # fmt: skip
    async def ask(self, request: HouseRequest, nomination: FromPath[UUID]) -> tuple[ClearanceApi, ...]:
        """Ask departments."""
        data = (await read_json(request, AskForm)).data
        await vetting.ask(actor_of(request), nomination, data)
        rows = await vetting.clearances_of(nomination)
        return tuple(ClearanceApi(**{name: row[name] for name in ClearanceApi.__struct_fields__}) for row in rows)

    @post("/{nomination:uuid}/clearances/{clearance:uuid}/opinion", opt=KEEP, name="honours.nominations.api.clearance.answer", operation_id="answer_clearance", status_code=204)  # fmt: skip
    async def answer(self, request: HouseRequest, nomination: FromPath[UUID], clearance: FromPath[UUID]) -> None:
        """A department's opinion."""
        data = (await read_json(request, AnswerForm)).data
        await vetting.answer(actor_of(request), nomination, clearance, data)

    @post("/{nomination:uuid}/vetoes", opt=KEEP, name="honours.nominations.api.veto.add", operation_id="add_veto_fact")
    async def add_veto(self, request: HouseRequest, nomination: FromPath[UUID]) -> MadeApi:
        """A fact that excludes."""
        data = (await read_json(request, VetoForm)).data
        return MadeApi(id=await vetting.add_veto(actor_of(request), nomination, data))

    @post("/{nomination:uuid}/vetoes/{fact:uuid}/removal", opt=KEEP, name="honours.nominations.api.veto.remove", operation_id="remove_veto_fact", status_code=204)  # fmt: skip
    async def remove_veto(self, request: HouseRequest, nomination: FromPath[UUID], fact: FromPath[UUID]) -> None:
        """Strike a fact that somebody else entered."""
        data = (await read_json(request, ReasonForm)).data
        await vetting.remove_veto(actor_of(request), nomination, fact, data.reason)

    @post("/{nomination:uuid}/waivers", opt=KEEP, name="honours.nominations.api.waive", operation_id="waive_nomination_rule", status_code=204)  # fmt: skip
    async def waive(self, request: HouseRequest, nomination: FromPath[UUID]) -> None:
        """Allow an exception, with its reason."""
        data = (await read_json(request, WaiverForm)).data
        await vetting.waive(actor_of(request), nomination, data)


async def _shown(actor: Actor, nomination: UUID) -> NominationApi:
    row = await access.row_for(actor, nomination, Permission.SEE_NOMINATIONS)
    found = await checklist.checklist_of(row)
    checks = []
    for one in found.checks:
        line = showing.line_of(one)
        checks.append(
            CheckApi(
                code=one.code, part=one.part, field=one.field, rule=one.rule, state=one.state.value, title=line.title,
                message=line.detail, gates=tuple(sorted(one.gates)),
            )
        )  # fmt: skip
    plain = (
        "id", "number", "cycle", "award", "honour", "kind", "name", "unit_name", "category", "unit_class", "role", "place",
        "listing", "stage", "returned_due_at", "version",
    )  # fmt: skip
    return NominationApi(
        **{name: row[name] for name in plain}, flags=tuple(row["flags"]), dossier=dossier_of(row["dossier"]), checks=tuple(checks)
    )  # fmt: skip
