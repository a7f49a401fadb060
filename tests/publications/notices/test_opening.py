"""A notice from its draft to its end: days, freezing, what is refused (H32, A4, A5, D4, P3)."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta

import pytest

from foundation import clock
from foundation.clock.operations import set_day
from foundation.database import fetch, fetchval
from foundation.errors import Conflict, NotFound, Refusal, Refusals, Stale
from publications.notices import operations, queries, rules
from publications.notices.rules import Stage
from publications.notices.schemas import SubjectOrder
from tests.publications.notices.support_notices import at, calendar_2026, order
from tests.support import SHARED

EXAMPLES = SHARED / "data" / "worked_examples.json"


def codes(raised) -> list[str]:
    why = raised.value
    return sorted(r.code for r in why.refusals) if isinstance(why, Refusals) else [why.code]


@pytest.mark.skipif(not EXAMPLES.exists(), reason="the reference data is not beside the repository")
async def test_every_worked_example_by_opening_a_notice(house):
    examples = json.loads(EXAMPLES.read_text())["workdays_2026"]
    assert len(examples) >= 7
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    for example in examples:
        async with clock.moved_to(at(f"{example['start']} 10:00")):
            made = await operations.open_notice(qian, order(house, days=example["n"]))
            found = await queries.one(qian, made)
        assert found.first_day == date.fromisoformat(example["start"])
        assert found.last_day == date.fromisoformat(example["last_day_incl_start"]), example


@pytest.mark.parametrize(
    ("start", "last"), [("2026-04-27", "2026-05-06"), ("2026-02-12", "2026-02-25"), ("2026-09-18", "2026-09-23")]
)
async def test_a4_the_earliest_close(house, start, last):
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    async with clock.moved_to(at(f"{start} 08:30")):
        made = await operations.open_notice(qian, order(house))
    async with clock.moved_to(at(f"{last} 23:59:59")):
        assert (await queries.one(qian, made)).stage is Stage.OPEN
        with pytest.raises(Refusals) as early:
            await operations.conclude(qian, made)
        assert codes(early) == ["notice_still_open"]
        assert await operations.end_due() == 0
    async with clock.moved_to(at(f"{last} 23:59:59") + timedelta(seconds=1)):
        assert (await queries.one(qian, made)).stage is Stage.ENDED  # by the clock alone
        assert await queries.obstacles(made) == []
        await operations.conclude(qian, made)
        assert (await queries.one(qian, made)).stage is Stage.CONCLUDED


async def test_a5_a_year_without_a_calendar_is_refused_and_nothing_is_kept(house):
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    for moment in ("2027-03-01 09:00", "2026-12-29 09:00"):  # within 2027, and running over into it
        async with clock.moved_to(at(moment)):
            with pytest.raises(Refusal) as refused:
                await operations.open_notice(qian, order(house))
            assert refused.value.code == "calendar_missing"
            assert "2027" in str(refused.value)
    assert await fetchval("SELECT count(*) FROM notice") == 0


@pytest.mark.parametrize(("start", "ends"), [("2026-12-21", "2026-12-25"), ("2026-12-22", None), ("2026-12-25", None)])
async def test_a_late_december_that_may_still_change_is_refused(house, start, ends):
    """21st to 25th is safe; one that ends on the 28th could be moved over the year's end by 2027's arrangement."""
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    async with clock.moved_to(at(f"{start} 09:00")):
        if ends:
            made = await operations.open_notice(qian, order(house))
            assert (await queries.one(qian, made)).last_day == date.fromisoformat(ends)
        else:
            with pytest.raises(Refusal) as refused:
                await operations.open_notice(qian, order(house))
            assert refused.value.code == "calendar_may_change"


async def test_fewer_days_than_the_rule_are_refused_and_more_are_not(house):
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    for days, least in ((4, 5), (4, 1), (6, 7), (61, 5)):
        with pytest.raises(Refusals) as refused:
            await operations.draft_notice(qian, order(house, days=days, least=least))
        assert codes(refused) == ["notice_days"]
    async with clock.moved_to(at("2026-04-20 09:00")):
        made = await operations.open_notice(qian, order(house, days=7))
        assert (await queries.one(qian, made)).last_day == date(2026, 4, 28)  # 20–24, 27, 28


async def test_what_is_published_is_frozen_as_bytes_and_its_hash_is_in_the_trail(house):
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    async with clock.moved_to(at("2026-04-27 08:30")):
        made = await operations.open_notice(qian, order(house, series="宣示工"))
        kept = await queries.frozen(made)
    html = kept.html.decode()
    assert "2026年4月27日至5月6日（5个工作日）" in html
    assert "宣示工〔2026〕1号" in html
    assert "时小暑示例创新工作室" in html
    assert "实事求是、客观公正" in html
    assert "0563-0000000" in html
    assert "\r" not in html
    assert all(line == line.strip() for line in html.splitlines())
    assert kept.html_sha256 == hashlib.sha256(kept.html).hexdigest()
    roll = json.loads(kept.roll)
    assert roll["subjects"][1] == ["傅大暑示例创新工作室", "宣州区示例压力容器有限公司"]
    assert (roll["first_day"], roll["last_day"], roll["working_days"]) == ("2026-04-27", "2026-05-06", 5)
    body = await fetchval("SELECT body FROM trail_entry WHERE action = 'notice.opened' AND subject = $1", made)
    assert kept.html_sha256 in body
    assert kept.roll_sha256 in body
    assert "时小暑" not in body


async def test_the_frozen_text_is_chinese_whoever_opens_it(house):
    from foundation.i18n import current_locale

    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    token = current_locale.set("en")
    try:
        async with clock.moved_to(at("2026-04-27 08:30")):
            made = await operations.open_notice(qian, order(house))
            assert "公示时间：2026年4月27日" in (await queries.frozen(made)).html.decode()
    finally:
        current_locale.reset(token)


async def test_changed_bytes_are_noticed(house):
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    async with clock.moved_to(at("2026-04-27 08:30")):
        made = await operations.open_notice(qian, order(house))
    with pytest.raises(Exception, match="permission denied"):
        async with operations.transaction():
            await fetch("UPDATE notice_text SET html = 'x' WHERE notice = $1", made)
    with pytest.raises(Exception, match="permission denied"):
        async with operations.transaction():
            await fetch("DELETE FROM notice_text WHERE notice = $1", made)


async def test_an_opened_notice_is_edited_by_nobody(house):
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    async with clock.moved_to(at("2026-04-27 08:30")):
        made = await operations.open_notice(qian, order(house))
        version = (await queries.one(qian, made)).version
        with pytest.raises(Conflict):
            await operations.edit_draft(qian, made, order(house, title="另一个标题"), version=version)
        with pytest.raises(Conflict):
            await operations.discard_draft(qian, made)
        with pytest.raises(Conflict):
            await operations.open_draft(qian, made, last_day=date(2026, 5, 6), version=version)


async def test_opening_promises_only_the_day_that_was_seen(house):
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    made = await operations.draft_notice(qian, order(house))
    async with clock.moved_to(at("2026-04-27 08:30")):
        with pytest.raises(Refusal) as moved:
            await operations.open_draft(qian, made, last_day=date(2026, 4, 30), version=1)
        assert moved.value.code == "notice_last_day_moved"
        with pytest.raises(Stale):
            await operations.open_draft(qian, made, last_day=date(2026, 5, 6), version=2)
        await operations.open_draft(qian, made, last_day=date(2026, 5, 6), version=1)
    planned = await operations.draft_notice(qian, order(house, planned_on=date(2026, 4, 28)))
    async with clock.moved_to(at("2026-04-27 08:30")):
        with pytest.raises(Refusal) as early:
            await operations.open_draft(qian, planned, last_day=date(2026, 5, 7), version=1)
        assert early.value.code == "notice_too_early"


async def test_numbers_are_gap_free_and_a_series_belongs_to_one(house):
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    li = await house.person("li", "county_officer", at="ningguo")
    async with clock.moved_to(at("2026-04-27 08:30")):
        first = await operations.open_notice(qian, order(house, series="宣示工"))
        with pytest.raises(Refusals):
            await operations.open_notice(qian, order(house, series="宣示工", days=4))
        second = await operations.open_notice(qian, order(house, series="宣示工"))
        with pytest.raises(Refusal) as taken:
            await operations.open_notice(li, order(house, "ningguo", series="宣示工"))
    assert taken.value.code == "notice_series_taken"
    assert [(await queries.one(qian, n)).number for n in (first, second)] == ["宣示工〔2026〕1号", "宣示工〔2026〕2号"]


async def test_extending_is_public_reasoned_and_later_only(house):
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    async with clock.moved_to(at("2026-04-20 08:30")):
        made = await operations.open_notice(qian, order(house))
    async with clock.moved_to(at("2026-04-22 09:00")):
        for days in (5, 4, 1):
            with pytest.raises(Refusal) as shorter:
                await operations.extend(qian, made, days=days, reason="示例：名单补充说明")
            assert shorter.value.code == "notice_never_shorter"
        assert await operations.extend(qian, made, days=7, reason="示例：媒体刊登推迟") == date(2026, 4, 28)
        found = await queries.public_one(made)
        assert [(d.before, d.after, d.reason) for d in found.deadlines] == [
            (date(2026, 4, 24), date(2026, 4, 28), "示例：媒体刊登推迟")
        ]
    async with clock.moved_to(at("2026-04-27 09:00")):
        assert (await queries.one(qian, made)).stage is Stage.OPEN
    async with clock.moved_to(at("2026-04-29 00:00")):
        with pytest.raises(Refusal) as over:
            await operations.extend(qian, made, days=9, reason="示例：太晚")
        assert over.value.code == "notice_not_open"


async def test_an_amended_calendar_moves_the_promise_later_and_never_earlier(house):
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    async with clock.moved_to(at("2026-04-20 08:30")):
        made = await operations.open_notice(qian, order(house))
        await set_day(qian, date(2026, 4, 22), "off", "示例停工日")
        assert (await queries.one(qian, made)).last_day == date(2026, 4, 27)
        await set_day(qian, date(2026, 4, 22), "plain", "")
        assert (await queries.one(qian, made)).last_day == date(2026, 4, 27), "a promise is not taken back"
        await set_day(qian, date(2026, 4, 25), "work", "示例补班")
        assert (await queries.one(qian, made)).last_day == date(2026, 4, 27)
    assert await fetchval("SELECT count(*) FROM notice_deadline WHERE notice = $1 AND kind = 'calendar'", made) == 1


async def test_an_amendment_nobody_looked_at_still_counts_before_the_end(house):
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    async with clock.moved_to(at("2026-04-20 08:30")):
        made = await operations.open_notice(qian, order(house))
        await set_day(qian, date(2026, 4, 24), "off", "示例停工日")
    async with clock.moved_to(at("2026-04-25 00:00")):
        assert await operations.end_due() == 0
        assert (await queries.one(qian, made)).stage is Stage.OPEN
    async with clock.moved_to(at("2026-04-28 00:00")):
        assert await operations.end_due() == 1
        assert await operations.end_due() == 0
    events = await fetch("SELECT name FROM outbox_event WHERE body->>'notice' = $1 ORDER BY id", str(made))
    assert [e["name"] for e in events] == ["notice.opened", "notice.ended"]


async def test_the_workers_tick_ends_what_is_due(house):
    import publications.wing  # noqa: F401 - registers the tick
    from foundation.jobs.worker import tick_once

    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    async with clock.moved_to(at("2026-04-20 08:30")):
        made = await operations.open_notice(qian, order(house))
    for moment, stage in (("2026-04-24 23:59", "open"), ("2026-04-25 00:00", "ended")):
        async with clock.moved_to(at(moment)):
            await tick_once()
        assert await fetchval("SELECT stage FROM notice WHERE id = $1", made) == stage


async def test_withdrawing_says_why_and_a_new_notice_stands_for_it(house):
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    async with clock.moved_to(at("2026-04-20 08:30")):
        made = await operations.open_notice(qian, order(house))
        with pytest.raises(Refusal) as not_yet:
            await operations.draft_notice(qian, order(house, replaces=made))
        assert not_yet.value.code == "notice_not_withdrawn"
        with pytest.raises(Refusal):
            await operations.withdraw(qian, made, "写错了 13812345678 的号码")
        await operations.withdraw(qian, made, "示例：单位名称有误")
        again = await operations.open_notice(qian, order(house, replaces=made))
        before = await queries.public_one(made)
        assert (before.stage, before.withdrawn_reason, before.replaced_by) == (
            Stage.WITHDRAWN,
            "示例：单位名称有误",
            again,
        )
        assert [r.code for r in await queries.obstacles(made)] == ["notice_withdrawn"]
        with pytest.raises(Conflict):
            await operations.withdraw(qian, made, "示例：再撤")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("341802199001010014", "id_number"), ("34180219900101001x", "id_number"), ("341802 19900101 0014", "id_number"),
        ("３４１８０２１９９００１０１００１４", "id_number"), ("联系13812345678", "mobile"), ("138-1234-5678", "mobile"),
        ("138 1234 5678", "mobile"), ("0563-0000000", ""), ("2026年4月27日至2026年5月6日", ""), ("宣工示〔2026〕7号", ""),
        ("12812345678", ""), ("1381234567890", ""), ("2026-04-27 2026-05-06", ""),
    ],
)  # fmt: skip
def test_what_is_never_published(text, found):
    assert rules.private_in(text) == found


async def test_private_numbers_and_faulty_lists_are_refused_all_at_once(house):
    qian = await house.person("qian", "city_officer", at="city")
    bad = order(
        house, title="公示 341802199001010014", basis="请拨 13812345678", level="county", days=3, phone="", office="",
        subjects=(SubjectOrder(cells=("甲", "乙", "丙")),),
    )  # fmt: skip
    with pytest.raises(Refusals) as refused:
        await operations.draft_notice(qian, bad)
    assert codes(refused) == sorted(
        ["notice_level", "notice_days", "notice_contact", "notice_cells", "notice_id_number", "notice_mobile"]
    )
    twice = (SubjectOrder(cells=("甲", "乙")), SubjectOrder(cells=("甲", "乙")))
    for subjects, code in ((twice, "notice_twice"), ((), "notice_no_subjects"), ((SubjectOrder(cells=("赵立春", "13912345678")),), "notice_row_private")):  # fmt: skip
        with pytest.raises(Refusals) as refused:
            await operations.draft_notice(qian, order(house, subjects=subjects))
        assert codes(refused) == [code]


async def test_another_tenant_finds_nothing(house):
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    li = await house.person("li", "county_officer", at="ningguo")
    made = await operations.draft_notice(qian, order(house))
    with pytest.raises(NotFound):
        await queries.one(li, made)
    with pytest.raises(NotFound):
        await queries.public_one(made)  # a draft is not public
    with pytest.raises(NotFound):
        await operations.draft_notice(li, order(house))
    with pytest.raises(NotFound):
        await operations.withdraw(li, made, "示例")
    assert (await queries.listed(li, queries.LIST.ask({}))).total == 0
    assert (await queries.listed(qian, queries.LIST.ask({"q": "shixiaoshu"}))).total == 1


async def test_whoever_handles_a_units_objections_is_above_the_unit(house):
    await calendar_2026()
    lan = await house.person("lan", "enterprise_contact", at="jia")
    async with clock.moved_to(at("2026-04-20 08:30")):
        made = await operations.open_notice(lan, order(house, "jia"))
    assert await fetchval("SELECT handling FROM notice WHERE id = $1", made) == house.organisations["xuanzhou"]
