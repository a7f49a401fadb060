"""What waits for whom: objections to be handled, notices whose period is over and that nobody has concluded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from foundation.database import fetch
from foundation.i18n import gettext as _
from foundation.web.home import ToDo
from foundation.web.policy import Actor
from publications.notices.objections.rules import STAGES, Stage
from publications.notices.queries import NOW_STAGE
from publications.notices.rules import ends_at
from publications.permissions import Permission

MOST = 50
OBJECTIONS_SQL = """
SELECT x.id, x.number, x.stage, x.verify_by, n.title FROM notice_objection x JOIN notice n ON n.id = x.notice
WHERE x.stage <> 'told' AND n.handling = ANY($1::uuid[]) ORDER BY x.verify_by NULLS FIRST, x.received_at LIMIT $2
"""
OVER_SQL = f"""
SELECT n.id, n.title, n.number FROM notice n JOIN organisation o ON o.id = n.organisation
WHERE o.ancestors && $1::uuid[] AND {NOW_STAGE} = 'ended' ORDER BY n.last_day LIMIT $2
"""


async def to_dos(actor: Actor, now: datetime) -> Sequence[ToDo]:
    """Objections of the actor's own organisation by their deadline, then notices to be concluded."""
    waiting: list[ToDo] = []
    if Permission.HANDLE_OBJECTIONS.allows(actor):
        for row in await fetch(OBJECTIONS_SQL, list(Permission.HANDLE_OBJECTIONS.scope(actor)), MOST):
            waiting.append(
                ToDo(
                    title=_("异议 %(n)s：%(s)s", n=row["number"], s=_(STAGES[Stage(row["stage"])])), kind=_("异议"),
                    href=f"/publicity/objections/{row['id']}", act=_("办理"), icon="message-2", note=row["title"],
                    due=ends_at(row["verify_by"]) - timedelta(seconds=1) if row["verify_by"] else None, rule="H34",
                )
            )  # fmt: skip
    if Permission.OPEN_NOTICES.allows(actor):
        for row in await fetch(OVER_SQL, list(Permission.OPEN_NOTICES.scope(actor)), MOST):
            waiting.append(
                ToDo(
                    title=_("公示期满，待办结：%(t)s", t=row["title"]), kind=_("公示"), href=f"/publicity/{row['id']}",
                    act=_("办结"), icon="speakerphone", note=row["number"] or "", rule="H32",
                )
            )  # fmt: skip
    return waiting
