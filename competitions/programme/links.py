"""What an event's page leads to: each feature of the wing adds its line, shown where its policy lets the actor in."""

from __future__ import annotations

from msgspec import Struct

from competitions.permissions import Permission
from foundation.i18n import N_
from foundation.web.policy import Policy


class EventLink(Struct, frozen=True, kw_only=True):
    """A link of an event's page; ``path`` holds ``{event}``, ``label`` is a msgid."""

    label: str
    path: str
    icon: str
    policy: Policy


EVENT_LINKS: list[EventLink] = [
    EventLink(label=N_("规则集"), path="/events/{event}/rules", icon="list-check", policy=Permission.RUN_COMPETITION),
    EventLink(label=N_("报名审核"), path="/events/{event}/entries", icon="users", policy=Permission.DECIDE_ENTRY),
    EventLink(label=N_("评分组与裁判"), path="/events/{event}/panels", icon="gavel", policy=Permission.SEAT_JUDGES),
    EventLink(label=N_("评分看板"), path="/events/{event}/board", icon="chart-bar", policy=Permission.WATCH_BOARD),
    EventLink(label=N_("成绩与发布"), path="/events/{event}/results", icon="medal", policy=Permission.WATCH_BOARD),
]
