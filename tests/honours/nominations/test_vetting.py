"""What officers keep: clearances once and in order, facts struck by somebody else only, exceptions with a reason; and what the
checklist reads from the registry and the ledger."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import asyncpg
import pytest

from foundation.database import fetch, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, Forbidden, NotFound, Refusal, Refusals, Stale
from honours.cycles.schemas import Eligibility
from honours.nominations import access, checklist, facts, queries, vetting
from honours.nominations.schemas import AnswerForm, AskForm, VetoForm, WaiverForm
from honours.tables.rolls import RollEntry
from tests.honours.nominations import support
from tests.honours.nominations.conftest import people_of
from tests.support.people import House

TODAY = support.NOW.date()


@pytest.fixture
async def it(house, round_, people):
    return await support.complete(round_, people.qian, await support.worker(house))


async def codes(it, gate: str) -> list[str]:
    return [one.code for one in await checklist.obstacles(it, gate)]


async def ask(actor, it, *departments: str, on: date = TODAY):
    await vetting.ask(actor, it, AskForm(departments=departments, asked_on=on))
    return await fetchval("SELECT id FROM clearance WHERE nomination = $1 ORDER BY id DESC LIMIT 1", it)


def answer(opinion: str, *, on: date = TODAY, version: int = 1, note: str = "示例说明") -> AnswerForm:
    return AnswerForm(version=version, opinion=opinion, opinion_on=on, note=note)  # type: ignore[arg-type]


async def test_from_asking_to_the_city_review(it, people):
    assert await codes(it, "city") == ["clearance_police"]
    clearance = await ask(people.xuanzhou, it, "police")
    assert await codes(it, "city") == ["clearance_police"]
    await vetting.answer(people.xuanzhou, it, clearance, answer("agree"))
    assert await codes(it, "city") == []
    assert await fetchval("SELECT valid_until FROM clearance") == TODAY + timedelta(days=180)


async def test_a_no_is_mended_only_by_asking_again(it, people):
    first = await ask(people.xuanzhou, it, "police", on=TODAY - timedelta(days=3))
    await vetting.answer(people.xuanzhou, it, first, answer("disagree"))
    assert await codes(it, "city") == ["clearance_police"]
    with pytest.raises(Conflict):
        await vetting.answer(people.xuanzhou, it, first, answer("agree", version=2))
    again = await ask(people.city, it, "police")
    await vetting.answer(people.city, it, again, answer("agree"))
    assert await codes(it, "city") == []


@pytest.mark.parametrize(
    ("departments", "on", "expected"),
    [
        ((), TODAY, ["nothing_asked"]), (("nowhere",), TODAY, ["department_unknown"]),
        (("police",), TODAY + timedelta(days=1), ["asked_in_the_future"]), ((), TODAY + timedelta(days=1), ["nothing_asked", "asked_in_the_future"]),
    ],
)  # fmt: skip
async def test_what_cannot_be_asked(it, people, departments, on, expected):
    with pytest.raises(Refusals) as refused:
        await ask(people.xuanzhou, it, *departments, on=on)
    assert [one.code for one in refused.value.refusals] == expected
    assert await fetchval("SELECT count(*) FROM clearance") == 0


async def test_the_same_day_twice_is_refused_and_asks_nobody(it, people):
    await ask(people.xuanzhou, it, "police")
    with pytest.raises(Refusal) as refused:
        await ask(people.xuanzhou, it, "tax", "police")
    assert refused.value.code == "asked_already"
    assert [row["department"] for row in await fetch("SELECT department FROM clearance")] == ["police"]


async def test_opinions_have_their_day_their_version_and_their_reason(it, people):
    clearance = await ask(people.xuanzhou, it, "police", on=TODAY - timedelta(days=1))
    for wrong in (TODAY - timedelta(days=2), TODAY + timedelta(days=1)):
        with pytest.raises(Refusal) as refused:
            await vetting.answer(people.xuanzhou, it, clearance, answer("agree", on=wrong))
        assert refused.value.code == "opinion_day"
    with pytest.raises(Refusal) as refused:
        await vetting.answer(people.xuanzhou, it, clearance, answer("reserved", note=" "))
    assert refused.value.code == "opinion_note"
    with pytest.raises(Stale):
        await vetting.answer(people.xuanzhou, it, clearance, answer("agree", version=9))
    with pytest.raises(NotFound):
        await vetting.answer(people.ningguo, it, clearance, answer("agree"))
    other = await fetchval("SELECT id FROM nomination LIMIT 1 OFFSET 1")
    assert other is None
    with pytest.raises(NotFound):
        await vetting.answer(people.xuanzhou, it, new_id(), answer("agree"))


async def test_the_list_of_what_is_due(it, people, house, round_):
    waiting = await ask(people.xuanzhou, it, "police", on=TODAY - timedelta(days=9))
    assert [row["standing"] for row in await queries.due_clearances(people.xuanzhou)] == ["waiting"]
    assert await queries.due_clearances(people.ningguo) == []
    await vetting.answer(people.xuanzhou, it, waiting, answer("agree"))
    assert await queries.due_clearances(people.city) == []
    for day, standing in ((TODAY + timedelta(days=30), "expiring"), (TODAY - timedelta(days=1), "expired")):
        await fetch("UPDATE clearance SET valid_until = $1", day)
        assert [row["standing"] for row in await queries.due_clearances(people.city)] == [standing]
    await fetch("UPDATE clearance SET valid_until = $1", TODAY + timedelta(days=31))
    assert await queries.due_clearances(people.city) == []


def veto(**changes) -> VetoForm:
    values = {
        "about": "worker",
        "kind": "discipline",
        "happened_on": date(2025, 6, 1),
        "source": "示例纪检通报",
        **changes,
    }
    return VetoForm(**values)


async def test_a_fact_excludes_and_only_another_strikes_it(it, people):
    """H53."""
    fact = await vetting.add_veto(people.xuanzhou, it, veto())
    assert await codes(it, "unit") == ["veto"]
    assert await codes(it, "county") == ["veto"]
    with pytest.raises(Refusal) as refused:
        await vetting.remove_veto(people.xuanzhou, it, fact, "查无此事")
    assert (refused.value.code, refused.value.rule) == ("veto_same_person", "H53")
    with pytest.raises(NotFound):
        await vetting.remove_veto(people.ningguo, it, fact, "查无此事")
    await vetting.remove_veto(people.city, it, fact, "查无此事")
    assert await codes(it, "unit") == []
    kept = await vetting.vetoes_of(await access.row_of(it))
    assert [(row["removed_reason"], row["removed_by"]) for row in kept] == [("查无此事", people.city.account)]
    with pytest.raises(Conflict):
        await vetting.remove_veto(people.city, it, fact, "再来一次")


async def test_the_database_itself_wants_the_second_person(it, people):
    fact = await vetting.add_veto(people.xuanzhou, it, veto())
    with pytest.raises(asyncpg.CheckViolationError):
        async with transaction():
            await fetch("UPDATE veto_fact SET removed_at = now(), removed_by = made_by WHERE id = $1", fact)


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"kind": "weather"}, "veto_kind"), ({"happened_on": TODAY + timedelta(days=1)}, "veto_day"), ({"until_on": date(2025, 5, 31)}, "veto_until")],
)  # fmt: skip
async def test_what_is_no_fact(it, people, changes, code):
    with pytest.raises(Refusals) as refused:
        await vetting.add_veto(people.xuanzhou, it, veto(**changes))
    assert [one.code for one in refused.value.refusals] == [code]


async def test_a_units_fact_meets_the_leader_not_the_worker(it, people, house, round_):
    await vetting.add_veto(people.xuanzhou, it, veto(about="unit", kind="safety"))
    assert await codes(it, "unit") == []
    boss = await round_.nomination(await support.worker(house), place=5)
    assert "veto" not in await codes(boss, "unit")
    await fetch(
        "UPDATE nomination SET dossier = jsonb_build_object('identity', jsonb_build_object('category', 'enterprise_leader')) WHERE id = $1",
        boss,
    )
    assert "veto" in await codes(boss, "unit")


async def entry(worker, honour, **values) -> None:
    row = RollEntry(
        honour=honour,
        year=2024,
        conferred_on=date(2024, 4, 28),
        place=1,
        kind="person",
        worker=worker,
        name="冯壬和",
        **values,
    )
    await row.save()


async def test_the_ledger_is_the_basis_and_forbids_a_second(house, round_, people):
    """H10, H12, H77."""
    strict = support.rule_set(eligibility=Eligibility(basis_required="block"))
    await round_.put_rules(strict)
    who = await support.worker(house)
    it = await support.complete(round_, people.qian, who)
    assert await codes(it, "unit") == ["honour_basis"]
    await entry(who, round_.honours["county-may1-medal"], revoked_at=support.NOW)
    assert await codes(it, "unit") == ["honour_basis"]
    await fetch("UPDATE roll_entry SET revoked_at = NULL")
    assert await codes(it, "unit") == []
    await entry(who, round_.honours["city-may1-medal"])
    assert await codes(it, "unit") == ["already_held"]
    with pytest.raises(NotFound):
        await vetting.waive(people.ningguo, it, WaiverForm(rule="H12", reason="新的突出贡献：示例项目"))
    await vetting.waive(people.xuanzhou, it, WaiverForm(rule="H12", reason="新的突出贡献：示例项目"))
    assert await codes(it, "unit") == []
    assert await fetchval("SELECT override_reason FROM nomination WHERE id = $1", it) == "新的突出贡献：示例项目"


async def test_an_exception_is_the_gates_own_officers_word(house, round_, people):
    """Somebody between the gates (a town's officer) sees the nomination and may not wave it through."""
    await house.organisation("town", "示例镇总工会", kind="town", parent=house.organisations["jia"])
    it = await round_.nomination(await support.worker(house))
    officer = await house.person("he", "county_officer", at="jia")
    with pytest.raises(Forbidden):
        await vetting.waive(officer, it, WaiverForm(rule="H10", reason="我说可以"))


async def test_disqualified_last_time_bars_the_unit_this_time(house, round_, people):
    """H36: from the next cycle only; the one after is open again, and neighbours are not concerned."""
    before = await support.Round(house).build(year=2025, stage="published")
    await before.nomination(await support.worker(house), stage="disqualified")
    mine = await round_.nomination(await support.worker(house))
    theirs = await round_.nomination(await support.worker(house, at="yi"), at="yi")
    assert "unit_barred" in await codes(mine, "unit")
    assert "unit_barred" not in await codes(theirs, "unit")
    await fetch(
        "INSERT INTO veto_fact (id, organisation, kind, happened_on, until_on, source, document, note, made_at, removed_reason)"
        " VALUES (gen_random_uuid(), $1, 'disqualified', '2025-05-01', '2026-12-31', '2025年宣城市五一劳动奖', '', '', now(), '')",
        house.organisations["jia"],
    )
    assert "veto" not in await codes(mine, "unit"), "the bar is one demand, not two"
    await fetch(
        "UPDATE veto_fact SET removed_at = now(), removed_by = $1, removed_reason = '申诉成立'", people.city.account
    )
    assert "unit_barred" not in await codes(mine, "unit")
    await fetch("DELETE FROM veto_fact")
    await support.Round(house).build(year=2027)
    await fetch("UPDATE cycle SET stage = 'published' WHERE year = 2026")
    later = await support.Round.nomination(await _round_of(house, 2027), await support.worker(house))
    assert "unit_barred" not in await codes(later, "unit")


async def _round_of(house: House, year: int) -> support.Round:
    again = support.Round(house)
    row = (await fetch("SELECT id FROM cycle WHERE year = $1", year))[0]
    again.cycle = row["id"]
    for one in await fetch(
        "SELECT a.id, h.code FROM cycle_award a JOIN honour h ON h.id = a.honour WHERE a.cycle = $1", row["id"]
    ):
        again.awards[one["code"]] = one["id"]
    return again


async def test_gathering_takes_the_same_number_of_queries_whatever_there_is(house, round_, people, it, monkeypatch):
    asked: list[str] = []
    real = facts.fetch

    async def counting(sql, *values):
        asked.append(sql)
        return await real(sql, *values)

    monkeypatch.setattr(facts, "fetch", counting)
    await facts.gather(await access.row_of(it))
    few = len(asked)
    for department in ("police", "tax", "labour"):
        await ask(people.xuanzhou, it, department)
    for _ in range(3):
        await vetting.add_veto(people.xuanzhou, it, veto())
        await round_.nomination(await support.worker(house), place=9)
    asked.clear()
    await facts.gather(await access.row_of(it))
    assert len(asked) == few


async def test_two_officers_answer_at_once(committed):
    async with transaction():
        house = await House().build()
        people = await people_of(house)
        await support.calendar_2026()
        round_ = await support.Round(house).build()
        it = await round_.nomination(await support.worker(house), stage="county")
    clearance = await ask(people.xuanzhou, it, "police", on=date(2026, 4, 1))
    results = await asyncio.gather(
        *(vetting.answer(actor, it, clearance, answer(opinion, on=date(2026, 4, 2))) for actor, opinion in ((people.xuanzhou, "agree"), (people.city, "disagree"))),
        return_exceptions=True,
    )  # fmt: skip
    assert sorted(type(one).__name__ for one in results) == ["Conflict", "NoneType"]
    assert await fetchval("SELECT version FROM clearance") == 2


async def test_the_officers_pages(house, round_, people, it, browse):
    li, zheng = await browse(people.xuanzhou), await browse(people.city)
    base = f"/nominations/{it}"
    assert (
        await li.submit(f"{base}/clearances", {"departments": ["police"], "asked_on": "2026-04-14"})
    ).status_code == 303
    again = await li.submit(f"{base}/clearances", {"departments": ["police"], "asked_on": "2026-04-14"})
    assert again.status_code == 422
    assert "已发过函" in again.text
    clearance = await fetchval("SELECT id FROM clearance")
    token = await li.token()
    sent = await li.post(
        f"{base}/clearances/{clearance}/opinion",
        data={"version": "1", "opinion": "agree", "opinion_on": "2026-04-14", "_csrf_token": token}, files={"file": ("意见.pdf", support.PDF, "application/pdf")},
    )  # fmt: skip
    assert sent.status_code == 303
    scan = await zheng.get(f"{base}/clearances/{clearance}/file")
    assert scan.headers["content-disposition"].startswith("attachment")
    assert (await (await browse(people.ningguo)).get(f"{base}/clearances/{clearance}/file")).status_code == 404
    form = {"about": "worker", "kind": "discipline", "happened_on": "2025-06-01", "source": "示例通报"}
    assert (await li.submit(f"{base}/vetoes", form)).status_code == 303
    fact = await fetchval("SELECT id FROM veto_fact")
    own = await li.submit(f"{base}/vetoes/{fact}/removal", {"reason": "查无此事"})
    assert own.status_code == 422
    assert "须由另一名经办人复核后撤除" in own.text
    assert (await zheng.submit(f"{base}/vetoes/{fact}/removal", {"reason": "查无此事"})).status_code == 303
    assert (await li.submit(f"{base}/waivers", {"rule": "H13", "reason": "不行的规则"})).status_code == 422
    assert (await li.submit(f"{base}/waivers", {"rule": "H10", "reason": "示例理由"})).status_code == 303
    assert "示例理由" in (await li.get(f"{base}/vetting")).text


async def test_only_the_units_own_notice_stands_for_its_scan(house, round_, people, it):
    """H32: linked, it counts once its last day is over and no objection is open; another unit's says nothing."""
    from publications.tables import Notice

    async def notice(at: str, last: date) -> str:
        made = Notice(
            organisation=house.organisations[at], handling=house.organisations[at], level="unit", title="单位公示（示例）",
            days=5, least=5, stage="open", first_day=date(2026, 3, 30), last_day=last, opened_at=support.NOW - timedelta(days=15),
        )  # fmt: skip
        await made.save()
        return str(made.id)

    over, running = await notice("jia", date(2026, 4, 3)), await notice("jia", date(2026, 4, 14))
    others = await notice("yi", date(2026, 4, 3))
    await fetch("UPDATE material SET removed_at = now() WHERE kind = 'notice_scan'")
    for linked, expected in (
        (over, []), (running, ["notice_still_open"]), (others, ["notice_start", "notice_conclusion", "material_notice_scan"]),
        ("", ["notice_start", "notice_conclusion", "material_notice_scan"]), ("not-an-id", ["notice_start", "notice_conclusion", "material_notice_scan"]),
    ):  # fmt: skip
        await fetch(
            "UPDATE nomination SET dossier = jsonb_set(dossier, '{procedure}', dossier->'procedure' || jsonb_build_object("
            "'notice', $2::text, 'notice_from', '', 'no_objection', false)) WHERE id = $1",
            it, linked,
        )  # fmt: skip
        assert await codes(it, "unit") == expected, linked
