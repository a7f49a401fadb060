"""A judge's marks: what is stored, what is refused, and that a refused request leaves nothing behind."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import msgspec
import pytest

from competitions.judging.operations import enter_marks
from competitions.judging.schemas import MarkIn
from foundation.database import fetch, fetchval
from foundation.errors import Conflict, NotFound, Refusal, Refusals
from foundation.web.policy import Actor
from tests.competitions import support
from tests.support.people import House


def cell(entry: str, aspect: str, value: str | None, base: int = 0) -> MarkIn:
    return MarkIn(entry=entry, aspect=aspect, value=value, base=base)


async def put(
    stage: support.Stage, judge: str, *cells: MarkIn, panel: str = "实操", key=None, actor: Actor | None = None
):
    """Enter marks as the judge; the decoded answer."""
    seat = stage.seats[panel, judge]
    answer = await enter_marks(actor or stage.judges[judge], seat, cells, key=key or uuid4())
    return msgspec.json.decode(answer)


async def stored(stage: support.Stage) -> list[tuple]:
    rows = await fetch(
        "SELECT n.code, m.aspect, s.code AS judge, m.version, m.value, m.amount FROM mark m JOIN seat s ON s.id = m.seat"
        " JOIN entry n ON n.id = m.entry WHERE m.event = $1 ORDER BY n.code, m.aspect, s.code, m.version",
        stage.event,
    )
    return [tuple(row) for row in rows]


async def refused(stage: support.Stage, judge: str, *cells: MarkIn, **kwargs) -> list[tuple]:
    """The (code, field, rule) of every fault; nothing may have been written: no mark, no key, no trail row."""
    before = await counts()
    with pytest.raises((Refusal, Refusals)) as caught:
        await put(stage, judge, *cells, **kwargs)
    assert await counts() == before, "a refused request wrote something"
    found = caught.value.refusals if isinstance(caught.value, Refusals) else (caught.value,)
    return [(one.code, one.field, one.rule) for one in found]


async def counts() -> tuple:
    return tuple(
        await fetch(
            "SELECT (SELECT count(*) FROM mark), (SELECT count(*) FROM idempotency_key), (SELECT count(*) FROM trail_entry)"
        )
    )


@pytest.fixture
async def stage(house: House) -> support.Stage:
    return await support.standard(house)


async def test_a_mark_is_a_row_with_its_exact_amount_and_a_trail_row(stage):
    answer = await put(stage, "J2", cell("A01", "P1", "55.5"))
    assert answer["marks"] == [{"entry": "A01", "aspect": "P1", "version": 1, "value": "55.5"}]
    [(entry, aspect, judge, version, value, amount)] = await stored(stage)
    assert (entry, aspect, judge, version, value, str(amount.normalize())) == ("A01", "P1", "J2", 1, "55.5", "55.5")
    [trail] = await fetch("SELECT action, subject, body FROM trail_entry WHERE action = 'marks.entered'")
    assert trail["subject"] == stage.seats["实操", "J2"]
    assert msgspec.json.decode(trail["body"])["marks"] == [["A01", "P1", 0, "55.5"]]


async def test_the_trail_names_the_judge_by_pseudonym_only(stage):
    await put(stage, "J2", cell("A01", "P1", "55.5"))
    [row] = await fetch("SELECT actor, body FROM trail_entry WHERE action = 'marks.entered'")
    assert row["actor"] not in (None, stage.judges["J2"].account)
    assert stage.judges["J2"].name not in row["body"]


async def test_an_edit_is_a_new_version_and_the_old_one_stays(stage):
    await put(stage, "J2", cell("A01", "P1", "55.5"))
    await put(stage, "J2", cell("A01", "P1", "56", base=1))
    assert [row[3:5] for row in await stored(stage)] == [(1, "55.5"), (2, "56")]


async def test_a_mark_may_be_taken_back_to_blank_which_is_not_zero(stage):
    await put(stage, "J2", cell("A01", "P1", "0"))
    await put(stage, "J2", cell("A01", "P1", None, base=1))
    assert [row[3:] for row in await stored(stage)] == [(1, "0", 0), (2, None, None)]


async def test_a_whole_sheet_in_one_request(stage):
    sheet = [cell(e, a, v) for e in ("A01", "A02", "A03") for a, v in (("P1", "59.5"), ("P2", "3"))]
    answer = await put(stage, "J3", *sheet)
    assert len(answer["marks"]) == len(await stored(stage)) == 6
    assert await fetchval("SELECT count(*) FROM trail_entry WHERE action = 'marks.entered'") == 1


@pytest.mark.parametrize(
    ("aspect", "value", "code"),
    [
        ("P1", "60.5", "out_of_range"),
        ("P1", "-0.5", "out_of_range"),
        ("P1", "999999999", "out_of_range"),
        ("P1", "13.25", "off_step"),
        ("P1", "13.0000000001", "off_step"),
        ("P1", "13.00000000001", "not_a_quantity"),
        ("P1", "NaN", "not_a_quantity"),
        ("P1", "1e2", "not_a_quantity"),
        ("P1", "Infinity", "not_a_quantity"),
        ("P1", "+13", "not_a_quantity"),
        ("P1", "013", "not_a_quantity"),
        ("P1", "13.", "not_a_quantity"),
        ("P1", ".5", "not_a_quantity"),
        ("P1", " 13", "not_a_quantity"),
        ("P1", "１３", "not_a_quantity"),
        ("P1", "", "not_a_quantity"),
        ("P2", "4", "out_of_range"),
        ("P2", "1.5", "off_step"),
        ("P2", "-1", "out_of_range"),
    ],
)
async def test_what_the_aspect_does_not_allow(stage, aspect, value, code):
    assert await refused(stage, "J2", cell("A01", aspect, value)) == [(code, "marks-0-value", "C23")]


async def test_a_judgement_without_a_step_in_the_rules_still_takes_whole_levels_only(house):
    rules = msgspec.json.decode(msgspec.json.encode(support.RULES))
    del rules["modules"][1]["aspects"][1]["step"]
    stage = await support.standard(house, rules=rules)
    assert await refused(stage, "J2", cell("A01", "P2", "1.5")) == [("off_step", "marks-0-value", "C23")]


async def test_every_fault_at_once_and_the_good_cell_is_not_written_either(stage):
    found = await refused(
        stage, "J2", cell("A01", "P1", "50"), cell("A02", "P1", "61"), cell("A03", "P2", "NaN"), cell("A01", "T", "80")
    )
    assert found == [
        ("out_of_range", "marks-1-value", "C23"),
        ("not_a_quantity", "marks-2-value", "C23"),
        ("no_such_aspect", "marks-3-aspect", None),
    ]


async def test_the_same_cell_twice_in_a_request(stage):
    assert await refused(stage, "J2", cell("A01", "P1", "50"), cell("A01", "P1", "51")) == [
        ("twice", "marks-1-aspect", None)
    ]


async def test_nothing_to_save_and_too_much(stage):
    assert await refused(stage, "J2") == [("no_marks", "marks", None)]
    many = [cell("A01", f"x{n}", "1") for n in range(2001)]
    assert await refused(stage, "J2", *many) == [("too_many_marks", "marks", None)]


async def test_an_unknown_entry_and_one_that_is_not_accepted(house, stage):
    await support.entry(house, stage, "A09", entry_stage="withdrawn")
    assert await refused(stage, "J2", cell("B77", "P1", "50"), cell("A09", "P1", "50")) == [
        ("no_such_entry", "marks-0-entry", None),
        ("no_such_entry", "marks-1-entry", None),
    ]


@pytest.mark.parametrize("status", ["absent", "withdrawn", "disqualified"])
async def test_who_did_not_compete_gets_no_mark(stage, status):
    await fetch("UPDATE entry SET status = $2 WHERE id = $1", stage.entries["A02"], status)
    assert await refused(stage, "J2", cell("A02", "P1", "0")) == [("did_not_compete", "marks-0-entry", "C25")]


async def test_an_excused_entry_is_refused_to_that_seat_only(stage):
    await fetch(
        "INSERT INTO excusal (id, seat, entry, reason) VALUES (gen_random_uuid(), $1, $2, '同一单位')",
        stage.seats["实操", "J2"], stage.entries["A01"],
    )  # fmt: skip
    assert await refused(stage, "J2", cell("A01", "P1", "50")) == [("excused", "marks-0-entry", "C61")]
    await put(stage, "J3", cell("A01", "P1", "50"))
    assert len(await stored(stage)) == 1


async def test_a_stale_version_is_refused_and_the_current_value_said(stage):
    await put(stage, "J2", cell("A01", "P1", "55.5"))
    with pytest.raises(Refusals) as caught:
        await put(stage, "J2", cell("A01", "P1", "40"))
    [stale] = caught.value.refusals
    assert (stale.code, stale.status, stale.field) == ("stale_mark", 412, "marks-0-base")
    assert "55.5" in str(stale)
    assert "1" in str(stale)
    assert [row[4] for row in await stored(stage)] == ["55.5"]


async def test_a_base_ahead_of_the_server_is_stale_too(stage):
    assert await refused(stage, "J2", cell("A01", "P1", "40", base=5)) == [("stale_mark", "marks-0-base", None)]


async def test_the_same_key_and_body_give_the_same_answer_and_one_row(stage):
    key = uuid4()
    first = await put(stage, "J2", cell("A01", "P1", "55.5"), key=key)
    assert await put(stage, "J2", cell("A01", "P1", "55.5"), key=key) == first
    assert len(await stored(stage)) == 1


async def test_the_answer_is_repeated_even_after_the_sheet_was_signed(stage):
    key = uuid4()
    first = await put(stage, "J2", cell("A01", "P1", "55.5"), key=key)
    await fetch("UPDATE seat SET sheet_state = 'signed' WHERE id = $1", stage.seats["实操", "J2"])
    assert await put(stage, "J2", cell("A01", "P1", "55.5"), key=key) == first


async def test_the_same_key_with_another_body_or_by_another_judge(stage):
    key = uuid4()
    await put(stage, "J2", cell("A01", "P1", "55.5"), key=key)
    assert await refused(stage, "J2", cell("A01", "P1", "56", base=1), key=key) == [("key_reused", "key", None)]
    assert await refused(stage, "J3", cell("A01", "P1", "55.5"), key=key) == [("key_reused", "key", None)]


async def test_another_judges_seat_is_not_found_whatever_is_sent(stage):
    for sent in (cell("A01", "P1", "50"), cell("A01", "P1", "NaN"), cell("A01", "T", "1")):
        before = await counts()
        with pytest.raises(NotFound):
            await put(stage, "J2", sent, actor=stage.judges["J3"])
        assert await counts() == before


async def test_a_vacated_seat_is_not_found(stage):
    await fetch("UPDATE seat SET vacated_at = now() WHERE id = $1", stage.seats["实操", "J2"])
    with pytest.raises(NotFound):
        await put(stage, "J2", cell("A01", "P1", "50"))


async def test_after_the_signature_nothing_more(stage):
    await fetch("UPDATE seat SET sheet_state = 'signed' WHERE id = $1", stage.seats["实操", "J2"])
    assert await refused(stage, "J2", cell("A01", "P1", "50")) == [("sheet_signed", None, "C57")]


@pytest.mark.parametrize("at", ["draft", "registration", "confirmed", "published"])
async def test_only_while_the_event_is_judged(stage, at):
    await fetch("UPDATE event SET stage = $2 WHERE id = $1", stage.event, at)
    with pytest.raises(Conflict) as caught:
        await put(stage, "J2", cell("A01", "P1", "50"))
    assert caught.value.code == "not_judging"


async def test_new_rules_hold_for_the_next_mark_though_the_old_were_in_memory(stage):
    await put(stage, "J2", cell("A01", "P1", "60"))
    rules = msgspec.json.decode(msgspec.json.encode(support.RULES))
    rules["modules"][1]["aspects"][0]["max"] = "50"
    await support.rule_set(stage.event, rules, number=2)
    assert await refused(stage, "J2", cell("A02", "P1", "51")) == [("out_of_range", "marks-0-value", "C23")]
    await put(stage, "J2", cell("A02", "P1", "50"))


async def test_a_panel_that_lost_an_aspect_refuses_it_at_once(stage):
    await put(stage, "J2", cell("A01", "P2", "2"))
    await fetch("UPDATE panel SET aspects = '{P1}' WHERE id = $1", stage.panels["实操"])
    assert await refused(stage, "J2", cell("A02", "P2", "2")) == [("no_such_aspect", "marks-0-aspect", None)]


class TestAtOnce:
    """Several connections, real commits."""

    @pytest.fixture
    async def stage(self, committed) -> support.Stage:
        return await support.standard(await House().build())

    async def test_eight_double_taps_make_one_row_and_eight_equal_answers(self, stage):
        key = uuid4()
        answers = await asyncio.gather(*(put(stage, "J2", cell("A01", "P1", "55.5"), key=key) for _ in range(8)))
        assert all(answer == answers[0] for answer in answers)
        assert len(await stored(stage)) == 1
        assert await fetchval("SELECT count(*) FROM trail_entry WHERE action = 'marks.entered'") == 1
        assert await fetchval("SELECT count(*) FROM idempotency_key") == 1

    async def test_eight_tabs_with_eight_keys_make_one_row_and_seven_stale(self, stage):
        sent = [put(stage, "J2", cell("A01", "P1", f"{n}.5")) for n in range(8)]
        results = await asyncio.gather(*sent, return_exceptions=True)
        stale = [r for r in results if isinstance(r, Refusals)]
        assert len(stale) == 7
        assert all(r.refusals[0].status == 412 for r in stale)
        assert len(await stored(stage)) == 1
        assert await fetchval("SELECT count(*) FROM idempotency_key") == 1

    async def test_two_judges_at_once_do_not_wait_for_each_other(self, stage):
        await asyncio.gather(
            *(put(stage, judge, cell(entry, "P1", "50")) for judge in ("J2", "J3") for entry in stage.entries)
        )
        assert len(await stored(stage)) == 6

    async def test_no_mark_waits_for_ever_however_they_follow_each_other(self, stage):
        """Marks that come just as the one before is done: 60 in a row on two seats, each begun from the other's end."""

        async def run(judge: str) -> None:
            for version in range(30):
                await asyncio.wait_for(put(stage, judge, cell("A01", "P1", f"{version}", base=version)), 10)

        await asyncio.gather(run("J2"), run("J3"))
        assert len(await stored(stage)) == 60

    async def test_in_a_crowd_the_good_are_written_and_each_bad_one_hears_its_own_reason(self, stage):
        await fetch(
            "INSERT INTO excusal (id, seat, entry, reason) VALUES (gen_random_uuid(), $1, $2, 'x')",
            stage.seats["实操", "J3"], stage.entries["A02"],
        )  # fmt: skip
        await put(stage, "J2", cell("A03", "P1", "10"))
        key = uuid4()
        crowd = [
            put(stage, "J2", cell("A01", "P1", "50")),
            put(stage, "J3", cell("A01", "P1", "51")),
            put(stage, "J2", cell("A03", "P1", "11")),  # stale
            put(stage, "J3", cell("A02", "P1", "12")),  # excused
            put(stage, "J2", cell("A02", "P2", "3"), key=key),
            put(stage, "J3", cell("A03", "P2", "2"), key=key),  # another's key
            put(stage, "J1", cell("A01", "T", "80"), panel="理论"),
            put(stage, "J1", cell("A02", "T", "80"), panel="理论", actor=stage.judges["J2"]),  # another's seat
        ]
        results = await asyncio.gather(*crowd, return_exceptions=True)

        def said(result) -> str:
            if isinstance(result, Refusals):
                return result.refusals[0].code
            return getattr(result, "code", type(result).__name__)

        keyed = {said(results[4]), said(results[5])}
        assert keyed == {"dict", "key_reused"}, "one of the two with the same key is first"
        rest = [said(result) for n, result in enumerate(results) if n not in (4, 5)]
        assert rest == ["dict", "dict", "stale_mark", "excused", "dict", "NotFound"]
        values = sorted(row[4] for row in await stored(stage))
        assert values in (["10", "3", "50", "51", "80"], ["10", "2", "50", "51", "80"])
        assert await fetchval("SELECT count(*) FROM trail_entry WHERE action = 'marks.entered'") == 5
        assert await fetchval("SELECT count(*) FROM idempotency_key") == 5

    async def test_a_judge_is_not_held_up_by_another_who_is_signing(self, committed, stage):
        held = asyncio.Event()
        release = asyncio.Event()

        async def sign() -> None:
            async with committed.transaction():
                await fetch("SELECT 1 FROM seat WHERE id = $1 FOR UPDATE", stage.seats["实操", "J2"])
                held.set()
                await release.wait()

        signing = asyncio.create_task(sign())
        await held.wait()
        await put(stage, "J3", cell("A01", "P1", "50"))  # would hang, and end in a lock time-out, if seats blocked
        waiting = asyncio.create_task(put(stage, "J2", cell("A01", "P1", "50")))
        done, _ = await asyncio.wait({waiting}, timeout=0.3)
        assert not done, "marking must wait while its own sheet is being signed"
        release.set()
        await signing
        await waiting
        assert len(await stored(stage)) == 2

    async def test_a_mark_that_waited_for_the_signature_is_refused(self, committed, stage):
        held, release = asyncio.Event(), asyncio.Event()
        seat = stage.seats["实操", "J2"]

        async def sign() -> None:
            async with committed.transaction():
                await fetch("UPDATE seat SET sheet_state = 'signed' WHERE id = $1", seat)
                held.set()
                await release.wait()

        signing = asyncio.create_task(sign())
        await held.wait()
        waiting = asyncio.create_task(put(stage, "J2", cell("A01", "P1", "50")))
        await asyncio.sleep(0.2)
        release.set()
        await signing
        with pytest.raises(Conflict) as caught:
            await waiting
        assert caught.value.code == "sheet_signed"
        assert await stored(stage) == []
