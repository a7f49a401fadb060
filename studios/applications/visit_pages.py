"""走访的页面与接口: my visits, the tablet, its JSON. Another expert's sheet is not found."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.enums import MediaType
from litestar.params import FromPath

from foundation.assets import STATIC_ROOT, load_manifest
from foundation.errors import Refusal
from foundation.i18n import gettext as _
from foundation.web.pages import HouseRequest, actor_of, page
from foundation.web.policy import EVERYBODY
from foundation.web.sessions import csrf_token
from studios.applications import sheets, showing
from studios.applications.visit_words import desk_words
from studios.permissions import Permission

HOME = "/studios/visits"
VISIT, SEE = {"policy": Permission.VISIT}, {"policy": Permission.SEE_STUDIOS}


T = TypeVar("T")


async def read_body(request: HouseRequest, kind: type[T]) -> T:
    """What the tablet sent, typed; what is not so is one refusal. The form binder knows no answers by check."""
    try:
        return msgspec.json.decode(await request.body(), type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal("body_form", "请求的内容不合格式") from None


class VisitPages(Controller):
    """/studios/visits"""

    path = HOME

    @get("/", opt=VISIT, name="studios.visits.list")
    async def listed(self, request: HouseRequest) -> Response[Any]:
        """My visits."""
        return await page(
            request, "studios/applications/visits.html", visits=await sheets.my_visits(actor_of(request)), **showing.words(),
            crumbs=[{"label": _("我的走访"), "href": None}],
        )  # fmt: skip

    @get("/worker.js", opt={"policy": EVERYBODY}, name="studios.visits.worker", sync_to_thread=False)
    def worker(self) -> Response[bytes]:
        """The service worker at its one address, so that a new release takes over."""
        body = (STATIC_ROOT / "built" / load_manifest().files["visit-worker.js"].file).read_bytes()
        headers = {"Service-Worker-Allowed": HOME, "Cache-Control": "no-cache"}
        return Response(body, media_type="text/javascript; charset=utf-8", headers=headers)

    @get("/{visit:uuid}", opt=VISIT, name="studios.visits.desk")
    async def desk(self, request: HouseRequest, visit: FromPath[UUID]) -> Response[Any]:
        """The tablet's page."""
        seat = await sheets.seat_for(actor_of(request), visit)
        return await page(request, "studios/applications/visit.html", visit=visit, seat=seat, words=desk_words())

    @get("/{visit:uuid}/photos/{photo:uuid}", opt=SEE, name="studios.visits.photo")
    async def photo(self, request: HouseRequest, visit: FromPath[UUID], photo: FromPath[UUID]) -> Response[bytes]:
        """A picture, for its expert and the officers of the union that sent the panel."""
        body, _name, media_type = await sheets.photo_for(actor_of(request), visit, photo)
        return Response(body, media_type=media_type)


class VisitApi(Controller):
    """The tablet's requests."""

    path = "/api/v1/visits"
    opt = VISIT

    @get("/{visit:uuid}", name="studios.visits.api.state", operation_id="readVisitSheet")
    async def state(self, request: HouseRequest, visit: FromPath[UUID]) -> sheets.SheetState:
        """The whole sheet, and the token that this browser's next write must carry."""
        found = await sheets.state_for(actor_of(request), visit)
        return msgspec.structs.replace(found, csrf=csrf_token(request))

    @put("/{visit:uuid}/answers", name="studios.visits.api.answers", operation_id="saveVisitAnswers")
    async def answers(self, request: HouseRequest, visit: FromPath[UUID]) -> Response[bytes]:
        """Answers as new versions, once for each key."""
        given = await read_body(request, sheets.AnswersIn)
        return Response(await sheets.save_answers(actor_of(request), visit, given), media_type=MediaType.JSON)

    @put("/{visit:uuid}/photos", name="studios.visits.api.photo", operation_id="addVisitPhoto")
    async def photo(self, request: HouseRequest, visit: FromPath[UUID]) -> dict[str, UUID]:
        """A picture, once for each id."""
        given = await read_body(request, sheets.PhotoIn)
        return {"id": await sheets.add_photo(actor_of(request), visit, given)}

    @post("/{visit:uuid}/signature", name="studios.visits.api.sign", operation_id="signVisitSheet", status_code=200)
    async def sign(self, request: HouseRequest, visit: FromPath[UUID]) -> dict[str, str]:
        """Sign and lock."""
        return {"total": await sheets.sign_sheet(actor_of(request), visit)}
