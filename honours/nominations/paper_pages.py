"""材料、照片、同意书、打印: what belongs to the dossier beside its words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from foundation.errors import Refusal
from foundation.forms import Bound, read_form
from foundation.i18n import N_, _
from foundation.storage import UPLOAD_LIMIT
from foundation.web.pages import HouseRequest, actor_of, download, page, see_other
from honours.nominations import access, operations, papers_kept, printing, showing
from honours.nominations.pages import HOME, NOMINATE, SEE, TEMPLATES, show_dossier
from honours.nominations.schemas import ConsentForm, ReasonForm
from honours.permissions import Permission
from publications.certificates.rendering.schemas import RenderRefused

BODY = UPLOAD_LIMIT + 1024 * 1024


async def sent_file(request: HouseRequest, field: str = "file", *, needed: bool = True) -> tuple[bytes, str]:
    """(bytes, name) of an uploaded file; refuses none (where ``needed``) and too much, before it is read whole."""
    given = (await request.form()).get(field)
    if not isinstance(given, UploadFile) or not given.filename:
        if not needed:
            return b"", ""
        raise Refusal("material_missing", N_("请选择文件"), field=field, rule="H60")
    body = await given.read(UPLOAD_LIMIT + 1)
    if len(body) > UPLOAD_LIMIT:
        raise Refusal("material_large", N_("文件不能超过 10 MB"), field=field, rule="H60")
    return body, given.filename


class NominationPaperPages(Controller):
    """/nominations/{id}/…"""

    path = f"{HOME}/{{nomination:uuid}}"

    @post("/materials", opt=NOMINATE, name="honours.nominations.material.add", status_code=303, request_max_body_size=BODY)  # fmt: skip
    async def add(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """Upload one paper."""
        form: Bound[Any] = Bound()
        refused = showing.Refused(form)
        with refused:
            body, name = await sent_file(request)
            kind = str((await request.form()).get("kind") or "")[:30]
            await papers_kept.add_material(actor_of(request), nomination, kind, body, name)
            return await see_other(request, f"{HOME}/{nomination}#part-materials", flash=_("材料已上传"))
        return await show_dossier(request, nomination, other=form, status_code=refused.status)

    @get("/materials/{material:uuid}", opt=SEE, name="honours.nominations.material.file")
    async def material(
        self, request: HouseRequest, nomination: FromPath[UUID], material: FromPath[UUID]
    ) -> Response[Any]:
        """The file, as an attachment."""
        body, name, media_type = await papers_kept.material_for(actor_of(request), nomination, material)
        return download(body, name, media_type)

    @post("/materials/{material:uuid}/removal", opt=NOMINATE, name="honours.nominations.material.remove", status_code=303)  # fmt: skip
    async def remove(
        self, request: HouseRequest, nomination: FromPath[UUID], material: FromPath[UUID]
    ) -> Response[Any]:
        """Take one out."""
        form: Bound[Any] = Bound()
        refused = showing.Refused(form)
        with refused:
            await papers_kept.remove_material(actor_of(request), nomination, material)
            return await see_other(request, f"{HOME}/{nomination}#part-materials", flash=_("材料已移除"))
        return await show_dossier(request, nomination, other=form, status_code=refused.status)

    @post("/portrait", opt=NOMINATE, name="honours.nominations.portrait.set", status_code=303, request_max_body_size=BODY)  # fmt: skip
    async def set_portrait(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """Upload the portrait."""
        form: Bound[Any] = Bound()
        refused = showing.Refused(form)
        with refused:
            body, _name = await sent_file(request, "portrait")
            await papers_kept.set_portrait(actor_of(request), nomination, body)
            return await see_other(request, f"{HOME}/{nomination}#part-consent", flash=_("照片已上传"))
        return await show_dossier(request, nomination, other=form, status_code=refused.status)

    @get("/portrait", opt=SEE, name="honours.nominations.portrait")
    async def portrait(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """The picture, for those who see the nomination."""
        body = await papers_kept.portrait_for(actor_of(request), nomination)
        return Response(body, media_type="image/jpeg", headers={"Content-Disposition": "inline; filename=portrait.jpg"})

    @post("/consents", opt=NOMINATE, name="honours.nominations.consent", status_code=303)
    async def consent(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """Note down what the nominee signed."""
        form = await read_form(request, ConsentForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                await operations.record_consent(actor_of(request), nomination, form.data)
                return await see_other(request, f"{HOME}/{nomination}#part-consent", flash=_("已登记"))
        return await show_dossier(request, nomination, other=form, status_code=refused.status)

    @get("/form", opt=SEE, name="honours.nominations.form")
    async def print_choice(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """Print the approval form: masked at once, or with the full number for a reason."""
        return await _choice(request, nomination)

    @get("/form.pdf", opt=SEE, name="honours.nominations.form.pdf")
    async def pdf(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """The A3 form, the ID number and the phone masked."""
        form: Bound[Any] = Bound()
        try:
            body, name = await printing.masked_form(actor_of(request), nomination)
        except RenderRefused as refusal:
            form.refuse(refusal)
            return await _choice(request, nomination, form, 422)
        return download(body, name, "application/pdf")

    @post("/form", opt=SEE, name="honours.nominations.form.full", status_code=200)
    async def full(self, request: HouseRequest, nomination: FromPath[UUID]) -> Response[Any]:
        """The A3 form with the full numbers, for a reason that is kept (SECURITY 11)."""
        form = await read_form(request, ReasonForm)
        refused = showing.Refused(form)
        if form.ok:
            with refused:
                body, name = await printing.full_form(actor_of(request), nomination, form.data.reason)
                return download(body, name, "application/pdf")
        return await _choice(request, nomination, form, refused.status)


async def _choice(
    request: HouseRequest, nomination: UUID, form: Bound[Any] | None = None, status_code: int = 200
) -> Response[Any]:
    row = await access.row_for(actor_of(request), nomination, Permission.SEE_NOMINATIONS)
    crumbs = [
        {"label": _("推荐申报"), "href": HOME},
        {"label": row["name"], "href": f"{HOME}/{nomination}"},
        {"label": _("打印审批表"), "href": ""},
    ]
    return await page(request, f"{TEMPLATES}/print.html", status_code=status_code, n=row, form=form, crumbs=crumbs)
