"""One line of a publication that gives certificates, and the order that it makes. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from foundation.errors import Refusal, Refusals
from publications.certificates.designs.issuing import DesignedOrder, wording_of

DESIGNS: Mapping[str, tuple[str, ...]] = {
    "person": ("medal", "medal-fold", "thanks"), "unit": ("commendation",), "team": ("pioneer", "commendation"),
    "studio": ("naming", "plaque"),
}  # fmt: skip
"""Kind of holder → the designs that may be given to it; the first where a line names none."""
SERIES = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+){1,5}")
LONGEST_SERIES, LONGEST_AWARD = 30, 63
"""Characters; an award of 63 Chinese characters is the longest that a QR token packs."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One certificate to give. ``subject`` is what it is given to, as the asking wing knows it (an entry of a roll, a
    studio); ``kind`` person, unit, team or studio; ``award`` the honour or the studio's title in full; ``issued_on`` the
    date under the seal (the decision's); ``series`` what numbers begin with (``XCWY-2026-GR``).

    ``unit`` is the holder's unit: a team's sheet prints it above the team's name. ``words`` are further fields of the
    design's sheet (`designs.sheets`): a letter's ``paragraphs``, a naming's ``leader``, ``document``, ``valid_until``.
    """

    subject: UUID
    recipient: str
    kind: str
    award: str
    issued_on: date
    series: str
    design: str = ""
    title: str = ""
    """What it was given for, as lists and verification say it; the award itself where left out."""
    unit: str = ""
    organisation: UUID | None = None
    worker: UUID | None = None
    words: dict[str, Any] = {}

    @property
    def drawn_as(self) -> str:
        return self.design or DESIGNS[self.kind][0]

    @property
    def holder_key(self) -> str:
        """Unique within a publication: each subject gets each design once."""
        return f"{self.drawn_as}:{self.subject}"


def orders_of(lines: Sequence[Line], *, issuer: str) -> list[tuple[DesignedOrder, str]]:
    """(order, series) of each line. Raises ``Refusals`` that name every wrong line (``lines-3``), counted from 0."""
    made: list[tuple[DesignedOrder, str]] = []
    refused: list[Refusal] = []
    for at, line in enumerate(lines):
        try:
            require_line(line)
            order = order_of(line, issuer=issuer)
            wording_of(order, number="-", issuer=issuer, issued_on=line.issued_on)
            made.append((order, line.series))
        except Refusal as why:
            refused.append(why.at(f"lines-{at}"))
    keys = [line.holder_key for line in lines if line.kind in DESIGNS]
    if len(set(keys)) < len(keys):
        refused.append(Refusal("certificate_twice", "同一对象的同一种证书在名单中出现了两次", field="lines", rule="D6"))
    if refused:
        raise Refusals(refused)
    return made


def require_line(line: Line) -> None:
    """Refuse a series that makes no number, a design that is not for this kind of holder, an award too long for a QR code."""
    if not SERIES.fullmatch(line.series) or len(line.series) > LONGEST_SERIES:
        raise Refusal(
            "certificate_series", "证书编号序列形如 XCWY-2026-GR，不能是“{series}”", rule="D6", series=line.series
        )
    if line.kind not in DESIGNS or line.drawn_as not in DESIGNS[line.kind]:
        raise Refusal("certificate_design", "这种证书样式不适用于该对象", rule="D5", kind=line.kind, design=line.design)
    if not 0 < len(line.award) <= LONGEST_AWARD:
        raise Refusal("certificate_award", "荣誉名称应为 1 至 {most} 字", rule="D5", most=LONGEST_AWARD)


def order_of(line: Line, *, issuer: str) -> DesignedOrder:
    """The order of a line, its words laid out as its design wants them (D5)."""
    return DesignedOrder(
        kind=line.drawn_as, holder_key=line.holder_key, holder=line.recipient, award=line.award,
        title=line.title or line.award, words=_words(line, issuer) | line.words, organisation=line.organisation,
        worker=line.worker, subject=line.subject, issuer=issuer, issued_on=line.issued_on, held_at=line.unit,
    )  # fmt: skip


def _words(line: Line, issuer: str) -> dict[str, Any]:
    match line.drawn_as:
        case "medal" | "medal-fold":
            return {"recipient": line.recipient, "honour": line.award}
        case "commendation" | "pioneer":
            return _unit_words(line, issuer)
        case "naming" | "plaque":
            return {"studio": line.recipient, "level_title": line.award}
        case _:
            return {"recipient": line.recipient}


def _unit_words(line: Line, issuer: str) -> dict[str, Any]:
    """The region stands apart above the honour: 宣城市 / 五一劳动奖状; a team's unit above its own name."""
    region = str(line.words.get("region", issuer.removesuffix("总工会")))
    above = [line.unit] if line.unit and not line.recipient.startswith(line.unit) else []
    return {
        "region": region,
        "honour": line.award.removeprefix(region) or line.award,
        "lines": [*above, line.recipient],
    }
