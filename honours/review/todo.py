"""What waits for whom in review: dossiers at a gate, rounds to vote in, rounds to close."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from foundation.database import fetch
from foundation.i18n import gettext as _
from foundation.jobs import tick
from foundation.web.home import ToDo
from foundation.web.policy import Actor
from honours.permissions import Permission
from honours.review import gates
from honours.review.gate_list import MINE

GATES_SQL = f"""
SELECT c.title, h.title AS award, n.award AS id, n.stage = 'city' AS last, count(*) AS n,
       min(CASE WHEN n.stage <> 'city' THEN c.county_due_at END) AS due
FROM nomination n JOIN cycle c ON c.id = n.cycle JOIN cycle_award a ON a.id = n.award JOIN honour h ON h.id = a.honour
WHERE {MINE.format("$1")} GROUP BY c.id, h.id, n.award, n.stage = 'city' ORDER BY due NULLS LAST LIMIT 40
"""
VOTES_SQL = """
SELECT r.id, r.title, r.closes_at, h.title AS award FROM round_seat s JOIN review_round r ON r.id = s.round
JOIN cycle_award a ON a.id = r.award JOIN honour h ON h.id = a.honour
WHERE s.account = $1 AND NOT s.voted AND r.stage = 'open' ORDER BY r.closes_at LIMIT 40
"""
CLOSE_SQL = """
SELECT r.id, r.title FROM review_round r JOIN organisation o ON o.id = r.organisation
WHERE o.ancestors && $1::uuid[] AND r.stage = 'open' AND (r.closes_at <= $2
  OR NOT EXISTS (SELECT 1 FROM round_seat s WHERE s.round = r.id AND NOT s.voted)) LIMIT 40
"""


async def to_dos(actor: Actor, now: datetime) -> Sequence[ToDo]:
    """Dossiers by award at my gate, my open papers, rounds that may be closed."""
    found: list[ToDo] = []
    if Permission.REVIEW_FIRST.allows(actor):
        found += [
            ToDo(
                title=_("审核：%(award)s %(n)s 件", award=row["award"], n=row["n"]), kind=_("荣誉审核"), act=_("去审核"),
                href=f"/honours/review?award={row['id']}", icon="clipboard-check", note=row["title"], due=row["due"], rule="H33",
            )
            for row in await fetch(GATES_SQL, list(Permission.REVIEW_FIRST.scope(actor)))
        ]  # fmt: skip
    if Permission.SCORE_NOMINATIONS.allows(actor):
        found += [
            ToDo(
                title=_("评审：%(t)s", t=row["title"]), kind=_("评审"), href=f"/honours/my-rounds/{row['id']}", act=_("去评审"),
                icon="gavel", note=row["award"], due=row["closes_at"],
            )
            for row in await fetch(VOTES_SQL, actor.account)
        ]  # fmt: skip
    if Permission.RUN_ROUNDS.allows(actor):
        found += [
            ToDo(title=_("可以计票：%(t)s", t=row["title"]), kind=_("评审"), href=f"/honours/rounds/{row['id']}", act=_("去计票"), icon="gavel")
            for row in await fetch(CLOSE_SQL, list(Permission.RUN_ROUNDS.scope(actor)), now)
        ]  # fmt: skip
    return found


@tick
async def abandon_late() -> None:
    """Whatever is late is abandoned by the clock (H35)."""
    await gates.abandon_late()
