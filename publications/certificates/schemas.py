"""What goes into an issue and what comes out of a verification."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from foundation.forms import Line60, Line300


class CertificateOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One certificate to issue. ``holder_key`` is unique within the source: asking twice issues once."""

    holder_key: str
    holder: str
    recipients: tuple[str, ...]
    award: str
    tier: int
    competition: str
    event: str
    year: int
    team: str = ""
    unit: str = ""
    organisation: UUID | None = None
    worker: UUID | None = None
    subject: UUID | None = None
    issuer: str = ""
    issued_on: date | None = None


class VerifyForm(msgspec.Struct, frozen=True, kw_only=True):
    """The public form: both are needed."""

    number: Line60
    code: Line60


class CredentialForm(msgspec.Struct, frozen=True, kw_only=True):
    """Number and code, or the QR's token."""

    number: Line60 = ""
    code: Line60 = ""
    token: Line300 = ""


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What a stranger who holds number and code may know. ``verdict``: valid, superseded, revoked, pending."""

    verdict: str
    number: str
    holder: str
    award: str
    title: str
    issuer: str
    issued_on: date
    unit: str = ""
    ended_at: datetime | None = None
    ended_reason: str = ""
    replaced_by: str = ""


class CertificateRow(msgspec.Struct, frozen=True, kw_only=True):
    """A certificate in a list of those who may see it."""

    id: UUID
    number: str
    holder: str
    award: str
    title: str
    state: str
    fault: str
    issued_on: date
    has_file: bool
    has_credential: bool = False
    source: UUID
    wording: dict[str, Any] = {}


class EndForm(msgspec.Struct, frozen=True, kw_only=True):
    """Revoking or reissuing wants a reason."""

    reason: Line60
