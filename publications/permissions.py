"""What may be done with publications, and by whom."""

from __future__ import annotations

from registry.accounts.roles import OFFICERS, Role, RolePermission, permission


class Permission(RolePermission):
    """Permissions of the publications wing."""

    ISSUE_CERTIFICATES = permission("issue certificates", *OFFICERS)
    SEE_CERTIFICATES = permission("see certificates", Role.ENTERPRISE_CONTACT, *OFFICERS)
    KEEP_KEYS = permission("keep signing keys", Role.SECURITY_ADMIN)
    REVOKE_CERTIFICATES = permission("revoke certificates", Role.CITY_OFFICER)

    DRAFT_NOTICES = permission("draft notices", Role.ENTERPRISE_CONTACT, *OFFICERS)
    OPEN_NOTICES = permission("open notices", Role.ENTERPRISE_CONTACT, *OFFICERS)
    HANDLE_OBJECTIONS = permission("handle objections", *OFFICERS)

    DRAFT_DOCUMENTS = permission("draft documents", *OFFICERS)
    ISSUE_DOCUMENTS = permission("issue documents", *OFFICERS)
    WITHDRAW_DOCUMENTS = permission("withdraw documents", *OFFICERS)

    EDIT_DESIGNS = permission("edit certificate designs", Role.CITY_OFFICER)
    CONFIRM_DESIGNS = permission("confirm certificate designs", Role.CITY_OFFICER)
