"""What the accounts feature adds to the wing: its controllers and its place in the side bar."""

from __future__ import annotations

from litestar.types import ControllerRouterHandler

from foundation.i18n import N_
from foundation.web.navigation import NavItem
from registry.accounts.api import AccountApi
from registry.accounts.own_pages import OwnPages, PreferencePages
from registry.accounts.pages import AccountPages
from registry.accounts.sign_in_pages import LinkPages, SignInPages
from registry.permissions import Permission

HANDLERS: list[ControllerRouterHandler] = [SignInPages, LinkPages, OwnPages, PreferencePages, AccountPages, AccountApi]

NAVIGATION: list[NavItem] = [
    NavItem(
        section=N_("基础"), label=N_("账号与角色"), path="/accounts", icon="key", policy=Permission.INVITE, place=760
    ),
]
