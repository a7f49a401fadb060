"""What waits for a unit in its applications: the home page's to-dos; and the clock that ends the waiting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from foundation.clock import SHANGHAI
from foundation.database import fetch
from foundation.i18n import gettext as _
from foundation.jobs import tick
from foundation.web.home import ToDo
from foundation.web.policy import Actor
from studios.applications import access, operations
from studios.applications.naming import name_in
from studios.permissions import Permission

RETURNED_SQL = f"""
SELECT a.id, a.leader_name, a.title_kind, a.returned_due_on, c.title AS call, {access.UNIT.format("o")} AS organisation_name FROM {access.SOURCE}
WHERE a.stage = 'returned' AND o.ancestors && $1::uuid[] ORDER BY a.returned_due_on, a.id LIMIT 40
"""


async def to_dos(actor: Actor, now: datetime) -> Sequence[ToDo]:
    """Returned applications of one's own units, each with the day by which it must be back."""
    if not Permission.APPLY.allows(actor):
        return []
    return [
        ToDo(
            title=_("补正申报：%(name)s", name=name_in(row)), kind=_("创新工作室"),
            href=f"/studios/applications/{row['id']}", act=_("去补正"), icon="bulb", note=row["call"], rule="T3",
            due=datetime.combine(row["returned_due_on"], time(23, 59), tzinfo=SHANGHAI) if row["returned_due_on"] else None,
        )
        for row in await fetch(RETURNED_SQL, list(Permission.APPLY.scope(actor)))
    ]  # fmt: skip


@tick
async def abandon_late() -> None:
    """Whatever was not mended in time is abandoned by the clock (T3)."""
    await operations.abandon_late()
