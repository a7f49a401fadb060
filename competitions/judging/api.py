"""The judge's desk as JSON: one sheet's state, its marks, its signature."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.enums import MediaType
from litestar.params import FromPath

from competitions.judging import corrections, operations, queries
from competitions.judging.schemas import CorrectionIn, DecisionIn, MarksIn, SheetOut, SignedOut, SignIn
from competitions.permissions import Permission
from foundation.forms import read_json
from foundation.web.pages import HouseRequest, actor_of
from foundation.web.sessions import csrf_token

_fast = msgspec.json.Decoder(MarksIn).decode


async def read_marks(request: HouseRequest) -> MarksIn:
    """The body of a request for marks: typed at once where it is sound, else by the binder, which names every fault."""
    try:
        return _fast(await request.body())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return (await read_json(request, MarksIn)).data


class SheetApi(Controller):
    """One judge's sheet. Another judge's is not found."""

    path = "/api/v1/sheets"

    @get(
        "/{seat:uuid}", opt={"policy": Permission.MARK}, name="competitions.judging.api.sheet", operation_id="readSheet"
    )
    async def sheet(self, request: HouseRequest, seat: FromPath[UUID]) -> SheetOut:
        """The whole state of a sheet, and the token that this browser's next write must carry."""
        state = await queries.sheet_for(actor_of(request), seat)
        return msgspec.structs.replace(state, csrf=csrf_token(request))

    @put(
        "/{seat:uuid}/marks",
        opt={"policy": Permission.MARK},
        name="competitions.judging.api.marks",
        operation_id="enterMarks",
    )
    async def marks(self, request: HouseRequest, seat: FromPath[UUID]) -> Response[bytes]:
        """Enter one mark or a whole sheet, once for each key."""
        given = await read_marks(request)
        answer = await operations.enter_marks(actor_of(request), seat, given.marks, key=given.key)
        return Response(answer, media_type=MediaType.JSON)

    @post(
        "/{seat:uuid}/signature",
        opt={"policy": Permission.MARK},
        name="competitions.judging.api.sign",
        operation_id="signSheet",
        status_code=200,
    )
    async def sign(self, request: HouseRequest, seat: FromPath[UUID]) -> SignedOut:
        """Sign and lock the sheet."""
        given = (await read_json(request, SignIn)).data
        return await operations.sign_sheet(actor_of(request), seat, given)

    @post(
        "/{seat:uuid}/corrections",
        opt={"policy": Permission.CORRECT_MARK},
        name="competitions.judging.api.correction.ask",
        operation_id="askCorrection",
        status_code=201,
    )
    async def ask_correction(self, request: HouseRequest, seat: FromPath[UUID]) -> dict[str, UUID]:
        """Ask that a signed mark be changed (C57)."""
        given = (await read_json(request, CorrectionIn)).data
        return {"id": await corrections.ask_correction(actor_of(request), seat, given)}


class CorrectionApi(Controller):
    """The second signature."""

    path = "/api/v1/corrections"

    @post(
        "/{correction:uuid}/decision",
        opt={"policy": Permission.CORRECT_MARK},
        name="competitions.judging.api.correction.decide",
        operation_id="decideCorrection",
        status_code=200,
    )
    async def decide(self, request: HouseRequest, correction: FromPath[UUID]) -> dict[str, bool]:
        """Approve or refuse a correction (C57)."""
        given = (await read_json(request, DecisionIn)).data
        await corrections.decide_correction(actor_of(request), correction, approve=given.approve, note=given.note)
        return {"approved": given.approve}
