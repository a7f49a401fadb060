"""The accounts API: the same operations as the pages', JSON in and out."""

from __future__ import annotations

from uuid import UUID

from litestar import Controller, get, post
from litestar.params import FromPath

from foundation.forms import read_json
from foundation.web.pages import HouseRequest, actor_of
from registry.accounts import keeping, operations
from registry.accounts.details import account_detail
from registry.accounts.pages import link_address
from registry.accounts.queries import find_accounts, reach
from registry.accounts.roles import LABELS
from registry.accounts.schemas import AccountChoice, AccountDetail, GrantForm, Invitation, Invited
from registry.permissions import Permission


class AccountApi(Controller):
    """Accounts within the caller's reach."""

    path = "/api/v1/accounts"
    opt = {"policy": Permission.INVITE}

    @get("/", name="api.accounts.find", operation_id="findAccounts")
    async def find(self, request: HouseRequest) -> list[AccountChoice]:
        """Open accounts by name, 拼音, initials or login (``q``), at most 20; ``role`` narrows to one role."""
        everywhere, scope = reach(actor_of(request))
        role = request.query_params.get("role", "")
        query = str(request.query_params.get("q", ""))
        return await find_accounts(query, role if role in LABELS else None, None if everywhere else scope)

    @post("/", name="api.accounts.invite", operation_id="inviteAccount")
    async def invite(self, request: HouseRequest) -> Invited:
        """Make an account; the answer holds its one-time link, which is not shown again."""
        form = await read_json(request, Invitation)
        account, token = await operations.invite(actor_of(request), form.data)
        request.scope["state"]["no_store"] = True
        return Invited(id=account, link=link_address(token))

    @get("/{account:uuid}", name="api.accounts.detail", operation_id="getAccount")
    async def detail(self, request: HouseRequest, account: FromPath[UUID]) -> AccountDetail:
        """One account with its grants."""
        return await account_detail(actor_of(request), account)

    @post("/{account:uuid}/grants", name="api.accounts.grant", operation_id="grantRole")
    async def grant(self, request: HouseRequest, account: FromPath[UUID]) -> AccountDetail:
        """Grant a role within an organisation; event roles are granted where the event is kept."""
        wanted = (await read_json(request, GrantForm)).data
        actor = actor_of(request)
        await operations.require_visible(actor, account)
        operations.require_organisation_role(wanted.role)
        await operations.grant_role(actor, account, wanted.role, organisation=wanted.organisation)
        return await account_detail(actor, account)

    @post("/{account:uuid}/grants/{grant:uuid}/ending", name="api.accounts.grant.end", operation_id="endRole")
    async def end(self, request: HouseRequest, account: FromPath[UUID], grant: FromPath[UUID]) -> AccountDetail:
        """Take a role back."""
        actor = actor_of(request)
        await operations.end_grant_of(actor, account, grant)
        return await account_detail(actor, account)

    @post("/{account:uuid}/closing", name="api.accounts.close", operation_id="closeAccount")
    async def close(self, request: HouseRequest, account: FromPath[UUID]) -> AccountDetail:
        """Close it; its sessions end at once."""
        await keeping.close_account(actor_of(request), account)
        return await account_detail(actor_of(request), account)

    @post("/{account:uuid}/reopening", name="api.accounts.reopen", operation_id="reopenAccount")
    async def reopen(self, request: HouseRequest, account: FromPath[UUID]) -> AccountDetail:
        """Open it again."""
        await keeping.reopen_account(actor_of(request), account)
        return await account_detail(actor_of(request), account)
