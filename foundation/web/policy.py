"""Who may: actors, grants, and the guard that denies what names no policy (SECURITY 1).

Foundation knows neither roles nor permissions by name: each wing has a ``Permission`` enum whose members are policies.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable
from uuid import UUID

import msgspec
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from foundation.errors import Forbidden, SignInRequired


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """A role held: everywhere (no scope), within an organisation and all below it, or within one event."""

    role: str
    organisation: UUID | None = None
    event: UUID | None = None


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever acts. Loaded afresh for each request; never stored."""

    account: UUID
    login: str
    name: str
    role_label: str = ""
    """The leading role's msgid, for the page's corner: whoever acts is known before the language is."""
    organisation: UUID | None = None
    organisation_name: str = ""
    region: str = ""
    grants: frozenset[Grant] = frozenset()
    tops: frozenset[UUID] = frozenset()
    """The organisations that none stands above, as of this request: whoever's scope holds them all reaches everything.
    Empty: not known."""
    locale: str = "zh"
    theme: str = "auto"

    def roles(self) -> frozenset[str]:
        """The names of all roles held, whatever their scope."""
        return frozenset(grant.role for grant in self.grants)

    def has(self, *roles: str) -> bool:
        """Whether any of these roles is held anywhere."""
        return not self.roles().isdisjoint(roles)

    def organisations_as(self, *roles: str) -> frozenset[UUID]:
        """The organisations within which one of these roles is held."""
        return frozenset(g.organisation for g in self.grants if g.role in roles and g.organisation is not None)

    def events_as(self, *roles: str) -> frozenset[UUID]:
        """The events within which one of these roles is held."""
        return frozenset(g.event for g in self.grants if g.role in roles and g.event is not None)


@runtime_checkable
class Policy(Protocol):
    """What a handler names in ``opt["policy"]``."""

    def allows(self, actor: Actor | None) -> bool:
        """Whether this actor (None: a visitor) may come in at all; which objects is decided where they are fetched."""
        ...


class _Everybody:
    """Open to visitors."""

    def allows(self, actor: Actor | None) -> bool:
        return True

    def __repr__(self) -> str:
        return "EVERYBODY"


class _SignedIn:
    """Anybody who is signed in, whatever the role."""

    def allows(self, actor: Actor | None) -> bool:
        return actor is not None

    def __repr__(self) -> str:
        return "SIGNED_IN"


EVERYBODY = _Everybody()
SIGNED_IN = _SignedIn()


async def require_policy(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """The app-level guard: no policy, no entry."""
    policy = handler.opt.get("policy")
    allows = getattr(policy, "allows", None)
    if not callable(allows):  # isinstance with a Protocol costs 30 times as much
        raise Forbidden(f"{handler} names no policy")
    actor = connection.scope.get("user")
    if allows(actor):
        return
    if actor is None:
        raise SignInRequired
    raise Forbidden
