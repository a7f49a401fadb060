"""The first page and the search box: what waits, sorted by working days; what is found, from every wing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from foundation import clock
from foundation.clock import SHANGHAI
from foundation.database import fetch
from foundation.web import home
from foundation.web.home import Figure, Hit, ToDo

FRIDAY = datetime(2026, 4, 17, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def no_other_wings(monkeypatch):
    for name in ("_to_dos", "_figures", "_searches"):
        monkeypatch.setattr(home, name, [])


def todo(title: str, due: datetime | None) -> ToDo:
    return ToDo(title=title, kind="k", href="/x", act="go", due=due)


async def calendar_of_2026() -> None:
    await fetch("INSERT INTO calendar_year (year, source, filled_at) VALUES (2026, 't', now())")
    for day in (date(2026, 5, 1), date(2026, 5, 4), date(2026, 5, 5)):
        await fetch("INSERT INTO calendar_day (day, kind, name, source) VALUES ($1, 'off', '劳动节', 't')", day)


async def groups(now: datetime, *items: ToDo) -> dict[str, list[tuple[str, str]]]:
    return {g.title: [(item.title, words) for item, words in g.items] for g in await home._grouped(items, now)}


async def test_working_days_not_days_decide(db):
    await calendar_of_2026()
    found = await groups(
        FRIDAY, todo("monday", FRIDAY + timedelta(days=3)), todo("thursday", FRIDAY + timedelta(days=6)),
        todo("today", FRIDAY + timedelta(hours=2)), todo("late", FRIDAY - timedelta(minutes=1)), todo("open", None),
        todo("wednesday", FRIDAY + timedelta(days=5)),
    )  # fmt: skip
    assert found == {
        "已逾期": [("late", "已逾期")],
        "今天": [("today", "今天")],
        "3 个工作日内": [("monday", "剩 1 个工作日"), ("wednesday", "剩 3 个工作日")],
        "更远": [("thursday", "剩 4 个工作日")],
        "不限期": [("open", "不限期")],
    }


async def test_holidays_do_not_count(db):
    await calendar_of_2026()
    before = datetime(2026, 4, 30, 9, 0, tzinfo=SHANGHAI)  # Thursday; off until Tuesday 5 May
    found = await groups(before, todo("wednesday", datetime(2026, 5, 6, 17, 0, tzinfo=SHANGHAI)))
    assert found == {"3 个工作日内": [("wednesday", "剩 1 个工作日")]}


async def test_without_a_calendar_no_number_is_guessed(db):
    found = await groups(FRIDAY, todo("monday", FRIDAY + timedelta(days=3)))
    assert found == {"更远": [("monday", "")]}


async def test_the_day_is_shanghais(db):
    await calendar_of_2026()
    late = datetime(2026, 4, 16, 17, 0, tzinfo=UTC)  # already the 17th in Shanghai
    assert list(await groups(late, todo("x", datetime(2026, 4, 17, 12, 0, tzinfo=UTC)))) == ["今天"]


def _series(title: str, series: str, due: datetime | None = FRIDAY) -> ToDo:
    return ToDo(title=title, kind="k", href="/x", act="go", due=due, series=series)


@pytest.mark.parametrize("count", [1, 3, 4, 16])
async def test_four_of_one_series_and_one_deadline_stand_under_one_line(db, count):
    await calendar_of_2026()
    later = FRIDAY + timedelta(days=3)
    items = [_series(f"r{n:02}", "续认定", later) for n in range(count)]
    others = [_series("q", "续认定", later + timedelta(days=3)), _series("s", "", later), _series("t", "整改", later)]
    found = await home._grouped([*items, *others], FRIDAY)
    runs = {g.title: [[item.title for item, _words in run] for run in g.runs] for g in found}
    together = [[item.title for item in items]] if count >= 4 else [[item.title] for item in items]
    assert runs == {"3 个工作日内": [*together, ["s"], ["t"]], "更远": [["q"]]}


def test_nothing_without_a_series_is_folded():
    items = [todo(f"n{n}", None) for n in range(9)]
    assert home.fold(items, lambda item: (item.series, item.due)) == [[item] for item in items]


async def test_the_page_shows_what_the_wings_say_and_escapes_it(db, house, browse):
    actor = await house.person("qian", "city_officer", at="city")

    async def to_dos(who, now):
        assert (who.account, now.tzinfo is not None) == (actor.account, True)
        return [todo("<b>坏标题</b>", None), ToDo(title="别人的", kind="k", href="/y", act="看", mine=False, who="孙")]

    async def figures(who, now):
        return [Figure(label="进行中", value="7")]

    home.register(to_dos=to_dos, figures=figures)
    home.register(to_dos=to_dos)  # twice counts once
    text = (await (await browse(actor)).get("/home")).text
    assert text.count("&lt;b&gt;坏标题&lt;/b&gt;") == 1
    assert "<b>坏标题</b>" not in text
    assert "别人的" in text


async def test_search_asks_every_wing_once_and_only_with_a_question(db, house, browse):
    asked = []

    async def search(who, query, most):
        asked.append((query, most))
        return [Hit(title="<i>钱</i>", note="n", href="/w", icon="user", kind="人员")]

    home.register(search=search)
    browser = await browse(await house.person("qian", "city_officer", at="city"))
    assert (await browser.get("/search", params={"q": "   "})).status_code == 200
    assert asked == []
    text = (await browser.get("/search", params={"q": " 钱" + "x" * 500})).text
    assert len(asked) == 1
    assert (asked[0][0][:1], len(asked[0][0]), asked[0][1]) == ("钱", 60, home.MOST_HITS)
    assert "&lt;i&gt;钱&lt;/i&gt;" in text


@pytest.mark.parametrize(
    "q", ["\x00", "%", "'", "\\", "\udc80", "＂", "a\x00b", "{}", "%s", "钱" * 300, "$1", "\u202e"]
)
async def test_any_question_is_answered(db, house, browse, q):
    from competitions import wing as competitions
    from registry import wing as registry

    competitions.register()
    registry.register()
    browser = await browse(await house.person("qian", "city_officer", at="city"))
    query = b"q=" + b"".join(b"%%%02X" % b for b in q.encode("utf-8", "surrogateescape"))
    assert (await browser.get("/search?" + query.decode())).status_code == 200


async def test_visitors_do_not_search(db, browse):
    for path in ("/home", "/search?q=x"):
        assert (await (await browse(None)).get(path)).status_code == 303


async def test_the_clock_of_the_page_is_the_databases(db):
    async with clock.moved_to(FRIDAY):
        assert (await clock.now()) == FRIDAY
