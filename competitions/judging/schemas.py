"""What goes in and out of judging."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from foundation.forms import Code, Line100, Line300


class Out(msgspec.Struct, frozen=True, kw_only=True):
    """An answer."""


class In(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request."""


class MarkIn(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One cell: ``value`` as written (null: blank, which is never zero), ``base`` the version that was shown (0: none)."""

    entry: Annotated[str, msgspec.Meta(max_length=64)]
    aspect: Annotated[str, msgspec.Meta(max_length=64)]
    value: Annotated[str, msgspec.Meta(max_length=24)] | None = None
    base: Annotated[int, msgspec.Meta(ge=0, le=30000)] = 0


class MarksIn(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Marks of one sheet under one key that the client made: one mark or a whole sheet."""

    key: UUID
    marks: tuple[MarkIn, ...]


class MarkOut(Out, frozen=True, kw_only=True):
    """A stored cell with its new version."""

    entry: str
    aspect: str
    version: int
    value: str | None


class MarksOut(Out, frozen=True, kw_only=True):
    """What was stored."""

    seat: UUID
    marks: tuple[MarkOut, ...]


class AspectOut(Out, frozen=True, kw_only=True):
    """An aspect as the desk needs it. Quantities are decimal strings."""

    code: str
    title: str
    module: str
    kind: str
    low: str
    high: str
    step: str | None
    max: str
    factor: str
    levels: tuple[str, ...]


class EntryOut(Out, frozen=True, kw_only=True):
    """An entry on a sheet: by its code; the name only where the event's entries are not coded (C51)."""

    code: str
    name: str
    status: str
    excused: bool


class CellOut(Out, frozen=True, kw_only=True):
    """The newest version of a mark; ``changed``: an earlier version held another value."""

    entry: str
    aspect: str
    version: int
    value: str | None
    changed: bool


class SheetOut(Out, frozen=True, kw_only=True):
    """Everything that the desk shows of one sheet."""

    seat: UUID
    code: str
    judge: str
    panel: str
    event: str
    event_title: str
    competition_title: str
    stage: str
    state: str
    version: int
    checksum: str
    signed_at: datetime | None
    panel_places: int | None
    aspect_places: int | None
    aspects: tuple[AspectOut, ...]
    entries: tuple[EntryOut, ...]
    marks: tuple[CellOut, ...]
    csrf: str = ""


class SignIn(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The judge's signature over what was shown. ``strokes`` is JSON of lists of points; without a script, the typed name."""

    version: int
    checksum: Annotated[str, msgspec.Meta(max_length=64)]
    strokes: Annotated[str, msgspec.Meta(max_length=80000)] = ""
    typed_name: Line100 = ""
    read_it: bool = False


class SignedOut(Out, frozen=True, kw_only=True):
    seat: UUID
    state: str
    version: int
    signed_at: datetime


class PanelIn(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A panel: its name and the aspects that its judges mark."""

    title: Line100
    aspects: tuple[Code, ...] = ()


class SeatIn(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody to sit on a panel; ``code`` names the seat (empty: the next free one, or this judge's own)."""

    account: UUID
    code: Annotated[str, msgspec.Meta(max_length=64, pattern=r"^([A-Za-z0-9._-]{1,64})?$")] = ""


class ExcuseIn(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A declared relation: this seat shall not mark this entry."""

    seat: UUID
    entry: UUID
    reason: Line300


class AppointIn(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    account: UUID
    role: Annotated[str, msgspec.Meta(pattern="^(chief_judge|scorekeeper|code_keeper|supervisor)$")]


class StatusIn(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """C25: what became of an entry."""

    status: Annotated[str, msgspec.Meta(pattern="^(competed|absent|withdrawn|disqualified)$")]
    reason: Line300
    version: int


class StatusForm(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same from the board's form: the entry's id and the version that was shown, joined by ``~``."""

    entry: Annotated[str, msgspec.Meta(pattern="^[0-9a-f-]{36}~[0-9]{1,9}$")]
    status: Annotated[str, msgspec.Meta(pattern="^(competed|absent|withdrawn|disqualified)$")]
    reason: Line300


class AdjustmentIn(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    entry: UUID
    kind: Annotated[str, msgspec.Meta(pattern="^(deduction|bonus)$")]
    value: Annotated[str, msgspec.Meta(max_length=24)]
    reason: Line300


class CancelIn(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reason: Line300


class CorrectionIn(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    entry: Annotated[str, msgspec.Meta(max_length=64)]
    aspect: Annotated[str, msgspec.Meta(max_length=64)]
    value: Annotated[str, msgspec.Meta(max_length=24)]
    base: Annotated[int, msgspec.Meta(ge=0, le=30000)]
    reason: Line300


class DecisionIn(In, frozen=True, kw_only=True, forbid_unknown_fields=True):
    approve: bool
    note: Line300 = ""
