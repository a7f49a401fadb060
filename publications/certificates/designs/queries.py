"""Reads: the versions of a kind, which one is in force, the text that a certificate names."""

from __future__ import annotations

from typing import Any

from foundation.database import fetch, fetchrow
from foundation.errors import NotFound
from foundation.i18n import N_
from foundation.web.navigation import Count
from foundation.web.policy import Actor
from publications.certificates.designs.kinds import KINDS, built_in
from publications.certificates.designs.schemas import Version
from publications.certificates.designs.sheets import TemplateText

STATES = {
    "draft": N_("草稿"), "submitted": N_("待他人确认"), "returned": N_("已退回"), "confirmed": N_("曾经启用"), "in_force": N_("使用中"),
}  # fmt: skip
CHIPS = {"draft": "neutral", "submitted": "wait", "returned": "warn", "confirmed": "neutral", "in_force": "ok"}
_VERSIONS = (
    "SELECT d.id, d.kind, d.number, d.html, d.css, d.note, d.based_on, d.made_by, d.made_at, coalesce(a.name, '') AS maker,"
    " s.made_by AS submitter, s.id IS NOT NULL AS submitted, c.made_at AS confirmed_at, r.id IS NOT NULL AS returned,"
    " coalesce(r.reason, '') AS reason FROM certificate_design d LEFT JOIN account a ON a.id = d.made_by"
    " LEFT JOIN certificate_design_step s ON s.design = d.id AND s.action = 'submitted'"
    " LEFT JOIN certificate_design_step c ON c.design = d.id AND c.action = 'confirmed'"
    " LEFT JOIN certificate_design_step r ON r.design = d.id AND r.action = 'returned'"
    " WHERE d.kind = $1 ORDER BY d.number DESC"
)


def _state(row: Any, in_force: int) -> str:
    if row["number"] == in_force:
        return "in_force"
    if row["confirmed_at"] or row["number"] == 1:
        return "confirmed"
    return "returned" if row["returned"] else "submitted" if row["submitted"] else "draft"


async def versions(kind: str) -> list[Version]:
    """All versions, the newest first; a kind never touched has its built-in first one. Raises ``NotFound``."""
    if kind not in KINDS:
        raise NotFound
    rows = await fetch(_VERSIONS, kind)
    current = await number_in_force(kind)
    fields = (
        "id",
        "kind",
        "number",
        "html",
        "css",
        "note",
        "based_on",
        "made_by",
        "maker",
        "made_at",
        "reason",
        "submitter",
    )
    found = [Version(**{name: row[name] for name in fields}, state=_state(row, current)) for row in rows]
    if not found or found[-1].number != 1:
        text = built_in(kind)
        found.append(
            Version(
                id=None,
                kind=kind,
                number=1,
                html=text.html,
                css=text.css,
                note="",
                based_on=None,
                made_by=None,
                maker="",
                made_at=None,
                state="in_force" if current == 1 else "confirmed",
            )
        )
    return found


async def version(kind: str, number: int) -> Version:
    """One version. Raises ``NotFound``."""
    for one in await versions(kind):
        if one.number == number:
            return one
    raise NotFound


async def number_in_force(kind: str) -> int:
    """The version confirmed last; the first where none was."""
    row = await fetchrow(
        "SELECT d.number FROM certificate_design d JOIN certificate_design_step c ON c.design = d.id AND c.action = 'confirmed'"
        " WHERE d.kind = $1 ORDER BY c.made_at DESC, d.number DESC LIMIT 1", kind,
    )  # fmt: skip
    return row["number"] if row else 1


async def in_force(kind: str) -> str:
    """What a new certificate of this kind names as its template: ``kind/number``."""
    return f"{kind}/{await number_in_force(kind)}"


async def text_of(name: str) -> TemplateText:
    """The text that ``kind/number`` names, for ever. Raises ``NotFound``."""
    kind, _, number = name.partition("/")
    if kind not in KINDS or not number.isdecimal():
        raise NotFound
    row = await fetchrow("SELECT html, css FROM certificate_design WHERE kind = $1 AND number = $2", kind, int(number))
    if row is not None:
        return TemplateText(name=name, html=row["html"], css=row["css"])
    if number == "1":
        return built_in(kind)
    raise NotFound


def waiting(actor: Actor) -> Count:
    """Versions that wait for this very person to confirm them."""
    return Count(
        sql="SELECT count(*) FROM certificate_design_step s JOIN certificate_design d ON d.id = s.design"
        " WHERE s.action = 'submitted' AND s.made_by <> $1 AND d.made_by <> $1 AND NOT EXISTS (SELECT 1 FROM"
        " certificate_design_step o WHERE o.design = s.design AND o.action IN ('confirmed', 'returned'))",
        values=(actor.account,),
    )
