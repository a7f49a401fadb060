"""What waits for whom in competitions: the signed-in home page's to-dos, figures and search hits of this wing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from competitions.judging import queries as judging
from competitions.permissions import Permission
from competitions.programme.rules import EventStage
from foundation.database import fetch
from foundation.forms import CONTROL
from foundation.i18n import gettext as _
from foundation.web.home import Figure, Hit, ToDo
from foundation.web.policy import Actor
from registry.accounts.roles import Role
from registry.search_keys import keys_for_query

SOON = timedelta(days=10)
"""How far ahead an officer is told that a registration closes."""
CHIEF_SQL = """
SELECT e.id, e.title, e.stage, c.title AS competition, e.external,
       (SELECT count(*) FROM seat s WHERE s.event = e.id AND s.vacated_at IS NULL AND s.account IS NOT NULL
          AND s.sheet_state = 'open') AS unsigned,
       (SELECT count(*) FROM seat s WHERE s.event = e.id AND s.vacated_at IS NULL) AS seats,
       EXISTS (SELECT FROM result r WHERE r.event = e.id AND r.withdrawn_at IS NULL) AS live
FROM event e JOIN competition c ON c.id = e.competition
WHERE e.id = ANY($1::uuid[]) AND (e.stage IN ('judging', 'confirmed') OR e.stage = 'published' AND EXISTS (
  SELECT FROM result r WHERE r.event = e.id AND r.published_at > $2::timestamptz - interval '30 days'))
ORDER BY e.title LIMIT 50
"""
OFFICER_SQL = """
SELECT e.id, e.title, e.stage, c.title AS competition, e.registration_closes_at,
       (SELECT count(*) FROM entry n WHERE n.event = e.id AND n.stage = 'submitted') AS waiting,
       EXISTS (SELECT FROM result r WHERE r.event = e.id AND r.withdrawn_at IS NULL AND r.published_at IS NULL) AS confirmed,
       EXISTS (SELECT FROM role_grant g WHERE g.event = e.id AND g.role = 'chief_judge') AS has_chief
FROM event e JOIN competition c ON c.id = e.competition JOIN organisation o ON o.id = c.organiser
WHERE o.ancestors && $1::uuid[] AND e.stage IN ('registration', 'judging', 'confirmed')
ORDER BY e.registration_closes_at NULLS LAST, e.title LIMIT 200
"""

OURS_SQL = """
SELECT n.id, n.name, n.return_reason, e.title, c.title AS competition, e.registration_closes_at
FROM entry n JOIN event e ON e.id = n.event JOIN competition c ON c.id = e.competition
JOIN organisation o ON o.id = n.organisation
WHERE n.stage = 'returned' AND e.stage = 'registration' AND o.ancestors && $1::uuid[]
  AND (e.registration_closes_at IS NULL OR e.registration_closes_at > $2)
ORDER BY e.registration_closes_at NULLS LAST, e.title, n.name LIMIT 50
"""


async def to_dos(actor: Actor, now: datetime) -> Sequence[ToDo]:
    """Sheets to mark, events to confirm and publish, entries to decide, registrations that close; a unit's entries that came back."""
    found: list[ToDo] = []
    if actor.has(Role.JUDGE, Role.CHIEF_JUDGE):
        found += await _sheets(actor)
    if chief := actor.events_as(Role.CHIEF_JUDGE):
        found += [todo for row in await fetch(CHIEF_SQL, list(chief), now) for todo in _of_chief(row)]
    if watched := actor.events_as(Role.SCOREKEEPER, Role.SUPERVISOR) - chief:
        found += [
            _watched(row) for row in await fetch(CHIEF_SQL, list(watched), now) if row["stage"] != EventStage.PUBLISHED
        ]
    if Permission.RUN_COMPETITION.allows(actor):
        rows = await fetch(OFFICER_SQL, list(Permission.RUN_COMPETITION.scope(actor)))
        found += [todo for row in rows for todo in _of_officer(row, now)]
    if Permission.REGISTER_ENTRY.allows(actor):
        found += [_of_unit(row) for row in await fetch(OURS_SQL, list(Permission.REGISTER_ENTRY.scope(actor)), now)]
    return found


def _of_unit(row: Any) -> ToDo:
    return ToDo(
        title=_("修改后重新上报：%(event)s · %(name)s", event=row["title"], name=row["name"]), kind=_("报名"),
        href=f"/entries/{row['id']}", act=_("去修改"), icon="arrow-back-up",
        note=_("退回原因：") + row["return_reason"], due=row["registration_closes_at"], rule="C15",
    )  # fmt: skip


async def _sheets(actor: Actor) -> list[ToDo]:
    return [
        ToDo(
            title=_("评分：%(event)s", event=sheet.event_title), kind=_("评分"), href=f"/desk/{sheet.id}", act=_("去评分"),
            icon="gavel", note=_("%(panel)s，已评 %(a)s / %(b)s", panel=sheet.panel, a=sheet.marked, b=sheet.wanted),
            rule="C24",
        )
        for sheet in await judging.my_sheets(actor)
        if sheet.stage == EventStage.JUDGING and sheet.sheet_state == "open"
    ]  # fmt: skip


def _of_chief(row: Any) -> list[ToDo]:
    href, who = f"/events/{row['id']}/results", row["competition"]
    if row["stage"] == EventStage.PUBLISHED:
        title = _("成绩已发布：%(event)s", event=row["title"])
        return [ToDo(title=title, kind=_("成绩"), href=href, act=_("查看"), icon="medal", note=who, mine=False)]
    if row["stage"] == EventStage.CONFIRMED:
        title = (
            _("发布成绩：%(event)s", event=row["title"])
            if row["live"]
            else _("更正后重新确认：%(event)s", event=row["title"])
        )
        return [ToDo(title=title, kind=_("成绩"), href=href, act=_("去处理"), icon="medal", note=who)]
    if row["seats"] and not row["unsigned"]:
        return [
            ToDo(
                title=_("确认成绩：%(event)s", event=row["title"]), kind=_("成绩"), href=href, act=_("去确认"),
                icon="signature", note=_("评分表已全部签署 · %(c)s", c=who), rule="C54",
            )
        ]  # fmt: skip
    note = _("还有 %(n)s 张评分表未签署", n=row["unsigned"])
    return [
        ToDo(
            title=row["title"],
            kind=_("成绩"),
            href=f"/events/{row['id']}/board",
            act=_("看进度"),
            note=note,
            mine=False,
        )
    ]


def _watched(row: Any) -> ToDo:
    """For those who watch over an event: where it stands, and whose turn it is (C54)."""
    if row["stage"] == EventStage.CONFIRMED:
        note = _("等裁判长发布成绩") if row["live"] else _("等裁判长重新确认")
    elif row["seats"] and not row["unsigned"]:
        note = _("评分表已全部签署，等裁判长确认")
    else:
        note = _("还有 %(n)s 张评分表未签署", n=row["unsigned"])
    href = f"/events/{row['id']}/board"
    return ToDo(title=row["title"], kind=_("成绩"), href=href, act=_("看进度"), note=note, mine=False)


def _of_officer(row: Any, now: datetime) -> list[ToDo]:
    found: list[ToDo] = []
    if row["waiting"]:
        found.append(
            ToDo(
                title=_("审核报名：%(event)s", event=row["title"]), kind=_("报名"), href=f"/events/{row['id']}/entries",
                act=_("去审核"), icon="users", note=_("%(n)s 份待审 · %(c)s", n=row["waiting"], c=row["competition"]),
                due=row["registration_closes_at"], rule="C15",
            )
        )  # fmt: skip
    closes = row["registration_closes_at"]
    if row["stage"] == EventStage.REGISTRATION and closes is not None and not row["waiting"]:
        if closes < now:
            title, act = _("报名已截止，转入评分：%(event)s", event=row["title"]), _("去处理")
            found.append(
                ToDo(
                    title=title,
                    kind=_("报名"),
                    href=f"/events/{row['id']}",
                    act=act,
                    icon="clock",
                    note=row["competition"],
                )
            )
        elif closes - now <= SOON:
            title = _("报名即将截止：%(event)s", event=row["title"])
            found.append(
                ToDo(title=title, kind=_("报名"), href=f"/events/{row['id']}", act=_("查看"), icon="clock",
                     note=row["competition"], due=closes, mine=False)
            )  # fmt: skip
    if row["stage"] == EventStage.CONFIRMED and row["confirmed"]:
        title = _("等裁判长发布：%(event)s", event=row["title"])
        found.append(ToDo(title=title, kind=_("成绩"), href=f"/events/{row['id']}/results", act=_("查看"), icon="medal", note=row["competition"], mine=False))  # fmt: skip
    if row["stage"] == EventStage.JUDGING and not row["has_chief"]:
        found.append(
            ToDo(title=_("指定裁判长：%(event)s", event=row["title"]), kind=_("评分"), href=f"/events/{row['id']}",
                 act=_("去处理"), icon="user-check", note=row["competition"], rule="C60")
        )  # fmt: skip
    return found


async def figures(actor: Actor, now: datetime) -> Sequence[Figure]:
    """For officers: events open for registration, being judged, and entries to decide."""
    if not Permission.RUN_COMPETITION.allows(actor):
        return []
    rows = await fetch(
        "SELECT count(*) FILTER (WHERE e.stage = 'registration') AS registering,"
        " count(*) FILTER (WHERE e.stage = 'judging') AS judging,"
        " count(*) FILTER (WHERE e.stage = 'published') AS published"
        " FROM event e JOIN competition c ON c.id = e.competition JOIN organisation o ON o.id = c.organiser"
        " WHERE o.ancestors && $1::uuid[]",
        list(Permission.RUN_COMPETITION.scope(actor)),
    )
    row = rows[0]
    return [
        Figure(label=_("报名中"), value=str(row["registering"])),
        Figure(label=_("评分中"), value=str(row["judging"])),
        Figure(label=_("已发布"), value=str(row["published"])),
    ]


SEARCH_SQL = """
SELECT e.id, e.code, e.title, c.title AS competition FROM event e JOIN competition c ON c.id = e.competition
JOIN organisation o ON o.id = c.organiser
WHERE (o.ancestors && $1::uuid[] OR e.id = ANY($2::uuid[])) AND (c.search_keys @> $3::varchar[] OR e.title ILIKE $4
       OR e.code ILIKE $4) ORDER BY e.made_at DESC LIMIT $5
"""
PLACES_SQL = """
SELECT e.code, e.title, w.name, w.organisation_name, w.entry_code FROM result_row w JOIN result r ON r.id = w.result
JOIN event e ON e.id = r.event
WHERE r.published_at IS NOT NULL AND r.withdrawn_at IS NULL AND w.rank IS NOT NULL AND w.search_keys @> $1::varchar[]
ORDER BY r.published_at DESC, w.place LIMIT $2
"""


async def search(actor: Actor, query: str, most: int) -> Sequence[Hit]:
    """Events within the actor's reach, and published places by name or unit."""
    query = CONTROL.sub(" ", query)
    keys, like = keys_for_query(query), "%" + query.replace("\\", "").replace("%", "").replace("_", "\\_") + "%"
    found: list[Hit] = []
    if Permission.SEE_COMPETITIONS.allows(actor):
        roles = Permission.SEE_COMPETITIONS.roles
        rows = await fetch(
            SEARCH_SQL, list(Permission.RUN_COMPETITION.scope(actor)), list(actor.events_as(*roles)), keys, like, most
        )
        found += [
            Hit(
                title=row["title"],
                note=row["competition"],
                href=f"/events/{row['id']}",
                icon="trophy",
                kind=_("竞赛项目"),
            )
            for row in rows
        ]
    if keys:
        found += [
            Hit(title=row["name"], note=f"{row['organisation_name']} · {row['title']}",
                href=f"/results/{row['code']}/entries/{row['entry_code']}/explanation", icon="medal", kind=_("竞赛成绩"))
            for row in await fetch(PLACES_SQL, keys, most)
        ]  # fmt: skip
    return found
