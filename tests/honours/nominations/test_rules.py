"""The checklist by table: every rule once met and once not, at exactly its edge (H5, H10–H17, H32, H35, H36, H40–H45, H50–H63, P2)."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.clock import SHANGHAI
from foundation.working_days import from_chinesecalendar
from honours.cycles.schemas import Eligibility, MaterialRule, Veto
from honours.nominations import eligibility, papers, rules, timing
from honours.nominations.findings import Asked, Fact, Facts, Person, Posted, Prior, Sibling, State
from honours.nominations.schemas import Prize
from honours.nominations.stages import Stage
from tests.honours.nominations import support

CALENDAR = {day: (kind, name) for day, kind, name in from_chinesecalendar(2026)}
TODAY = date(2026, 4, 14)


def facts(dossier: dict[str, Any] | None = None, **changes: Any) -> Facts:
    """A complete dossier of a person, with what the test changes."""
    values: dict[str, Any] = {
        "kind": "person", "honour": "city-may1-medal", "honour_level": "city", "cycle_year": 2026, "cycle_stage": "open",
        "stage": Stage.DRAFT, "rules": support.rule_set(), "eligibility": Eligibility(), "now": support.NOW, "today": TODAY,
        "unit_due_at": support.UNIT_DUE, "dossier": support.good_dossier(**(dossier or {})),
        "person": Person(sex="1", born_on=date(1986, 5, 2), present=True, has_number=True), "portrait": True, "consent": ("roll",),
        "materials": {"congress_minutes": 1, "notice_scan": 1}, "held": (Prior(code="county-may1-medal", title="县奖章", level="county", year=2024, revoked=False),),
        "clearances": {"police": Asked(department="police", asked_on=TODAY, opinion="agree", valid_until=date(2026, 12, 31))}, "calendar": CALENDAR,
    }  # fmt: skip
    return Facts(**{**values, **changes})


def unmet(of: Facts) -> dict[str, str]:
    """code → state of everything that is not met."""
    return {check.code: check.state.value for check in rules.review(of) if check.state is not State.OK}


def rules_unmet(of: Facts) -> set[tuple[str, str, str]]:
    return {(check.code, check.rule, check.state.value) for check in rules.review(of) if check.state is not State.OK}


def test_a_complete_dossier_lacks_nothing():
    assert unmet(facts()) == {}


def test_a_complete_unit_lacks_nothing():
    dossier = {"basic__head": "孙庚", "basic__members": "320"}
    good = {
        d: Asked(department=d, asked_on=TODAY, opinion="agree", valid_until=date(2026, 12, 1))
        for d in ("market", "tax", "labour", "safety", "environment")
    }
    assert (
        unmet(
            facts(
                dossier,
                kind="unit",
                honour="city-may1-certificate",
                person=None,
                consent=None,
                portrait=False,
                clearances=good,
            )
        )
        == {}
    )


@pytest.mark.parametrize(
    ("dossier", "code", "rule"),
    [
        ({"basic__native_place": ""}, "native_place_missing", "H63"),
        ({"basic__post": " "}, "post_missing", "H63"),
        ({"basic__education": ""}, "education_missing", "H63"),
        ({"basic__education": "XX"}, "education_unknown", "I5"),
        ({"basic__skill_level": "77"}, "skill_level_unknown", "I5"),
        ({"basic__joined_work": "2007-13"}, "joined_work_missing", "H63"),
        ({"basic__joined_work": "2007"}, "joined_work_missing", "H63"),
        ({"basic__joined_work": "1999-01"}, "joined_work_impossible", "H63"),
        ({"basic__joined_work": "2026-05"}, "joined_work_impossible", "H63"),
        ({"basic__postcode": "24230"}, "postcode_missing", "H63"),
        ({"basic__postcode": "２４２３００"}, "postcode_missing", "H63"),
        ({"identity__category": ""}, "category_missing", "H17"),
        ({"identity__evidence": ""}, "evidence_missing", "H17"),
        ({"basic__post": "硫化车间大班长"}, "post_proof", "H17"),
        ({"identity__unit_class": "club"}, "unit_class_missing", "H40"),
        ({"identity__listing": "separate"}, "listing_reason", "H5"),
        ({"identity__place": "0"}, "place_missing", "H16"),
        ({"identity__place": "一"}, "place_missing", "H16"),
        ({"identity__category": "enterprise_leader"}, "leader_substitute", "H16"),
        ({"history__resume": ""}, "resume_missing", "H63"),
        ({"record__sanctions": ""}, "sanctions_missing", "H63"),
        ({"record__prizes": (Prize(when="2022", title="甲", conferrer="乙"),)}, "prize_incomplete", "H63"),
        ({"record__prizes": (Prize(when="2022-11", title="甲"),)}, "prize_incomplete", "H63"),
        ({"record__prizes": (Prize(when="2026-05", title="甲", conferrer="乙"),)}, "prize_incomplete", "H63"),
        ({"deeds__summary": ""}, "summary_missing", "H61"),
        ({"deeds__summary": "字" * 501}, "summary_too_long", "H61"),
        ({"deeds__deeds": ""}, "deeds_missing", "H60"),
        ({"procedure__meeting": ""}, "meeting_missing", "H31"),
        ({"procedure__held_on": "2026-02-30"}, "held_on_missing", "H31"),
        ({"procedure__held_on": "2026-04-15"}, "held_on_missing", "H31"),
        ({"procedure__present": "57", "procedure__agreed": "57"}, "vote_quorum", "H31"),
        ({"procedure__agreed": "43"}, "vote_majority", "H31"),
        ({"procedure__notice_from": ""}, "notice_start", "H32"),
        ({"procedure__notice_from": "2026-03-26"}, "notice_before_vote", "H31"),
        ({"procedure__no_objection": False}, "notice_conclusion", "H32"),
    ],
)  # fmt: skip
def test_each_fault_blocks_by_its_rule(dossier, code, rule):
    found = rules_unmet(facts(dossier))
    assert (code, rule, "bad") in found
    assert {check.code for check in rules.blocking(rules.review(facts(dossier)), "unit")} >= {code}


@pytest.mark.parametrize(
    ("changes", "code", "rule"),
    [
        ({"consent": None}, "consent_missing", "P2"),
        ({"consent": ()}, "consent_refused", "P2"),
        ({"consent": ("portrait",)}, "consent_refused", "P2"),
        ({"portrait": False}, "portrait_missing", "H63"),
        ({"materials": {"notice_scan": 1}}, "material_congress_minutes", "H60"),
        ({"materials": {"congress_minutes": 2}}, "material_notice_scan", "H60"),
        ({"flags": frozenset({"migrant_worker"})}, "material_household", "H60"),
        ({"union_state": "none"}, "no_union", "H50"),
        ({"union_state": "dissolved"}, "no_union", "H50"),
        ({"unit_open": False}, "unit_closed", "H50"),
        ({"barred": "2025年宣城市五一劳动奖"}, "unit_barred", "H36"),
        ({"cycle_stage": "review"}, "cycle_closed", "H35"),
        ({"now": support.UNIT_DUE + timedelta(seconds=1)}, "too_late", "H35"),
        ({"calendar": None}, "notice_calendar", "H32"),
        ({"person": Person(sex="1", born_on=date(1986, 5, 2), present=False, has_number=True)}, "not_in_service", "H30"),
        ({"person": Person(sex="1", born_on=date(1986, 5, 2), present=True, has_number=False)}, "number_missing", "I1"),
        ({"siblings": (Sibling(role="principal", category="", place=1),)}, "place_taken", "H16"),
    ],
)  # fmt: skip
def test_each_missing_fact_blocks_by_its_rule(changes, code, rule):
    assert (code, rule, "bad") in rules_unmet(facts(**changes))


def test_foreigners_are_refused_or_admitted_by_the_cycle():
    """H14: Fujian refuses, Xiamen admits; nobody else hears of it."""
    foreigner = Person(sex="1", born_on=date(1986, 5, 2), present=True, has_number=True, nationality="DEU")
    assert ("foreigner", "H14", "bad") in rules_unmet(facts(person=foreigner))
    (said,) = [one for one in rules.review(facts(person=foreigner)) if one.code == "foreigner"]
    assert said.blocks("unit")
    assert said.refusal is not None
    assert "德国" in said.refusal.text()
    admitted = facts(person=foreigner, eligibility=Eligibility(foreigners=True))
    assert [one.state for one in rules.review(admitted) if one.code == "foreigner"] == ["ok"]
    assert "foreigner" not in {one.code for one in rules.review(facts())}


@pytest.mark.parametrize(("state", "passes"), [("own", True), ("joint", True), ("none", False), ("dissolved", False)])
def test_a_unit_s_union_is_read_from_its_record(state, passes):
    """H50, I6: a small unit may share a joint union; one without any, or whose union was dissolved, is out."""
    found = {one.code: one.state for one in rules.review(facts(union_state=state)) if one.rule == "H50"}
    assert (found.get("union") == "ok", "no_union" in found) == (passes, not passes)


def test_the_last_second_is_in_time():
    assert "too_late" not in unmet(facts(now=support.UNIT_DUE))
    assert "too_late" not in unmet(
        facts(
            now=support.UNIT_DUE + timedelta(days=9),
            stage=Stage.RETURNED,
            returned_due_at=support.UNIT_DUE + timedelta(days=10),
        )
    )
    assert "too_late" in unmet(facts(stage=Stage.RETURNED, returned_due_at=support.NOW - timedelta(seconds=1)))


@pytest.mark.parametrize(("n", "state"), [(1599, "warn"), (1600, None), (2400, None), (2401, "warn")])
def test_the_long_text_is_warned_of_and_never_blocks(n, state):
    """H62: 2000 ± 20 %."""
    found = facts({"deeds__deeds": "字" * n})
    assert unmet(found).get("deeds_length") == state
    assert rules.blocking(rules.review(found), "unit") == []


@given(st.integers(1, 5000), st.integers(0, 99))
def test_bounds_are_the_whole_numbers_within(about, tolerance):
    low, high = rules.bounds(about, tolerance)
    inside = [n for n in range(2 * about + 2) if abs(n - about) * 100 <= about * tolerance]
    assert (low, high) == (inside[0], inside[-1])


@pytest.mark.parametrize(
    ("start", "today", "running"),
    [("2026-03-30", date(2026, 4, 3), True), ("2026-03-30", date(2026, 4, 4), False), ("2026-04-02", date(2026, 4, 9), True), ("2026-04-02", date(2026, 4, 10), False)],
)  # fmt: skip
def test_a_notice_runs_five_working_days_with_the_first(start, today, running):
    """H32: 30 March → 3 April; 2 April: Monday the 6th is Qingming's day off → 9 April."""
    found = facts(
        {"procedure__notice_from": start},
        today=today,
        now=datetime(today.year, today.month, today.day, 9, tzinfo=SHANGHAI),
    )
    assert ("notice_running" in unmet(found)) is running


def test_known_last_days():
    """A4 of the domain's checks."""
    for start, last in (
        (date(2026, 4, 27), date(2026, 5, 6)),
        (date(2026, 2, 12), date(2026, 2, 25)),
        (date(2026, 9, 18), date(2026, 9, 23)),
    ):
        assert timing.notice_days(start, 5, CALENDAR)[-1] == last


def test_a_linked_notice_stands_for_dates_and_scan():
    from foundation.errors import Refusal

    running = Posted(first_day=TODAY, last_day=TODAY, refusals=(Refusal("notice_still_open", "x", rule="H32"),))
    no_paper = {"materials": {"congress_minutes": 1}}
    assert unmet(facts({"procedure__notice_from": ""}, posted=running, **no_paper)) == {"notice_still_open": "bad"}
    clear = Posted(first_day=TODAY, last_day=TODAY)
    assert (
        unmet(facts({"procedure__notice_from": "", "procedure__no_objection": False}, posted=clear, **no_paper)) == {}
    )


def prior(level: str, year: int = 2024, *, revoked: bool = False, code: str = "other") -> Prior:
    return Prior(code=code, title="示例荣誉", level=level, year=year, revoked=revoked)


@pytest.mark.parametrize(
    ("held", "rule_changes", "met"),
    [
        ((), {}, False), ((prior("county"),), {}, True), ((prior("county", revoked=True),), {}, False),
        ((prior("county"),), {"basis_levels_below": 0}, False), ((prior("city"),), {"basis_levels_below": 0}, True),
        ((prior("national"),), {"basis_levels_below": 0}, True), ((prior("county", 2015),), {"basis_years": 10}, False),
        ((prior("county", 2016),), {"basis_years": 10}, True), ((), {"basis_required": "none"}, True), ((), {"basis_levels_below": 2}, True),
    ],
)  # fmt: skip
@pytest.mark.parametrize("asked", ["warn", "block"])
def test_honour_basis(held, rule_changes, met, asked):
    """H10: a valid honour at level ≥ the award's − n, within the years; revoked ones count nothing (H77)."""
    demands = Eligibility(**{"basis_required": asked, **rule_changes})
    found = unmet(facts(held=held, eligibility=demands))
    assert (found.get("honour_basis") is None) is met
    if not met:
        assert found["honour_basis"] == ("bad" if asked == "block" else "warn")
        assert "honour_basis" not in unmet(facts(held=held, eligibility=demands, waived=frozenset({"H10"})))


def test_a_typed_prize_is_a_basis_only_with_its_certificate():
    typed = {"record__prizes": (Prize(when="2022-11", title="省级二等奖", conferrer="安徽省总工会", level="province"),)}
    demands = Eligibility(basis_required="block")
    assert unmet(facts(typed, held=(), eligibility=demands)) == {"basis_certificate": "bad"}
    with_paper = {"congress_minutes": 1, "notice_scan": 1, "honour_certificate": 1}
    assert unmet(facts(typed, held=(), eligibility=demands, materials=with_paper)) == {"basis_unproven": "warn"}


@pytest.mark.parametrize(("mode", "state"), [("block", "bad"), ("warn", "warn"), ("none", None)])
def test_no_title_twice(mode, state):
    """H12: the same code, not revoked; another level's title of the same family is another title."""
    same = (prior("city", code="city-may1-medal"),)
    demands = Eligibility(no_repeat=mode)
    assert unmet(facts(held=same, eligibility=demands)).get("already_held") == state
    assert "already_held" not in unmet(facts(held=same, eligibility=demands, waived=frozenset({"H12"})))
    assert "already_held" not in unmet(
        facts(held=(prior("city", code="city-may1-medal", revoked=True), prior("county")), eligibility=demands)
    )


def test_exclusions_of_the_year():
    """H13."""
    demands = Eligibility(excluded_flags=("county_head",), excluded_categories=("official",))
    assert unmet(facts(flags=frozenset({"county_head"}), eligibility=demands))["excluded_flag"] == "bad"
    assert unmet(facts({"identity__category": "official"}, eligibility=demands))["excluded_category"] == "bad"
    assert "excluded_flag" not in unmet(facts(flags=frozenset({"woman"}), eligibility=demands))


@pytest.mark.parametrize(
    ("sex", "born", "said"),
    [("1", date(1966, 4, 15), False), ("1", date(1966, 4, 14), True), ("2", date(1971, 4, 15), False), ("2", date(1971, 4, 14), True),
     ("1", date(2008, 4, 14), False), ("1", date(2008, 4, 15), True)],
)  # fmt: skip
def test_ages_are_said_and_never_block(sex, born, said):
    """H15: no limit is invented."""
    found = facts(
        {"basic__joined_work": "2026-01"} if born.year > 2000 else {},
        person=Person(sex=sex, born_on=born, present=True, has_number=True),
    )
    assert (unmet(found).get("age_unusual") == "warn") is said
    assert "age_unusual" not in {check.code for check in rules.blocking(rules.review(found), "unit")}


def test_a_leader_needs_a_front_line_substitute():
    """H16."""
    leader = {"identity__category": "enterprise_leader"}

    def with_sibling(role: str, category: str) -> dict[str, str]:
        return unmet(
            facts(leader, siblings=(Sibling(role=role, category=category, place=1 if role == "substitute" else 2),))
        )

    assert "leader_substitute" not in with_sibling("substitute", "industrial_worker")
    assert "leader_substitute" not in with_sibling("substitute", "other_frontline")
    assert "leader_substitute" in with_sibling("substitute", "manager")
    assert "leader_substitute" in with_sibling("principal", "industrial_worker")
    assert "leader_substitute" not in unmet(facts(leader, eligibility=Eligibility(leader_needs_worker=False)))


def test_substitutes_are_few():
    substitute = {"identity__role": "substitute", "identity__place": "2"}
    others = (Sibling(role="substitute", category="", place=1),)
    assert "too_many_substitutes" in unmet(facts(substitute, siblings=others))
    assert "too_many_substitutes" not in unmet(
        facts(substitute, siblings=others, eligibility=Eligibility(substitutes_per_unit=2))
    )


def fact(kind: str, about: str, happened: date, until: date | None = None) -> Fact:
    return Fact(kind=kind, about=about, happened_on=happened, until_on=until, source="示例来源")


@pytest.mark.parametrize(
    ("kind", "category", "given", "out"),
    [
        ("unit", "", fact("safety", "unit", date(2023, 4, 15)), True),
        ("unit", "", fact("safety", "unit", date(2023, 4, 14)), False),
        ("person", "industrial_worker", fact("safety", "unit", date(2026, 1, 1)), False),
        ("person", "enterprise_leader", fact("safety", "unit", date(2026, 1, 1)), True),
        ("person", "industrial_worker", fact("discipline", "person", date(2025, 1, 1)), True),
        ("person", "industrial_worker", fact("discipline", "person", date(2020, 1, 1), date(2026, 4, 14)), True),
        ("person", "industrial_worker", fact("discipline", "person", date(2020, 1, 1), date(2026, 4, 13)), False),
        ("team", "", fact("wages", "unit", date(2025, 1, 1)), True),
        ("unit", "", fact("discipline", "unit", date(2026, 1, 1)), False),
    ],
)  # fmt: skip
def test_vetoes_exclude_whom_they_concern_as_long_as_they_do(kind, category, given, out):
    """H50–H52: the unit and its leader, for the look-back; a person to the end of the sanction."""
    found = unmet(facts({"identity__category": category}, kind=kind, vetoes=(given,)))
    assert ("veto" in found) is out


@given(st.dates(date(2020, 1, 1), date(2026, 4, 14)), st.integers(1, 10))
def test_a_look_back_of_n_years_ends_on_the_same_day(happened, years):
    veto = Veto(code="x", label="x", years=years)
    end = date(happened.year + years, 3, 1) if (happened.month, happened.day) == (2, 29) and (happened.year + years) % 4 else happened.replace(year=happened.year + years)  # fmt: skip
    given_fact = fact("x", "unit", happened)
    assert eligibility.in_force(given_fact, veto, end - timedelta(days=1))
    assert not eligibility.in_force(given_fact, veto, end)


@pytest.mark.parametrize(
    ("kind", "dossier", "flags", "non_public", "classes"),
    [
        ("unit", {}, set(), False, ("unit", "any")),
        ("unit", {"identity__unit_class": "institution"}, set(), False, ("any",)),
        ("person", {}, set(), False, ("worker", "any")),
        ("person", {"identity__category": "enterprise_leader"}, set(), False, ("enterprise_leader", "any")),
        ("person", {"identity__category": "enterprise_leader"}, {"state_owned"}, False, ("enterprise_leader", "state_leader", "any")),
        ("person", {"identity__category": "enterprise_leader"}, set(), True, ("enterprise_leader", "non_public_leader", "any")),
        ("person", {"identity__category": "official", "identity__unit_class": "organ"}, set(), False, ("official", "any")),
        ("person", {"identity__category": "manager", "identity__unit_class": "institution"}, set(), False, ("official", "any")),
        ("person", {"identity__category": "farmer"}, set(), False, ("worker", "any")),
    ],
)  # fmt: skip
def test_who_is_asked_follows_the_class(kind, dossier, flags, non_public, classes):
    """H40–H45."""
    assert papers.candidate_classes(facts(dossier, kind=kind, flags=frozenset(flags), non_public=non_public)) == classes


def asked(opinion: str, until: date | None = None) -> dict[str, Asked]:
    return {"police": Asked(department="police", asked_on=date(2026, 4, 10), opinion=opinion, valid_until=until)}


@pytest.mark.parametrize(
    ("clearances", "standing", "blocks_city"),
    [
        ({}, "unasked", True), (asked(""), "waiting", True), (asked("disagree", date(2026, 10, 1)), "negative", True),
        (asked("reserved", date(2026, 10, 1)), "negative", True), (asked("agree", date(2026, 4, 13)), "expired", True),
        (asked("agree", date(2026, 4, 14)), "expiring", False), (asked("agree", date(2026, 5, 14)), "expiring", False),
        (asked("agree", date(2026, 5, 15)), "agreed", False),
    ],
)  # fmt: skip
def test_clearances_block_the_city_review_only(clearances, standing, blocks_city):
    """H45: missing or negative cannot pass 复审; the unit and the county are not kept waiting by departments."""
    found = facts(clearances=clearances)
    assert [one.standing for one in papers.clearings(found)] == [standing]
    checks = rules.review(found)
    assert rules.blocking(checks, "unit") == []
    assert rules.blocking(checks, "county") == []
    assert bool(rules.blocking(checks, "city")) is blocks_city


def test_papers_that_stand_here_need_no_upload():
    """The shipped list's 征求意见表, 先进事迹, 个人照 and 荣誉证书 are asked for where they are kept, never twice."""
    kinds = ("clearance_forms", "deeds", "portrait", "basis", "report")
    asked = support.rule_set(materials=tuple(MaterialRule(kind=kind, label=kind) for kind in kinds))
    assert unmet(facts(rules=asked)) == {"material_report": "bad"}
    assert unmet(facts({"deeds__deeds": " "}, rules=asked)) == {
        "material_report": "bad",
        "material_deeds": "bad",
        "deeds_missing": "bad",
    }
    typed = {"record__prizes": (Prize(when="2022-11", title="甲", conferrer="乙", level="city"),)}
    assert unmet(facts(typed, rules=asked)) == {"material_report": "bad", "material_basis": "bad"}
    unit = facts(rules=asked, kind="unit")
    assert unmet(unit)["material_portrait"] == "bad"


def test_every_demand_names_its_rule_and_its_part():
    bare = facts(
        dict.fromkeys(("basic__native_place", "deeds__summary", "procedure__called"), ""), consent=None, portrait=False, materials={}, held=(),
        clearances={}, union_state="none", barred="x", vetoes=(fact("discipline", "person", TODAY),),
    )  # fmt: skip
    for check in rules.review(bare):
        assert check.rule, check.code
        assert check.part in rules.ORDER
        if check.refusal is not None:
            assert check.refusal.rule
            assert "{" not in check.refusal.text(), check.code


def test_facts_are_plain_values():
    """What the rules see can be written down: no table row, no clock."""
    assert msgspec.json.encode(facts().dossier)
