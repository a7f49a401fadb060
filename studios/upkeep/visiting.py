"""年度考核与整改复查的走访 (T8): a panel goes to a named studio; its total becomes the grade, its look the finding.

The visit itself, its panel and the experts' tablets are ``studios.applications.visits``: the same for an application.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from foundation import clock
from foundation.database import fetch, fetchrow, transaction
from foundation.errors import Conflict, Refusal, Refusals
from foundation.forms import Bound
from foundation.i18n import gettext
from foundation.web.policy import Actor
from studios.applications import visits
from studios.outputs.queries import figures_of
from studios.outputs.rules import KINDS
from studios.permissions import Permission
from studios.upkeep.access import require_listed, require_version, rules_of, studio_for
from studios.upkeep.assessing import assess, revisit
from studios.upkeep.schemas import AssessForm, EndVisitForm, ReasonForm, RevisitForm, SendPanelForm

DECIDE = Permission.DECIDE_STUDIOS


async def send_panel(actor: Actor, studio: UUID, form: SendPanelForm) -> UUID:
    """Arrange the visit of a year's assessment, or the second visit of a rectification; returns the visit's id.

    Raises ``NotFound``, ``Stale``, ``Conflict`` ``visit_open``, ``assessed_already``, ``not_rectifying``; ``Refusals`` of the
    day, the year and the panel all at once.
    """
    async with transaction():
        row = await studio_for(actor, studio, DECIDE, lock=True)
        require_version(row, form.version)
        require_listed(row)
        refused = await _wrong(row, form)
        table = (await rules_of(row["programme"])).assessing
        order = visits.VisitOrder(
            kind=form.kind, subject=studio, title=row["name"], year=form.year, context=_context(form),
            organisation=row["organisation"], union=row["naming_union"], table=table, planned_on=form.planned_on,
            experts=form.experts, outputs=await _outputs(studio, form.year), earlier=await _earlier(studio),
        )  # fmt: skip
        try:
            made = await visits.plan_visit(actor, order)
        except Refusals as panel:
            raise Refusals([*refused, *panel.refusals]) from None
        if refused:  # the visit that was just written goes with the transaction
            raise Refusals(refused)
        return made


def _context(form: SendPanelForm) -> str:
    return f"{form.year} 年限期整改复查" if form.kind == "revisit" else f"{form.year} 年度考核"


async def _wrong(row: Any, form: SendPanelForm) -> list[Refusal]:
    refused, today = [], await clock.today()
    if form.planned_on < today:
        refused.append(Refusal("visit_past", "走访日期应在今天或以后", field="planned_on"))
    if not row["named_on"].year <= form.year <= today.year:
        refused.append(Refusal("assess_year", "考核年度应在命名之年至今年之间", field="year", rule="T8"))
    if form.kind == "revisit":
        if row["stage"] != "rectifying":
            raise Conflict("not_rectifying", "工作室不在限期整改中", rule="T8")
    elif await fetch("SELECT 1 FROM assessment WHERE studio = $1 AND year = $2", row["id"], form.year):
        raise Conflict("assessed_already", "{year} 年度已考核，一年只考核一次", field="year", rule="T8", year=form.year)
    return refused


async def _outputs(studio: UUID, year: int) -> tuple[visits.Output, ...]:
    """The ledger beside the table (T11): this year, the year before, and how many claims were struck as counted before."""
    now, before = await figures_of(studio, year), await figures_of(studio, year - 1)
    struck = await fetch(
        "SELECT kind, count(*) AS n FROM output WHERE studio = $1 AND year = $2 AND stage = 'struck' GROUP BY kind", studio, year,
    )  # fmt: skip
    twice = {one["kind"]: one["n"] for one in struck}
    whole = [kind for kind in KINDS if now[kind].isdigit() and before[kind].isdigit()]
    return tuple(
        visits.Output(label=KINDS[kind], now=int(now[kind]), before=int(before[kind]), twice=twice.get(kind, 0)) for kind in whole
    )  # fmt: skip


async def _earlier(studio: UUID) -> tuple[visits.Earlier, ...]:
    """The points of the newest rectification, mended or not: the panel looks at them again."""
    points = await fetch(
        "SELECT p.text, p.mended FROM rectification_point p WHERE p.rectification = (SELECT r.id FROM rectification r"
        " WHERE r.studio = $1 ORDER BY r.ordered_on DESC, r.id DESC LIMIT 1) ORDER BY p.place",
        studio,
    )
    return tuple(visits.Earlier(text=one["text"], done=bool(one["mended"])) for one in points)


async def end_visit(actor: Actor, studio: UUID, form: EndVisitForm) -> str:
    """Close the studio's open visit and let it have its effect, in one transaction: a graded year, or cleared or taken down.

    Returns the panel's total. Points to mend that nobody typed are what the panel noted. Raises what ``visits.close_visit``,
    ``assess`` and ``revisit`` raise; ``Conflict`` ``no_visit`` without an open visit.
    """
    async with transaction():
        row = await studio_for(actor, studio, DECIDE, lock=True)
        require_version(row, form.version)
        visit = await visits.open_visit_of(studio)
        if visit is None or visit["stage"] != "open":
            raise Conflict("no_visit", "没有尚未结束的走访", rule="T8")
        closed = await visits.close_visit(actor, visit["id"])
        if visit["kind"] == "revisit":
            await revisit(actor, studio, RevisitForm(mended=form.mended, reason=form.reason), visit=visit["id"])
            return closed.total
        await assess(
            actor, studio,
            AssessForm(
                year=visit["year"], total=closed.total, grade=form.grade, reason=form.reason,
                points=form.points or "\n".join(closed.to_rectify), version=row["version"],
            ),
            visit=visit["id"],
        )  # fmt: skip
        return closed.total


async def call_off(actor: Actor, studio: UUID, form: ReasonForm) -> None:
    """Nobody has signed yet: the visit is off, another can be sent. Raises what ``visits.call_off`` raises."""
    async with transaction():
        row = await studio_for(actor, studio, DECIDE, lock=True)
        require_version(row, form.version)
        visit = await visits.open_visit_of(studio)
        if visit is None or visit["stage"] != "open":
            raise Conflict("no_visit", "没有尚未结束的走访", rule="T8")
        await visits.call_off(actor, visit["id"], form.reason)


async def visit_of(row: Any) -> dict[str, Any]:
    """What the working page shows of visits: the newest one with its panel, and whom to send next."""
    visit = await fetchrow(
        "SELECT * FROM visit WHERE subject = $1 AND stage <> 'called_off' ORDER BY made_at DESC, id DESC LIMIT 1",
        row["id"],
    )
    return {
        "visit": visit, "panel": await visits.panel_of(visit["id"]) if visit else [],
        "experts": await visits.candidates_for(row["organisation"], row["naming_union"]),
        "visit_defaults": Bound({"year": str((await clock.today()).year)}),
        "visit_kinds": [("assessment", gettext("年度考核"))]
        + ([("revisit", gettext("整改复查"))] if row["stage"] == "rectifying" else []),
    }  # fmt: skip
