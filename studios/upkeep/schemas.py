"""What the forms of a studio's life carry."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec

from foundation.forms import Line60, Line100, Line200, Line300, Paragraph, Quantity

Line500 = Annotated[str, msgspec.Meta(max_length=500)]
Words = Annotated[str, msgspec.Meta(max_length=6000, extra={"lines": True})]


class ReportBody(msgspec.Struct, frozen=True, kw_only=True):
    """年度报告: words; the figures come from the outputs ledger."""

    done: Paragraph = ""
    """本年工作."""
    topics: Paragraph = ""
    """创新课题、攻关项目 (T2: at least one a year)."""
    difficulties: Paragraph = ""
    plan: Paragraph = ""
    """下年计划."""
    team: int = 0
    funds_wan: Quantity = "0"
    """本年投入经费（万元）."""


class ReportForm(ReportBody, frozen=True, kw_only=True):
    version: int
    hand_in: bool = False


class OpinionForm(msgspec.Struct, frozen=True, kw_only=True):
    opinion: Line500
    grade: str = ""
    send_back: bool = False
    version: int


class AssessForm(msgspec.Struct, frozen=True, kw_only=True):
    year: int
    total: Quantity
    """The panel's printed total, from a visit or from papers."""
    grade: str = ""
    """Empty: what the total comes to."""
    reason: Line300 = ""
    points: Words = ""
    """整改事项, one a line, where the grade is 限期整改."""
    version: int


class DecideForm(msgspec.Struct, frozen=True, kw_only=True):
    agree: bool = False
    points: Words = ""
    """整改事项, one a line, where the grade that stands is 限期整改."""


class AnswersForm(msgspec.Struct, frozen=True, kw_only=True):
    answers: tuple[Line500, ...] = ()


class RevisitForm(msgspec.Struct, frozen=True, kw_only=True):
    mended: tuple[str, ...] = ()
    """``yes`` or ``no`` for each point, in order."""
    reason: Line300 = ""


class SendPanelForm(msgspec.Struct, frozen=True, kw_only=True):
    """A panel for a year's assessment, or for the second look at what was to be mended."""

    kind: Annotated[str, msgspec.Meta(pattern="^(assessment|revisit)$")] = "assessment"
    year: Annotated[int, msgspec.Meta(ge=2000, le=2200)]
    planned_on: date
    experts: tuple[UUID, ...] = ()
    version: int


class EndVisitForm(msgspec.Struct, frozen=True, kw_only=True):
    """Every sheet is in: what follows from the panel's total."""

    grade: str = ""
    """Empty: what the total comes to."""
    reason: Line300 = ""
    points: Words = ""
    """整改事项, one a line; empty: what the panel noted."""
    mended: tuple[str, ...] = ()
    """At a second visit: ``yes`` or ``no`` for each point."""
    version: int


class ReasonForm(msgspec.Struct, frozen=True, kw_only=True):
    reason: Line300
    version: int


class RenewForm(msgspec.Struct, frozen=True, kw_only=True):
    document_number: Line60
    version: int


class UpgradeForm(msgspec.Struct, frozen=True, kw_only=True):
    programme: UUID
    document_number: Line60
    plaque_number: Line60 = ""
    named_on: date
    version: int


class LeaderForm(msgspec.Struct, frozen=True, kw_only=True):
    worker: UUID
    reason: Line300
    version: int


class MergeForm(msgspec.Struct, frozen=True, kw_only=True):
    into: UUID
    reason: Line300
    version: int


class MoveForm(msgspec.Struct, frozen=True, kw_only=True):
    address: Line300
    organisation: UUID | None = None
    reason: Line200
    version: int


class EndForm(msgspec.Struct, frozen=True, kw_only=True):
    action: str
    reason: Line300
    version: int


class RecoveryForm(msgspec.Struct, frozen=True, kw_only=True):
    plaque_on: date | None = None
    certificate_on: date | None = None
    told_on: date | None = None
    funds_on: date | None = None
    note: Line100 = ""
