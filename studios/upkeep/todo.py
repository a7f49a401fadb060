"""What waits for whom in the life of studios: the home page's to-dos, by deadline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from foundation.clock import SHANGHAI
from foundation.i18n import gettext as _
from foundation.web.home import ToDo
from foundation.web.policy import Actor
from registry.accounts.roles import Role
from studios.permissions import Permission
from studios.upkeep import queries

WHOSE = {
    "report": Role.ENTERPRISE_CONTACT, "opinion": Role.COUNTY_OFFICER, "assess": Role.CITY_OFFICER, "term": Role.CITY_OFFICER,
    "rectification": Role.CITY_OFFICER, "rereview": Role.CITY_OFFICER, "raise": Role.CITY_OFFICER, "recovery": Role.CITY_OFFICER,
}  # fmt: skip
RULES = {"term": "T4", "assess": "T8", "rereview": "H77"}


async def to_dos(actor: Actor, now: datetime) -> Sequence[ToDo]:
    """The due list as to-dos: mine where my role does it."""
    if not Permission.SEE_STUDIOS.allows(actor) or not queries.scope_of(actor):
        return []
    return [
        ToDo(
            title=f"{_(queries.DUE_KINDS[one.kind])}：{one.name}", kind=_("创新工作室"), href=f"{queries.PATH}/{one.studio}",
            act=_("去处理"), icon="bulb", note=one.unit, series=_(queries.DUE_KINDS[one.kind]), rule=RULES.get(one.kind, "T8"), mine=actor.has(WHOSE[one.kind]),
            due=datetime.combine(one.due_on, time(17, 30), tzinfo=SHANGHAI) if one.due_on else None,
        )
        for one in (await queries.due(actor))[:60]
    ]  # fmt: skip
