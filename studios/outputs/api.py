"""Outputs, apprentices and subsidies for programs, under ``/api/v1/studios/<studio>``. Money is in fen, benefit in 万元 as typed."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, FromQuery

from foundation.database import fetchval
from foundation.errors import NotFound
from foundation.forms import read_json
from foundation.web.pages import HouseRequest, actor_of
from foundation.web.policy import Actor
from studios.applications.api import line_of
from studios.outputs import funds, operations, queries, schemas
from studios.outputs.consents import consents_of, keep_consent
from studios.outputs.pages import LIST, SCOPE
from studios.permissions import Permission
from studios.upkeep import access
from studios.upkeep.queries import scope_of

SEE, KEEP, FUNDS = ({"policy": p} for p in (Permission.SEE_STUDIOS, Permission.KEEP_STUDIO, Permission.KEEP_FUNDS))


class OutputApi(msgspec.Struct, frozen=True, kw_only=True):
    """An output: claimed, confirmed or struck; counted once (T11)."""

    id: UUID
    year: int
    kind: str
    title: str
    reference: str
    achieved_on: date
    wan_yuan: str | None
    people: int | None
    stage: str
    decision_reason: str
    papers: int
    version: int


class ApprenticeshipApi(msgspec.Struct, frozen=True, kw_only=True):
    """An agreement; skill levels are codes, 1 the highest."""

    id: UUID
    master: UUID
    master_name: str
    apprentice: UUID
    apprentice_name: str
    trade: str
    goals: str
    agreed_on: date
    ends_on: date
    skill_before: str
    skill_after: str
    verdict: str
    assessment: str
    ended_on: date | None
    logs: int
    version: int


class ConsentApi(msgspec.Struct, frozen=True, kw_only=True):
    """The newest word of a master or an apprentice about being named in public (P2)."""

    worker: UUID
    given: bool
    said_on: date
    text_version: str


class TrancheApi(msgspec.Struct, frozen=True, kw_only=True):
    """A payment of a subsidy, made or to come."""

    id: UUID
    place: int
    percent: int
    fen: int
    paid_on: date | None
    reference: str | None


class VoucherApi(msgspec.Struct, frozen=True, kw_only=True):
    """What was spent."""

    number: str
    fen: int
    spent_on: date
    purpose: str


class ReturnApi(msgspec.Struct, frozen=True, kw_only=True):
    """What was given back."""

    fen: int
    returned_on: date
    reference: str


class SubsidyLineApi(msgspec.Struct, frozen=True, kw_only=True):
    """A subsidy's account in fen (T4)."""

    id: UUID
    studio: UUID
    studio_name: str
    kind: str
    year: int
    document_number: str
    approved_on: date
    fen: int
    paid: int
    spent: int
    returned: int
    balance: int


class SubsidyApi(SubsidyLineApi, frozen=True, kw_only=True):
    """A subsidy with every payment, voucher and return."""

    tranches: tuple[TrancheApi, ...]
    vouchers: tuple[VoucherApi, ...]
    returns: tuple[ReturnApi, ...]


class SubsidyListApi(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the city's table."""

    subsidies: tuple[SubsidyLineApi, ...]
    total: int
    page: int
    pages: int


class StudioOutputApi(Controller):
    """`/api/v1/studios/<studio>/outputs`, `…/apprenticeships`, `…/funds`."""

    path = "/api/v1/studios/{studio:uuid}"

    @get("/outputs", opt=SEE, name="studios.outputs.api.list", operation_id="listStudioOutputs")
    async def outputs(self, request: HouseRequest, studio: FromPath[UUID]) -> tuple[OutputApi, ...]:
        """The ledger, the newest year first."""
        return await _outputs(actor_of(request), studio)

    @get("/apprenticeships", opt=SEE, name="studios.outputs.api.pairs", operation_id="listStudioApprenticeships")
    async def pairs(self, request: HouseRequest, studio: FromPath[UUID]) -> tuple[ApprenticeshipApi, ...]:
        """Who teaches whom, the running agreements first."""
        return await _pairs(actor_of(request), studio)

    @get("/funds", opt=SEE, name="studios.funds.api.show", operation_id="listStudioFunds")
    async def listed_funds(self, request: HouseRequest, studio: FromPath[UUID]) -> tuple[SubsidyApi, ...]:
        """The subsidies with every movement."""
        return await _funds(actor_of(request), studio)

    @post("/outputs", opt=KEEP, name="studios.outputs.api.claim", operation_id="claimStudioOutput")
    async def claim(self, request: HouseRequest, studio: FromPath[UUID]) -> tuple[OutputApi, ...]:
        """Put an output into the ledger of its year."""
        data, actor = (await read_json(request, schemas.OutputForm)).data, actor_of(request)
        await operations.claim_output(actor, studio, data)
        return await _outputs(actor, studio)

    @post("/outputs/{output:uuid}/decision", opt={"policy": Permission.RECOMMEND}, name="studios.outputs.api.decide", operation_id="decideStudioOutput", status_code=200)  # fmt: skip
    async def decide(
        self, request: HouseRequest, studio: FromPath[UUID], output: FromPath[UUID]
    ) -> tuple[OutputApi, ...]:
        """Confirm, or strike with a reason."""
        data, actor = (await read_json(request, schemas.StrikeForm)).data, actor_of(request)
        await _belongs("output", output, studio)
        await operations.decide_output(actor, output, data)
        return await _outputs(actor, studio)

    @post("/apprenticeships", opt=KEEP, name="studios.outputs.api.agree", operation_id="agreeStudioApprenticeship")
    async def agree(self, request: HouseRequest, studio: FromPath[UUID]) -> tuple[ApprenticeshipApi, ...]:
        """Master and apprentice agree."""
        data, actor = (await read_json(request, schemas.AgreementForm)).data, actor_of(request)
        await operations.agree(actor, studio, data)
        return await _pairs(actor, studio)

    @post(
        "/apprenticeships/{pair:uuid}/logs", opt=KEEP, name="studios.outputs.api.log", operation_id="logStudioTeaching"
    )
    async def log(
        self, request: HouseRequest, studio: FromPath[UUID], pair: FromPath[UUID]
    ) -> tuple[ApprenticeshipApi, ...]:
        """What was taught on a day."""
        data, actor = (await read_json(request, schemas.LogForm)).data, actor_of(request)
        await _belongs("apprenticeship", pair, studio)
        await operations.log_teaching(actor, pair, data)
        return await _pairs(actor, studio)

    @post("/apprenticeships/{pair:uuid}/verdict", opt=KEEP, name="studios.outputs.api.finish", operation_id="finishStudioApprenticeship", status_code=200)  # fmt: skip
    async def finish(
        self, request: HouseRequest, studio: FromPath[UUID], pair: FromPath[UUID]
    ) -> tuple[ApprenticeshipApi, ...]:
        """How it ended, in words, with the skill level reached."""
        data, actor = (await read_json(request, schemas.VerdictForm)).data, actor_of(request)
        await _belongs("apprenticeship", pair, studio)
        await operations.finish(actor, pair, data)
        return await _pairs(actor, studio)

    @get("/consents", opt=SEE, name="studios.outputs.api.consents", operation_id="listStudioConsents")
    async def consents(self, request: HouseRequest, studio: FromPath[UUID]) -> tuple[ConsentApi, ...]:
        """Who of the masters and apprentices may be named in public, and who took it back."""
        return await _consents(actor_of(request), studio)

    @post("/consents/{worker:uuid}", opt=KEEP, name="studios.outputs.api.consent", operation_id="recordStudioConsent")
    async def consent(
        self, request: HouseRequest, studio: FromPath[UUID], worker: FromPath[UUID]
    ) -> tuple[ConsentApi, ...]:
        """Write down what a worker said; the newest word holds at once."""
        data, actor = (await read_json(request, schemas.ConsentForm)).data, actor_of(request)
        if data.studio != studio:
            raise NotFound
        await keep_consent(actor, worker, data)
        return await _consents(actor, studio)

    @post("/funds", opt=FUNDS, name="studios.funds.api.approve", operation_id="approveStudioSubsidy")
    async def approve(self, request: HouseRequest, studio: FromPath[UUID]) -> tuple[SubsidyApi, ...]:
        """Approve what the programme's rule gives."""
        data, actor = (await read_json(request, schemas.ApproveForm)).data, actor_of(request)
        await funds.approve(actor, studio, data)
        return await _funds(actor, studio)

    @post("/funds/{subsidy:uuid}/vouchers", opt=KEEP, name="studios.funds.api.spend", operation_id="spendStudioSubsidy")
    async def spend(
        self, request: HouseRequest, studio: FromPath[UUID], subsidy: FromPath[UUID]
    ) -> tuple[SubsidyApi, ...]:
        """Enter a voucher."""
        data, actor = (await read_json(request, schemas.SpendForm)).data, actor_of(request)
        await _belongs("subsidy", subsidy, studio)
        await funds.spend(actor, subsidy, data)
        return await _funds(actor, studio)

    @post("/funds/{subsidy:uuid}/returns", opt=FUNDS, name="studios.funds.api.return", operation_id="returnStudioSubsidy")  # fmt: skip
    async def give_back(
        self, request: HouseRequest, studio: FromPath[UUID], subsidy: FromPath[UUID]
    ) -> tuple[SubsidyApi, ...]:
        """What was not spent goes back."""
        data, actor = (await read_json(request, schemas.ReturnForm)).data, actor_of(request)
        await _belongs("subsidy", subsidy, studio)
        await funds.give_back(actor, subsidy, data)
        return await _funds(actor, studio)

    @post("/tranches/{tranche:uuid}/payment", opt=FUNDS, name="studios.funds.api.pay", operation_id="payStudioTranche", status_code=200)  # fmt: skip
    async def pay(
        self, request: HouseRequest, studio: FromPath[UUID], tranche: FromPath[UUID]
    ) -> tuple[SubsidyApi, ...]:
        """Write down that a tranche was paid."""
        data, actor = (await read_json(request, schemas.PayForm)).data, actor_of(request)
        subsidy = await fetchval("SELECT subsidy FROM tranche WHERE id = $1", tranche)
        await _belongs("subsidy", subsidy, studio)
        await funds.pay(actor, tranche, data)
        return await _funds(actor, studio)


class StudioFundApi(Controller):
    """`/api/v1/studio-funds`."""

    path = "/api/v1/studio-funds"

    @get("/", opt={"policy": Permission.SEE_APPLICATIONS}, name="studios.funds.api.table", operation_id="listStudioSubsidies")  # fmt: skip
    async def table(
        self, request: HouseRequest, q: FromQuery[str] = "", kind: FromQuery[str] = "", year: FromQuery[str] = "",
        sort: FromQuery[str] = "", page: FromQuery[int] = 1, size: FromQuery[int] = 50,
    ) -> SubsidyListApi:  # fmt: skip
        """Every subsidy within reach."""
        asked = LIST.ask({"q": q, "kind": kind, "year": year, "sort": sort, "page": str(page), "size": str(size)})
        found = await LIST.fetch(asked, SCOPE, scope_of(actor_of(request)))
        return SubsidyListApi(
            subsidies=tuple(_line(row) for row in found.rows), total=found.total, page=found.page, pages=found.pages
        )


async def _belongs(table: str, one: UUID | None, studio: UUID) -> None:
    """What the address calls this studio's is this studio's: else not found."""
    if one is None or await fetchval(f"SELECT studio FROM {table} WHERE id = $1", one) != studio:
        raise NotFound


async def _outputs(actor: Actor, studio: UUID) -> tuple[OutputApi, ...]:
    await access.studio_for(actor, studio, Permission.SEE_STUDIOS)
    made = []
    for row in await queries.outputs_of(studio):
        wan = None if row["wan_yuan"] is None else queries.plain_decimal(row["wan_yuan"])
        fields = {name: row[name] for name in OutputApi.__struct_fields__ if name != "wan_yuan"}
        made.append(OutputApi(**fields, wan_yuan=wan))
    return tuple(made)


async def _pairs(actor: Actor, studio: UUID) -> tuple[ApprenticeshipApi, ...]:
    await access.studio_for(actor, studio, Permission.SEE_STUDIOS)
    return tuple(line_of(row, ApprenticeshipApi) for row in await queries.apprenticeships_of(studio))


async def _consents(actor: Actor, studio: UUID) -> tuple[ConsentApi, ...]:
    await access.studio_for(actor, studio, Permission.SEE_STUDIOS)
    return tuple(line_of(row, ConsentApi) for row in (await consents_of(studio)).values())


def _line(row: Any) -> SubsidyLineApi:
    fields = {name: row[name] for name in SubsidyLineApi.__struct_fields__ if name != "balance"}
    return SubsidyLineApi(**fields, balance=queries.account_of(row).balance)


async def _funds(actor: Actor, studio: UUID) -> tuple[SubsidyApi, ...]:
    await access.studio_for(actor, studio, Permission.SEE_STUDIOS)
    rows = await queries.subsidies_of(studio)
    moved = await queries.movements_of([row["id"] for row in rows])
    made = []
    for row in rows:
        own: dict[str, list[Any]] = {
            name: [one for one in lines if one["subsidy"] == row["id"]] for name, lines in moved.items()
        }
        made.append(
            SubsidyApi(
                **msgspec.structs.asdict(_line(row)), tranches=tuple(line_of(one, TrancheApi) for one in own["tranches"]),
                vouchers=tuple(line_of(one, VoucherApi) for one in own["vouchers"]),
                returns=tuple(line_of(one, ReturnApi) for one in own["returns"]),
            )
        )  # fmt: skip
    return tuple(made)
