"""What may be done in competitions, and by whom."""

from __future__ import annotations

from registry.accounts.roles import OFFICERS, Role, RolePermission, permission


class Permission(RolePermission):
    """Permissions of the competitions wing."""

    SEE_COMPETITIONS = permission(
        "see competitions",
        Role.ENTERPRISE_CONTACT,
        Role.CHIEF_JUDGE,
        Role.JUDGE,
        Role.SCOREKEEPER,
        Role.SUPERVISOR,
        *OFFICERS,
    )
    RUN_COMPETITION = permission("run competitions", *OFFICERS)
    REGISTER_ENTRY = permission("register entries", Role.ENTERPRISE_CONTACT)
    SEE_ENTRY = permission("see entries", Role.ENTERPRISE_CONTACT, *OFFICERS)
    DECIDE_ENTRY = permission("accept or return entries", *OFFICERS)
    SEAT_JUDGES = permission("seat judges", *OFFICERS)
    MARK = permission("mark", Role.JUDGE, Role.CHIEF_JUDGE)
    WATCH_BOARD = permission("watch the event's board", Role.CHIEF_JUDGE, Role.SCOREKEEPER, Role.SUPERVISOR, *OFFICERS)
    CONFIRM_RESULT = permission("confirm and publish results", Role.CHIEF_JUDGE)
    CORRECT_MARK = permission("ask for and sign corrections", Role.JUDGE, Role.CHIEF_JUDGE, Role.SUPERVISOR)
    RECORD_INCIDENT = permission("record absences, deductions and bonuses", Role.CHIEF_JUDGE, *OFFICERS)
