"""合成数据: a city that nobody lives in, whole in its numbers and valid in every code."""

import re
from collections import Counter
from datetime import date
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.codes import credit_code, id_card, phone, regions
from registry.codes.education import EDUCATION_LEVELS
from registry.codes.ethnic_groups import ETHNIC_GROUPS
from registry.codes.job_categories import JOB_CATEGORIES
from registry.codes.occupations import OCCUPATIONS
from registry.codes.political_status import POLITICAL_STATUSES
from registry.codes.skill_levels import SKILL_LEVELS
from registry.codes.unit_types import UNIT_TYPES
from registry.synthetic.organisations import make_organisations
from registry.synthetic.people import AS_OF, _IdNumbers, make_workers

ORGANISATIONS = make_organisations(400, 20_000, seed=3)
WORKERS = list(make_workers(ORGANISATIONS, seed=3))


def test_the_city_has_its_true_size():
    city = make_organisations()
    assert len(city) == 6_226
    assert sum(organisation.members for organisation in city) == 340_203
    assert len({organisation.name for organisation in city}) == 6_226
    members = sorted(organisation.members for organisation in city if organisation.level == "grassroots")
    assert members[0] >= 1
    # Skewed as such cities are: the middle union is well below the mean, the largest has over a thousand.
    assert members[len(members) // 2] < 40 < members[-1]
    assert members[-1] > 1_000


def test_the_tree_has_one_root_and_the_levels_in_their_order():
    by_serial = {organisation.serial: organisation for organisation in ORGANISATIONS}
    assert [organisation.serial for organisation in ORGANISATIONS] == list(range(1, 401))
    allowed = {
        "city": {None},
        "county": {"city"},
        "industry": {"city"},
        "town": {"county"},
        "grassroots": {"town", "industry", "county"},
    }
    for organisation in ORGANISATIONS:
        above = by_serial[organisation.parent] if organisation.parent else None
        assert (above.level if above else None) in allowed[organisation.level]
        assert above is None or above.serial < organisation.serial
        if above is not None and above.level in ("town", "county"):
            assert above.region == organisation.region
    levels = Counter(organisation.level for organisation in ORGANISATIONS)
    assert (levels["city"], levels["county"]) == (1, 7)
    assert {one.region for one in ORGANISATIONS if one.level == "county"} == set(regions.COUNTIES)


def test_organisations_are_plainly_invented_and_their_codes_valid():
    codes = []
    for organisation in ORGANISATIONS:
        assert "示例" in organisation.name
        union = credit_code.parse(organisation.union_code)
        credit_code.require_union(union)
        codes.append(union)
        if organisation.level == "grassroots":
            employer = credit_code.parse(organisation.employer_code)
            assert employer.kind == {"enterprise": "91", "institution": "12", "organ": "11"}[organisation.kind]
            assert organisation.employer_name in organisation.name
            assert organisation.unit_type in UNIT_TYPES
            codes.append(employer)
        else:
            assert organisation.members == 0
    assert all(code.inner_ok and code.area == "341899" for code in codes)
    assert len({code.code for code in codes}) == len(codes)


def test_every_identity_number_is_valid_unique_and_nobodys():
    for worker in WORKERS:
        card = id_card.parse(worker.id_number, today=AS_OF)
        assert (card.region, card.birth, card.sex) == ("341899", worker.birth, worker.sex)
        assert phone.parse(worker.phone) == worker.phone
        assert worker.phone.startswith("154")
    assert len({worker.id_number for worker in WORKERS}) == len({worker.phone for worker in WORKERS}) == len(WORKERS)


def age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def test_ages_run_from_18_to_60_and_peak_between_30_and_50():
    ages = Counter(age(worker.birth, AS_OF) for worker in WORKERS)
    assert (min(ages), max(ages)) == (18, 60)
    assert sum(ages[year] for year in range(30, 51)) > len(WORKERS) / 2
    for worker in WORKERS:
        assert worker.employed_since <= AS_OF
        assert age(worker.birth, worker.employed_since) >= 18


def test_codes_are_those_of_the_tables():
    for worker in WORKERS:
        assert worker.ethnic_group in ETHNIC_GROUPS
        assert worker.political_status in POLITICAL_STATUSES
        assert worker.education in EDUCATION_LEVELS
        assert worker.job_category in JOB_CATEGORIES
        assert worker.skill_level in SKILL_LEVELS or not worker.skill_level
        assert worker.occupation in OCCUPATIONS or not worker.occupation


def test_proportions_are_a_citys():
    def share(count: int) -> float:
        return count / len(WORKERS)

    assert 0.45 < share(sum(worker.sex == "1" for worker in WORKERS)) < 0.62
    assert 0.002 < share(sum(worker.ethnic_group != "01" for worker in WORKERS)) < 0.03
    categories = Counter(worker.job_category for worker in WORKERS)
    assert set(categories) >= {
        "industrial_worker",
        "other_frontline",
        "science_education",
        "enterprise_leader",
        "official",
    }
    assert categories.most_common(1)[0][0] == "industrial_worker"
    assert 0.05 < share(sum(worker.migrant_worker for worker in WORKERS)) < 0.4
    assert any(worker.new_employment for worker in WORKERS)
    assert {worker.skill_level for worker in WORKERS} >= {"", "5", "4", "3", "2", "1"}


def test_category_fits_the_employer():
    kinds = {organisation.serial: organisation for organisation in ORGANISATIONS}
    for worker in WORKERS:
        employer = kinds[worker.organisation]
        assert (worker.job_category == "official") <= (employer.kind == "organ")
        assert (worker.job_category == "enterprise_leader") <= (employer.kind == "enterprise")
        assert worker.non_public == (employer.unit_type in ("170", "200", "300"))
        assert worker.migrant_worker <= (worker.job_category == "industrial_worker")


def test_members_are_as_many_as_each_organisation_says():
    counted = Counter(worker.organisation for worker in WORKERS)
    assert counted == {one.serial: one.members for one in ORGANISATIONS if one.members}
    assert [worker.serial for worker in WORKERS] == list(range(1, 20_001))


def test_names_are_of_a_plausible_length_and_of_every_kind():
    lengths = Counter(len(worker.name) for worker in WORKERS)
    assert set(lengths) <= {2, 3, 4, 5}
    assert lengths[3] > lengths[2] > lengths[4] > 0
    minority = [worker.name for worker in make_workers(make_organisations(60, 60_000)) if worker.ethnic_group == "05"]
    assert minority
    assert all(re.fullmatch(r"\w{2}·\w{2}", name) for name in minority)


def test_the_same_seed_gives_the_same_city_and_another_another():
    again = list(islice(make_workers(make_organisations(400, 20_000, seed=3), seed=3), 500))
    assert again == WORKERS[:500]
    other = list(islice(make_workers(make_organisations(400, 20_000, seed=4), seed=4), 500))
    assert [worker.name for worker in other] != [worker.name for worker in again]


def test_numbers_stay_unique_when_a_birth_date_is_used_up():
    numbers = _IdNumbers()
    issued = [numbers.issue(date(1990, 1, 2), "1") for _ in range(1_200)]
    # A day has 500 odd sequences, 001 to 999.
    assert Counter(birth for birth, _ in issued) == {
        date(1990, 1, 2): 500,
        date(1990, 1, 1): 500,
        date(1989, 12, 31): 200,
    }
    assert len({number for _, number in issued}) == 1_200
    assert all(id_card.parse(number, today=AS_OF).birth == birth for birth, number in issued)
    women = [numbers.issue(date(1990, 1, 2), "2")[1] for _ in range(499)]
    assert {number[6:14] for number in women} == {"19900102"}
    assert not {number for _, number in issued} & set(women)


def test_a_leap_day_may_be_the_day_of_reckoning():
    on = date(2024, 2, 29)
    ages = {age(worker.birth, on) for worker in make_workers(make_organisations(40, 3_000), as_of=on)}
    assert (min(ages), max(ages)) == (18, 60)


@settings(max_examples=25, deadline=None)
@given(st.integers(40, 260), st.integers(0, 2_000), st.integers(0, 99))
def test_any_city_adds_up(count, workers, seed):
    city = make_organisations(count, workers, seed=seed)
    assert len(city) == count
    assert sum(organisation.members for organisation in city) == workers
    assert min(organisation.members for organisation in city) >= 0


def test_a_city_too_small_for_its_levels_is_refused():
    with pytest.raises(ValueError, match="40"):
        make_organisations(39, 100)
