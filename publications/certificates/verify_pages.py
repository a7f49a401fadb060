"""Verification for everybody: by number and code, by the QR, by the file itself; and the keys to do it without us."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath

from foundation import clock
from foundation.errors import NotFound, Refusal, Refusals, TooMany
from foundation.forms import Bound, read_form
from foundation.settings import settings
from foundation.trail.showing import head_shown
from foundation.web.limits import client_address, limit
from foundation.web.pages import HouseRequest, download, page
from foundation.web.policy import EVERYBODY
from publications.certificates import keys, rules, verification
from publications.certificates.proof.examine_limits import LARGEST
from publications.certificates.schemas import CredentialForm, VerifyForm
from publications.certificates.verification import Outcome
from publications.documents import comparing

TRIES, FILES, WINDOW = 20, 10, timedelta(minutes=5)
AT_ONCE = 2
_examining: set[object] = set()


async def slowed(request: HouseRequest, number: str) -> None:
    """Count a try (SECURITY 14): by address, and more generously by number."""
    await limit("verify", client_address(request), most=TRIES, window=WINDOW)
    await limit("verify-number", number, most=TRIES * 5, window=WINDOW)
    request.scope["state"]["no_store"] = True


async def verdict(request: HouseRequest, outcome: Outcome, form: Bound[Any] | None = None) -> Response[Any]:
    """The page of an outcome; unknown is 404, tampered 422."""
    status = {"unknown": 404, "tampered": 422}.get(outcome.verdict, 200)
    context = {
        "it": outcome.found,
        "outcome": outcome,
        "form": form or Bound({"number": outcome.number}),
        "asked_at": await clock.now(),
        "section": "verify",
        "trail_head": await head_shown(),
    }
    return await page(request, "publications/certificates/verdict.html", status_code=status, **context)


class VerifyPages(Controller):
    """/verify and the QR's addresses"""

    opt = {"policy": EVERYBODY}

    @get("/verify", name="verify.form")
    async def form(self, request: HouseRequest) -> Response[Any]:
        """Number and code, both from the certificate; or the file."""
        number = rules.normal_number(request.query_params.get("number", ""))
        return await self._form(request, Bound({"number": number}))

    @post("/verify", name="verify.answer", status_code=200)
    async def answer(self, request: HouseRequest) -> Response[Any]:
        """The verdict."""
        form = await read_form(request, VerifyForm)
        if form.ok:
            with form.catching():
                return await self._by_code(request, form.data.number, form.data.code)
        return await self._form(request, form, status_code=422)

    @get("/V/{number:str}/{code:str}", name="verify.qr")
    async def scanned(self, request: HouseRequest, number: FromPath[str], code: FromPath[str]) -> Response[Any]:
        """The verdict for a QR printed before tokens were."""
        try:
            return await self._by_code(request, number, code)
        except (Refusal, Refusals):  # a damaged scan is answered like an unknown one
            return await verdict(request, Outcome(how="code", verdict="unknown", number=rules.normal_number(number)))

    @get("/V/{token:str}", name="verify.token")
    async def token(self, request: HouseRequest, token: FromPath[str]) -> Response[Any]:
        """The verdict for a QR with a signed token."""
        await slowed(request, token[:400])
        return await verdict(request, await verification.by_token(token))

    @post("/verify/file", name="verify.file", status_code=200)
    async def file(self, request: HouseRequest) -> Response[Any]:
        """The verdict for a PDF, examined apart; nothing of it is kept."""
        form: Bound[Any] = Bound()
        with form.catching():
            body = await _uploaded(request)
            await limit("verify-file", client_address(request), most=FILES, window=WINDOW)
            request.scope["state"]["no_store"] = True
            if (shown := await comparing.page_of_known(request, body)) is not None:  # a document, a notice's sheet
                return shown
            if len(_examining) >= AT_ONCE:
                raise TooMany(5, overloaded=True)
            mark = object()
            _examining.add(mark)
            try:
                outcome = await verification.by_file(body)
            finally:
                _examining.discard(mark)
            return await verdict(request, outcome, Bound())
        return await self._form(request, form, status_code=422)

    @post("/verify/credential", name="verify.credential", status_code=200)
    async def credential(self, request: HouseRequest) -> Response[Any]:
        """The Open Badges 3.0 credential of a valid certificate, for whoever holds number and code, or the QR."""
        form = await read_form(request, CredentialForm)
        if not form.ok:
            raise NotFound
        number = rules.normal_number(form.data.number)
        await slowed(request, number or form.data.token)
        found = await verification.credential_for(number, rules.normal_code(form.data.code), form.data.token)
        return download(found.text.encode(), f"{found.number}.json", "application/vc")

    @get("/verify/keys", name="verify.keys")
    async def keys(self, request: HouseRequest) -> Response[Any]:
        """The public keys, and how to verify without a network."""
        context = {
            "keys": await verification.keys_shown(),
            "address": settings().public_url,
            "section": "verify",
            "trail_head": await head_shown(),
        }
        return await page(request, "publications/certificates/keys.html", **context)

    @get("/.well-known/gongjiang-keys.json", name="verify.key_document")
    async def key_document(self, request: HouseRequest) -> Response[Any]:
        """The same for programs: a controlled-identifier document."""
        return Response(
            await keys.key_document(), media_type="application/json", headers={"Cache-Control": "public, max-age=3600"}
        )

    async def _by_code(self, request: HouseRequest, number: str, code: str) -> Response[Any]:
        number, code = rules.normal_number(number), rules.normal_code(code)
        rules.require_form(number, code)
        await slowed(request, number)
        return await verdict(request, await verification.by_code(number, code))

    async def _form(self, request: HouseRequest, form: Bound[Any], *, status_code: int = 200) -> Response[Any]:
        context = {"form": form, "most_mb": LARGEST >> 20, "section": "verify", "trail_head": await head_shown()}
        return await page(request, "publications/certificates/verify.html", status_code=status_code, **context)


async def _uploaded(request: HouseRequest) -> bytes:
    """The PDF of the form; refuses text, nothing, too much, and what is no PDF."""
    given = (await request.form()).get("file")
    if not isinstance(given, UploadFile) or not given.filename:
        raise Refusal("file_missing", "请选择证书的 PDF 文件", field="file")
    body = await given.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise Refusal("file_too_large", "文件超过 {most} MB", field="file", most=LARGEST >> 20)
    if not body.startswith(b"%PDF-"):
        raise Refusal("file_no_pdf", "这不是 PDF 文件；照片和扫描件请用编号与校验码查验", field="file")
    return body
