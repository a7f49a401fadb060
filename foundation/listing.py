"""List pages (列表): search, filters, sort, pages and xlsx export, with all state in the address.

A page declares once what may be asked of it; nothing of a request ever becomes SQL text::

    LIST = Listing(
        path="/registry/organisations",
        select="o.id, o.name, o.member_count, u.name AS above",
        source="organisation o LEFT JOIN organisation u ON u.id = o.parent",
        search=lambda q, bind: f"o.search_keys @> {bind(keys_for_query(q))}::varchar[]",
        columns=(
            Column(key="name", title=N_("名称"), sort="o.sort_key"),
            Column(key="member_count", title=N_("会员"), sort="o.member_count", number=True),
        ),
        filters=(Filter(key="region", title=N_("地区"), where="o.region = {}", options=region_options),),
        order="o.sort_key, o.id",
    )

    asked = LIST.ask(request.query_params)                    # bounded, unknown values dropped
    found = await LIST.fetch(asked, "o.ancestors && {}::uuid[]", list(scope))   # at most two queries
    return await page(request, "….html", found=found)

In the template: ``ui.sort_head(_("名称"), "name", found)``, ``ui.pager(found)``, ``ui.filterbar(found.path, found.q)`` with
``ui.filter_select(f.key, _(f.title), f.choices(), found.chosen(f.key))`` for ``f in found.filters``.

``{}`` in a ``where`` stands for the value; ``bind`` gives the place of a parameter. Pages hold 50 rows, at most 200, and a
list is walked no further than ``DEEPEST`` rows: beyond, narrowing is the way. The total is exact up to ``COUNT_CAP``.
``export`` writes all matching rows (up to a cap) in constant memory, every cell a typed string (SECURITY 16).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import msgspec

from foundation.database import connection, fetch, transaction
from foundation.errors import Refusal
from foundation.forms import CONTROL
from foundation.leads import Lead
from foundation.workbooks import XLSX, workbook

PAGE_SIZE = 50
MOST_A_PAGE = 200
DEEPEST = 10_000
COUNT_CAP = 10_000
BROAD_CAP = 1_000
EXPORT_CAP = 50_000
LONGEST_Q = 100

Bind = Callable[[Any], str]
Search = Callable[[str, Bind], str]
"""(what was typed, bind) → a condition; ``bind(value)`` adds a parameter and returns its ``$n``."""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A column of a list. ``sort`` is the SQL it sorts by (none: it does not); ``show`` makes the export's cell."""

    key: str
    title: str
    sort: str = ""
    number: bool = False
    export: bool = True
    show: Callable[[Any], str] | None = None

    def cell(self, row: Mapping[str, Any]) -> str:
        """The text of this column for a row, as the export has it."""
        value = self.show(row) if self.show else row[self.key]
        return "" if value is None else str(value)


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """One choice. ``options()`` gives (value, text) pairs without the "all" one; ``where`` holds ``{}`` for the value.

    ``conditions`` instead gives each value its own SQL. A filter without ``options`` takes any value that ``convert``
    accepts (an id): what it refuses with ``ValueError`` is dropped.
    """

    key: str
    title: str
    where: str = ""
    options: Callable[[], Sequence[tuple[str, str]]] | None = None
    conditions: Mapping[str, str] = {}
    convert: Callable[[str], Any] = str
    all_text: str = "全部"
    default: str = ""

    def choices(self) -> list[tuple[str, str]]:
        """(value, text) pairs for the select, "all" first."""
        from foundation.i18n import gettext

        every = [] if self.default else [("", gettext(self.all_text))]
        return [*every, *(self.options() if self.options else ())]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What an address asks for, within bounds."""

    q: str = ""
    sort: str = ""
    page: int = 1
    size: int = PAGE_SIZE
    values: Mapping[str, str] = {}


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A page of a list: ``rows``, and all that the macros ``sort_head``, ``pager`` and ``filterbar`` need."""

    path: str
    asked: Asked
    rows: Sequence[Any]
    total: int
    capped: bool
    filters: Sequence[Filter]

    @property
    def q(self) -> str:
        return self.asked.q

    @property
    def sort(self) -> str:
        return self.asked.sort

    @property
    def page(self) -> int:
        return self.asked.page

    @property
    def pages(self) -> int:
        return max(1, -(-min(self.total, DEEPEST) // self.asked.size))

    @property
    def first(self) -> int:
        return (self.page - 1) * self.asked.size + 1 if self.rows else 0

    @property
    def last(self) -> int:
        return (self.page - 1) * self.asked.size + len(self.rows)

    @property
    def total_text(self) -> str:
        """``340`` or, beyond the cap, ``10,000+``."""
        return f"{self.total:,}" + ("+" if self.capped else "")

    @property
    def narrowed(self) -> bool:
        """Whether anything but the defaults was asked: an empty page then says "nothing matches"."""
        return bool(self.q or any(self.chosen(f.key) not in ("", f.default) for f in self.filters))

    def chosen(self, key: str) -> str:
        return self.asked.values.get(key, "")

    def query(self, **changes: Any) -> str:
        """The query string with these values changed; None or "" leaves one out."""
        state: dict[str, Any] = {"q": self.q, **self.asked.values, "sort": self.sort, "page": self.page}
        state["size"] = self.asked.size if self.asked.size != PAGE_SIZE else None
        state.update(changes)
        if state.get("page") == 1:
            state["page"] = None
        kept = {key: value for key, value in state.items() if value not in (None, "")}
        return urlencode(kept)

    def url(self, **changes: Any) -> str:
        """This list's address with these values changed; the other state is kept."""
        query = self.query(**changes)
        return f"{self.path}?{query}" if query else self.path


class _Parameters:
    """Collects parameters; ``bind(value)`` is the place of each."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def __call__(self, value: Any) -> str:
        self.values.append(value)
        return f"${len(self.values)}"


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """The declaration of a list. All SQL in it is written by us; requests only choose among it."""

    path: str
    select: str
    source: str
    columns: tuple[Column, ...]
    order: str
    search: Search | None = None
    filters: tuple[Filter, ...] = ()
    count_source: str = ""
    """A smaller FROM for counting, where a join only adds columns."""
    key: str = ""
    """For large tables: the unique column (``w.id``) of ``count_source``, in which conditions and sorts then must stand.

    The rows of the page are chosen there first and joined afterwards; a search counts in the same pass, so that the planner
    takes the search's index instead of walking the whole order for a late name.
    """

    lead: Lead | None = None
    """With ``key``: answers broad searches fast, the rows that begin with what was typed first."""

    def ask(self, query: Mapping[str, Any]) -> Asked:
        """What the query string asks, with bounds: what is unknown or out of range falls back to the default."""
        q = CONTROL.sub(" ", str(query.get("q") or "")).strip()[:LONGEST_Q]
        sort = str(query.get("sort") or "")
        if sort.removeprefix("-") not in {column.key for column in self.columns if column.sort}:
            sort = ""
        size = min(max(_whole(query.get("size"), PAGE_SIZE), 1), MOST_A_PAGE)
        page = min(max(_whole(query.get("page"), 1), 1), max(1, DEEPEST // size))
        values = {f.key: v for f in self.filters if (v := self._value(f, query.get(f.key))) != ""}
        return Asked(q=q, sort=sort, page=page, size=size, values=values)

    @staticmethod
    def _value(one: Filter, raw: Any) -> str:
        text = str(raw if raw is not None else one.default)[:LONGEST_Q]
        if not text:
            return ""
        if one.conditions or one.options:
            known = set(one.conditions) | {value for value, _ in (one.options() if one.options else ())}
            return text if text in known else one.default
        try:
            one.convert(text)
        except ValueError:
            return ""
        return text

    def _where(self, asked: Asked, scope: str, scope_value: Any, bind: _Parameters, *, searching: bool = True) -> str:
        parts = [scope.format(bind(scope_value)) if "{" in scope else scope] if scope else []
        if asked.q and self.search and searching:
            parts.append(self.search(asked.q, bind))
        for one in self.filters:
            value = asked.values.get(one.key, "")
            if not value:
                continue
            if value in one.conditions:
                parts.append(one.conditions[value])
            elif one.where:
                parts.append(one.where.format(bind(one.convert(value))))
        return " AND ".join(f"({part})" for part in parts) or "true"

    def _order(self, asked: Asked, bind: _Parameters) -> str:
        if self.lead and asked.q and not asked.sort and (begins := self.lead.begins(asked.q, bind)):
            return f"{begins} DESC, {self.order}"
        falling = asked.sort.startswith("-")
        by = next((c.sort for c in self.columns if c.sort and c.key == asked.sort.removeprefix("-")), "")
        return f"{by} {'DESC NULLS LAST' if falling else 'ASC'}, {self.order}" if by else self.order

    async def fetch(self, asked: Asked, scope: str = "", scope_value: Any = None) -> Found:
        """One page and the total, in two queries (one where the first page already holds everything)."""
        if self.lead and asked.q and not asked.sort:
            found = await self._led(self.lead, asked, scope, scope_value)
            if found is not None:
                return found
        bind = _Parameters()
        where = self._where(asked, scope, scope_value, bind)
        offset = (asked.page - 1) * asked.size
        counting = bool(self.key and asked.q)
        page = self._page(self._order(asked, bind), where, asked.size + 1, offset, counting=counting)
        rows = await fetch(page, *bind.values)
        if len(rows) <= asked.size and (rows or asked.page == 1):
            total = offset + len(rows)
        elif counting and rows:
            total = rows[0]["total_"]
        else:
            counted = await fetch(
                f"SELECT count(*) FROM (SELECT 1 FROM {self.count_source or self.source} WHERE {where}"
                f" LIMIT {COUNT_CAP + 1}) AS counted",
                *bind.values,
            )
            total = counted[0][0]
        return Found(
            path=self.path, asked=asked, rows=rows[: asked.size], total=min(total, COUNT_CAP),
            capped=total > COUNT_CAP, filters=self.filters,
        )  # fmt: skip

    async def _led(self, lead: Lead, asked: Asked, scope: str, scope_value: Any) -> Found | None:
        """The page of a broad search from the order's own index; None where only the whole sort can tell."""
        wanted, offset = asked.size + 1, (asked.page - 1) * asked.size
        bind = _Parameters()
        rest = self._where(asked, scope, scope_value, bind, searching=False)
        begins = lead.begins(asked.q, bind)
        rows: list[Any] = []
        where = f"{rest} AND {begins}"
        if begins:
            rows = list(await fetch(self._page(self.order, where, wanted, offset, counting=False), *bind.values))
        if len(rows) < wanted:
            if not lead.broad(asked.q):
                return None
            before = offset + len(rows)
            if begins and offset and not rows:
                before = (await fetch(f"SELECT count(*) FROM {self.count_source} WHERE {where}", *bind.values))[0][0]
            bind = _Parameters()
            others = self._where(asked, scope, scope_value, bind)
            if begins := lead.begins(asked.q, bind):
                others += f" AND NOT {begins}"
            page = self._page(
                self.order, others, wanted - len(rows), max(offset - before, 0) if begins else offset, counting=False, among=lead.walked
            )  # fmt: skip
            rows += await fetch(page, *bind.values)
        if len(rows) < wanted:
            return None
        return await self._counted(asked, scope, scope_value, rows[: asked.size], offset + len(rows))

    async def _counted(self, asked: Asked, scope: str, scope_value: Any, rows: list[Any], least: int) -> Found:
        """A broad search's page with its count: exact up to ``BROAD_CAP``, never below what is known to be there."""
        bind = _Parameters()
        where = self._where(asked, scope, scope_value, bind)
        among = f"SELECT 1 FROM {self.count_source} WHERE {where} LIMIT {BROAD_CAP + 1}"
        counted = await fetch(f"SELECT count(*) FROM ({among}) AS counted", *bind.values)
        total = max(counted[0][0], least)
        return Found(
            path=self.path, asked=asked, rows=rows, total=max(min(total, BROAD_CAP), least),
            capped=total > BROAD_CAP, filters=self.filters,
        )  # fmt: skip

    def _page(self, order: str, where: str, size: int, offset: int, *, counting: bool, among: str = "") -> str:
        limit = f"ORDER BY {order} LIMIT {size} OFFSET {offset}"
        if not self.key:
            return f"SELECT {self.select} FROM {self.source} WHERE {where} {limit}"
        total = ", count(*) OVER () AS total_" if counting else ""
        return (
            f"SELECT {self.select}{', hit.total_' if counting else ''} FROM {self.source}"
            f" JOIN (SELECT {self.key} AS id_{total} FROM {among or self.count_source} WHERE {where} {limit}) AS hit"
            f" ON hit.id_ = {self.key} ORDER BY {order}"
        )

    async def every(self, asked: Asked, scope: str = "", scope_value: Any = None) -> AsyncIterator[Any]:
        """All matching rows in the list's order through a cursor, at most ``EXPORT_CAP``; needs a transaction around it.

        Raises ``Refusal`` ``export_too_long`` after the cap: nothing is silently left out.
        """
        bind = _Parameters()
        where = self._where(asked, scope, scope_value, bind)
        order = self._order(asked, bind)
        sql = f"SELECT {self.select} FROM {self.source} WHERE {where} ORDER BY {order} LIMIT {EXPORT_CAP + 1}"
        count = 0
        async for row in connection().cursor(sql, *bind.values, prefetch=500):
            count += 1
            if count > EXPORT_CAP:
                raise Refusal("export_too_long", "一次最多导出 {most} 行：请先用筛选缩小范围", most=EXPORT_CAP)
            yield row


def _whole(raw: Any, default: int) -> int:
    text = str(raw or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else default


async def export(
    listing: Listing, asked: Asked, scope: str = "", scope_value: Any = None, *, sheet: str, note: str = ""
) -> bytes:
    """The whole list as asked, as an xlsx: the columns that say ``export``, titled in the reader's language."""
    from foundation.i18n import gettext

    columns = [column for column in listing.columns if column.export]

    async def cells() -> AsyncIterator[list[str]]:
        async for row in listing.every(asked, scope, scope_value):
            yield [column.cell(row) for column in columns]

    async with transaction():
        return await workbook([gettext(c.title) for c in columns], cells(), sheet=sheet, note=note)


__all__ = ["XLSX", "Asked", "Bind", "Column", "Filter", "Found", "Listing", "export", "workbook"]
