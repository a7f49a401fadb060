"""Permissions of the plumbing. Who holds them is the registry's business, which assigns them when it registers."""

from __future__ import annotations

from enum import Enum

from foundation.web.policy import Actor, Policy


class Permission(Enum):
    """What may be done with the plumbing; nobody may until a policy is assigned."""

    KEEP_CALENDAR = "keep the working-day calendar"
    SEE_TRAIL = "see the trail"

    def allows(self, actor: Actor | None) -> bool:
        policy = _assigned.get(self)
        return policy is not None and policy.allows(actor)


_assigned: dict[Permission, Policy] = {}


def assign(permission: Permission, policy: Policy) -> None:
    """Say who holds ``permission``."""
    _assigned[permission] = policy
