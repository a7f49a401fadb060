"""Certificates of the other kinds, from an order to the sheet and back: what is kept of them and what is signed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from foundation.errors import Refusal
from foundation.settings import settings
from publications.certificates.designs.sheets import AnySheet, Competition, Designed
from publications.certificates.rendering.schemas import CompetitionCertificate

SECRETS = ("check_code", "qr_payload", "statement")
OURS = frozenset({"kind", "issuer", "issued_on", "number", "replaces", "sample"})
"""What the register itself puts on a sheet."""
CLAIM_KINDS: Mapping[str, int] = {
    "competition": 1, "medal": 2, "medal-fold": 2, "commendation": 3, "pioneer": 4, "plaque": 5, "naming": 6, "thanks": 7,
}  # fmt: skip
HELD_BY_UNITS = frozenset({"commendation", "pioneer", "plaque", "naming"})
"""Their holder is a unit, a team or a studio: a stranger sees its name whole."""


class DesignedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """One certificate of a kind other than the competition's. ``words`` are the sheet's own fields (`designs.sheets`) but
    issuer, date, number and codes; ``holder_key`` is unique within the source; ``title`` says what it was given for."""

    kind: str
    holder_key: str
    holder: str
    award: str
    title: str
    words: dict[str, Any]
    organisation: UUID | None = None
    worker: UUID | None = None
    subject: UUID | None = None
    issuer: str = ""
    """Who confers it; the federation of the settings where left out."""
    issued_on: date | None = None
    """The date under the seal; the day of the order where left out."""
    held_at: str = ""
    """The holder's unit, by which it is found too; it is printed only where ``words`` say so."""

    @property
    def unit(self) -> str:
        return self.held_at or str(self.words.get("unit", ""))

    @property
    def recipients(self) -> tuple[str, ...]:
        """Names by which it is found."""
        return tuple(self.words.get("lines", ()))


def wording_of(
    order: DesignedOrder, *, number: str, issuer: str, issued_on: date, replaces: str = ""
) -> dict[str, Any]:
    """What is kept of the sheet. Raises ``Refusal`` where a word is missing, unknown or too long."""
    ours = {"kind": order.kind, "number": number, "issuer": issuer, "issued_on": issued_on}
    given = order.words | ours | {"sample": settings().marks_samples}
    try:
        sheet = msgspec.convert(
            given | {"replaces": replaces, "check_code": "-", "qr_payload": "-"}, Designed, strict=False
        )
    except msgspec.ValidationError as why:
        raise Refusal("certificate_words", "证书内容不完整：{reason}", reason=str(why)) from why
    return {name: value for name, value in msgspec.to_builtins(sheet).items() if name not in SECRETS}


def sheet_from(wording: Mapping[str, Any]) -> AnySheet | CompetitionCertificate:
    """The sheet that was kept, its secrets put back by the caller."""
    return msgspec.convert(dict(wording), Designed if "kind" in wording else CompetitionCertificate, strict=False)


def for_template(sheet: Any) -> AnySheet:
    """A sheet as a template's own text sets it: the competition's comes wrapped."""
    return Competition(certificate=sheet) if isinstance(sheet, CompetitionCertificate) else sheet
