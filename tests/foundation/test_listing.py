"""Lists: an address may ask anything and gets a bounded, stable, scoped answer; an export is text, never a formula."""

from __future__ import annotations

import io
import zipfile
from uuid import uuid4

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation import listing
from foundation.database import fetch, transaction
from foundation.errors import Refusal
from foundation.listing import Asked, Column, Filter, Listing

LIST = Listing(
    path="/list",
    select="r.bucket, r.count",
    source="rate_count r",
    search=lambda q, bind: f"r.bucket LIKE '%' || {bind(q)} || '%'",
    columns=(Column(key="bucket", title="桶", sort="r.bucket"), Column(key="count", title="数", sort="r.count"), Column(key="x", title="无")),
    filters=(
        Filter(key="bulk", title="大小", conditions={"big": "r.count > 5", "small": "r.count <= 5"}, options=lambda: [("big", "大"), ("small", "小")]),
        Filter(key="exact", title="恰好", where="r.count = {}", convert=int),
    ),
    order="r.bucket",
)  # fmt: skip

queries = st.dictionaries(
    st.sampled_from(["q", "sort", "page", "size", "bulk", "exact", "other"]),
    st.text(max_size=12) | st.integers().map(str) | st.sampled_from(["bucket", "-bucket", "x", "r.count; DROP", "big"]),
)


@given(queries)
def test_whatever_is_asked_stays_within_bounds(query):
    asked = LIST.ask(query)
    assert asked.sort.removeprefix("-") in ("", "bucket", "count")
    assert 1 <= asked.size <= listing.MOST_A_PAGE
    assert asked.page >= 1
    assert (asked.page - 1) * asked.size < listing.DEEPEST
    assert len(asked.q) <= listing.LONGEST_Q
    assert "\x00" not in asked.q
    assert set(asked.values) <= {"bulk", "exact"}


@pytest.mark.parametrize("bad", ["", "abc", "1.5", "１", "-1", "0", "9" * 40, "1e3", " 2"])
def test_a_page_that_is_no_number_is_the_first(bad):
    assert LIST.ask({"page": bad}).page == 1


def test_a_filter_takes_only_what_it_offers():
    assert dict(LIST.ask({"bulk": "big", "exact": "3"}).values) == {"bulk": "big", "exact": "3"}
    assert dict(LIST.ask({"bulk": "huge", "exact": "three"}).values) == {}


async def rows(*named: tuple[str, int]) -> None:
    for bucket, count in named:
        await fetch("INSERT INTO rate_count (bucket, count) VALUES ($1, $2)", bucket, count)


async def names(query: dict, scope: str = "", value: object = None) -> list[str]:
    return [row["bucket"] for row in (await LIST.fetch(LIST.ask(query), scope, value)).rows]


async def test_search_filter_sort_and_scope_together(db):
    await rows(("a1", 9), ("a2", 3), ("b1", 9), ("a3", 7))
    assert await names({}) == ["a1", "a2", "a3", "b1"]
    assert await names({"q": "a"}) == ["a1", "a2", "a3"]
    assert await names({"q": "a", "bulk": "big"}) == ["a1", "a3"]
    assert await names({"q": "a", "bulk": "big", "sort": "count"}) == ["a3", "a1"]
    assert await names({"sort": "-count"}) == ["a1", "b1", "a3", "a2"]
    assert await names({"q": "a"}, "r.count < {}", 8) == ["a2", "a3"]
    assert await names({"exact": "9"}) == ["a1", "b1"]


@pytest.mark.parametrize("q", ["'", "%'; DROP TABLE rate_count; --", "\\", "\x00", "{}", "{0}", "$1", "%s", "😀"])
async def test_a_search_is_never_sql(db, q):
    await rows(("a1", 1))
    await LIST.fetch(LIST.ask({"q": q}), "r.count < {}", 8)
    assert await names({}) == ["a1"]


async def test_pages_hold_every_row_once(db):
    await rows(*((f"k{n:03}", n) for n in range(57)))
    seen: list[str] = []
    for page in range(1, 8):
        found = await LIST.fetch(LIST.ask({"page": str(page), "size": "10"}))
        seen += [row["bucket"] for row in found.rows]
        assert found.total == 57 or page == 7
        assert found.pages == 6 or page == 7
    assert seen == [f"k{n:03}" for n in range(57)]


async def test_a_page_beyond_the_end_is_empty_and_says_how_many_there_are(db):
    await rows(("a", 1), ("b", 2))
    found = await LIST.fetch(LIST.ask({"page": "9"}))
    assert (list(found.rows), found.total, found.first) == ([], 2, 0)


async def test_an_address_keeps_its_other_state(db):
    found = await LIST.fetch(LIST.ask({"q": "a&b=c", "bulk": "big", "page": "1"}))
    assert found.url(page=2) == "/list?q=a%26b%3Dc&bulk=big&page=2"
    assert found.url(q=None, bulk=None) == "/list"


EVIL = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=HYPERLINK(\"http://evil.example\")", "＝1+1", "http://evil.example", "0012", "1e5", "{=1}"]  # fmt: skip


async def test_an_exported_cell_is_the_text_and_nothing_else(db):
    await rows(*((text, 1) for text in EVIL))
    body = await listing.export(LIST_EXPORT, LIST_EXPORT.ask({}), sheet="表", note="=note")
    sheet = openpyxl.load_workbook(io.BytesIO(body)).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert all(cell.hyperlink is None for cell in cells)
    shown = {str(cell.value).replace("_x000D_", "\r") for cell in cells}
    assert set(EVIL) <= shown
    packed = zipfile.ZipFile(io.BytesIO(body))
    assert not [name for name in packed.namelist() if "external" in name.lower()]
    assert b"<f>" not in b"".join(packed.read(name) for name in packed.namelist())


LIST_EXPORT = Listing(
    path="/list", select="r.bucket, r.count", source="rate_count r", order="r.bucket",
    columns=(Column(key="bucket", title="桶"), Column(key="count", title="数", number=True)),
)  # fmt: skip


async def test_an_export_that_would_be_cut_is_refused(db, monkeypatch):
    monkeypatch.setattr(listing, "EXPORT_CAP", 3)
    await rows(*((f"k{n}", n) for n in range(4)))
    with pytest.raises(Refusal) as refused:
        await listing.export(LIST_EXPORT, Asked(), sheet="表")
    assert (refused.value.code, refused.value.facts) == ("export_too_long", {"most": 3})
    await fetch("DELETE FROM rate_count WHERE bucket = 'k0'")
    async with transaction():
        assert len([row async for row in LIST_EXPORT.every(Asked())]) == 3


def test_an_id_filter_drops_what_is_no_id():
    from uuid import UUID

    one = Listing(path="/", select="1", source="x", columns=(), order="1", filters=(Filter(key="id", title="", where="id = {}", convert=UUID),))  # fmt: skip
    known = str(uuid4())
    assert dict(one.ask({"id": known}).values) == {"id": known}
    assert dict(one.ask({"id": "1; DROP TABLE x"}).values) == {}
