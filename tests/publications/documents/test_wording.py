"""The sentence of a decision against its annex (H70, A11) with the real counts of two years; headings; order (H71)."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publications.documents import wording
from publications.documents.schemas import Annex, Block, Entry, Level, Of

YEARS = {
    2017: [(Of.UNITS, "先进集体", 99), (Of.UNITS, "五一劳动奖状", 10), (Of.PEOPLE, "五一劳动奖章", 117), (Of.TEAMS, "工人先锋号", 102)],
    2021: [(Of.UNITS, "先进集体", 12), (Of.PEOPLE, "五一劳动奖章", 104), (Of.TEAMS, "工人先锋号", 62), (Of.PEOPLE, "金牌职工", 288)],
}  # fmt: skip
ORGAN = "宣城市示例总工会"


def roll(of: Of, honour: str, count: int, first: str = "") -> Annex:
    word = {Of.PEOPLE: "赵立春", Of.UNITS: "示例机械有限公司", Of.TEAMS: "示例车间焊装班"}[of]
    names = [f"{word}{wording.chinese(n % 99 + 1)}{'甲乙'[n // 99 % 2]}{n // 198 or ''}" for n in range(count)]
    entries = tuple(Entry(name=name) for name in [first or names[0], *names[1:]])
    return Annex(title=f"{honour}名单", of=of, honour=honour, entries=entries)


def rolls(year: int) -> tuple[Annex, ...]:
    return tuple(roll(of, honour, count) for of, honour, count in YEARS[year])


def codes(text: str, annexes) -> set[str]:
    return {refusal.code for refusal in wording.check_decision([Block(text=text)], annexes)}


@pytest.mark.parametrize("year", YEARS)
def test_the_generated_sentence_agrees_with_its_rolls(year):
    annexes = rolls(year)
    text = wording.decision(ORGAN, annexes)
    assert text.startswith(f"{ORGAN}决定：授予")
    assert text.endswith("称号。")
    for of, honour, count in YEARS[year]:
        measure = {Of.UNITS: "个单位", Of.TEAMS: "个集体", Of.PEOPLE: "位同志"}[of]
        assert f"等{count}{measure}“{honour}”" in text
    assert codes(text, annexes) == set()


@pytest.mark.parametrize("year", YEARS)
def test_one_name_more_or_less_in_any_annex_is_refused(year):
    annexes = rolls(year)
    text = wording.decision(ORGAN, annexes)
    for place, annex in enumerate(annexes):
        for entries in (annex.entries[:-1], (*annex.entries, Entry(name="钱多出"))):
            changed = list(annexes)
            changed[place] = Annex(title=annex.title, of=annex.of, honour=annex.honour, entries=entries)
            found = wording.check_decision([Block(text=text)], changed)
            assert [(r.code, r.rule, r.facts["honour"]) for r in found] == [("decision_count", "H70", annex.honour)]
            assert found[0].facts["count"] == len(entries)
            assert found[0].facts["said"] == len(annex.entries)


def test_another_first_name_is_refused():
    annexes = rolls(2017)
    text = wording.decision(ORGAN, annexes)
    people = annexes[2]
    swapped = (people.entries[1], people.entries[0], *people.entries[2:])
    changed = (*annexes[:2], Annex(title="名单", of=Of.PEOPLE, honour=people.honour, entries=swapped), annexes[3])
    assert codes(text, changed) == {"decision_first"}


def test_text_and_annexes_must_name_the_same_honours():
    annexes = rolls(2021)
    text = wording.decision(ORGAN, annexes)
    assert codes(text, annexes[:3]) == {"decision_annex_absent"}
    assert codes(wording.decision(ORGAN, annexes[:3]), annexes) == {"decision_clause_absent"}
    assert codes(text, (*annexes, annexes[0])) == {"decision_annex_twice"}
    assert codes("全市工会要学习先进。", annexes) == {"decision_clause_absent"}


def test_the_other_pattern_of_the_field_is_read_too():
    """授予…“…”称号，并向…等10个单位颁发“…” (H70)."""
    annexes = rolls(2017)[:2]
    first, second = (annex.entries[0].name for annex in annexes)
    text = f"省总工会决定：授予{first}等99个单位“先进集体”称号，并向{second}等10个单位颁发“五一劳动奖状”。"
    assert codes(text, annexes) == set()
    assert codes(text.replace("等10个", "等11个"), annexes) == {"decision_count"}


def test_people_are_not_counted_as_units():
    annexes = (roll(Of.PEOPLE, "五一劳动奖章", 3),)
    text = wording.decision(ORGAN, annexes).replace("位同志", "个单位")
    assert codes(text, annexes) == {"decision_measure"}


def test_one_alone_is_not_等1():
    annexes = (roll(Of.PEOPLE, "五一劳动奖章", 1, "赵立春"), roll(Of.UNITS, "五一劳动奖状", 1, "示例甲厂"))
    text = wording.decision(ORGAN, annexes)
    assert text == f"{ORGAN}决定：授予赵立春同志“五一劳动奖章”，授予示例甲厂“五一劳动奖状”称号。"
    assert codes(text, annexes) == set()
    assert codes(text, (roll(Of.PEOPLE, "五一劳动奖章", 2, "赵立春"), annexes[1])) == {"decision_count"}


def test_the_sentence_is_written_anew_in_its_place():
    annexes = rolls(2017)
    old = wording.decision(ORGAN, rolls(2021))
    body = [Block(text="一段。"), Block(text=f"为表彰先进，{old}希望再接再厉。")]
    new = wording.with_decision(body, ORGAN, annexes)
    assert [block.text for block in new] == ["一段。", f"为表彰先进，{wording.decision(ORGAN, annexes)}希望再接再厉。"]
    assert wording.with_decision(body[:1], ORGAN, annexes)[-1].text == wording.decision(ORGAN, annexes)


def test_headings_are_read_and_counted():
    typed = "导语。\n一、总体要求\n（一）指导思想\n1.第一条\n（1）细目\n（2）细目\n2．第二条\n（二）基本原则\n二、工作安排\n（一）动员"
    body, refused = wording.read_body(typed)
    assert refused == []
    levels = [Level.PLAIN, Level.FIRST, Level.SECOND, Level.THIRD, Level.FOURTH, Level.FOURTH, Level.THIRD, Level.SECOND, Level.FIRST, Level.SECOND]  # fmt: skip
    assert [block.level for block in body] == levels
    assert wording.read_body(wording.typed_body(body)) == (body, [])


def test_every_wrong_number_is_told_at_once():
    _body, refused = wording.read_body("一、甲\n三、乙\n（二）丙")
    assert [(r.facts["place"], r.facts["due"]) for r in refused] == [(2, "二、"), (3, "（一）")]


def test_a_decimal_is_no_heading():
    body, refused = wording.read_body("3.5万名职工参加。")
    assert (body[0].level, refused) == (Level.PLAIN, [])


@given(st.integers(1, 99))
def test_chinese_numerals(number):
    """Read back by their meaning: 二十三 is 2 × 10 + 3."""
    text = wording.chinese(number)
    digits = {char: place for place, char in enumerate("零一二三四五六七八九")}
    tens, ten, ones = text.rpartition("十")
    value = (digits[tens] if tens else 1) * 10 if ten else 0
    assert value + (digits[ones] if ones else 0) == number


def test_dates_and_numbers_have_no_zeros_before():
    assert wording.day_of(date(2026, 4, 8)) == "2026年4月8日"
    assert wording.number_of("宣工", 2026, 12) == "宣工〔2026〕12号"


def test_rolls_stand_by_county_then_strokes():
    """丁 2, 王 4, 李 7, 赵 9 strokes; 宣州区 341802 before 宁国市 341881, the city's own last (H71)."""
    entries = [
        Entry(name="赵立春", region="341881"), Entry(name="李清明", region="341802"), Entry(name="丁谷雨"),
        Entry(name="王小满", region="341881"), Entry(name="丁大寒", region="341802"),
    ]  # fmt: skip
    assert [e.name for e in wording.ordered(entries, people=True)] == ["丁大寒", "李清明", "王小满", "赵立春", "丁谷雨"]
    assert [e.name for e in wording.ordered(entries, people=False)] == [
        "李清明",
        "丁大寒",
        "赵立春",
        "王小满",
        "丁谷雨",
    ]
    assert wording.unplaced([Entry(name="𪨊立春"), Entry(name="丁大寒")]) == ["𪨊立春"]
