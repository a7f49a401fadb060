"""What each kind of sheet says: plain frozen values, no tables, no files. The tag is the kind's name."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from publications.certificates.rendering.schemas import CompetitionCertificate, Line, Optional

Short = Annotated[str, Meta(min_length=1, max_length=40)]
Long = Annotated[str, Meta(min_length=1, max_length=600)]


class _Sheet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What every sheet has; the fields mean what they mean on a competition certificate."""

    issuer: Line
    issued_on: date
    number: Short
    check_code: Short
    qr_payload: Annotated[str, Meta(min_length=1, max_length=400)]
    replaces: Annotated[str, Meta(max_length=40)] = ""
    day_printed: bool = False
    sample: bool = True
    statement: Annotated[str, Meta(max_length=65536)] = ""


class Medal(_Sheet, frozen=True, tag="medal"):
    """奖章证书 (D5), landscape: 证书 / ×××同志： / 授予…。特发此证。"""

    recipient: Line
    honour: Short
    address: Annotated[str, Meta(max_length=12)] = "同志"


class MedalFold(Medal, frozen=True, tag="medal-fold"):
    """The same on a portrait sheet folded in the middle; ``motto`` stands on the cover."""

    motto: Annotated[str, Meta(max_length=20)] = "劳动最光荣"


class Commendation(_Sheet, frozen=True, tag="commendation"):
    """奖状 for a unit, 420 × 297: region, honour, one to four lines of the unit's name."""

    region: Short
    honour: Short
    lines: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=4)]


class Pioneer(Commendation, frozen=True, tag="pioneer"):
    """工人先锋号 for a team at work: red ground, otherwise as the 奖状."""


class Plaque(_Sheet, frozen=True, tag="plaque"):
    """工作室牌匾, 600 × 400, to be etched: level title, studio, who named it, when. It bears no number and no code."""

    level_title: Line
    studio: Line


class Naming(_Sheet, frozen=True, tag="naming"):
    """工作室命名证书: the naming and six facts; a fact left empty is not printed."""

    studio: Line
    level_title: Line
    level: Optional = ""
    leader: Optional = ""
    unit: Optional = ""
    direction: Optional = ""
    document: Optional = ""
    valid_until: date | None = None


class Thanks(_Sheet, frozen=True, tag="thanks"):
    """裁判员感谢信 on ruled paper."""

    recipient: Line
    paragraphs: Annotated[tuple[Long, ...], Meta(min_length=1, max_length=6)]
    address: Annotated[str, Meta(max_length=12)] = "裁判员"


class Competition(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="competition"):
    """竞赛获奖证书, where it is set by an edited template."""

    certificate: CompetitionCertificate


Designed = Medal | MedalFold | Commendation | Pioneer | Plaque | Naming | Thanks
AnySheet = Designed | Competition


class TemplateText(Struct, frozen=True, kw_only=True):
    """A version's own text, given to the worker with the work. ``name`` is ``kind/number``."""

    name: str
    html: str
    css: str

    @property
    def kind(self) -> str:
        return self.name.partition("/")[0]
