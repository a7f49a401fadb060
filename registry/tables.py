"""Who is who, and what they have achieved."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    Boolean,
    Bytea,
    Date,
    ForeignKey,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.indexes import IndexMethod
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from foundation.database.columns import key, one_of


class Organisation(Table):
    """工会组织 and the unit it stands in: a node of the union's tree (I6), with both credit codes (I3)."""

    id = key()
    name = Varchar(length=200, default=None, null=False)
    """The union's own name: 宣城示例汽车零部件有限公司工会委员会."""
    short_name = Varchar(length=100, default="", null=False)
    kind = Varchar(length=20, default="grassroots", null=False, index=True)
    parent = ForeignKey("self", default=None, null=True, on_delete=OnDelete.restrict, index=True)
    ancestors = Array(base_column=UUID(), default=list, null=False, index=True, index_method=IndexMethod.gin)
    """Every node above this one, the root first; itself is the last."""
    region = Varchar(length=6, default=None, null=False, index=True)
    union_code = Varchar(length=18, default=None, null=True, unique=True)
    unit_name = Varchar(length=200, default="", null=False)
    """The employer: 宣城示例汽车零部件有限公司."""
    unit_code = Varchar(length=18, default=None, null=True, index=True)
    union_state = Varchar(length=10, default="own", null=False)
    """Whether the unit has a union (H50): its own, a joint one of several units, none, or one that was dissolved."""
    unit_type = Varchar(length=3, default="", null=False)
    industry = Varchar(length=1, default="", null=False)
    member_count = Integer(default=0, null=False)
    contact_name = Varchar(length=100, default="", null=False)
    contact_phone = Varchar(length=40, default="", null=False)
    address = Varchar(length=300, default="", null=False)
    search_keys = Array(base_column=Varchar(), default=list, null=False, index=True, index_method=IndexMethod.gin)
    sort_key = Varchar(length=400, default="", null=False, index=True)
    closed_at = Timestamptz(default=None, null=True)
    merged_into = UUID(default=None, null=True)
    """The organisation that was kept when this one turned out to be the same."""
    version = Integer(default=1, null=False)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    organisation_kind = Check(
        one_of("kind", ["city", "county", "industry", "town", "grassroots"]), name="organisation_kind_known"
    )
    organisation_union_state = Check(
        one_of("union_state", ["own", "joint", "none", "dissolved"]), name="organisation_union_state_known"
    )
    organisation_union_above = Check(
        "kind = 'grassroots' OR union_state = 'own'", name="organisation_union_above_grassroots"
    )
    organisation_union_coded = Check(
        "union_code IS NULL OR union_state IN ('own', 'dissolved')", name="organisation_union_code_is_of_a_union"
    )


class Worker(Table):
    """职工. ID number and phone are sealed with a key of this person's own; look-up goes by a keyed blind index."""

    id = key()
    organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    region = Varchar(length=6, default=None, null=False)
    name = Varchar(length=100, default=None, null=False)
    search_keys = Array(base_column=Varchar(), default=list, null=False, index=True, index_method=IndexMethod.gin)
    sort_key = Varchar(length=300, default="", null=False, index=True)
    id_number_sealed = Bytea(default=None, null=False)
    id_number_index = Bytea(default=None, null=False, unique=True)
    phone_sealed = Bytea(default=None, null=True)
    phone_index = Bytea(default=None, null=True, index=True)
    sex = Varchar(length=1, default=None, null=False)
    born_on = Date(default=None, null=False)
    nationality = Varchar(length=3, default="CHN", null=False)
    """GB/T 2659, three letters; it follows from the number (I1, H14)."""
    ethnic_group = Varchar(length=2, default="01", null=False)
    political_status = Varchar(length=2, default="13", null=False)
    education = Varchar(length=2, default="", null=False)
    job_category = Varchar(length=20, default=None, null=False)
    """H17: the one primary category, a reviewed field since quotas depend on it."""
    evidence = Varchar(length=300, default="", null=False)
    """What the category and the flags rest on, in the words of whoever set them (H17)."""
    is_migrant = Boolean(default=False, null=False)
    is_non_public = Boolean(default=False, null=False)
    is_new_form = Boolean(default=False, null=False)
    skill_level = Varchar(length=2, default="", null=False)
    occupation = Varchar(length=12, default="", null=False)
    post = Varchar(length=100, default="", null=False)
    employed_on = Date(default=None, null=True)
    left_at = Timestamptz(default=None, null=True)
    merged_into = UUID(default=None, null=True)
    """The person who was kept when this row turned out to be the same."""
    erased_at = Timestamptz(default=None, null=True)
    version = Integer(default=1, null=False)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    worker_sex = Check(one_of("sex", ["0", "1", "2", "9"]), name="worker_sex_known")


class Employment(Table):
    """任职经历: where a worker was, from when to when."""

    id = key()
    worker = ForeignKey(Worker, default=None, null=False, on_delete=OnDelete.cascade, index=True)
    organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict)
    post = Varchar(length=100, default="", null=False)
    started_on = Date(default=None, null=True)
    ended_on = Date(default=None, null=True)
    reason = Varchar(length=200, default="", null=False)
    in_order = Check("ended_on IS NULL OR started_on IS NULL OR ended_on >= started_on", name="employment_in_order")


class Transfer(Table):
    """调动申请: a unit asks for a worker who is registered with another; that unit, or an officer above it, decides."""

    id = key()
    worker = ForeignKey(Worker, default=None, null=False, on_delete=OnDelete.cascade, index=True)
    from_organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    to_organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    post = Varchar(length=100, default="", null=False)
    reason = Varchar(length=300, default="", null=False)
    decision = Varchar(length=10, default="", null=False)
    decision_reason = Varchar(length=300, default="", null=False)
    asked_by = UUID(default=None, null=True)
    asked_at = Timestamptz(default=TimestamptzNow(), null=False)
    decided_by = UUID(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    transfer_decision = Check(
        one_of("decision", ["", "accepted", "refused", "withdrawn"]), name="transfer_decision_known"
    )
    transfer_one_open = Unique(["worker", "to_organisation", "decided_at"], nulls_distinct=False)


class MergeRequest(Table):
    """合并申请: one person says that two records are the same one, another confirms it; only then are they merged."""

    id = key()
    kind = Varchar(length=12, default=None, null=False)
    keep = UUID(default=None, null=False, index=True)
    other = UUID(default=None, null=False)
    reason = Varchar(length=200, default="", null=False)
    follows = Text(default="{}", null=False)
    """What would follow, as the rehearsal counted it: {"table.column": rows}, JSON."""
    decision = Varchar(length=10, default="", null=False)
    decision_reason = Varchar(length=300, default="", null=False)
    asked_by = UUID(default=None, null=False)
    asked_at = Timestamptz(default=TimestamptzNow(), null=False)
    decided_by = UUID(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    merge_request_kind = Check(one_of("kind", ["worker", "organisation"]), name="merge_request_kind_known")
    merge_request_decision = Check(
        one_of("decision", ["", "accepted", "refused", "withdrawn"]), name="merge_request_decision_known"
    )
    merge_request_two_people = Check(
        "decision <> 'accepted' OR decided_by <> asked_by", name="merge_request_by_two_people"
    )
    merge_request_one_open = Unique(["other", "decided_at"], nulls_distinct=False)


class Account(Table):
    """账号: somebody who can sign in."""

    id = key()
    login = Varchar(length=60, default=None, null=False, unique=True)
    name = Varchar(length=100, default=None, null=False)
    email = Varchar(length=200, default="", null=False)
    password_hash = Varchar(length=200, default="", null=False)
    totp_sealed = Bytea(default=None, null=True)
    totp_enrolled_at = Timestamptz(default=None, null=True)
    totp_last_step = Integer(default=0, null=False)
    organisation = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict, index=True)
    worker = ForeignKey(Worker, default=None, null=True, on_delete=OnDelete.restrict)
    locale = Varchar(length=2, default="zh", null=False)
    theme = Varchar(length=5, default="auto", null=False)
    closed_at = Timestamptz(default=None, null=True)
    locked_until = Timestamptz(default=None, null=True)
    failures = SmallInt(default=0, null=False)
    signed_in_at = Timestamptz(default=None, null=True)
    search_keys = Array(base_column=Varchar(), default=list, null=False, index=True, index_method=IndexMethod.gin)
    version = Integer(default=1, null=False)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)


class RoleGrant(Table):
    """A role held within an organisation and all below it, or within one event; ended, never deleted."""

    id = key()
    account = ForeignKey(Account, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    role = Varchar(length=24, default=None, null=False)
    organisation = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict)
    event = UUID(default=None, null=True, index=True)
    granted_by = UUID(default=None, null=True)
    granted_at = Timestamptz(default=TimestamptzNow(), null=False)
    ended_by = UUID(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)
    role_known = Check(
        one_of(
            "role",
            [
                "enterprise_contact", "judge", "chief_judge", "scorekeeper", "code_keeper", "supervisor", "reviewer",
                "studio_expert", "county_officer", "city_officer", "system_admin", "security_admin", "audit_admin",
            ],
        ),
        name="role_grant_role_known",
    )  # fmt: skip


class AccountToken(Table):
    """An invitation or a password reset: sha256 of a token that was handed over once."""

    digest = Bytea(primary_key=True, default=None, null=False)
    account = ForeignKey(Account, default=None, null=False, on_delete=OnDelete.cascade)
    purpose = Varchar(length=12, default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    used_at = Timestamptz(default=None, null=True)
    made_by = UUID(default=None, null=True)
    purpose_known = Check(one_of("purpose", ["invitation", "reset"]), name="account_token_purpose_known")


class RecoveryCode(Table):
    """A one-time code for a lost second factor, hashed."""

    digest = Bytea(primary_key=True, default=None, null=False)
    account = ForeignKey(Account, default=None, null=False, on_delete=OnDelete.cascade)
    used_at = Timestamptz(default=None, null=True)


class Unmasking(Table, tags=["append-only"]):
    """Who looked at somebody's full ID number or phone, and why (SECURITY 11)."""

    id = key()
    worker = UUID(default=None, null=False, index=True)
    account = UUID(default=None, null=False)
    field = Varchar(length=20, default=None, null=False)
    reason = Varchar(length=300, default=None, null=False)
    at = Timestamptz(default=TimestamptzNow(), null=False)


class Achievement(Table):
    """业绩: a fact that an area established about a person or unit, the way news travels between areas."""

    id = key()
    worker = ForeignKey(Worker, default=None, null=True, on_delete=OnDelete.restrict, index=True)
    organisation = ForeignKey(Organisation, default=None, null=True, on_delete=OnDelete.restrict, index=True)
    holder_name = Varchar(length=200, default=None, null=False)
    kind = Varchar(length=20, default=None, null=False)
    title = Varchar(length=300, default=None, null=False)
    level = Varchar(length=12, default="city", null=False)
    rank = Integer(default=None, null=True)
    award = Varchar(length=60, default="", null=False)
    achieved_on = Date(default=None, null=False)
    source_kind = Varchar(length=40, default=None, null=False)
    source = UUID(default=None, null=False, index=True)
    withdrawn_at = Timestamptz(default=None, null=True)
    withdrawn_reason = Varchar(length=300, default="", null=False)
    facts = JSONB(default="{}", null=False)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    achievement_once_a_source = Unique(["source", "worker", "organisation"], nulls_distinct=False)
