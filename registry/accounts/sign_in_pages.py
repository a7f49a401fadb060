"""登录: sign-in, second factor, enrolment, sign-out, one-time links. Paths and queries never hold a password or a code."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation.errors import NotFound, SignInRequired
from foundation.forms import Bound, read_form
from foundation.i18n import gettext as _
from foundation.settings import settings
from foundation.web.limits import client_address
from foundation.web.pages import HouseRequest, page, see_other
from foundation.web.policy import EVERYBODY
from foundation.web.sessions import close_session, ended_cookie, find_session, session_cookie
from registry.accounts import links, second_factor, signing_in
from registry.accounts.own_paths import home, own_path
from registry.accounts.queries import demonstration_logins, load_actor
from registry.accounts.roles import LABELS
from registry.accounts.schemas import PasswordForm, SecondFactorForm, SignInForm

STEPS = {"second_factor": "/sign-in/second-factor", "enrol": "/sign-in/enrol"}


def device_of(request: HouseRequest) -> dict[str, str]:
    """Address and browser, as the list of own sessions shows them."""
    return {"address": client_address(request), "agent": request.headers.get("user-agent", "")[:200]}


def private(request: HouseRequest) -> None:
    """Nothing of this answer may be kept by a browser or a proxy."""
    request.scope["state"]["no_store"] = True


def with_next(path: str, onwards: str | None) -> str:
    return f"{path}?next={quote(onwards, safe='')}" if onwards else path


async def onwards(
    request: HouseRequest, signed: signing_in.SignedIn, next_path: str, *, flash: str = ""
) -> Response[Any]:
    """Carry the new token, and go to the next step or to where the person was going."""
    auth = await find_session(signed.token)
    request.scope["auth"] = auth
    target = own_path(request, next_path)
    step = STEPS.get(signed.state)
    answer = await see_other(request, with_next(step, target) if step else target or home(request), flash=flash)
    answer.set_cookie(session_cookie(signed.token))
    return answer


class SignInPages(Controller):
    """Coming in and going out."""

    opt = {"policy": EVERYBODY}

    @get("/sign-in", name="accounts.sign_in")
    async def sign_in_page(self, request: HouseRequest) -> Response[Any]:
        """The sign-in; whoever is in already goes on."""
        private(request)
        target = own_path(request, request.query_params.get("next", ""))
        if request.scope.get("user") is not None:
            return await see_other(request, target or home(request))
        step = signing_in.half_way(request.scope.get("auth"))
        if step:
            return await see_other(request, with_next(STEPS[step], target))
        return await self._form(request, None)

    async def _form(
        self, request: HouseRequest, form: Bound[SignInForm] | None, status_code: int = 200
    ) -> Response[Any]:
        demo = [(login, LABELS[role]) for login, role in await demonstration_logins()] if settings().demo else []
        asked = request.query_params.get("next", "") if form is None else str(form.values.get("next", ""))
        login = request.query_params.get("login", "")[:60] if settings().demo else ""
        return await page(
            request, "registry/accounts/sign_in.html", form=form, next=own_path(request, asked) or "",
            demo_logins=demo, login=login, status_code=status_code,
        )  # fmt: skip

    @post("/sign-in", name="accounts.sign_in.submit")
    async def sign_in(self, request: HouseRequest) -> Response[Any]:
        """Check login and password; a new session either way of going on."""
        private(request)
        form = await read_form(request, SignInForm)
        if not form.faults:
            with form.catching():
                wanted = form.data
                signed = await signing_in.sign_in(wanted.login, wanted.password, **device_of(request))
                if request.scope.get("auth") is not None:
                    await close_session(request.scope["auth"].digest)
                return await onwards(request, signed, wanted.next)
        return await self._form(request, form, 422)

    @get("/sign-in/forgotten", name="accounts.forgotten")
    async def forgotten(self, request: HouseRequest) -> Response[Any]:
        """Whom to ask for a new password or a lost phone."""
        return await page(request, "registry/accounts/forgotten.html")

    @get("/sign-in/second-factor", name="accounts.second_factor")
    async def second_factor_page(self, request: HouseRequest) -> Response[Any]:
        """Ask for the code."""
        signing_in.require_state(request.scope.get("auth"), "second_factor")
        return await self._second_factor(request, None, request.query_params.get("next", ""))

    async def _second_factor(
        self, request: HouseRequest, form: Bound[SecondFactorForm] | None, asked: str, status_code: int = 200
    ) -> Response[Any]:
        target = own_path(request, asked) or ""
        template = "registry/accounts/second_factor.html"
        return await page(request, template, form=form, next=target, status_code=status_code)

    @post("/sign-in/second-factor", name="accounts.second_factor.submit")
    async def pass_second_factor(self, request: HouseRequest) -> Response[Any]:
        """Check the code; then the session is whole, under a new token."""
        form = await read_form(request, SecondFactorForm)
        if not form.faults:
            with form.catching():
                wanted = form.data
                signed = await signing_in.pass_second_factor(
                    request.scope.get("auth"), code=wanted.code, recovery=wanted.recovery, **device_of(request)
                )
                told = _("已使用一个恢复码；如手机已丢失，请在“我的账号”重新绑定") if wanted.recovery else ""
                return await onwards(request, signed, wanted.next, flash=told)
        return await self._second_factor(request, form, str(form.values.get("next", "")), 422)

    @get("/sign-in/enrol", name="accounts.enrol")
    async def enrol_page(self, request: HouseRequest) -> Response[Any]:
        """Show what a phone scans."""
        return await self._enrol(request, None, request.query_params.get("next", ""))

    async def _enrol(
        self, request: HouseRequest, form: Bound[SecondFactorForm] | None, asked: str, status_code: int = 200
    ) -> Response[Any]:
        auth = request.scope.get("auth")
        secret = await signing_in.enrolment_secret(auth)
        actor = await load_actor(signing_in.require_state(auth, "enrol").account)
        if actor is None:
            raise SignInRequired
        return await page(
            request, "registry/accounts/enrol.html", form=form, next=own_path(request, asked) or "",
            secret=second_factor.grouped(secret), login=actor.login, status_code=status_code,
            qr=second_factor.qr_data(secret, login=actor.login, issuer="Gongjiang"),
        )  # fmt: skip

    @post("/sign-in/enrol", name="accounts.enrol.submit")
    async def enrol(self, request: HouseRequest) -> Response[Any]:
        """Confirm the phone by a code; show the recovery codes this once."""
        form = await read_form(request, SecondFactorForm)
        if not form.faults:
            with form.catching():
                wanted = form.data
                signed, codes = await signing_in.enrol(
                    request.scope.get("auth"), code=wanted.code, **device_of(request)
                )
                return await self._codes(request, signed, codes, wanted.next)
        return await self._enrol(request, form, str(form.values.get("next", "")), 422)

    async def _codes(
        self, request: HouseRequest, signed: signing_in.SignedIn, codes: list[str], asked: str
    ) -> Response[Any]:
        request.scope["auth"] = await find_session(signed.token)
        target = own_path(request, asked) or home(request)
        answer = await page(request, "registry/accounts/recovery_codes.html", codes=codes, onwards=target)
        answer.set_cookie(session_cookie(signed.token))
        return answer

    @post("/sign-out", name="accounts.sign_out")
    async def sign_out(self, request: HouseRequest) -> Response[Any]:
        """End this session."""
        await signing_in.sign_out(request.scope.get("auth"))
        answer = await see_other(request, "/sign-in")
        answer.set_cookie(ended_cookie())
        return answer


class LinkPages(Controller):
    """The page behind a one-time link: an invitation or a reset."""

    path = "/invitation/{token:str}"
    opt = {"policy": EVERYBODY}

    @get("/", name="accounts.link")
    async def link_page(self, request: HouseRequest, token: FromPath[str]) -> Response[Any]:
        """Ask for a password."""
        private(request)
        try:
            holder = await links.find_link(token)
        except NotFound:
            return await page(request, "registry/accounts/link_gone.html", status_code=404)
        return await page(request, "registry/accounts/link.html", form=None, holder=holder)

    @post("/", name="accounts.link.submit")
    async def set_password(self, request: HouseRequest, token: FromPath[str]) -> Response[Any]:
        """Set it; then sign in with it."""
        private(request)
        form = await read_form(request, PasswordForm)
        try:
            holder = await links.find_link(token)
            if not form.faults:
                with form.catching():
                    await links.set_password_by_link(token, form.data.password, form.data.again)
                    return await page(request, "registry/accounts/link_done.html", holder=holder)
        except NotFound:
            return await page(request, "registry/accounts/link_gone.html", status_code=404)
        return await page(request, "registry/accounts/link.html", form=form, holder=holder, status_code=422)
