"""Everything that stands between an event's marks and their confirmation, together (确认的障碍)."""

from __future__ import annotations

from competitions.judging import queries as judging
from competitions.programme.queries import EventView
from competitions.results.rules import tie_obstacles
from competitions.scoring.bundle import Bundle
from competitions.scoring.standings import Standings, standings
from foundation.errors import Refusal


async def obstacles_of(event: EventView, bundle: Bundle) -> tuple[Standings, list[Refusal]]:
    """The standings of ``bundle`` and all that keeps them from being confirmed; an empty list where the way is free.

    Of the event's own sheets every seat's mark and every signature is wanted (C24), even where the rules' minimum is
    lower; of an imported event, which has no sheets of ours, the rules' minimum.
    """
    made = standings(bundle)
    names = {entry.code: entry.name for entry in bundle.entries}
    found = [*await judging.obstacles(event.id), *tie_obstacles(made, names)]
    if not found and not made.rows:
        found.append(Refusal("nobody_ranked", "没有可排名的参赛者", rule="C25"))
    return made, found
