"""The competitions of the season: one being entered, one being judged, one published, one of last year."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from commands.season import rule_sets
from commands.season.accounts import actor_of
from commands.season.clock_of_season import at, on
from competitions.entries.deciding import accept_entries, return_entry
from competitions.entries.operations import start_entry, submit_entry
from competitions.entries.schemas import Choice, MemberForm
from competitions.judging.appointments import appoint
from competitions.judging.incidents import set_status
from competitions.judging.operations import enter_marks, sign_sheet
from competitions.judging.queries import sheet_checksum, sheet_for
from competitions.judging.schemas import AppointIn, MarkIn, PanelIn, SeatIn, SignIn, StatusIn
from competitions.judging.seating import make_panel, seat_judge
from competitions.programme.operations import create_competition, create_event, move_competition, move_event
from competitions.programme.rule_sets import save_rules
from competitions.programme.schemas import CompetitionForm, EventForm
from competitions.results.operations import confirm_result, publish_result
from competitions.scoring.bundle import Aspect, Rules
from foundation.database import fetch, fetchval
from foundation.database.columns import new_id

SUMMARY = "全市职工职业技能大赛，由宣城市总工会主办，各县市区总工会、产业工会协办。演示数据：单位与人员均为虚构。"


class Contest(msgspec.Struct, frozen=True, kw_only=True):
    """One event as the season tells it. ``judges`` are logins; ``missing`` is what the demonstration leaves undone."""

    code: str
    title: str
    rules: dict[str, Any]
    opens: datetime
    closes: datetime
    starts: datetime
    ends: datetime
    entries: int = 0
    judges: tuple[str, ...] = ()
    venue: str = "宣城示例职业技术学院实训中心"
    occupation: str = ""
    absent: int = 0


AUTO = Contest(
    code="2026-auto-assembly", title="汽车装调工", rules=rule_sets.AUTO, opens=on(3, 10), closes=on(3, 27, 17, 30),
    starts=on(4, 14, 8), ends=on(4, 14, 18), entries=24, absent=12, occupation="6-22-02-01",
    judges=("caipan2", "caipan3", "caipan4", "caipan5", "caipan", "caipan6", "caipan7"),
)  # fmt: skip
WELDER = Contest(
    code="2026-welder", title="焊工", rules=rule_sets.WELDER, opens=on(2, 25), closes=on(3, 13, 17, 30), starts=on(3, 28, 8),
    ends=on(3, 29, 11), entries=25, absent=25, occupation="6-18-02-04",
    judges=("caipan3", "caipan4", "caipan5", "caipan6", "caipan7"),
)  # fmt: skip
LATHE = Contest(
    code="2026-cnc-lathe", title="数控车工", rules=rule_sets.LATHE, opens=on(4, 1), closes=on(4, 17, 17, 30),
    starts=on(5, 16, 8), ends=on(5, 17, 17), occupation="6-18-01-01",
)  # fmt: skip
ELECTRICIAN = Contest(
    code="2026-electrician", title="电工", rules=rule_sets.ELECTRICIAN, opens=on(4, 20), closes=on(5, 6, 17, 30),
    starts=on(5, 23, 8), ends=on(5, 24, 17), occupation="6-31-01-03",
)  # fmt: skip
FITTER = Contest(
    code="2025-fitter", title="钳工", rules=rule_sets.ELECTRICIAN, opens=on(3, 3, year=2025), closes=on(3, 28, 17, year=2025),
    starts=on(4, 19, 8, year=2025), ends=on(4, 20, 11, year=2025), entries=12, occupation="6-20-01-01",
    judges=("caipan2", "caipan3", "caipan4", "caipan5", "caipan6"),
)  # fmt: skip


async def load(luck: random.Random) -> None:
    """Everything, in the order it happened."""
    last_year = await _competition("2025-zgdjs", "2025年宣城市第七届职工职业技能大赛", on(2, 24, year=2025))
    await _whole_contest(luck, last_year, FITTER)
    async with at(on(12, 1, year=2025)):
        await move_competition(await actor_of("shizong"), last_year, "close")
    this_year = await _competition("2026-zgdjs", "2026年宣城市第八届职工职业技能大赛", on(2, 20))
    await _whole_contest(luck, this_year, WELDER)
    await _being_judged(luck, this_year, AUTO)
    await _being_entered(luck, this_year, LATHE)
    await _event(this_year, ELECTRICIAN, on(4, 10))


async def _competition(code: str, title: str, when: datetime) -> UUID:
    async with at(when):
        officer = await actor_of("shizong")
        city = officer.organisation
        assert city is not None
        form = CompetitionForm(
            code=code, title=title, level="city", plan_class="一类", organiser=city, starts_on=when.date(),
            ends_on=when.date() + timedelta(days=100), venue="宣城示例职业技术学院", summary=SUMMARY,
        )  # fmt: skip
        made = await create_competition(officer, form)
        await move_competition(officer, made, "open")
        return made


async def _event(competition: UUID, contest: Contest, when: datetime) -> UUID:
    async with at(when):
        officer = await actor_of("shizong")
        team = contest is LATHE
        form = EventForm(
            code=contest.code, title=contest.title, kind="team" if team else "individual", team_min=3 if team else 1,
            team_max=3 if team else 1, entries_per_unit=3, occupation=contest.occupation, registration_opens_at=contest.opens,
            registration_closes_at=contest.closes, starts_at=contest.starts, ends_at=contest.ends, venue=contest.venue,
            live_public=True,
        )  # fmt: skip
        made = await create_event(officer, competition, form)
        await save_rules(officer, made, msgspec.convert(contest.rules, Rules), based_on=0, hundred=True)
        return made


# ---- Registration ----


async def _contacts() -> list[str]:
    rows = await fetch("SELECT login FROM account WHERE login LIKE 'unit__' OR login = 'lianluo' ORDER BY login DESC")
    return [row["login"] for row in rows]


async def _workers(unit: UUID | None, competition: UUID, count: int) -> list[UUID]:
    """Workers of a unit who may compete and are not yet entered, the first in the alphabet."""
    rows = await fetch(
        "SELECT w.id FROM worker w WHERE w.organisation = $1 AND w.job_category IN ('industrial_worker', 'other_frontline')"
        " AND w.born_on BETWEEN '1980-01-01' AND '2004-12-31' AND w.employed_on < '2024-06-01' AND NOT EXISTS (SELECT 1 FROM"
        " entry_member m WHERE m.worker = w.id AND m.competition = $2) ORDER BY w.sort_key, w.id LIMIT $3",
        unit, competition, count,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def _enter(
    login: str, competition: UUID, event: UUID, size: int, when: datetime, *, hand_in: bool = True
) -> Choice | None:
    """One entry of one unit; None where the unit has nobody left to send."""
    async with at(when):
        actor = await actor_of(login)
        people = await _workers(actor.organisation, competition, size)
        if len(people) < size:
            return None
        members = [MemberForm(worker=worker, role="competitor", place=n) for n, worker in enumerate(people)]
        entry = await start_entry(actor, event, members=members)
        version = await fetchval("SELECT version FROM entry WHERE id = $1", entry)
        if hand_in:
            await submit_entry(actor, entry, version=version)
            version = await fetchval("SELECT version FROM entry WHERE id = $1", entry)
        return Choice(id=entry, version=version)


async def _entries(competition: UUID, event: UUID, contest: Contest) -> None:
    """As many accepted entries as the contest has, spread over the units."""
    made: list[Choice] = []
    async with at(contest.opens):
        officer = await actor_of("shizong")
        await move_event(officer, event, "open_registration")
        logins = await _contacts()
    turn = 0
    while len(made) < contest.entries and turn < 90:
        choice = await _enter(
            logins[turn % len(logins)], competition, event, 1, contest.opens + timedelta(hours=1 + turn)
        )
        made += [choice] if choice else []
        turn += 1
    async with at(contest.closes - timedelta(hours=1)):
        await accept_entries(await actor_of("shizong"), made)


# ---- Judging ----


async def _seats(event: UUID, contest: Contest, when: datetime) -> list[tuple[str, UUID]]:
    """Panels and judges, and the event's officials; returns (login, seat), the theory's marker first."""
    rules = msgspec.convert(contest.rules, Rules)
    async with at(when):
        officer = await actor_of("shizong")
        for login, role in (
            ("caipanzhang", "chief_judge"),
            ("jifen", "scorekeeper"),
            ("jiandu", "supervisor"),
            ("jiami", "code_keeper"),
        ):
            await appoint(officer, event, AppointIn(account=(await actor_of(login)).account, role=role))
        theory, practice = (tuple(a.code for a in module.aspects) for module in rules.modules)
        papers = await make_panel(officer, event, PanelIn(title="理论阅卷组", aspects=theory))
        bench = await make_panel(officer, event, PanelIn(title="实操评分组", aspects=practice))
        first = await seat_judge(officer, papers, SeatIn(account=(await actor_of(contest.judges[0])).account))
        seats = [(contest.judges[0], first)]
        for login in contest.judges:
            seats.append((login, await seat_judge(officer, bench, SeatIn(account=(await actor_of(login)).account))))
        return seats


def _value(luck: random.Random, aspect: Aspect, skill: float, severity: float) -> str:
    """A judge's mark for somebody of this skill: near it, on the aspect's steps, within its bounds."""
    share = min(max(luck.gauss(skill + severity, 0.05), 0.2), 0.99)
    if aspect.kind == "judgement":
        return str(min(3, max(0, round(share * 3.4 - 0.25))))
    steps = round(share * float(aspect.max) * 2)
    return f"{steps // 2}.5" if steps % 2 else str(steps // 2)


async def _mark(
    luck: random.Random, seats: Sequence[tuple[str, UUID]], contest: Contest, skip: dict[str, set[str]]
) -> None:
    """Every seat's marks: spread over the contest's hours; ``skip`` names the entries a judge has not come to."""
    rules = msgspec.convert(contest.rules, Rules)
    aspects = {aspect.code: aspect for module in rules.modules for aspect in module.aspects}
    skills: dict[str, float] = {}
    for n, (login, seat) in enumerate(seats):
        severity = luck.uniform(-0.025, 0.025)
        async with at(contest.starts + timedelta(hours=4, minutes=7 * n)):
            judge = await actor_of(login)
            sheet = await sheet_for(judge, seat)
            marks = []
            for entry in sheet.entries:
                if entry.status != "competed" or entry.excused or entry.code in skip.get(login, set()):
                    continue
                skill = skills.setdefault(entry.code, luck.gauss(0.8, 0.09))
                marks += [
                    MarkIn(
                        entry=entry.code, aspect=a.code, value=_value(luck, aspects[a.code], skill, severity), base=0
                    )
                    for a in sheet.aspects
                ]
            await enter_marks(judge, seat, tuple(marks), key=new_id())


def _strokes(luck: random.Random) -> str:
    """A signature: three strokes of a pen."""
    strokes = [[[luck.randint(10, 300), luck.randint(10, 110)] for _point in range(6)] for _stroke in range(3)]
    return msgspec.json.encode(strokes).decode()


async def _sign(luck: random.Random, seats: Sequence[tuple[str, UUID]], when: datetime) -> None:
    for login, seat in seats:
        async with at(when):
            judge = await actor_of(login)
            sheet = await sheet_for(judge, seat)
            given = SignIn(
                version=sheet.version, checksum=sheet_checksum(sheet).hex(), strokes=_strokes(luck), read_it=True
            )
            await sign_sheet(judge, seat, given)


async def _absent(event: UUID, number: int, when: datetime) -> None:
    if not number:
        return
    async with at(when):
        row = (await fetch("SELECT id, version FROM entry WHERE event = $1 AND code = $2", event, f"A{number:02d}"))[0]
        chief = await actor_of("caipanzhang")
        await set_status(chief, row["id"], StatusIn(status="absent", reason="检录时未到场", version=row["version"]))


async def _open_judging(competition: UUID, contest: Contest) -> tuple[UUID, list[tuple[str, UUID]]]:
    event = await _event(competition, contest, contest.opens - timedelta(days=1))
    await _entries(competition, event, contest)
    seats = await _seats(event, contest, contest.starts - timedelta(days=1))
    async with at(contest.starts):
        await move_event(await actor_of("shizong"), event, "start_judging")
    await _absent(event, contest.absent, contest.starts + timedelta(minutes=20))
    return event, seats


async def _whole_contest(luck: random.Random, competition: UUID, contest: Contest) -> None:
    """From the draft to the published result."""
    event, seats = await _open_judging(competition, contest)
    await _mark(luck, seats, contest, {})
    await _sign(luck, seats, contest.ends + timedelta(hours=3))
    async with at(contest.ends + timedelta(hours=5)):
        await confirm_result(await actor_of("caipanzhang"), event)
    async with at(contest.ends + timedelta(hours=6)):
        await publish_result(await actor_of("caipanzhang"), event)


async def _being_judged(luck: random.Random, competition: UUID, contest: Contest) -> None:
    """The morning's marks are in; judge 5 (the account ``caipan``) still has three entries, three sheets are unsigned."""
    _event_id, seats = await _open_judging(competition, contest)
    await _mark(luck, seats, contest, {"caipan": {"A22", "A23", "A24"}, "caipan7": {"A24"}})
    done = [(login, seat) for login, seat in seats if login not in ("caipan", "caipan5", "caipan7")]
    await _sign(luck, done, on(4, 14, 14, 10))


async def _being_entered(luck: random.Random, competition: UUID, contest: Contest) -> None:
    """Three working days before the close: some teams accepted, some waiting, one returned, one a draft."""
    event = await _event(competition, contest, on(3, 30))
    async with at(contest.opens):
        await move_event(await actor_of("shizong"), event, "open_registration")
        logins = [login for login in await _contacts() if login != "lianluo"]
    made = [
        await _enter(login, competition, event, 3, on(4, 7 + n % 5, 10, 5 * n)) for n, login in enumerate(logins[:9])
    ]
    choices = [choice for choice in made if choice is not None]
    ours = [await _enter("lianluo", competition, event, 3, on(4, 9, 15, 10 * n)) for n in range(2)]
    await _enter("lianluo", competition, event, 3, on(4, 13, 16), hand_in=False)
    async with at(on(4, 13, 10)):
        officer = await actor_of("shizong")
        await accept_entries(officer, choices[:4])
        if ours[1] is not None:
            await return_entry(officer, ours[1], reason="第二名队员的技能等级与登记不符，请核对证书后重新上报")
