"""A studio's years, told with named people: report, assessment, rectification, renewal, leader, ends (T2, T4, T8, T9)."""

from __future__ import annotations

from datetime import date

import pytest

from foundation.database import fetch, fetchval
from foundation.errors import Conflict, Forbidden, NotFound, Refusal, Refusals, Stale
from registry.achievements.operations import withdraw
from studios import wing
from studios.upkeep import operations as life
from studios.upkeep import schedule
from studios.upkeep.schemas import (
    AnswersForm,
    AssessForm,
    DecideForm,
    EndForm,
    LeaderForm,
    MergeForm,
    MoveForm,
    OpinionForm,
    ReasonForm,
    RecoveryForm,
    RenewForm,
    ReportForm,
    RevisitForm,
    UpgradeForm,
)
from tests.studios.upkeep.world import at, deliver_all, of

TODAY = date(2026, 11, 23)


def report(version: int, **more) -> ReportForm:
    return ReportForm(version=version, done="做了", topics="课题一", plan="再做", team=6, **more)


async def test_the_report_opens_by_itself_once_and_goes_up_through_the_county(house, world):
    studio = await world.studio()
    contact, other = (
        await house.person("li", "enterprise_contact", at="jia"),
        await house.person("wu", "enterprise_contact", at="yi"),
    )
    county = await house.person("chen", "county_officer", at="xuanzhou")
    async with at(TODAY):
        assert await life.open_reports() == 1
        assert await life.open_reports() == 0
        row = (await fetch("SELECT * FROM annual_report"))[0]
        assert (row["year"], row["due_on"]) == (2026, date(2026, 12, 31))
        with pytest.raises(NotFound):
            await life.save_report(other, row["id"], report(1))
        with pytest.raises(Refusals) as refused:
            await life.save_report(contact, row["id"], ReportForm(version=1, hand_in=True))
        assert {one.field for one in refused.value.refusals} == {"done", "topics", "plan", "team"}
        await life.save_report(contact, row["id"], report(1, hand_in=True))
        with pytest.raises(Conflict):
            await life.save_report(contact, row["id"], report(2))
        with pytest.raises(Forbidden):
            await life.give_opinion(contact, row["id"], OpinionForm(opinion="好", version=2))
        await life.give_opinion(county, row["id"], OpinionForm(opinion="补材料", send_back=True, version=2))
        with pytest.raises(Stale):
            await life.save_report(contact, row["id"], report(2, hand_in=True))
        await life.save_report(contact, row["id"], report(3, hand_in=True))
        await life.give_opinion(county, row["id"], OpinionForm(opinion="同意", grade="qualified", version=4))
        assert await fetchval("SELECT stage FROM annual_report") == "opined"
    assert (await of(studio))["stage"] == "active"


@pytest.mark.parametrize(
    ("total", "grade", "stage"),
    [
        ("90.00", "excellent", "active"),
        ("89.99", "qualified", "active"),
        ("69.99", "rectify", "rectifying"),
        ("59.99", "failed", "withdrawn"),
    ],
)
async def test_the_total_decides_the_grade_and_the_grade_what_follows(house, world, total, grade, stage):
    studio, city = await world.studio(), await house.person("sun", "city_officer", at="city")
    async with at(TODAY):
        await life.assess(
            city, studio, AssessForm(year=2026, total=total, points="标牌\n台账", reason="材料齐全", version=1)
        )
        row = await of(studio)
        assert (row["last_grade"], row["stage"]) == (grade, stage)
        with pytest.raises(Conflict):
            await life.assess(
                city, studio, AssessForm(year=2026, total="80", reason="材料齐全", version=row["version"])
            )


async def test_lowering_wants_a_reason_and_raising_a_second_person(house, world):
    studio, sun, qian = await world.studio(), await house.person("sun", "city_officer", at="city"), await house.person("qian", "city_officer", at="city")  # fmt: skip
    async with at(TODAY):
        with pytest.raises(Refusals) as wrong:  # a total from papers says why nobody went; all faults at once
            await life.assess(sun, studio, AssessForm(year=2027, total="101", grade="qualified", version=1))
        assert [one.code for one in wrong.value.refusals] == ["assess_year", "total_range", "papers_reason"]
        made = await life.assess(
            sun, studio, AssessForm(year=2026, total="80", grade="excellent", reason="有突破", version=1)
        )
        assert (await of(studio))["last_grade"] == ""  # not in force
        with pytest.raises(Refusal) as alone:
            await life.decide_raised(sun, made, DecideForm(agree=True))
        assert alone.value.code == "second_person"
        await life.decide_raised(qian, made, DecideForm(agree=True))
        assert (await of(studio))["last_grade"] == "excellent"
        with pytest.raises(Conflict):
            await life.decide_raised(qian, made, DecideForm(agree=False))


async def test_a_raise_that_is_refused_leaves_what_the_total_says(house, world):
    studio, sun, qian = await world.studio(), await house.person("sun", "city_officer", at="city"), await house.person("qian", "city_officer", at="city")  # fmt: skip
    async with at(TODAY):
        made = await life.assess(
            sun, studio, AssessForm(year=2026, total="65", grade="qualified", reason="r", version=1)
        )
        with pytest.raises(Refusal, match="整改事项"):
            await life.decide_raised(qian, made, DecideForm(agree=False))
        await life.decide_raised(qian, made, DecideForm(agree=False, points="补台账"))
        assert ((await of(studio))["last_grade"], (await of(studio))["stage"]) == ("rectify", "rectifying")


@pytest.mark.parametrize(("mended", "stage"), [(("yes", "yes"), "active"), (("yes", "no"), "withdrawn")])
async def test_rectification_is_answered_visited_again_and_ends(house, world, mended, stage):
    studio, city = await world.studio(), await house.person("sun", "city_officer", at="city")
    contact = await house.person("li", "enterprise_contact", at="jia")
    async with at(TODAY):
        await life.assess(
            city, studio, AssessForm(year=2026, total="65", points="标牌\n台账\n标牌", reason="材料齐全", version=1)
        )
        assert await fetchval("SELECT due_on FROM rectification") == date(2027, 1, 22)  # 60 days
        assert await fetchval("SELECT count(*) FROM rectification_point") == 2  # each said once
        with pytest.raises(Refusal):
            await life.answer_points(contact, studio, AnswersForm(answers=("已挂",)))
        await life.answer_points(contact, studio, AnswersForm(answers=("已挂", "已建")))
        with pytest.raises(Refusal):
            await life.revisit(city, studio, RevisitForm(mended=("yes",)))
        await life.revisit(city, studio, RevisitForm(mended=mended, reason="现场复查"))
        assert (await of(studio))["stage"] == stage
        if stage == "withdrawn":
            assert not await life.keep_recovery(city, studio, RecoveryForm(plaque_on=TODAY))
            with pytest.raises(Refusal):
                await life.keep_recovery(city, studio, RecoveryForm(plaque_on=date(2026, 11, 1)))
            assert await life.keep_recovery(city, studio, RecoveryForm(plaque_on=TODAY, certificate_on=TODAY, told_on=TODAY, funds_on=TODAY))  # fmt: skip
            with pytest.raises(Conflict):  # a plaque once down is never hung again
                await life.renew(city, studio, RenewForm(document_number="x", version=(await of(studio))["version"]))


async def test_a_term_lapses_by_itself_and_is_renewed_forward(house, world):
    studio, city = await world.studio(named_on=date(2023, 3, 3), ends=date(2026, 3, 3)), await house.person("sun", "city_officer", at="city")  # fmt: skip
    async with at(date(2026, 3, 3)):
        assert await life.lapse_due() == 0  # the last day still counts
    async with at(date(2026, 3, 4)):
        assert await life.lapse_due() == 1
        assert await life.lapse_due() == 0
        version = (await of(studio))["version"]
        with pytest.raises(Refusal) as unassessed:
            await life.renew(city, studio, RenewForm(document_number="宣工〔2026〕3号", version=version))
        assert unassessed.value.code == "renewal_unassessed"
        await life.assess(city, studio, AssessForm(year=2025, total="80", reason="材料齐全", version=version))
        await life.renew(
            city, studio, RenewForm(document_number="宣工〔2026〕3号", version=(await of(studio))["version"])
        )
        row = await of(studio)
        assert (row["stage"], row["cycle_ends_on"]) == ("active", date(2029, 3, 4))
        with pytest.raises(Refusal):  # more than a year ahead
            await life.assess(
                city, studio, AssessForm(year=2026, total="80", reason="材料齐全", version=row["version"])
            )
            await life.renew(city, studio, RenewForm(document_number="x", version=(await of(studio))["version"]))


async def test_a_leader_s_honour_revoked_opens_a_review_by_itself_and_once(house, world):
    wing.register()
    studio, other, city = (
        await world.studio(),
        await world.studio("yi"),
        await house.person("sun", "city_officer", at="city"),
    )
    source = await fetchval(
        "SELECT a.source FROM achievement a JOIN studio s ON s.leader_honour = a.id WHERE s.id = $1", studio
    )
    async with at(TODAY):
        await withdraw(None, source=source, reason="撤销")
        await deliver_all()
        assert [(await of(one))["stage"] for one in (studio, other)] == ["rereview", "active"]
        assert await schedule.look_for_withdrawn() == 0  # told already
        await life.honour_withdrawn({"achievement": str((await of(studio))["leader_honour"])})
        assert await fetchval("SELECT count(*) FROM re_review") == 1
        version = (await of(studio))["version"]
        with pytest.raises(Refusal) as unqualified:
            await life.keep_after_rereview(city, studio, ReasonForm(reason="仍符合", version=version))
        assert unqualified.value.code == "rereview_unqualified"
        await world.honour((await of(studio))["leader"], "province")
        await life.keep_after_rereview(city, studio, ReasonForm(reason="另有省级荣誉", version=version))
        assert (await of(studio))["stage"] == "active"
        assert await schedule.look_for_withdrawn() == 0


async def test_a_leader_who_leaves_opens_a_review_and_a_successor_ends_it(house, world):
    from registry.workers.operations import leave
    from registry.workers.schemas import LeaveForm

    wing.register()
    studio, city = await world.studio(), await house.person("sun", "city_officer", at="city")
    contact = await house.person("li", "enterprise_contact", at="jia")
    leader = (await of(studio))["leader"]
    async with at(TODAY):
        await leave(contact, leader, LeaveForm(left_on=TODAY, reason="退休", version=1))
        await deliver_all()
        row = await of(studio)
        assert row["stage"] == "rereview"
        new, bare, far = (
            await world.worker("jia", "继任"),
            await world.worker("jia", "无荣誉"),
            await world.worker("yi", "外单位"),
        )
        await world.honour(new)
        await world.honour(far)
        for wrong, code in ((bare, "leader_unqualified"), (far, "leader_elsewhere"), (leader, "leader_elsewhere")):
            with pytest.raises(Refusal) as refused:
                await life.change_leader(city, studio, LeaderForm(worker=wrong, reason="退休", version=row["version"]))
            assert refused.value.code == code
        await life.change_leader(city, studio, LeaderForm(worker=new, reason="退休", version=row["version"]))
        row = await of(studio)
        assert (row["stage"], row["leader"], row["name"]) == ("active", new, "继任劳模创新工作室")  # T7
        assert await fetchval("SELECT outcome FROM re_review") == "leader"
        assert await fetchval("SELECT count(*) FROM studio_member WHERE role = 'leader' AND left_on IS NULL") == 1


async def test_an_interrupted_rectification_goes_on_after_the_review(house, world):
    studio, city = await world.studio(), await house.person("sun", "city_officer", at="city")
    async with at(TODAY):
        await life.assess(city, studio, AssessForm(year=2026, total="65", points="标牌", reason="材料齐全", version=1))
        await life.open_rereview(studio, "officer", studio)
        assert (await of(studio))["stage"] == "rereview"
        with pytest.raises(Conflict):
            await life.revisit(city, studio, RevisitForm(mended=("yes",)))
        await life.keep_after_rereview(city, studio, ReasonForm(reason="符合", version=(await of(studio))["version"]))
        assert (await of(studio))["stage"] == "rectifying"
        await life.revisit(city, studio, RevisitForm(mended=("yes",)))
        assert (await of(studio))["stage"] == "active"


async def test_upgrade_keeps_the_lower_naming_and_wants_years_and_the_higher_honour(house, world):
    studio, city = await world.studio(), await house.person("sun", "city_officer", at="city")

    def form(on):
        return UpgradeForm(
            programme=world.province_programme, document_number="皖工〔2027〕1号", named_on=on, version=1
        )

    async with at(date(2027, 6, 1)):
        with pytest.raises(Refusal) as early:
            await life.upgrade(city, studio, form(date(2027, 3, 2)))
        assert early.value.code == "upgrade_years"
        with pytest.raises(Refusal) as unqualified:
            await life.upgrade(city, studio, form(date(2027, 3, 3)))
        assert unqualified.value.code == "leader_unqualified"
        await world.honour((await of(studio))["leader"], "province")
        await life.upgrade(city, studio, form(date(2027, 3, 3)))
        row = await of(studio)
        assert (row["level"], row["cycle_ends_on"]) == ("province", date(2030, 3, 3))
        assert [r["level"] for r in await fetch("SELECT level FROM studio_naming ORDER BY named_on")] == [
            "city",
            "province",
        ]


async def test_merging_moving_and_closing(house, world):
    one, two, city = (
        await world.studio(),
        await world.studio("yi"),
        await house.person("sun", "city_officer", at="city"),
    )
    county = await house.person("chen", "county_officer", at="xuanzhou")
    async with at(TODAY):
        with pytest.raises(Forbidden):
            await life.end_studio(county, one, EndForm(action="close", reason="关", version=1))
        with pytest.raises(NotFound):
            await life.end_studio(county, two, EndForm(action="close", reason="关", version=1))
        await life.relocate(
            city, one, MoveForm(address="新路 2 号", organisation=house.organisations["yi"], reason="搬迁", version=1)
        )
        row = await of(one)
        assert (row["county"], row["stage"]) == (house.organisations["ningguo"], "rereview")  # the leader stayed behind
        with pytest.raises(Conflict):
            await life.merge_studio(city, one, MergeForm(into=two, reason="合并", version=row["version"]))
        await life.merge_studio(city, two, MergeForm(into=one, reason="合并", version=1))
        assert (await of(two))["stage"] == "merged"
        await life.end_studio(city, one, EndForm(action="revoke", reason="材料不实", version=row["version"] + 0))
        assert (await of(one))["stage"] == "revoked"
        assert await fetchval("SELECT count(*) FROM plaque_recovery") == 2


async def test_reminders_count_working_days_and_go_once(house, world):
    from foundation.clock.operations import fill_year

    await world.studio()
    for year in (2025, 2026):
        await fill_year(None, year)
    async with at(date(2026, 12, 21)):  # Mon; until Thu 31st: 22 23 24 25 28 29 30 31 = 8 working days ahead
        await life.open_reports()
        assert await schedule.remind() == 2  # those of 60 and of 30 days
        assert await schedule.remind() == 0
    async with at(date(2026, 12, 22)):  # 7 ahead
        assert await schedule.remind() == 1
        assert await fetchval("SELECT array_agg(days ORDER BY days) FROM upkeep_reminder") == [7, 30, 60]
