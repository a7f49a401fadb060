"""What the editor sends and what the pages show."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from foundation.forms import Line60, Line200
from publications.certificates.designs.language import LARGEST

Source = Annotated[str, msgspec.Meta(max_length=LARGEST, extra={"lines": True})]


class DesignForm(msgspec.Struct, frozen=True, kw_only=True):
    """The editor: both texts, a word on what was changed, the newest version that was known when it was opened."""

    html: Source
    css: Source
    seen: int
    note: Line200 = ""
    sample: Line60 = ""


class ReasonForm(msgspec.Struct, frozen=True, kw_only=True):
    """Giving a version back wants a reason."""

    reason: Line200


class SeenForm(msgspec.Struct, frozen=True, kw_only=True):
    """Restoring: the newest version that was known."""

    seen: int


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version. ``state``: draft, submitted, returned, confirmed, in_force."""

    id: UUID | None
    kind: str
    number: int
    html: str
    css: str
    note: str
    based_on: int | None
    made_by: UUID | None
    maker: str
    made_at: datetime | None
    state: str
    reason: str = ""
    submitter: UUID | None = None
