"""我的账号: the own profile, password, sessions, recovery codes; language and look, for visitors too."""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get, post
from litestar.datastructures import Cookie

from foundation.errors import Refusal
from foundation.forms import Bound, read_form
from foundation.i18n import LOCALES
from foundation.i18n import gettext as _
from foundation.web.pages import HouseRequest, actor_of, page, see_other
from foundation.web.policy import EVERYBODY, SIGNED_IN
from foundation.web.sessions import LANGUAGE_COOKIE, THEME_COOKIE, find_session, session_cookie
from registry.accounts import own
from registry.accounts.details import account_detail
from registry.accounts.own_paths import came_from
from registry.accounts.queries import own_sessions
from registry.accounts.roles import LABELS
from registry.accounts.schemas import LanguageForm, PasswordChange, PresentPassword, ThemeForm
from registry.accounts.sign_in_pages import device_of

THEMES = ("light", "dark", "auto")
YEAR = 365 * 24 * 3600


class OwnPages(Controller):
    """What everybody may do with the own account."""

    path = "/me"
    opt = {"policy": SIGNED_IN}

    @get("/", name="accounts.me")
    async def me(self, request: HouseRequest) -> Response[Any]:
        """The own account."""
        return await self._me(request)

    async def _me(
        self,
        request: HouseRequest,
        *,
        password_form: Bound[PasswordChange] | None = None,
        codes_form: Bound[PresentPassword] | None = None,
        phone_form: Bound[PresentPassword] | None = None,
        status_code: int = 200,
    ) -> Response[Any]:
        actor = actor_of(request)
        return await page(
            request, "registry/accounts/me.html", detail=await account_detail(actor, actor.account), labels=LABELS,
            sessions=await own_sessions(actor.account, request.auth), password_form=password_form,
            codes_form=codes_form, phone_form=phone_form, crumbs=[{"label": _("我的账号")}], status_code=status_code,
        )  # fmt: skip

    @post("/password", name="accounts.me.password")
    async def change_password(self, request: HouseRequest) -> Response[Any]:
        """A new password; every other session ends."""
        form = await read_form(request, PasswordChange)
        if not form.faults:
            with form.catching():
                token = await own.change_password(actor_of(request), request.auth, form.data, **device_of(request))
                request.scope["auth"] = await find_session(token)
                answer = await see_other(request, "/me", flash=_("密码已更改，其他设备已退出"))
                answer.set_cookie(session_cookie(token))
                return answer
        return await self._me(request, password_form=form, status_code=422)

    @post("/other-sessions/ending", name="accounts.me.end_others")
    async def end_others(self, request: HouseRequest) -> Response[Any]:
        """Sign out everywhere else."""
        ended = await own.end_other_sessions(actor_of(request), request.auth)
        return await see_other(request, "/me", flash=_("已退出其他 %(n)s 处登录", n=ended))

    @post("/recovery-codes", name="accounts.me.recovery_codes")
    async def renew_codes(self, request: HouseRequest) -> Response[Any]:
        """Ten new recovery codes, shown this once."""
        form = await read_form(request, PresentPassword)
        if not form.faults:
            with form.catching():
                codes = await own.new_recovery_codes(actor_of(request), request.auth, form.data.present)
                return await page(request, "registry/accounts/recovery_codes.html", codes=codes, onwards="/me")
        return await self._me(request, codes_form=form, status_code=422)

    @post("/second-factor", name="accounts.me.second_factor")
    async def rebind(self, request: HouseRequest) -> Response[Any]:
        """Bind a new phone in place of the old one."""
        form = await read_form(request, PresentPassword)
        if not form.faults:
            with form.catching():
                token = await own.rebind_second_factor(
                    actor_of(request), request.auth, form.data.present, **device_of(request)
                )
                answer = await see_other(request, "/sign-in/enrol?next=%2Fme")
                answer.set_cookie(session_cookie(token))
                return answer
        return await self._me(request, phone_form=form, status_code=422)


class PreferencePages(Controller):
    """Language and look: plain cookies, for visitors too; with the account besides."""

    path = "/preferences"
    opt = {"policy": EVERYBODY}

    @post("/language", name="accounts.preferences.language")
    async def language(self, request: HouseRequest) -> Response[Any]:
        """zh or en."""
        form = await read_form(request, LanguageForm)
        if form.data.language not in LOCALES:
            raise Refusal("no_such_choice", "没有这个选项", field="language")
        if request.user is not None:
            await own.prefer(request.user.account, locale=form.data.language)
        return await self._kept(request, LANGUAGE_COOKIE, form.data.language, form.data.back)

    @post("/theme", name="accounts.preferences.theme")
    async def theme(self, request: HouseRequest) -> Response[Any]:
        """light, dark or auto."""
        form = await read_form(request, ThemeForm)
        if form.data.theme not in THEMES:
            raise Refusal("no_such_choice", "没有这个选项", field="theme")
        if request.user is not None:
            await own.prefer(request.user.account, theme=form.data.theme)
        return await self._kept(request, THEME_COOKIE, form.data.theme, form.data.back)

    async def _kept(self, request: HouseRequest, name: str, value: str, back: str) -> Response[Any]:
        answer = await see_other(request, came_from(request, back))
        answer.set_cookie(
            Cookie(key=name, value=value, path="/", max_age=YEAR, secure=True, httponly=True, samesite="lax")
        )
        return answer
