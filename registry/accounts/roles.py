"""The one list of roles (SECURITY) and how permissions are made of them."""

from __future__ import annotations

from enum import Enum, StrEnum

from foundation.i18n import N_
from foundation.web.policy import Actor


class Role(StrEnum):
    """Who somebody is to the house. Visitors hold none."""

    ENTERPRISE_CONTACT = "enterprise_contact"
    JUDGE = "judge"
    CHIEF_JUDGE = "chief_judge"
    SCOREKEEPER = "scorekeeper"
    CODE_KEEPER = "code_keeper"
    SUPERVISOR = "supervisor"
    REVIEWER = "reviewer"
    STUDIO_EXPERT = "studio_expert"
    COUNTY_OFFICER = "county_officer"
    CITY_OFFICER = "city_officer"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"


LABELS: dict[str, str] = {
    Role.ENTERPRISE_CONTACT: N_("企业联络员"),
    Role.JUDGE: N_("裁判员"),
    Role.CHIEF_JUDGE: N_("裁判长"),
    Role.SCOREKEEPER: N_("记分核分员"),
    Role.CODE_KEEPER: N_("加密裁判"),
    Role.SUPERVISOR: N_("监督仲裁"),
    Role.REVIEWER: N_("评审委员"),
    Role.STUDIO_EXPERT: N_("工作室评审专家"),
    Role.COUNTY_OFFICER: N_("县区总工会经办人"),
    Role.CITY_OFFICER: N_("市总工会经办人"),
    Role.SYSTEM_ADMIN: N_("系统管理员"),
    Role.SECURITY_ADMIN: N_("安全管理员"),
    Role.AUDIT_ADMIN: N_("审计管理员"),
}

EVENT_ROLES = frozenset({Role.JUDGE, Role.CHIEF_JUDGE, Role.SCOREKEEPER, Role.CODE_KEEPER, Role.SUPERVISOR})
"""Held within one event; the others within an organisation."""

ROSTER_ROLES = frozenset({Role.JUDGE})
"""在册裁判员: also held within an organisation, which only says who may be seated; an event's sheets want a seat there."""

SECOND_FACTOR_ROLES = frozenset(
    {Role.COUNTY_OFFICER, Role.CITY_OFFICER, Role.CHIEF_JUDGE, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN}
)
"""Who signs in with TOTP (SECURITY 12)."""

SEPARATE = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
"""三员分立: three separate people; nobody holds two of these."""

OFFICERS = (Role.COUNTY_OFFICER, Role.CITY_OFFICER)


class RolePermission(Enum):
    """Base of each wing's ``Permission``: a member's value is (its own name, the roles that have it).

    The name in the value keeps two permissions with the same roles apart.
    """

    def allows(self, actor: Actor | None) -> bool:
        """Whether the actor holds one of the roles anywhere; which objects is decided where they are fetched."""
        return actor is not None and actor.has(*self.value[1])

    @property
    def roles(self) -> tuple[Role, ...]:
        return self.value[1]

    def scope(self, actor: Actor) -> frozenset:
        """The organisations within which the actor has this permission; match with ``ancestors && scope``."""
        return actor.organisations_as(*self.value[1])


def permission(name: str, *roles: Role) -> tuple[str, tuple[Role, ...]]:
    """The value of a :class:`RolePermission` member."""
    return name, roles
