"""The scoring table as a form: what an officer types becomes the table, each fault stands at its field, nothing is saved by a row's button."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import msgspec
import pytest

from foundation.errors import Refusals
from foundation.forms import grow
from foundation.trees import clean, leaves
from studios.applications import programmes, rule_words, table_form
from studios.applications.presets import eight_table, hangzhou_table, hefei
from studios.applications.schemas import ProgrammeForm
from studios.scoring import Answer, bonus_points, full_points, item_result, items_of


@pytest.fixture
async def city(house):
    return await house.person("zheng", "city_officer", at="city")


@pytest.fixture
async def programme(city):
    return await programmes.create_programme(
        city, ProgrammeForm(title="宣城市劳模工匠创新工作室", code="city-studio", preset="eight")
    )


def fields(tree: table_form.Tree, **more: str) -> dict[str, str]:
    return {name: text for name, text in leaves(tree) if text} | more


def without_codes(tree: table_form.Tree) -> table_form.Tree:
    """What an officer types who begins with empty rows: only the codes are not typed."""
    return clean(grow([(n, t) for n, t in leaves(tree) if t and not n.endswith("-code")]), table_form.TABLE)


@pytest.mark.parametrize("make", [eight_table, hangzhou_table])
def test_a_table_comes_out_of_its_form_as_it_went_in(make):
    tree = table_form.tree_of(make())
    assert table_form.table_in(clean(grow(list(fields(tree).items())), table_form.TABLE)) == make()


def test_the_hundred_points_of_hangzhou_can_be_typed():
    """T10: 基础保障 35, no place no points, −2 for a missing sign; each missing apprentice −1, each missing skilled one −3."""
    typed = table_form.table_in(without_codes(table_form.tree_of(hangzhou_table())))
    items = {item.label: item for item in items_of(typed)}
    assert full_points(typed) == 100
    assert sum(Fraction(item.points) for item in typed.sections[0].items) == 35

    def value(label: str, *answers: bool | int) -> Fraction | None:
        item = items[label]
        return item_result(item, Answer(checks=dict(zip((c.code for c in item.checks), answers, strict=True)))).value

    assert value("场地", False, True, True) == 0
    assert value("场地", True, False, False) == 10 - 2 - 3
    assert value("带徒", False, 7, True) == 10 - 2 - 3
    assert value("带徒", False, 0, True) == 0  # 10 − 2 − 10 stops at the floor
    assert value("培养高技能人才", 1) == 10 - 2 * 3
    patent = next(one.code for one in typed.bonus if one.label == "发明专利")
    assert bonus_points(typed, {patent: 9}) == 3


FAULTS: list[tuple[dict[str, str], set[tuple[str, str]]]] = [
    ({"title": "", "source": ""}, {("title", "required"), ("source", "required")}),
    ({"step": "0"}, {("step", "table_step")}),
    ({"places": "七"}, {("places", "not_whole")}),
    ({"method": "sum"}, {("method", "no_such_choice")}),
    ({"method": "trimmed_mean"}, {("minimum", "panel_too_few_to_drop")}),
    ({"excellent": "九十"}, {("excellent", "grade_lines")}),
    ({"excellent": "70"}, {("excellent", "grade_order")}),
    ({"excellent": "100.5"}, {("excellent", "grade_order")}),
    ({"sections-0-label": ""}, {("sections-0-label", "required")}),
    ({"sections-0-items-1-points": "-5"}, {("sections-0-items-1-points", "item_points")}),
    ({"sections-0-items-1-points": "5.25"}, {("sections-0-items-1-points", "item_step")}),
    ({"sections-0-items-1-label": ""}, {("sections-0-items-1-label", "required")}),
    ({"sections-0-items-0-kind": "judged"}, {("sections-0-items-0-kind", "item_judged_checks")}),
    ({"sections-0-items-1-kind": "deducted"}, {("sections-0-items-1-kind", "item_without_checks")}),
    ({"sections-0-items-0-checks-1-zero": "true"}, {("sections-0-items-0-label", "zero_if")}),
    ({"sections-0-items-0-checks-1-deduct": "10.5"}, {("sections-0-items-0-checks-1-deduct", "check_deducts_more")}),
    ({"sections-0-items-0-checks-1-deduct": ""}, {("sections-0-items-0-checks-1-deduct", "check_deduct")}),
    ({"sections-4-items-0-checks-1-target": ""}, {("sections-4-items-0-checks-1-target", "check_target")}),
    ({"sections-4-items-0-checks-2-deduct": "1"}, {("sections-4-items-0-checks-2-deduct", "note_deducts")}),
    ({"bonus-0-cap": "1"}, {("bonus-0-cap", "bonus_cap")}),
    ({"bonus-1-each": "", "bonus-1-label": ""}, {("bonus-1-each", "bonus_each"), ("bonus-1-label", "required")}),
    ({"sections-0-items-1-evidence": "证" * 301}, {("sections-0-items-1-evidence", "too_long")}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "expected"), FAULTS, ids=lambda value: "-".join(value) if isinstance(value, dict) else ""
)
def test_each_fault_stands_at_its_field(typed, expected):
    sent = {**fields(table_form.tree_of(hangzhou_table())), **typed}
    with pytest.raises(Refusals) as refused:
        table_form.table_in(clean(grow(list(sent.items())), table_form.TABLE))
    assert {(one.field, one.code) for one in refused.value.refusals} == expected


def test_all_faults_come_at_once():
    sent = fields(table_form.tree_of(hangzhou_table()))
    for typed, _expected in FAULTS[:3]:
        sent |= typed
    with pytest.raises(Refusals) as refused:
        table_form.table_in(clean(grow(list(sent.items())), table_form.TABLE))
    assert {one.field for one in refused.value.refusals} == {"title", "source", "step", "places"}


async def _stored(programme: Any) -> Any:
    return await programmes.rules_of(programme)


async def test_an_officer_saves_a_table_and_the_versions_say_what_changed(city, programme, browse):
    page, path = await browse(city), f"/studios/programmes/{programme}/tables/naming"
    assert 'name="sections-0-items-7-points"' in (await page.get(path)).text
    sent = fields(table_form.tree_of(hangzhou_table()), reason="改用扣分制", version="1")
    assert (await page.submit(path, sent)).status_code == 303
    assert (await _stored(programme)).naming_table == hangzhou_table()
    shown = (await page.get(f"/studios/programmes/{programme}")).text
    assert "命名评分表 · 基础保障 · 场地 10 分，按检查点扣分；有固定场地（无场地，本项 0 分，缺则本项 0 分）" in shown
    assert "<s>命名评分表 · 八项标准 · 标志明显 10 分；凭据：牌匾标志：悬挂于入口，文字与命名文件一致</s>" in shown
    again = await page.submit(path, sent)
    assert again.status_code == 412
    assert (await programmes.newest_rules(programme))["number"] == 2


async def test_a_fault_saves_nothing_and_keeps_what_was_typed(city, programme, browse):
    page, path = await browse(city), f"/studios/programmes/{programme}/tables/naming"
    sent = fields(table_form.tree_of(hangzhou_table()), version="1") | {"title": "我会的新表", "bonus-0-cap": "0.5"}
    answer = await page.submit(path, sent)
    assert answer.status_code == 422
    assert 'value="我会的新表"' in answer.text
    assert "加分上限应不低于每件的 2 分" in answer.text
    sent["bonus-0-cap"] = "4"
    assert "请写明修改的理由" in (await page.submit(path, sent)).text
    assert (await programmes.newest_rules(programme))["number"] == 1


async def test_a_rows_button_changes_the_form_and_saves_nothing(city, programme, browse):
    page, path = await browse(city), f"/studios/programmes/{programme}/tables/naming/rows"
    sent = fields(table_form.tree_of(eight_table()), version="1") | {"sections-0-items-0-points": "半途"}
    added = await page.submit(path, sent | {"act": "add-sections-0-items-0-checks"})
    assert added.status_code == 200
    assert 'name="sections-0-items-0-checks-0-label"' in added.text
    assert 'value="半途"' in added.text
    gone = (await page.submit(path, sent | {"act": "remove-sections-0-items-7"})).text
    assert 'name="sections-0-items-7-label"' not in gone
    moved = (await page.submit(path, sent | {"act": "down-sections-0-items-0"})).text
    assert moved.index('value="场所规范"') < moved.index('value="标志明显"')
    said = (await page.submit(path, sent | {"act": "check"})).text
    assert "“标志明显”的分值应为正数" in said
    for nonsense in ("", "add-", "add-sections-99-items", "remove-sections-0-items-x", "up-bonus-0-cap", "add-title"):
        assert (await page.submit(path, sent | {"act": nonsense})).status_code == 200
    assert (await programmes.newest_rules(programme))["number"] == 1


async def test_the_assessment_has_a_table_of_its_own_or_the_namings(city, programme, browse):
    page, path = await browse(city), f"/studios/programmes/{programme}/tables/assessment"
    sent = fields(table_form.tree_of(hangzhou_table()), reason="考核用扣分表", version="1")
    assert (await page.submit(path, sent)).status_code == 303
    rules = await _stored(programme)
    assert (rules.assessing, rules.naming_table) == (hangzhou_table(), eight_table())
    back = {"act": "same", "reason": "改回", "version": "2"}
    assert (await page.submit(path, back)).status_code == 303
    assert (await _stored(programme)).assessment_table is None
    assert (await page.get(f"/studios/programmes/{programme}/tables/other")).status_code == 404


async def test_while_a_call_is_open_the_table_is_locked(city, programme, browse):
    from foundation import clock
    from studios.applications.schemas import CallForm

    today = await clock.today()
    await programmes.open_call(city, programme, CallForm(title="申报", code="X", opens_on=today, closes_on=today))
    sent = fields(table_form.tree_of(hangzhou_table()), reason="改", version="2")
    answer = await (await browse(city)).submit(f"/studios/programmes/{programme}/tables/naming", sent)
    assert answer.status_code == 409
    assert "规则已锁定" in answer.text
    assert (await _stored(programme)).naming_table == eight_table()


def test_every_change_of_a_rule_is_a_sentence():
    """Whatever part of the rules is changed, the difference is not empty and names both sides."""
    rules = hefei()
    replace = msgspec.structs.replace
    changed = [
        replace(rules, conditions=replace(rules.conditions, team_min=6)),
        replace(rules, conditions=replace(rules.conditions, lower_level="county", lower_years=2)),
        replace(rules, terms=replace(rules.terms, cycle_years=2)),
        replace(rules, subsidies=rules.subsidies[:1]),
        replace(rules, assessment_table=None),
        replace(rules, naming_table=replace(rules.naming_table, excellent="95")),
        replace(rules, naming_table=replace(rules.naming_table, panel=replace(rules.naming_table.panel, minimum=5))),
        replace(rules, assessment_table=replace(hangzhou_table(), bonus=())),
    ]
    for new in changed:
        found = rule_words.difference(rules, new)
        assert found, new
        assert all(was != now for was, now in found)
        assert rule_words.difference(new, rules) != found
    assert rule_words.difference(rules, rules) == []
    assert rule_words.difference(rules, changed[0]) == [("团队不少于 5 人", "团队不少于 6 人")]
