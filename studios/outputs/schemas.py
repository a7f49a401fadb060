"""What the forms of outputs, apprenticeships and subsidies carry."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from foundation.forms import Line60, Line100, Line200, Line300, Paragraph
from studios.upkeep.schemas import Line500


class OutputForm(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    title: Line200
    achieved_on: date
    reference: Line100 = ""
    wan_yuan: Line60 = ""
    people: int | None = None
    note: Line300 = ""


class StrikeForm(msgspec.Struct, frozen=True, kw_only=True):
    confirm: bool = False
    reason: Line300 = ""
    version: int


class ConsentForm(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody said of being named in public."""

    studio: UUID
    given: bool = False
    said_on: date


class AgreementForm(msgspec.Struct, frozen=True, kw_only=True):
    master: UUID
    apprentice: UUID
    trade: Line100 = ""
    goals: Paragraph
    agreed_on: date
    ends_on: date


class LogForm(msgspec.Struct, frozen=True, kw_only=True):
    taught_on: date
    text: Line500


class VerdictForm(msgspec.Struct, frozen=True, kw_only=True):
    verdict: str
    assessment: Line500
    skill_after: Line60 = ""
    ended_on: date
    version: int


class ApproveForm(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    year: int
    document_number: Line60


class PayForm(msgspec.Struct, frozen=True, kw_only=True):
    reference: Line60
    paid_on: date


class SpendForm(msgspec.Struct, frozen=True, kw_only=True):
    number: Line60
    yuan: Line60
    spent_on: date
    purpose: Line200


class ReturnForm(msgspec.Struct, frozen=True, kw_only=True):
    reference: Line60
    yuan: Line60
    returned_on: date
