"""What nominations add to the search box and to everybody's first page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from foundation.database import fetch
from foundation.i18n import gettext as _
from foundation.web.home import Hit, ToDo
from foundation.web.policy import Actor
from honours.nominations import queries
from honours.nominations.access import SOURCE, VISIBLE
from honours.nominations.stages import LABELS
from honours.permissions import Permission
from registry.search_keys import keys_for_query

SEARCH_SQL = f"""
SELECT n.id, n.name, n.stage, c.title AS cycle FROM {SOURCE}
WHERE (n.search_keys @> $2::varchar[] OR n.number = $3) AND {VISIBLE.format("$1")}
ORDER BY c.year DESC, n.sort_key, n.id LIMIT $4
"""


async def to_dos(actor: Actor, now: datetime) -> Sequence[ToDo]:
    """A unit: what was returned, its drafts, awards that it has nobody for; an officer: clearances that are due."""
    found: list[ToDo] = []
    if Permission.NOMINATE.allows(actor):
        found += [
            ToDo(
                title=one.name, kind=_("退回补正") if one.stage == "returned" else _("推荐草稿"), href=f"/nominations/{one.id}",
                act=_("继续填"), icon="medal", note=one.returned_for or one.award, due=one.due_at, rule="H35",
            )
            for one in await queries.own(actor)
            if one.stage in ("returned", "draft")
        ]  # fmt: skip
        found += [
            ToDo(
                title=one.title, kind=_("正在推荐"), href="/nominations", act=_("推荐"), icon="medal", note=one.cycle_title,
                due=one.due_at, rule="H35",
            )
            for one in await queries.offers(actor)
            if not one.mine and one.due_at is not None and one.due_at > now
        ]  # fmt: skip
    if Permission.KEEP_CLEARANCES.allows(actor):
        found += [
            ToDo(
                title=row["name"], kind=_("征求意见"), href=f"/nominations/{row['nomination']}/vetting", act=_("办理"), icon="clock",
                note=_(queries.STANDINGS[row["standing"]]), rule="H45",
            )
            for row in (await queries.due_clearances(actor))[:20]
            if row["standing"] in ("negative", "expired", "expiring")
        ]  # fmt: skip
    return found


async def search(actor: Actor, q: str, most: int) -> Sequence[Hit]:
    """Nominations by name, 拼音, initials or number, within what the actor sees."""
    if not Permission.SEE_NOMINATIONS.allows(actor):
        return []
    scope = list(Permission.SEE_NOMINATIONS.scope(actor))
    return [
        Hit(
            title=row["name"], note=f"{row['cycle']} · {_(LABELS[row['stage']])}", href=f"/nominations/{row['id']}", icon="medal",
            kind=_("推荐申报"),
        )
        for row in await fetch(SEARCH_SQL, scope, keys_for_query(q), q.strip().upper()[:40], most)
    ]  # fmt: skip
