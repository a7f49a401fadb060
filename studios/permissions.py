"""What may be done with studios, and by whom."""

from __future__ import annotations

from registry.accounts.roles import OFFICERS, Role, RolePermission, permission


class Permission(RolePermission):
    """Permissions of the studios wing."""

    SEE_STUDIOS = permission("see studios", Role.ENTERPRISE_CONTACT, Role.STUDIO_EXPERT, *OFFICERS)
    RUN_PROGRAMMES = permission("run programmes and calls", Role.CITY_OFFICER)
    APPLY = permission("apply for a studio", Role.ENTERPRISE_CONTACT)
    SEE_APPLICATIONS = permission("see applications", Role.ENTERPRISE_CONTACT, *OFFICERS)
    RECOMMEND = permission("recommend applications", *OFFICERS)
    REVIEW_APPLICATIONS = permission("review applications and arrange visits", Role.CITY_OFFICER)
    VISIT = permission("score on site", Role.STUDIO_EXPERT)
    DECIDE_STUDIOS = permission("name, assess and withdraw studios", Role.CITY_OFFICER)
    KEEP_STUDIO = permission("keep a studio's reports, outputs and apprentices", Role.ENTERPRISE_CONTACT, *OFFICERS)
    COMPARE_STUDIOS = permission("compare studios", *OFFICERS)
    KEEP_FUNDS = permission("approve and pay subsidies", Role.CITY_OFFICER)
