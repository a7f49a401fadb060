"""Signing a sheet, correcting what was signed, statuses, adjustments, and what keeps an event from being confirmed."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import msgspec
import pytest

from competitions.judging.corrections import ask_correction, decide_correction
from competitions.judging.incidents import adjust, cancel_adjustment, set_status
from competitions.judging.operations import enter_marks, sign_sheet
from competitions.judging.queries import obstacles, sheet_checksum, sheet_for
from competitions.judging.schemas import AdjustmentIn, CorrectionIn, MarkIn, SignIn, StatusIn
from competitions.programme.bundles import bundle_of
from foundation.database import fetch, fetchval
from foundation.errors import Conflict, NotFound, Refusal, Refusals, Stale
from tests.competitions import support
from tests.support.people import House

STROKES = msgspec.json.encode([[[n * 10, n * 7] for n in range(12)], [[5, 5], [90, 40]]]).decode()
FULL = {
    "A01": {"T": ["80"], "P1": ["50", "51"], "P2": ["2", "3"]},
    "A02": {"T": ["70.5"], "P1": ["40", "41"], "P2": ["1", "1"]},
    "A03": {"T": ["90"], "P1": ["55.5", "60"], "P2": ["3", "3"]},
}


async def signed_as_shown(stage, judge: str, panel: str = "实操", **changes) -> SignIn:
    sheet = await sheet_for(stage.judges[judge], stage.seats[panel, judge])
    values = {"version": sheet.version, "checksum": sheet_checksum(sheet).hex(), "strokes": STROKES, **changes}
    return SignIn(**values)


async def sign(stage, judge: str, panel: str = "实操", **changes):
    given = await signed_as_shown(stage, judge, panel, **changes)
    return await sign_sheet(stage.judges[judge], stage.seats[panel, judge], given)


async def codes(awaitable) -> list[str]:
    with pytest.raises((Refusal, Refusals)) as caught:
        await awaitable
    refusals = caught.value.refusals if isinstance(caught.value, Refusals) else (caught.value,)
    return [one.code for one in refusals]


@pytest.fixture
async def stage(house) -> support.Stage:
    made = await support.standard(house)
    await support.mark_all(made, FULL)
    return made


class TestSigning:
    async def test_a_complete_sheet_is_signed_and_locked(self, stage):
        answer = await sign(stage, "J2")
        assert (answer.state, answer.version) == ("signed", 2)
        row = (await fetch("SELECT * FROM seat WHERE id = $1", stage.seats["实操", "J2"]))[0]
        assert row["sheet_state"] == "signed"
        assert row["signature"] == STROKES
        assert len(row["checksum"]) == 32
        assert row["signed_at"] is not None
        assert await fetchval("SELECT count(*) FROM trail_entry WHERE action = 'sheet.signed'") == 1

    async def test_every_missing_mark_is_named_though_the_rules_minimum_is_reached(self, stage):
        # P1 of A02 has the marks of J2 and J3; take J2's back. The rule's minimum is 2, and J2 must still mark.
        await support.mark(stage, "A02", "P1", "J2", None, version=2)
        await support.mark(stage, "A03", "P1", "J2", None, version=2)
        await support.mark(stage, "A03", "P2", "J2", None, version=2)
        with pytest.raises(Refusals) as caught:
            await sign(stage, "J2")
        assert [str(one) for one in caught.value.refusals] == ["作品 A02 缺 1 项：P1", "作品 A03 缺 2 项：P1、P2"]

    async def test_absent_and_excused_entries_are_not_demanded(self, stage):
        for entry in ("A02", "A03"):
            for aspect in ("P1", "P2"):
                await support.mark(stage, entry, aspect, "J2", None, version=2)
        await fetch("UPDATE entry SET status = 'absent' WHERE id = $1", stage.entries["A02"])
        await fetch(
            "INSERT INTO excusal (id, seat, entry, reason) VALUES (gen_random_uuid(), $1, $2, 'x')",
            stage.seats["实操", "J2"], stage.entries["A03"],
        )  # fmt: skip
        assert (await sign(stage, "J2")).state == "signed"

    async def test_marks_that_changed_after_they_were_shown_are_not_signed(self, stage):
        given = await signed_as_shown(stage, "J2")
        await support.mark(stage, "A01", "P1", "J2", "49", version=2)
        with pytest.raises(Stale):
            await sign_sheet(stage.judges["J2"], stage.seats["实操", "J2"], given)

    async def test_a_sheet_is_signed_once(self, stage):
        given = await signed_as_shown(stage, "J2")
        await sign_sheet(stage.judges["J2"], stage.seats["实操", "J2"], given)
        assert await codes(sign_sheet(stage.judges["J2"], stage.seats["实操", "J2"], given)) == ["sheet_signed"]

    @pytest.mark.parametrize(
        "strokes",
        [
            "",
            "[]",
            "[[[1,1]]]",
            '[[["1",2]]]',
            "[[[1.5,2]]]",
            "not json",
            "[[[1,2,3]]]",
            "[[[true,1]]]",
            "{}",
            "[[[-1,0]]]",
        ],
    )
    async def test_no_signature_is_no_signature(self, stage, strokes):
        assert await codes(sign(stage, "J2", strokes=strokes)) == ["no_signature"]

    async def test_without_a_script_the_name_is_typed_and_the_tick_set(self, stage):
        name = stage.judges["J2"].name
        assert await codes(sign(stage, "J2", strokes="", typed_name="别人", read_it=True)) == ["not_your_name"]
        assert await codes(sign(stage, "J2", strokes="", typed_name=name)) == ["not_read"]
        await sign(stage, "J2", strokes="", typed_name=name, read_it=True)
        assert await fetchval("SELECT signature FROM seat WHERE id = $1", stage.seats["实操", "J2"]) == (
            msgspec.json.encode({"typed": name}).decode()
        )

    async def test_another_judges_sheet_is_not_found(self, stage):
        given = await signed_as_shown(stage, "J2")
        with pytest.raises(NotFound):
            await sign_sheet(stage.judges["J3"], stage.seats["实操", "J2"], given)

    async def test_signing_and_marking_at_once_leave_no_unsigned_mark_behind(self, committed):
        """Twenty times a mark meets a signature: either the mark came first and the signature is stale, or the mark is
        refused. Never is there a signed sheet whose checksum differs from its marks.
        """
        stage = await support.standard(await House().build())
        await support.mark_all(stage, FULL)
        judge, seat = stage.judges["J2"], stage.seats["实操", "J2"]
        for at in range(20):
            await fetch("UPDATE seat SET sheet_state = 'open' WHERE id = $1", seat)
            sheet = await sheet_for(judge, seat)
            base = next(c.version for c in sheet.marks if (c.entry, c.aspect) == ("A01", "P1"))
            given = SignIn(version=sheet.version, checksum=sheet_checksum(sheet).hex(), strokes=STROKES)
            new = (MarkIn(entry="A01", aspect="P1", value=f"{at + 1}", base=base),)
            results = await asyncio.gather(
                sign_sheet(judge, seat, given), enter_marks(judge, seat, new, key=uuid4()), return_exceptions=True
            )
            after = await sheet_for(judge, seat)
            assert sum(isinstance(one, Exception) for one in results) == 1, results
            if after.state == "signed":
                assert after.checksum == sheet_checksum(after).hex()


class TestCorrections:
    @pytest.fixture
    async def people(self, house, stage):
        chief = await house.person("he", "chief_judge", event=stage.event)
        await sign(stage, "J2")
        return stage.judges["J2"], chief

    def given(self, **changes) -> CorrectionIn:
        return CorrectionIn(
            **{"entry": "A01", "aspect": "P1", "value": "52", "base": 1, "reason": "漏看一处", **changes}
        )

    async def test_the_judge_asks_the_chief_signs_and_the_old_version_stays(self, stage, people):
        judge, chief = people
        seat = stage.seats["实操", "J2"]
        asked = await ask_correction(judge, seat, self.given())
        assert await fetchval("SELECT max(version) FROM mark WHERE seat = $1", seat) == 1, (
            "nothing changes before the second"
        )
        await decide_correction(chief, asked, approve=True)
        rows = await fetch(
            "SELECT version, value, marked_by, second, reason FROM mark WHERE seat = $1 AND entry = $2 AND aspect = 'P1'"
            " ORDER BY version", seat, stage.entries["A01"],
        )  # fmt: skip
        assert [tuple(row) for row in rows] == [
            (1, "50", judge.account, None, ""),
            (2, "52", judge.account, chief.account, "漏看一处"),
        ]
        marks = {(m.entry, m.aspect, m.judge): m.value for m in (await bundle_of(stage.event)).marks}
        assert marks["A01", "P1", "J2"] == "52"

    async def test_nobody_signs_alone_and_no_bystander_signs(self, house, stage, people):
        judge, chief = people
        asked = await ask_correction(chief, stage.seats["实操", "J2"], self.given())
        assert await codes(decide_correction(chief, asked, approve=True)) == ["same_person"]
        with pytest.raises(NotFound):
            await decide_correction(stage.judges["J3"], asked, approve=True)
        supervisor = await house.person("shi", "supervisor", event=stage.event)
        assert await codes(decide_correction(supervisor, asked, approve=True)) == ["not_the_second"]
        await decide_correction(judge, asked, approve=True)

    async def test_a_chief_in_the_very_seat_needs_the_supervisor(self, house, stage):
        await sign(stage, "J2")
        judge = stage.judges["J2"]
        await fetch(
            "INSERT INTO role_grant (id, account, role, event) VALUES (gen_random_uuid(), $1, 'chief_judge', $2)",
            judge.account, stage.event,
        )  # fmt: skip
        judge = await house.refresh(judge)
        supervisor = await house.person("shi", "supervisor", event=stage.event)
        asked = await ask_correction(judge, stage.seats["实操", "J2"], self.given())
        await decide_correction(supervisor, asked, approve=True)

    async def test_it_is_decided_once_and_a_refusal_wants_a_note(self, stage, people):
        judge, chief = people
        asked = await ask_correction(judge, stage.seats["实操", "J2"], self.given())
        assert await codes(decide_correction(chief, asked, approve=False)) == ["note_needed"]
        await decide_correction(chief, asked, approve=False, note="原表无误")
        assert await codes(decide_correction(chief, asked, approve=True)) == ["decided"]
        assert await fetchval("SELECT max(version) FROM mark WHERE seat = $1", stage.seats["实操", "J2"]) == 1

    @pytest.mark.parametrize(
        ("changes", "code"),
        [({"value": "60.5"}, "out_of_range"), ({"value": "NaN"}, "not_a_quantity"), ({"value": "50"}, "no_change"),
         ({"base": 3}, "stale_mark"), ({"aspect": "T"}, "no_such_aspect"), ({"entry": "B9"}, "no_such_entry")],
    )  # fmt: skip
    async def test_what_cannot_be_asked(self, stage, people, changes, code):
        judge, _ = people
        assert await codes(ask_correction(judge, stage.seats["实操", "J2"], self.given(**changes))) == [code]

    async def test_one_open_correction_for_a_mark(self, stage, people):
        judge, chief = people
        await ask_correction(judge, stage.seats["实操", "J2"], self.given())
        assert await codes(ask_correction(chief, stage.seats["实操", "J2"], self.given(value="53"))) == [
            "correction_open"
        ]

    async def test_an_open_sheet_needs_no_correction_and_a_stranger_finds_none(self, house, stage, people):
        judge, _ = people
        assert await codes(ask_correction(stage.judges["J3"], stage.seats["实操", "J3"], self.given())) == [
            "not_signed"
        ]
        elsewhere = await support.event(house, code="other")
        stranger = await house.person("feng", "chief_judge", event=elsewhere.event)
        with pytest.raises(NotFound):
            await ask_correction(stranger, stage.seats["实操", "J2"], self.given())
        assert judge

    async def test_who_was_wrongly_absent_gets_the_missing_mark_by_two_people_too(self, house, stage):
        late = await support.entry(house, stage, "A04", status="absent")
        chief = await house.person("he", "chief_judge", event=stage.event)
        await sign(stage, "J2")
        judge, seat = stage.judges["J2"], stage.seats["实操", "J2"]
        given = self.given(entry="A04", base=0)
        assert await codes(ask_correction(judge, seat, given)) == ["did_not_compete"]
        await set_status(chief, late, StatusIn(status="competed", reason="检录误记", version=1))
        await decide_correction(chief, await ask_correction(judge, seat, given), approve=True)
        assert await fetchval("SELECT value FROM mark WHERE entry = $1", late) == "52"


class TestIncidents:
    @pytest.fixture
    async def chief(self, house, stage):
        return await house.person("he", "chief_judge", event=stage.event)

    async def test_a_status_with_its_reason(self, stage, chief):
        given = StatusIn(status="absent", reason="检录未到", version=1)
        await set_status(chief, stage.entries["A02"], given)
        assert {e.code: e.state for e in (await bundle_of(stage.event)).entries}["A02"] == "absent"
        [row] = await fetch("SELECT was, becomes, reason, made_by FROM status_change")
        assert tuple(row) == ("competed", "absent", "检录未到", chief.account)
        assert await codes(set_status(chief, stage.entries["A02"], given)) == ["same_status"]
        back = StatusIn(status="competed", reason="误记", version=1)
        with pytest.raises(Stale):
            await set_status(chief, stage.entries["A02"], back)

    async def test_an_adjustment_is_cancelled_by_reference_and_both_stay(self, stage, chief):
        given = AdjustmentIn(entry=stage.entries["A01"], kind="deduction", value="2.5", reason="未戴护目镜")
        made = await adjust(chief, stage.event, given)
        assert [(c.entry, c.kind, c.value) for c in (await bundle_of(stage.event)).changes] == [
            ("A01", "deduction", "2.5")
        ]
        await cancel_adjustment(chief, made, "查看录像后更正")
        assert (await bundle_of(stage.event)).changes == ()
        assert await fetchval("SELECT count(*) FROM adjustment") == 2
        with pytest.raises(Conflict):
            await cancel_adjustment(chief, made, "再撤")

    @pytest.mark.parametrize("value", ["0", "-1", "NaN", "1e2", "", "0.00"])
    async def test_an_adjustment_is_a_positive_number(self, stage, chief, value):
        given = AdjustmentIn(entry=stage.entries["A01"], kind="bonus", value=value, reason="x")
        assert await codes(adjust(chief, stage.event, given)) == ["not_positive"]

    async def test_a_judge_or_a_chief_of_another_event_records_nothing(self, house, stage):
        elsewhere = await support.event(house, code="other")
        stranger = await house.person("feng", "chief_judge", event=elsewhere.event)
        for who in (stranger, stage.judges["J2"]):
            with pytest.raises(NotFound):
                await set_status(who, stage.entries["A02"], StatusIn(status="absent", reason="x", version=1))
            with pytest.raises(NotFound):
                await adjust(
                    who, stage.event, AdjustmentIn(entry=stage.entries["A01"], kind="bonus", value="1", reason="x")
                )

    async def test_nothing_is_recorded_once_confirmed(self, stage, chief):
        await fetch("UPDATE event SET stage = 'confirmed' WHERE id = $1", stage.event)
        given = StatusIn(status="absent", reason="x", version=1)
        assert await codes(set_status(chief, stage.entries["A02"], given)) == ["not_judging"]


class TestObstacles:
    async def test_a_signed_and_complete_event_has_none(self, stage):
        for panel, judge in (("理论", "J1"), ("实操", "J2"), ("实操", "J3")):
            await sign(stage, judge, panel)
        assert await obstacles(stage.event) == []

    async def test_each_missing_seat_is_told_though_the_minimum_is_reached(self, house):
        rules = msgspec.json.decode(msgspec.json.encode(support.RULES))
        rules["modules"][1]["aspects"][0]["panel"]["minimum"] = 1
        rules["modules"][1]["aspects"][1]["panel"]["minimum"] = 1
        stage = await support.standard(house, rules=rules)
        await support.mark_all(stage, FULL)
        await support.mark(stage, "A02", "P1", "J3", None, version=2)
        await support.mark(stage, "A03", "P2", "J3", None, version=2)
        found = [str(one) for one in await obstacles(stage.event) if one.code == "marks_missing"]
        assert found == ["实操 J3 缺 2 项（作品 A02、A03）"]
        assert [one.code for one in await obstacles(stage.event)].count("sheet_unsigned") == 3

    async def test_an_aspect_that_nobody_judges_an_open_correction_and_a_missing_value(self, house):
        rules = {**support.RULES, "ranking": [{"by": "total"}, {"by": "value:time", "order": "asc"}]}
        stage = await support.event(house, rules=rules)
        await support.entry(house, stage, "A01")
        await support.panel(house, stage, "实操", ["P1", "P2"], ["J2", "J3"])
        found = [(one.code, str(one)) for one in await obstacles(stage.event)]
        assert ("aspect_without_judges", "评分项 T 还没有裁判") in found
        assert any(code == "value_missing" and "time" in text for code, text in found)

    async def test_judges_of_an_imported_file_have_no_sheets_to_sign(self, stage):
        await fetch("UPDATE seat SET account = NULL WHERE event = $1", stage.event)
        assert await obstacles(stage.event) == []
        await fetch("INSERT INTO mark (event, seat, entry, aspect, version, reason) VALUES ($1, $2, $3, 'T', 2, '')",
                    stage.event, stage.seats["理论", "J1"], stage.entries["A01"])  # fmt: skip
        assert [str(one) for one in await obstacles(stage.event)] == ["作品 A01 的 T 只有 0 个分，规则要求至少 1 个"]

    async def test_an_event_without_rules_or_entries(self, house):
        bare = await support.event(house, rules=None)
        assert [one.code for one in await obstacles(bare.event)] == ["no_rule_set"]
        empty = await support.event(house, code="empty")
        assert "no_entries" in [one.code for one in await obstacles(empty.event)]
