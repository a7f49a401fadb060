"""What may be done in honours, and by whom."""

from __future__ import annotations

from registry.accounts.roles import OFFICERS, Role, RolePermission, permission


class Permission(RolePermission):
    """Permissions of the honours wing."""

    SEE_CATALOGUE = permission(
        "see the honours' catalogue and cycles", Role.ENTERPRISE_CONTACT, Role.REVIEWER, *OFFICERS
    )
    RUN_CYCLE = permission("run cycles, their rule sets and quotas", Role.CITY_OFFICER)
    NOMINATE = permission("nominate", Role.ENTERPRISE_CONTACT)
    SEE_NOMINATIONS = permission("see nominations", Role.ENTERPRISE_CONTACT, *OFFICERS)
    REVIEW_FIRST = permission("review nominations at the first gate", *OFFICERS)
    REVIEW_LAST = permission("review nominations at the last gate", Role.CITY_OFFICER)
    KEEP_CLEARANCES = permission("ask for clearances and keep veto facts", *OFFICERS)
    SCORE_NOMINATIONS = permission("score and ballot", Role.REVIEWER)
    RUN_ROUNDS = permission("run review rounds and ballots", *OFFICERS)
    SEE_COMPOSITION = permission("see the composition board", *OFFICERS)
    CHANGE_COMPOSITION = permission("change the selection", Role.CITY_OFFICER)
    DECIDE = permission("issue decisions and publish rolls", Role.CITY_OFFICER)
    KEEP_LEDGER = permission("keep the ledger of honours", *OFFICERS)
    REPORT_REVOCATION = permission("report a revocation", Role.ENTERPRISE_CONTACT, *OFFICERS)
    REVOKE = permission("decide revocations", Role.CITY_OFFICER)
    KEEP_LAUREATES = permission("keep model workers' files", *OFFICERS)
    SEE_ENTITLEMENTS = permission("see what results entitle to", Role.ENTERPRISE_CONTACT, *OFFICERS)
