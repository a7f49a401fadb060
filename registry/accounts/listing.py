"""The list of accounts: what it shows, is searched, narrowed and sorted by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from foundation.i18n import N_, gettext
from foundation.listing import Asked, Bind, Column, Filter, Found, Listing
from foundation.web.policy import Actor
from foundation.web.templates import show_datetime
from registry.accounts.queries import ROLES, STATE, reach
from registry.accounts.roles import LABELS
from registry.search_keys import keys_for_query

STATES: dict[str, tuple[str, str]] = {
    "open": ("ok", N_("正常")),
    "invited": ("wait", N_("待设密码")),
    "locked": ("warn", N_("已锁定")),
    "closed": ("neutral", N_("已停用")),
}
"""State → (the chip's colour, its label)."""

SCOPE = """
o.ancestors && {0}::uuid[] OR EXISTS (
  SELECT 1 FROM role_grant s JOIN organisation so ON so.id = s.organisation
  WHERE s.account = a.id AND s.ended_at IS NULL AND so.ancestors && {0}::uuid[])
"""


def _search(q: str, bind: Bind) -> str:
    return f"a.search_keys @> {bind(keys_for_query(q))}::varchar[] OR a.login = {bind(q.lower())}"


def role_options() -> list[tuple[str, str]]:
    """(role, its label in the reader's language)."""
    return [(str(role), gettext(label)) for role, label in LABELS.items()]


def _roles(row: Mapping[str, Any]) -> str:
    return "、".join(gettext(LABELS[role]) for role in row["roles"])


ACCOUNTS = Listing(
    path="/accounts",
    select=f"a.id, a.login, a.name, a.email, a.signed_in_at, a.made_at, {STATE} AS state, {ROLES} AS roles,"
    " a.totp_enrolled_at IS NOT NULL AS second_factor, coalesce(nullif(o.unit_name, ''), o.name, '') AS organisation_name",
    source="account a LEFT JOIN organisation o ON o.id = a.organisation",
    search=_search,
    columns=(
        Column(key="login", title=N_("登录名"), sort="a.login"),
        Column(key="name", title=N_("姓名")),
        Column(key="organisation_name", title=N_("所在组织"), sort="o.sort_key"),
        Column(key="roles", title=N_("角色"), show=_roles),
        Column(key="state", title=N_("状态"), show=lambda row: gettext(STATES[row["state"]][1])),
        Column(key="second_factor", title=N_("第二因素"), show=lambda row: "✓" if row["second_factor"] else ""),
        Column(
            key="signed_in_at", title=N_("最近登录"), sort="a.signed_in_at",
            show=lambda row: show_datetime(row["signed_in_at"]),
        ),
        Column(key="made_at", title=N_("开通时间"), sort="a.made_at", show=lambda row: show_datetime(row["made_at"])),
    ),
    filters=(
        Filter(
            key="role", title=N_("角色"), options=role_options,
            where="EXISTS (SELECT 1 FROM role_grant r WHERE r.account = a.id AND r.role = {} AND r.ended_at IS NULL)",
        ),
        Filter(
            key="state", title=N_("状态"), where=f"{STATE} = {{}}",
            options=lambda: [(state, gettext(label)) for state, (_, label) in STATES.items()],
        ),
    ),
    order="a.login",
)  # fmt: skip


async def find_page(actor: Actor, asked: Asked) -> Found:
    """A page of the accounts within the actor's reach."""
    return await ACCOUNTS.fetch(asked, *scoped(actor))


def scoped(actor: Actor) -> tuple[str, Any]:
    """The listing's scope for this actor: its SQL and its value."""
    everywhere, scope = reach(actor)
    return ("", None) if everywhere else (SCOPE, scope)
