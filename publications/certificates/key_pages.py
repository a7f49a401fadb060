"""Signing keys for the security administrator (签名钥匙): a new one is introduced, an old one retired. No private key comes here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation import jobs
from foundation.database import transaction
from foundation.forms import Bound, read_form
from foundation.i18n import gettext as _
from foundation.jobs import JobContext
from foundation.settings import settings
from foundation.web.pages import HouseRequest, actor_of, page, see_other
from publications.certificates import keys, verification
from publications.certificates.proof.signing import SignerProcess
from publications.certificates.schemas import EndForm
from publications.permissions import Permission

INTRODUCE = "certificates.introduce_keys"


@jobs.handler(INTRODUCE)
async def introduce(job: JobContext) -> None:
    """Publish the public halves of the keys that the worker's settings name; the private ones stay in the signer."""
    job.result = {"href": "/signing-keys", "label": _("查看签名钥匙")}
    async with SignerProcess(settings()) as signer:
        await keys.publish(signer.published)
    await job.progress(1, 1, _("所配置的钥匙已经公布"))


class KeyPages(Controller):
    """/signing-keys"""

    path = "/signing-keys"
    opt = {"policy": Permission.KEEP_KEYS}

    @get("/", name="signing_keys.list")
    async def listed(self, request: HouseRequest) -> Response[Any]:
        """Every key that ever signed here, and how to change one."""
        return await self._list(request, Bound())

    @post("/introduction", name="signing_keys.introduce", status_code=303)
    async def introduced(self, request: HouseRequest) -> Response[Any]:
        """Let the signer show its keys, and publish them."""
        async with transaction():
            job = await jobs.enqueue(INTRODUCE, {}, actor_of(request))
        return await see_other(request, f"/jobs/{job}")

    @post("/{key:uuid}/retirement", name="signing_keys.retire", status_code=303)
    async def retired(self, request: HouseRequest, key: FromPath[UUID]) -> Response[Any]:
        """Take it out of use, with a reason."""
        form = await read_form(request, EndForm)
        if form.ok:
            with form.catching():
                await keys.retire(actor_of(request), key, form.data.reason)
                return await see_other(request, "/signing-keys", flash=_("已停用；此前所签仍可查验"))
        return await self._list(request, form, key, status_code=422)

    async def _list(
        self, request: HouseRequest, form: Bound[Any], asked: UUID | None = None, *, status_code: int = 200
    ) -> Response[Any]:
        context = {
            "keys": await verification.keys_shown(),
            "form": form,
            "asked": asked,
            "crumbs": [{"label": _("签名钥匙"), "href": None}],
        }
        return await page(request, "publications/certificates/signing_keys.html", status_code=status_code, **context)
