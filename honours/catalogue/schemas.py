"""What an honour of the catalogue is, going in."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from foundation.forms import Line100, Line200

Level = Literal["national", "province", "city", "county"]
Kind = Literal["person", "unit", "team"]
Family = Literal["may1_medal", "may1_certificate", "pioneer", "model_worker", "competition", "other"]
Treatment = Literal["", "city_model", "province_model", "national_model"]
Yuan = Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]
Year = Annotated[int, msgspec.Meta(ge=1950, le=2100)]
Series = Annotated[str, msgspec.Meta(max_length=12, pattern=r"^([A-Z0-9]{2,12})?$")]


class HonourForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An honour as officers write it (H1–H4, H72). ``version`` is the one that was shown; 0 for a new one."""

    code: Annotated[str, msgspec.Meta(max_length=40, pattern=r"^[A-Za-z0-9._-]{1,40}$")]
    title: Line100
    title_en: Line100 = ""
    level: Level
    kind: Kind
    family: Family = "other"
    conferrer: Line200
    conferred_here: bool = False
    treatment: Treatment = ""
    prize: Yuan = 0
    certificate: Annotated[str, msgspec.Meta(max_length=40)] = ""
    series: Series = ""
    valid_from: Year | None = None
    valid_until: Year | None = None
    place: Annotated[int, msgspec.Meta(ge=0, le=999)] = 100
    version: int = 0
