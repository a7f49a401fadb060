"""The first page after signing in, and the search box: frames that the wings fill.

A wing registers providers. A to-do says what waits for this actor, until when, and where to do it; a hit says where
something is. Foundation sorts, groups by working days left, and shows.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

import msgspec
from litestar import Controller, Response, get
from litestar.params import FromQuery

from foundation import clock
from foundation.errors import Refusal
from foundation.forms import CONTROL
from foundation.i18n import gettext as _
from foundation.web.pages import HouseRequest, actor_of, page
from foundation.web.policy import SIGNED_IN, Actor
from foundation.working_days import working_days_between

MOST_HITS = 8
FOLD = 4
T = TypeVar("T")


class ToDo(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that waits. ``kind`` groups (a translated word), ``act`` names the button; ``due`` may be open."""

    title: str
    kind: str
    href: str
    act: str
    icon: str = "clipboard-list"
    note: str = ""
    who: str = ""
    due: datetime | None = None
    rule: str | None = None
    mine: bool = True
    """False: it waits for somebody else and is shown beside."""
    series: str = ""
    """A translated word: where several of one series are due at the same time they stand under one line that opens."""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """A key figure of the page's head."""

    label: str
    value: str
    state: str | None = None


class Guide(msgspec.Struct, frozen=True, kw_only=True):
    """What will come to this actor, told while nothing waits; ``href`` where the place is there already."""

    title: str
    note: str
    icon: str
    href: str = ""


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One thing found."""

    title: str
    note: str
    href: str
    icon: str
    kind: str


ToDoProvider = Callable[[Actor, datetime], Awaitable[Sequence[ToDo]]]
FigureProvider = Callable[[Actor, datetime], Awaitable[Sequence[Figure]]]
SearchProvider = Callable[[Actor, str, int], Awaitable[Sequence[Hit]]]
GuideProvider = Callable[[Actor], Sequence[Guide]]
_to_dos: list[ToDoProvider] = []
_figures: list[FigureProvider] = []
_searches: list[SearchProvider] = []
_guides: list[GuideProvider] = []


def register(
    *,
    to_dos: ToDoProvider | None = None,
    figures: FigureProvider | None = None,
    search: SearchProvider | None = None,
    guides: GuideProvider | None = None,
) -> None:
    """Add a wing's providers; the same one twice counts once."""
    for provider, known in ((to_dos, _to_dos), (figures, _figures), (search, _searches), (guides, _guides)):
        if provider is not None and provider not in known:
            known.append(provider)  # type: ignore[arg-type]  # each stands beside the list of its kind


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """To-dos of one urgency: ``state`` colours, ``title`` names."""

    title: str
    state: str
    items: tuple[tuple[ToDo, str], ...]

    @property
    def runs(self) -> list[list[tuple[ToDo, str]]]:
        """The items as lines: one each, or ``FOLD`` and more of one series and one deadline together."""
        return fold(self.items, lambda pair: (pair[0].series, pair[0].due))


def fold(items: Sequence[T], key: Callable[[T], tuple[str, Any]]) -> list[list[T]]:
    """Runs of items, in the order of their first: where ``key`` names a series ``FOLD`` times they stand together."""
    runs: dict[Any, list[T]] = {}
    for place, item in enumerate(items):
        runs.setdefault(key(item) if key(item)[0] else place, []).append(item)
    return [part for run in runs.values() for part in ([run] if len(run) >= FOLD else [[item] for item in run])]


async def _grouped(items: Sequence[ToDo], now: datetime) -> list[Group]:
    """By deadline in working days: overdue, today, within three, later, open."""
    today = clock.local(now).date()
    years = {today.year} | {clock.local(item.due).year for item in items if item.due}
    try:
        calendar: Any = await clock.calendar(years)
    except Refusal:  # without a calendar the days stand as dates, never as a guess
        calendar = None
    names = [
        (_("已逾期"), "bad"),
        (_("今天"), "warn"),
        (_("3 个工作日内"), "info"),
        (_("更远"), "neutral"),
        (_("不限期"), "neutral"),
    ]
    bins: list[list[tuple[ToDo, str]]] = [[] for _name in names]
    for item in sorted(items, key=lambda i: (i.due is None, i.due or now, i.title)):
        place, words = _urgency(item, now, today, calendar)
        bins[place].append((item, words))
    return [Group(title=name, state=state, items=tuple(b)) for (name, state), b in zip(names, bins, strict=True) if b]


def _urgency(item: ToDo, now: datetime, today: date, calendar: Any) -> tuple[int, str]:
    if item.due is None:
        return 4, _("不限期")
    due = clock.local(item.due).date()
    if item.due < now:
        return 0, _("已逾期")
    if due == today:
        return 1, _("今天")
    if calendar is None:
        return 3, ""
    left = working_days_between(today, due, calendar, years={today.year, due.year}) - 1
    return (2 if left <= 3 else 3), _("剩 %(n)s 个工作日", n=max(left, 0))


class HomePages(Controller):
    """/home and /search"""

    opt = {"policy": SIGNED_IN}

    @get("/home", name="home")
    async def home(self, request: HouseRequest) -> Response[Any]:
        """What waits for me, by deadline; who waits for whom."""
        actor = actor_of(request)
        now = await clock.now()
        items = [item for provider in _to_dos for item in await provider(actor, now)]
        figures = [figure for provider in _figures for figure in await provider(actor, now)]
        mine = [item for item in items if item.mine]
        context = {
            "groups": await _grouped(mine, now),
            "waiting": fold([item for item in items if not item.mine], lambda item: (item.series, None)),
            "figures": figures,
            "overdue": sum(1 for item in mine if item.due and item.due < now),
            "count": len(mine),
            "guides": [] if mine else [guide for provider in _guides for guide in provider(actor)],
            "crumbs": [{"label": _("首页"), "href": None}],
        }
        return await page(request, "home/home.html", **context)

    @get("/search", name="search")
    async def search(self, request: HouseRequest, q: FromQuery[str] = "") -> Response[Any]:
        """Everything this actor may see, by name, pinyin, unit or number."""
        query = CONTROL.sub(" ", q).strip()[:60]
        actor = actor_of(request)
        hits: dict[str, list[Hit]] = {}
        if query:
            for provider in _searches:
                for hit in await provider(actor, query, MOST_HITS):
                    hits.setdefault(hit.kind, []).append(hit)
        crumbs = [{"label": _("全站搜索"), "href": None}]
        return await page(request, "home/search.html", hits=hits, query=query, crumbs=crumbs)


HANDLERS: list[Any] = [HomePages]
__all__ = ["Figure", "Guide", "Hit", "HomePages", "ToDo", "register"]
