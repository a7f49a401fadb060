"""What decisions, rolls and revocations are typed into and shown as."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from foundation.forms import Line60, Line100, Line200, Line300, Paragraph
from foundation.i18n import N_

Prose = Annotated[str, msgspec.Meta(max_length=3000, extra={"lines": True})]
NoFile = Annotated[str, msgspec.Meta(max_length=0)]
"""A file field that was left empty: browsers send it as an empty text. A chosen file is read by itself."""
Opinion = Annotated[str, msgspec.Meta(max_length=500, extra={"lines": True})]

CAUSES: Mapping[str, str] = {
    "fraud": N_("骗取荣誉：伪造身份、业绩或材料"),
    "concealed": N_("申报时隐瞒严重错误，或严重违反规定程序"),
    "sentenced": N_("获奖后被判处刑罚"),
    "dismissed": N_("获奖后被开除或受留用察看以上处分"),
    "collective": N_("集体严重违法"),
    "untrue": N_("事迹严重失实"),
    "other": N_("法律法规规定的其他情形"),
}
"""H75: why an honour may be revoked."""

ORDERS: Mapping[str, str] = {"strokes": N_("县市区（系统）内按姓氏笔画"), "given": N_("县市区（系统）内按评审次序")}
"""H71."""


class Wording(msgspec.Struct, frozen=True, kw_only=True):
    """What an officer writes around a decision's lists. ``organs``: host first (D7). ``reason`` leads into the sentence that
    confers and ends in a comma; that sentence itself is always generated (H70)."""

    title: Line200
    roll_title: Line100
    """What the public roll is headed with: 宣城市五一劳动奖."""
    series: Line60
    organs: tuple[Line100, ...]
    opening: str = ""
    reason: str = ""
    closing: str = ""
    addressees: str = ""
    copies: str = ""
    order: str = "strokes"


class Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Paired titles (H2): whoever gets ``award`` (an honour's code) also gets ``also`` (another one's; empty: nothing)."""

    award: Line60
    also: Line60 = ""


class DecisionForm(msgspec.Struct, frozen=True, kw_only=True):
    """A decision as typed. ``pairs-0-with`` gives every nominee of ``pairs-0-award`` that further title (H2)."""

    title: Line200
    roll_title: Line100
    series: Line60
    organs: Annotated[str, msgspec.Meta(max_length=400, extra={"lines": True})]
    decided_on: date
    opening: Prose = ""
    reason: Line300 = ""
    closing: Prose = ""
    addressees: Line300 = ""
    copies: Line300 = ""
    order: Literal["strokes", "given"] = "strokes"
    pairs: tuple[Pair, ...] = ()
    version: int = 0

    def wording(self) -> Wording:
        """What is kept of it."""
        return Wording(
            title=self.title, roll_title=self.roll_title, series=self.series, opening=self.opening, reason=self.reason,
            organs=tuple(line.strip() for line in self.organs.splitlines() if line.strip()), closing=self.closing,
            addressees=self.addressees.rstrip("：:"), copies=self.copies, order=self.order,
        )  # fmt: skip


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a decision's lists: a nominee for one honour, with all that its roll entry will hold."""

    nomination: UUID
    honour: UUID
    honour_title: str
    honour_place: int
    kind: str
    name: str
    unit_name: str
    post: str
    region: str
    """The county's code; empty for the city's own and for systems (产业)."""
    group: str
    """Where it stands in H71's order: counties by code, then systems by name, then the city's own."""
    group_name: str
    rank: int
    """The order in which the review put it."""
    stage: str = "noticed"
    paired: bool = False
    place: int = 0


class WithVersion(msgspec.Struct, frozen=True, kw_only=True):
    version: int


class RevocationForm(msgspec.Struct, frozen=True, kw_only=True):
    """《撤销荣誉称号申报表》 (H76)."""

    cause: str
    facts: Paragraph
    file: NoFile = ""


class OpinionForm(msgspec.Struct, frozen=True, kw_only=True):
    opinion: Opinion
    version: int


class OutcomeForm(msgspec.Struct, frozen=True, kw_only=True):
    """What the conferring body decided: here by a second person, or told by the level above with its document (H76)."""

    decided_on: date
    document_number: Annotated[str, msgspec.Meta(max_length=80)] = ""
    public_reason: Line200
    decided_organ: Line200 = ""
    file: NoFile = ""
    version: int


class RecallForm(msgspec.Struct, frozen=True, kw_only=True):
    """收回奖章证书、停止待遇: what was done after a revocation."""

    medal_back_on: date | None = None
    certificate_back_on: date | None = None
    treatment_stopped_on: date | None = None
    version: int


class CorrectionForm(msgspec.Struct, frozen=True, kw_only=True):
    """A published entry as it ought to read, and why."""

    name: Line200
    unit_name: Line200 = ""
    post: Line100 = ""
    region: Annotated[str, msgspec.Meta(max_length=6)] = ""
    reason: Line300
    version: int


class ReasonForm(msgspec.Struct, frozen=True, kw_only=True):
    reason: Line300


def kept_wording(text: Any) -> Wording:
    """The wording of a decision's row."""
    return msgspec.json.decode(text, type=Wording)
