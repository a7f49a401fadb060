"""What may be done in the registry, and by whom."""

from __future__ import annotations

from registry.accounts.roles import OFFICERS, Role, RolePermission, permission


class Permission(RolePermission):
    """Permissions of the registry."""

    SEE_ORGANISATIONS = permission("see organisations", Role.ENTERPRISE_CONTACT, *OFFICERS)
    KEEP_ORGANISATIONS = permission("keep organisations", *OFFICERS)
    SEE_WORKERS = permission("see workers", Role.ENTERPRISE_CONTACT, *OFFICERS)
    KEEP_WORKERS = permission("keep workers", Role.ENTERPRISE_CONTACT, *OFFICERS)
    UNMASK = permission("unmask personal numbers", Role.ENTERPRISE_CONTACT, *OFFICERS)
    BULK_IMPORT = permission("import whole-city rosters", Role.CITY_OFFICER)
    KEEP_ACCOUNTS = permission("keep accounts", Role.SECURITY_ADMIN)
    INVITE = permission("invite into one's own organisation", Role.SECURITY_ADMIN, *OFFICERS)
    KEEP_CALENDAR = permission("keep the working-day calendar", Role.CITY_OFFICER, Role.SYSTEM_ADMIN)
    SEE_TRAIL = permission("see the trail", Role.AUDIT_ADMIN)
    RUN_SYSTEM = permission("run the system", Role.SYSTEM_ADMIN)
