"""Certificates for officers and units; verification for everybody."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation import clock, storage
from foundation.forms import Bound, read_form
from foundation.i18n import gettext as _
from foundation.web.pages import HouseRequest, actor_of, download, page, see_other
from publications.certificates import bundling_job, operations, queries, rules
from publications.certificates.schemas import EndForm
from publications.permissions import Permission

ZIP_MOST = 500
CREDENTIAL_TYPE = "application/vc"


class CertificatePages(Controller):
    """/certificates"""

    path = "/certificates"

    @get("/", opt={"policy": Permission.SEE_CERTIFICATES}, name="certificates.list")
    async def listed(self, request: HouseRequest) -> Response[Any]:
        """The certificates of my unit, or of the units within my scope."""
        found = await queries.listed(actor_of(request), queries.LIST.ask(request.query_params))
        context = {
            "found": found,
            "states": queries.STATES,
            "chips": queries.CHIP,
            "may_issue": Permission.ISSUE_CERTIFICATES.allows(actor_of(request)),
            "crumbs": [{"label": _("证书"), "href": None}],
        }
        return await page(request, "publications/certificates/list.html", **context)

    @get("/archive", opt={"policy": Permission.SEE_CERTIFICATES}, name="certificates.archive")
    async def archive(self, request: HouseRequest) -> Response[Any]:
        """The listed certificates in one zip, as the list's filters say; at most 500."""
        asked = queries.LIST.ask({**dict(request.query_params), "size": "200"})
        found = await queries.listed(actor_of(request), asked)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
            for row in [row for row in found.rows if row["has_file"]][:ZIP_MOST]:
                body, name, _type = await storage.load(await queries.file_of(actor_of(request), row["id"]))
                archive.writestr(name, body)
        return download(packed.getvalue(), f"证书-{await clock.today()}.zip", "application/zip")

    @get("/{certificate:uuid}", opt={"policy": Permission.SEE_CERTIFICATES}, name="certificates.show")
    async def show(self, request: HouseRequest, certificate: FromPath[UUID]) -> Response[Any]:
        """One certificate: what it says, its state, what may be done."""
        return await self._show(request, certificate, Bound())

    @get("/{certificate:uuid}/file", opt={"policy": Permission.SEE_CERTIFICATES}, name="certificates.file")
    async def file(self, request: HouseRequest, certificate: FromPath[UUID]) -> Response[Any]:
        """Its PDF."""
        body, name, media_type = await storage.load(await queries.file_of(actor_of(request), certificate))
        return download(body, name, media_type)

    @post(
        "/{certificate:uuid}/revocation",
        opt={"policy": Permission.REVOKE_CERTIFICATES},
        name="certificates.revoke",
        status_code=303,
    )
    async def revoke(self, request: HouseRequest, certificate: FromPath[UUID]) -> Response[Any]:
        """End it, with a reason."""
        form = await read_form(request, EndForm)
        if form.ok:
            with form.catching():
                await operations.revoke(actor_of(request), certificate, form.data.reason)
                return await see_other(request, f"/certificates/{certificate}", flash=_("已撤销；查验页即刻显示"))
        return await self._show(request, certificate, form, status_code=422)

    @post(
        "/{certificate:uuid}/replacement",
        opt={"policy": Permission.ISSUE_CERTIFICATES},
        name="certificates.reissue",
        status_code=303,
    )
    async def reissue(self, request: HouseRequest, certificate: FromPath[UUID]) -> Response[Any]:
        """A new number for the same holder."""
        form = await read_form(request, EndForm)
        if form.ok:
            with form.catching():
                made = await operations.reissue(actor_of(request), certificate, form.data.reason)
                return await see_other(request, f"/certificates/{made}", flash=_("已换发新编号，正在生成"))
        return await self._show(request, certificate, form, status_code=422)

    @get("/{certificate:uuid}/credential", opt={"policy": Permission.SEE_CERTIFICATES}, name="certificates.credential")
    async def credential(self, request: HouseRequest, certificate: FromPath[UUID]) -> Response[Any]:
        """Its Open Badges 3.0 credential, for the holder's wallet."""
        number, credential = await queries.credential_of(actor_of(request), certificate)
        return download(credential.encode(), f"{number}.json", CREDENTIAL_TYPE)

    @post(
        "/{certificate:uuid}/rendering",
        opt={"policy": Permission.ISSUE_CERTIFICATES},
        name="certificates.render",
        status_code=303,
    )
    async def render_again(self, request: HouseRequest, certificate: FromPath[UUID]) -> Response[Any]:
        """Make a faulty one again, once its cause was put right."""
        job = await operations.render_again(actor_of(request), certificate)
        return await see_other(request, f"/jobs/{job}", flash=_("已重新排队，正在生成"))

    @post(
        "/sources/{source:uuid}/rendering",
        opt={"policy": Permission.ISSUE_CERTIFICATES},
        name="certificates.render_source",
        status_code=303,
    )
    async def render_source_again(self, request: HouseRequest, source: FromPath[UUID]) -> Response[Any]:
        """Make every faulty one of a source again."""
        job = await operations.render_source_again(actor_of(request), source)
        return await see_other(request, f"/jobs/{job}", flash=_("已重新排队，正在生成"))

    @post(
        "/sources/{source:uuid}/bundle/{form:str}",
        opt={"policy": Permission.SEE_CERTIFICATES},
        name="certificates.bundle",
        status_code=303,
    )
    async def bundle(self, request: HouseRequest, source: FromPath[UUID], form: FromPath[str]) -> Response[Any]:
        """Ask for all of a source in one file: ``zip`` or ``print``."""
        job = await bundling_job.bundle_source(actor_of(request), source, form)
        return await see_other(request, f"/jobs/{job}")

    @get("/bundles/{file:uuid}", opt={"policy": Permission.SEE_CERTIFICATES}, name="certificates.bundle_file")
    async def bundle_file(self, request: HouseRequest, file: FromPath[UUID]) -> Response[Any]:
        """The finished file, for whoever asked for it."""
        return download(*await bundling_job.bundle_for(actor_of(request), file))

    async def _show(
        self, request: HouseRequest, certificate: UUID, form: Bound[Any], *, status_code: int = 200
    ) -> Response[Any]:
        actor = actor_of(request)
        shown = await queries.one(actor, certificate)
        context = {
            "it": shown,
            "form": form,
            "state": _(queries.STATES[rules.State(shown.state)]),
            "chip": queries.CHIP[rules.State(shown.state)],
            "may_end": shown.state in ("numbered", "valid", "faulty"),
            "may_revoke": Permission.REVOKE_CERTIFICATES.allows(actor),
            "may_issue": Permission.ISSUE_CERTIFICATES.allows(actor),
            "crumbs": [{"label": _("证书"), "href": "/certificates"}, {"label": shown.number, "href": None}],
        }
        return await page(request, "publications/certificates/show.html", status_code=status_code, **context)
