"""A search's pages, however they are found, are the whole answer in one order: who begins with the words first."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import msgspec
import pytest

from foundation import clock, listing
from foundation.database import fetch
from foundation.leads import Lead
from foundation.listing import Asked
from registry.codes import id_card
from registry.search_keys import keys_for_name, keys_for_query, sort_key, sort_prefix
from registry.synthetic.words import GIVEN_NAMES, SURNAMES
from registry.workers import bulk, queries
from registry.workers.schemas import Checked
from tests.support.workers import BORN

SIZE = 7


@pytest.fixture
async def people(db, house):
    """Some 400 workers in two units: every surname, given names that hold other surnames' sounds."""
    names = [
        surname + GIVEN_NAMES[(n * 7 + k * 31) % len(GIVEN_NAMES)]
        for n, surname in enumerate(SURNAMES)
        for k in range(3)
    ]
    names += [f"{surname}王" for surname in SURNAMES[:20]] + ["王芳"] * 30 + ["尉迟王", "单王立"]
    serial, days = count(1), count()
    triples = [
        (
            Checked(
                name=name, id_number=id_card.build("341899", BORN - timedelta(days=next(days)), 11), phone="", sex="1", born_on=BORN, ethnic_group="01", political_status="13",
                education="31", job_category="industrial_worker", evidence="", is_migrant=False, is_non_public=False,
                is_new_form=False, skill_level="3", occupation="", post="", employed_on=None,
            ),
            house.organisations["jia" if next(serial) % 3 else "yi"], "341802",
        )
        for name in names
    ]  # fmt: skip
    await bulk.copy_lines(bulk.lines_of(triples, await clock.now()))
    return await fetch("SELECT id, name, organisation FROM worker")


def expected(people, q, organisation=None):
    """By the rule: all whose keys hold the query's; those that begin with it first; each part by sort key and id."""
    wanted, prefix = set(keys_for_query(q)), sort_prefix(q)
    found = [p for p in people if wanted <= set(keys_for_name(p["name"])) and organisation in (None, p["organisation"])]
    begins = lambda p: bool(prefix) and sort_key(p["name"]).startswith(prefix)  # noqa: E731
    return [p["id"] for p in sorted(found, key=lambda p: (not begins(p), sort_key(p["name"]).encode(), p["id"].bytes))]


async def pages(q, scope="", value=None):
    got, total, page = [], None, 1
    while True:
        found = await queries.LIST.fetch(Asked(q=q, page=page, size=SIZE, values={"state": "here"}), scope, value)
        got += [row["id"] for row in found.rows]
        total = found.total if page == 1 else total
        if page >= found.pages:
            return got, total, found.capped
        page += 1


QUERIES = (
    "w",
    "wang",
    "王",
    "wa",
    "an",
    "ng",
    "en",
    "li",
    "l",
    "z",
    "zh",
    "王芳",
    "wf",
    "yu",
    "单",
    "shan",
    "芳",
    "zzz",
    "q",
    "王 w",
)


@pytest.mark.parametrize("walk", [4000, 40, 1], ids=["the walk holds all", "it holds some", "it holds one"])
async def test_every_page_of_every_search_is_in_one_order(people, monkeypatch, walk):
    walked = queries.LEAD.walked.replace(f"LIMIT {queries.WALK}", f"LIMIT {walk}")
    lead = Lead(column=queries.IN_ORDER, prefix=sort_prefix, broad=queries.LEAD.broad, walked=walked)
    monkeypatch.setattr(queries, "LIST", _with(queries.LIST, lead))
    for q in QUERIES:
        got, total, capped = await pages(q)
        wanted = expected(people, q)
        assert got == wanted, q
        assert (total, capped) == (len(wanted), False), q


def _with(declared, lead):
    return msgspec.structs.replace(declared, lead=lead)


async def test_the_same_within_a_scope(people, house):
    yi = house.organisations["yi"]
    for q in ("王", "wang", "an", "l"):
        got, total, _capped = await pages(q, queries.SCOPE, [yi])
        assert got == expected(people, q, yi), q
        assert total == len(got)


async def test_without_the_fast_ways_the_answer_is_the_same(people, monkeypatch):
    for q in QUERIES:
        fast = await pages(q)
        with monkeypatch.context() as patched:
            patched.setattr(listing.Listing, "_led", _nothing)
            assert await pages(q) == fast, q


async def _nothing(*_args):
    return None


async def test_beyond_a_thousand_the_count_says_more(people, monkeypatch):
    monkeypatch.setattr(listing, "BROAD_CAP", 20)
    found = await queries.LIST.fetch(Asked(q="王", size=SIZE, values={"state": "here"}))
    assert (found.total, found.capped, found.total_text) == (20, True, "20+")
    last = await queries.LIST.fetch(Asked(q="王", size=SIZE, page=4, values={"state": "here"}))
    assert last.pages > 4, "the pages beyond the cap are still there to walk to"


async def test_the_search_box_names_first_whoever_begins_with_the_words(people, house):
    officer = await house.person("qian", "city_officer", at="city")
    for q in ("王", "wang", "an"):
        picked = await queries.pick_workers(officer, q, limit=9)
        assert [one.id for one in picked] == expected(people, q)[:9], q
