"""账号管理: accounts as the security administrator, and officers within their scope, keep them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation import trail
from foundation.errors import Refusal, Refusals
from foundation.forms import Bound, read_form
from foundation.i18n import gettext as _
from foundation.listing import XLSX, export
from foundation.settings import settings
from foundation.web.pages import HouseRequest, actor_of, download, page, see_other
from foundation.web.policy import Actor
from registry.accounts import keeping, operations, rules
from registry.accounts.details import account_detail
from registry.accounts.listing import ACCOUNTS, STATES, find_page, scoped
from registry.accounts.queries import find_organisations
from registry.accounts.roles import EVENT_ROLES, LABELS, OFFICERS, ROSTER_ROLES, Role
from registry.accounts.schemas import GrantForm, Invitation
from registry.permissions import Permission


def link_address(token: str) -> str:
    """The one-time link as it is handed over."""
    return f"{settings().public_url.rstrip('/')}/invitation/{token}"


def grantable(actor: Actor, *, events: bool = False) -> list[tuple[str, str]]:
    """(role, label) of what the actor may grant; event roles are granted where the event is kept."""
    everything = actor.has(Role.SECURITY_ADMIN)
    own: set[Role] = set()
    for officer in OFFICERS:
        own |= rules.OFFICER_GRANTS[officer] if actor.has(officer) else set()
    return [
        (str(role), _(LABELS[role])) for role in Role if (everything or role in own) and (events or role not in EVENT_ROLES - ROSTER_ROLES)
    ]  # fmt: skip


def _crumbs(*more: str) -> list[dict[str, str]]:
    return [{"label": _("账号与角色"), "href": "/accounts"}, *({"label": text} for text in more)]


class AccountPages(Controller):
    """List, invitation, one account and what is done with it."""

    path = "/accounts"
    opt = {"policy": Permission.INVITE}

    @get("/", name="accounts.list")
    async def index(self, request: HouseRequest) -> Response[Any]:
        """The accounts within the actor's reach."""
        found = await find_page(actor_of(request), ACCOUNTS.ask(request.query_params))
        return await page(
            request, "registry/accounts/list.html", found=found, labels=LABELS, states=STATES,
            crumbs=[{"label": _("账号与角色")}],
        )  # fmt: skip

    @post("/exports", name="accounts.export", status_code=200)
    async def export(self, request: HouseRequest) -> Response[Any]:
        """The list as asked, as an xlsx; leaves a trail row."""
        actor = actor_of(request)
        asked = ACCOUNTS.ask(request.query_params)
        body = await export(ACCOUNTS, asked, *scoped(actor), sheet=_("账号"))
        await trail.record(actor, "accounts.exported", "account", None, {"filters": dict(asked.values)})
        return download(body, _("账号.xlsx"), XLSX)

    @get("/new", name="accounts.invite.form")
    async def invite_page(self, request: HouseRequest) -> Response[Any]:
        """The invitation's form."""
        return await self._invite(request, None)

    async def _invite(
        self, request: HouseRequest, form: Bound[Invitation] | None, status_code: int = 200
    ) -> Response[Any]:
        actor = actor_of(request)
        query = str(form.values.get("organisation_query", "")) if form else ""
        return await page(
            request, "registry/accounts/new.html", form=form, roles=grantable(actor), status_code=status_code,
            organisations=await find_organisations(actor, query), crumbs=_crumbs(_("邀请")),
        )  # fmt: skip

    @post("/", name="accounts.invite", status_code=200)
    async def invite(self, request: HouseRequest) -> Response[Any]:
        """Make the account; the link is shown this once."""
        form = await read_form(request, Invitation)
        actor = actor_of(request)
        if form.values.get("find"):
            return await self._invite(request, Bound(form.values))
        if not form.faults:
            with form.catching():
                account, token = await operations.invite(actor, form.data)
                return await self._link(request, account, token, "invitation")
        return await self._invite(request, form, 422)

    async def _link(self, request: HouseRequest, account: UUID, token: str, purpose: str) -> Response[Any]:
        detail = await account_detail(actor_of(request), account)
        return await page(
            request, "registry/accounts/link_issued.html", detail=detail, link=link_address(token), purpose=purpose,
            crumbs=_crumbs(detail.name),
        )  # fmt: skip

    @get("/organisations", name="accounts.organisations")
    async def organisations(self, request: HouseRequest) -> Response[Any]:
        """The choices that match what is being typed: a fragment for htmx."""
        query = str(request.query_params.get("organisation_query", ""))
        found = await find_organisations(actor_of(request), query)
        return await page(request, "registry/accounts/organisation_choices.html", form=None, organisations=found)

    @get("/{account:uuid}", name="accounts.detail")
    async def detail(self, request: HouseRequest, account: FromPath[UUID]) -> Response[Any]:
        """One account with its grants."""
        return await self._detail(request, account)

    async def _detail(
        self,
        request: HouseRequest,
        account: UUID,
        *,
        form: Bound[GrantForm] | None = None,
        refused: Refusal | Refusals | None = None,
        status_code: int = 200,
    ) -> Response[Any]:
        actor = actor_of(request)
        detail = await account_detail(actor, account)
        query = str(form.values.get("organisation_query", "")) if form else ""
        query = query or ("" if form else detail.organisation_name)
        said = refused.refusals if isinstance(refused, Refusals) else [refused] if refused else []
        return await page(
            request, "registry/accounts/detail.html", detail=detail, form=form, roles=grantable(actor), labels=LABELS,
            organisations=await find_organisations(actor, query) if detail.may_manage else [], states=STATES,
            refused=[{"message": one.text(_), "rule": one.rule} for one in said], query=query,
            is_security=actor.has(Role.SECURITY_ADMIN), crumbs=_crumbs(detail.name), status_code=status_code,
        )  # fmt: skip

    @post("/{account:uuid}/grants", name="accounts.grant")
    async def grant(self, request: HouseRequest, account: FromPath[UUID]) -> Response[Any]:
        """Grant a role within an organisation."""
        form = await read_form(request, GrantForm)
        actor = actor_of(request)
        if form.values.get("find"):
            return await self._detail(request, account, form=Bound(form.values))
        if not form.faults:
            with form.catching():
                await operations.require_visible(actor, account)
                wanted = form.data
                operations.require_organisation_role(wanted.role)
                await operations.grant_role(actor, account, wanted.role, organisation=wanted.organisation)
                return await see_other(request, f"/accounts/{account}", flash=_("已授予角色，对方须重新登录"))
        return await self._detail(request, account, form=form, status_code=422)

    async def _act(
        self, request: HouseRequest, account: UUID, act: Callable[[Actor, UUID], Awaitable[Any]], told: str
    ) -> Response[Any]:
        """Do one thing to the account; a refusal is shown on its page."""
        try:
            await act(actor_of(request), account)
        except (Refusal, Refusals) as refused:
            status = refused.status if isinstance(refused, Refusal) else 422
            return await self._detail(request, account, refused=refused, status_code=status)
        return await see_other(request, f"/accounts/{account}", flash=told)

    @post("/{account:uuid}/grants/{grant:uuid}/ending", name="accounts.grant.end")
    async def end_grant(self, request: HouseRequest, account: FromPath[UUID], grant: FromPath[UUID]) -> Response[Any]:
        """Take a role back."""

        async def act(actor: Actor, of: UUID) -> None:
            await operations.end_grant_of(actor, of, grant)

        return await self._act(request, account, act, _("已收回角色，对方须重新登录"))

    @post("/{account:uuid}/closing", name="accounts.close")
    async def close(self, request: HouseRequest, account: FromPath[UUID]) -> Response[Any]:
        """Close it."""
        return await self._act(request, account, keeping.close_account, _("账号已停用"))

    @post("/{account:uuid}/reopening", name="accounts.reopen")
    async def reopen(self, request: HouseRequest, account: FromPath[UUID]) -> Response[Any]:
        """Open it again."""
        return await self._act(request, account, keeping.reopen_account, _("账号已恢复"))

    @post("/{account:uuid}/unlocking", name="accounts.unlock")
    async def unlock(self, request: HouseRequest, account: FromPath[UUID]) -> Response[Any]:
        """Lift the lock."""
        return await self._act(request, account, keeping.unlock_account, _("账号已解锁"))

    @post("/{account:uuid}/second-factor-reset", name="accounts.second_factor.reset", opt={"policy": Permission.KEEP_ACCOUNTS})  # fmt: skip
    async def reset_second_factor(self, request: HouseRequest, account: FromPath[UUID]) -> Response[Any]:
        """Let the person bind a new phone."""
        told = _("第二因素已重置，对方下次登录时重新绑定")
        return await self._act(request, account, keeping.reset_second_factor, told)

    @post("/{account:uuid}/links", name="accounts.link.issue", status_code=200)
    async def issue_link(self, request: HouseRequest, account: FromPath[UUID]) -> Response[Any]:
        """A one-time link to set the password by, shown this once."""
        try:
            token, purpose = await keeping.issue_link(actor_of(request), account)
        except Refusal as refused:
            return await self._detail(request, account, refused=refused, status_code=refused.status)
        return await self._link(request, account, token, purpose)
