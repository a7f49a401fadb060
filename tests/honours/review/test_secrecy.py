"""From the tables nobody can join a vote to its voter: while the round is open, at the close, from the trail, by insertion order."""

from __future__ import annotations

import random

import pytest
from cryptography.exceptions import InvalidTag

from foundation import crypto
from foundation.database import fetch, fetchval, transaction
from honours.review import box, rounds, voting
from honours.review.methods import NO, YES
from tests.honours.review.conftest import Panel, panel_of
from tests.support.people import House


async def test_no_table_has_a_row_a_vote(panel: Panel):
    """While the round is open the number of rows that votes leave is the box's one, whoever has voted; nothing else grows
    but the trail, which says that somebody voted and nothing more."""
    made = await panel.opened()
    tables = [row["relname"] for row in await fetch("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")]  # fmt: skip

    async def counts() -> dict[str, int]:
        return {name: await fetchval(f'SELECT count(*) FROM "{name}"') for name in tables}

    before = await counts()
    for one in panel.reviewers[:3]:
        await voting.cast(one, made, dict.fromkeys(panel.nominees.values(), YES))
    after = await counts()
    assert {name: after[name] - before[name] for name in tables if after[name] != before[name]} == {"trail_entry": 3}
    bodies = {row["body"] for row in await fetch("SELECT body FROM trail_entry WHERE action = 'round.voted'")}
    assert bodies == {"{}"}


async def test_a_seat_says_only_that_its_holder_voted(panel: Panel):
    columns = {row["attname"] for row in await fetch("SELECT attname FROM pg_attribute WHERE attrelid = 'round_seat'::regclass AND attnum > 0")}  # fmt: skip
    assert columns == {"id", "round", "account", "voted"}
    slips = {row["attname"] for row in await fetch("SELECT attname FROM pg_attribute WHERE attrelid = 'ballot_slip'::regclass AND attnum > 0")}  # fmt: skip
    assert slips == {"id", "round", "nomination", "choice"}


async def test_the_box_cannot_be_read_without_the_house(panel: Panel):
    made = await panel.opened()
    await voting.cast(panel.reviewers[0], made, dict.fromkeys(panel.nominees.values(), YES))
    row = (await fetch("SELECT key, sealed FROM ballot_box WHERE round = $1", made))[0]
    assert str(next(iter(panel.nominees.values()))).encode() not in row["sealed"]
    with pytest.raises(InvalidTag):
        crypto.unseal(row["key"][:32], row["sealed"], label=box._label(made))


async def test_the_box_grows_by_the_same_whatever_is_chosen(panel: Panel):
    """Its length after one vote is the same for yes, no and a ranking's tenth place."""
    lengths = set()
    for choice in (0, 1, 2, 10, 250):
        made = await panel.opened()
        async with transaction():
            await box.drop(made, dict.fromkeys(map(str, panel.nominees.values()), choice))
        lengths.add(await fetchval("SELECT length(sealed) FROM ballot_box WHERE round = $1", made))
        await fetch("DELETE FROM ballot_box WHERE round = $1", made)
    assert len(lengths) == 1


async def test_slips_stand_in_no_order_of_voting(panel: Panel):
    """One reviewer votes against everybody and always last: over many rounds that slip is not the last row, nor the last id."""
    last_by_row = last_by_id = 0
    for _ in range(40):
        made = await panel.opened("冯壬和")
        for one in panel.reviewers:
            await voting.cast(one, made, {panel.nominees["冯壬和"]: NO if one is panel.reviewers[-1] else YES})
        await rounds.close_round(panel.city, made, version=2)
        by_row = await fetch("SELECT choice FROM ballot_slip WHERE round = $1 ORDER BY ctid", made)
        by_id = await fetch("SELECT choice FROM ballot_slip WHERE round = $1 ORDER BY id", made)
        last_by_row += by_row[-1]["choice"] == NO
        last_by_id += by_id[-1]["choice"] == NO
    # by chance 8 of 40; with a kept order 40. Thirty would happen by chance once in 10^13 runs
    assert last_by_row < 30
    assert last_by_id < 30


async def test_one_recusal_does_not_name_a_paper(panel: Panel):
    """Slips of different nominees share nothing: the one reviewer with a gap leaves no paper with a gap."""
    made = await panel.opened()
    await voting.recuse(panel.reviewers[0], made, panel.nominees["何乙宁"], reason="师徒")
    for one in panel.reviewers:
        seat = await fetchval("SELECT id FROM round_seat WHERE round = $1 AND account = $2", made, one.account)
        await voting.cast(one, made, dict.fromkeys(await voting._judged(made, seat), random.choice((YES, NO))))
    await rounds.close_round(panel.city, made, version=2)
    rows = await fetch("SELECT id, nomination FROM ballot_slip WHERE round = $1", made)
    assert len({row["id"] for row in rows}) == len(rows) == 14
    assert {row["id"].version for row in rows} == {4}  # random, where all other ids of the house grow with time


async def test_all_slips_are_of_one_transaction_and_the_key_is_gone(committed):
    """xmin would tell which transaction wrote a row: every slip has the close's, none a voter's; box and key no longer are."""
    async with transaction():
        panel = await panel_of(await House().build(), reviewers=3)
        await panel.nominee("冯壬和")
        made = await panel.opened()
    for one in panel.reviewers:
        await voting.cast(one, made, {panel.nominees["冯壬和"]: YES})
    seats = {row["xmin"] for row in await fetch("SELECT xmin::text FROM round_seat WHERE round = $1", made)}
    assert len(seats) == 3
    await rounds.close_round(panel.city, made, version=2)
    slips = {row["xmin"] for row in await fetch("SELECT xmin::text FROM ballot_slip WHERE round = $1", made)}
    assert len(slips) == 1
    assert not slips & seats
    assert await fetchval("SELECT count(*) FROM ballot_box") == 0
