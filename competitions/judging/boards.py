"""The events whose board somebody may watch (赛项看板): an official's own, an officer's within the scope."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Controller, Response, get

from competitions.permissions import Permission
from competitions.programme.rules import EVENT_STAGES
from foundation.database import fetch
from foundation.i18n import gettext as _
from foundation.web.navigation import Count
from foundation.web.pages import HouseRequest, actor_of, page
from foundation.web.policy import Actor
from registry.accounts.roles import OFFICERS, Role

OFFICIALS = (Role.CHIEF_JUDGE, Role.SCOREKEEPER, Role.SUPERVISOR)
LIST_SQL = """
SELECT e.id, e.code, e.title, e.stage, e.starts_at, e.ends_at, c.title AS competition,
       (SELECT count(*) FROM seat s WHERE s.event = e.id AND s.vacated_at IS NULL) AS sheets,
       (SELECT count(*) FROM seat s WHERE s.event = e.id AND s.vacated_at IS NULL AND s.sheet_state = 'signed') AS signed,
       (SELECT count(*) FROM entry n WHERE n.event = e.id AND n.stage = 'accepted') AS entries
FROM event e JOIN competition c ON c.id = e.competition JOIN organisation o ON o.id = c.organiser
WHERE e.stage IN ('judging', 'confirmed', 'published') AND (e.id = ANY($1::uuid[]) OR o.ancestors && $2::uuid[])
ORDER BY array_position(ARRAY['judging', 'confirmed', 'published']::text[], e.stage::text), e.starts_at DESC NULLS LAST, e.code
LIMIT 200
"""


class WatchedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One line: an event, how far its sheets are."""

    id: UUID
    code: str
    title: str
    stage: str
    starts_at: datetime | None
    ends_at: datetime | None
    competition: str
    sheets: int
    signed: int
    entries: int


async def watched(actor: Actor) -> list[WatchedEvent]:
    """What this actor may watch: being judged first, then what waits for publication, then what is published."""
    rows = await fetch(LIST_SQL, list(actor.events_as(*OFFICIALS)), list(actor.organisations_as(*OFFICERS)))
    return [WatchedEvent(**dict(row)) for row in rows]


def waiting_count(actor: Actor) -> Count:
    """Events of the actor's own office that are being judged: the side bar's number."""
    sql = (
        "SELECT count(*) FROM event e JOIN competition c ON c.id = e.competition JOIN organisation o ON o.id = c.organiser"
        " WHERE e.stage = 'judging' AND (e.id = ANY($1::uuid[]) OR o.ancestors && $2::uuid[])"
    )
    return Count(sql=sql, values=(list(actor.events_as(*OFFICIALS)), list(actor.organisations_as(*OFFICERS))))


class BoardsPage(Controller):
    """/boards"""

    @get("/boards", opt={"policy": Permission.WATCH_BOARD}, name="competitions.judging.boards")
    async def boards(self, request: HouseRequest) -> Response[Any]:
        """My events, the one being judged first."""
        context = {
            "events": await watched(actor_of(request)),
            "stages": EVENT_STAGES,
            "chips": {"judging": "info", "confirmed": "wait", "published": "ok"},
            "crumbs": [{"label": _("赛项看板"), "href": None}],
        }
        return await page(request, "competitions/judging/boards.html", **context)
