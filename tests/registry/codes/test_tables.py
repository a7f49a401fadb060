"""代码表 (I4, I5, I7, H17): our own tables against the published ones, and how they are read."""

import csv

import pytest

from foundation.errors import Refusal
from registry.codes import regions, skill_levels, unit_types
from registry.codes.education import EDUCATION_LEVELS
from registry.codes.ethnic_groups import ETHNIC_GROUPS
from registry.codes.industries import INDUSTRIES
from registry.codes.job_categories import FLAGS, JOB_CATEGORIES, derived_flags
from registry.codes.occupations import OCCUPATIONS
from registry.codes.political_status import POLITICAL_STATUSES, SHORT_NAMES
from registry.codes.sex import SEXES
from registry.codes.skill_levels import SKILL_LEVELS
from tests.support import SHARED, needs_shared

DATA = SHARED / "data"
TABLES = [
    SEXES,
    ETHNIC_GROUPS,
    POLITICAL_STATUSES,
    EDUCATION_LEVELS,
    INDUSTRIES,
    SKILL_LEVELS,
    unit_types.UNIT_TYPES,
    OCCUPATIONS,
    JOB_CATEGORIES,
    FLAGS,
]


def published(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.shared
@needs_shared
@pytest.mark.parametrize(
    ("file", "table"),
    [
        ("gbt2261_1_sex.csv", SEXES),
        ("gbt3304_nation.csv", ETHNIC_GROUPS),
        ("gbt4762_political.csv", POLITICAL_STATUSES),
        ("gbt4658_education.csv", EDUCATION_LEVELS),
        ("gbt4754_2017_sections.csv", INDUSTRIES),
        ("skill_levels.csv", SKILL_LEVELS),
    ],
)
def test_a_table_is_the_published_one(file, table):
    assert {row["code"]: row["name"] for row in published(file)} == {code: table.zh(code) for code in table}


@pytest.mark.shared
@needs_shared
def test_short_political_names_are_the_published_ones_and_are_found():
    rows = published("gbt4762_political.csv")
    assert {row["code"]: row["short"] for row in rows} == SHORT_NAMES
    assert all(POLITICAL_STATUSES.find(row["short"]) == row["code"] for row in rows)


@pytest.mark.shared
@needs_shared
def test_regions_are_the_published_ones():
    rows = {row["code"]: (row["name"], row["parent"], row["status"]) for row in published("gbt2260_xuancheng.csv")}
    assert rows == {code: (region.zh, region.parent, region.status) for code, region in regions.REGIONS.items()}


@pytest.mark.shared
@needs_shared
def test_levels_are_in_the_published_order():
    rows = sorted(published("skill_levels.csv"), key=lambda row: int(row["order"]))
    assert tuple(row["code"] for row in rows) == skill_levels.ORDER


def test_seven_counties_and_the_synthetic_code_is_nobodys():
    assert len(regions.COUNTIES) == 7
    assert {regions.REGIONS[code].status for code in regions.COUNTIES} == {"active"}
    assert regions.SYNTHETIC == "341899"
    assert regions.SYNTHETIC not in regions.REGIONS


def test_the_two_misspelt_groups_are_right_and_still_found():
    assert (ETHNIC_GROUPS.zh("31"), ETHNIC_GROUPS.zh("32")) == ("达斡尔族", "仫佬族")
    assert (ETHNIC_GROUPS.find("达翰尔族"), ETHNIC_GROUPS.find("么佬族")) == ("31", "32")
    assert len(ETHNIC_GROUPS) == 58


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_entry_is_found_by_code_and_by_name_in_two_languages(table):
    for code, (zh, en) in table.items():
        assert table.find(code) == table.find(zh) == table.find(f" {zh} ") == code
        assert en.isascii() or "ä" not in en
        assert en
    assert len({zh for zh, _ in table.values()}) == len({en for _, en in table.values()}) == len(table)
    assert table.options(english=True)[0][1] == table.en(next(iter(table)))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_an_unknown_word_is_refused_with_an_example(table):
    with pytest.raises(Refusal, match=next(iter(table))) as caught:
        table.require("查无此项", field="x")
    assert (caught.value.code, caught.value.field, caught.value.rule) == ("code_unknown", "x", table.rule)
    assert table.find("查无此项") is None


@pytest.mark.parametrize(
    ("table", "word", "code"),
    [
        (SEXES, "男", "1"),
        (SEXES, "女", "2"),
        (ETHNIC_GROUPS, "畲", "22"),
        (EDUCATION_LEVELS, "本科", "21"),
        (EDUCATION_LEVELS, "大专", "31"),
        (SKILL_LEVELS, "高级工", "3"),
        (SKILL_LEVELS, "１ｔ", "1T"),
        (JOB_CATEGORIES, "产业工人", "industrial_worker"),
        (unit_types.UNIT_TYPES, "私营", "170"),
    ],
)
def test_the_words_that_people_write(table, word, code):
    assert table.require(word) == code


def test_unit_types_that_the_rules_state():
    assert {"110", "170", "300", "400", "500"} == unit_types.CONFIRMED
    assert set(unit_types.UNIT_TYPES) > unit_types.CONFIRMED


def test_flags_that_other_facts_decide():
    assert derived_flags(sex="2", ethnic_group="22", non_public_employer=True) == {
        "woman",
        "ethnic_minority",
        "non_public",
    }
    assert derived_flags(sex="1", ethnic_group="01", non_public_employer=False) == set()
    assert derived_flags(sex="1", ethnic_group="98", non_public_employer=False) == set()


def test_a_region_is_named_as_exactly_as_known():
    assert regions.name_of("341881") == "宁国市"
    assert regions.name_of("341899") == "宣城市"
    assert regions.name_of("340111") == "安徽省"
    assert regions.name_of("990000") == "990000"
    assert regions.name_en("341881") == "Ningguo City"
