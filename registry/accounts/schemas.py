"""What comes in and goes out about accounts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from foundation.forms import Line60, Line100, Line200, Line300
from registry.accounts.roles import Role


class SignInForm(msgspec.Struct, frozen=True, kw_only=True):
    """Login and password; ``next`` is a path of ours to go on to."""

    login: Line200
    password: Line200
    next: Line300 = ""


class SecondFactorForm(msgspec.Struct, frozen=True, kw_only=True):
    """A TOTP code or a recovery code."""

    code: Line60 = ""
    recovery: Line60 = ""
    next: Line300 = ""


class PasswordForm(msgspec.Struct, frozen=True, kw_only=True):
    """A new password, twice."""

    password: Line200
    again: Line200


class PasswordChange(msgspec.Struct, frozen=True, kw_only=True):
    """The present password and a new one, twice."""

    current: Line200
    password: Line200
    again: Line200


class PresentPassword(msgspec.Struct, frozen=True, kw_only=True):
    """The present password, asked again before something weighty."""

    present: Line200


class LanguageForm(msgspec.Struct, frozen=True, kw_only=True):
    """The language to read in, and the page to come back to."""

    language: str
    back: str = ""


class ThemeForm(msgspec.Struct, frozen=True, kw_only=True):
    """Light, dark or as the device has it."""

    theme: str
    back: str = ""


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """A new account: who, where, and with which role to begin."""

    login: Line60
    name: Line100
    email: Line200 = ""
    organisation: UUID | None = None
    role: Role | None = None
    organisation_query: Line200 = ""
    """What was typed to find the organisation; only the page uses it."""
    find: str = ""
    """The page's "find" button, for browsers without scripts."""


class GrantForm(msgspec.Struct, frozen=True, kw_only=True):
    """A role to grant within an organisation; event roles are granted where the event is kept."""

    role: Role
    organisation: UUID | None = None
    organisation_query: Line200 = ""
    find: str = ""


class Invited(msgspec.Struct, frozen=True, kw_only=True):
    """The new account and its one-time link, shown once."""

    id: UUID
    link: str


class AccountChoice(msgspec.Struct, frozen=True, kw_only=True):
    """An account as a picker shows it."""

    id: UUID
    login: str
    name: str
    organisation: UUID | None
    organisation_name: str
    roles: tuple[str, ...]


class HeldRole(msgspec.Struct, frozen=True, kw_only=True):
    """A grant as it is shown: live or ended, where, by whom."""

    id: UUID
    role: str
    organisation: UUID | None
    organisation_name: str
    event: UUID | None
    event_name: str
    granted_at: datetime
    granted_by_name: str
    ended_at: datetime | None
    ended_by_name: str
    may_end: bool = False


class AccountDetail(msgspec.Struct, frozen=True, kw_only=True):
    """One account, for those who keep it."""

    id: UUID
    login: str
    name: str
    email: str
    organisation: UUID | None
    organisation_name: str
    state: str
    second_factor: bool
    recovery_left: int
    sessions: int
    locked_until: datetime | None
    closed_at: datetime | None
    signed_in_at: datetime | None
    made_at: datetime
    link_expires_at: datetime | None
    """Until when an unused one-time link is good."""
    grants: tuple[HeldRole, ...]
    may_manage: bool = False
    is_self: bool = False


class OwnSession(msgspec.Struct, frozen=True, kw_only=True):
    """Where somebody is signed in."""

    started_at: datetime
    seen_at: datetime
    address: str
    device: str
    current: bool


class OrganisationChoice(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation as a picker shows it."""

    id: UUID
    name: str
    unit_name: str
    kind: str
