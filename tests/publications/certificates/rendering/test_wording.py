"""The words of a certificate, against the rules D5 and D6 and the paper's tokens."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publications.certificates.rendering import wording

FIGURES = {"〇": 0, "一": 1, "二": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}


def read_number(text: str) -> int:
    """A reader's way back: 二十一 is 2 × 10 + 1."""
    if "十" not in text:
        return FIGURES[text]
    tens, ones = text.split("十")
    return (FIGURES[tens] if tens else 1) * 10 + (FIGURES[ones] if ones else 0)


def test_the_sample_of_the_rules():
    assert wording.chinese_month(date(2026, 4, 9)) == "二〇二六年四月"
    assert wording.chinese_date(date(2020, 10, 31)) == "二〇二〇年十月三十一日"
    assert "\u3007" in wording.chinese_year(2026)
    assert not set("零○Ｏ0") & set(wording.chinese_year(2000))


@given(st.dates())
def test_every_date_reads_back(day: date):
    year, rest = wording.chinese_date(day).split("年")
    month, rest = rest.split("月")
    assert int("".join(str(FIGURES[char]) for char in year)) == day.year
    assert (read_number(month), read_number(rest.removesuffix("日"))) == (day.month, day.day)


@pytest.mark.parametrize("value", [0, -1, 100])
def test_numbers_beyond_two_figures_are_refused(value: int):
    with pytest.raises(ValueError, match="1 to 99"):
        wording.chinese_number(value)


@pytest.mark.parametrize(
    ("name", "printed"),
    [("李镓", "李\u3000镓"), ("赵立春", "赵立春"), ("欧阳谷雨", "欧阳谷雨"), ("Bo", "Bo"), ("阿依·古丽", "阿依·古丽")],
)
def test_only_two_chinese_characters_are_opened(name: str, printed: str):
    assert wording.open_name(name) == printed


def test_name_scale_steps():
    assert [wording.name_scale(count) for count in (1, 4, 5, 8, 9, 13, 14, 200)] == [
        *(1.0, 1.0, 0.86, 0.86, 0.70, 0.70, 0.64, 0.64)
    ]


def test_the_sentence_names_year_title_and_trade(certificate):
    assert wording.sentence(certificate()) == "在2026年宣城市职工职业技能大赛（焊工工种）中荣获"
    said_twice = certificate(competition="2026年度宣城市职工职业技能大赛", event="机电一体化赛项")
    assert wording.sentence(said_twice) == "在2026年宣城市职工职业技能大赛（机电一体化赛项）中荣获"
    assert wording.sentence(certificate(event="")) == "在2026年宣城市职工职业技能大赛中荣获"
    assert wording.head_line(certificate()) == "二〇二六年宣城市职工职业技能大赛 · 焊工"


def test_another_year_in_the_title_stays():
    assert wording.without_year("2025年宣城市大赛", 2026) == "2025年宣城市大赛"
    assert wording.without_year("二〇二六年宣城市大赛", 2026) == "宣城市大赛"


@given(st.text(alphabet="宣城市职工大赛“”（）", min_size=1, max_size=120))
def test_columns_lose_nothing_and_open_with_no_closing_mark(title: str):
    cut = wording.columns(title)
    assert "".join(cut) == title
    assert all(cut)
    if not set(title) & set("”）"):
        assert max(map(len, cut)) <= 14
    assert not [column for column in cut[1:] if column[0] in "”）"]


def test_codes_are_read_in_fours():
    assert wording.grouped("6N2DH8QW3F7KQ") == "6N2D-H8QW-3F7K-Q"
    assert wording.grouped("6N2D-H8QW3") == "6N2D-H8QW3"


@pytest.mark.parametrize("char", ["\n", "\u0000", "\u200b", "\u202e", "\u2028", "\ue000"])
def test_invisible_and_private_characters_are_found(char: str):
    assert wording.unprintable(f"赵{char}立春") == (char,)


def test_lines_break_between_characters_but_not_before_a_mark():
    assert wording.unbreakable("在2026年“匠心”杯（焊工）中，Ice Dance") == [
        *("在", "2026", "年", "“匠", "心”", "杯", "（焊", "工）", "中，", "Ice ", "Dance")
    ]


@given(st.text(alphabet="宣城）”，。ab 1·"))
def test_pieces_lose_nothing(text: str):
    assert "".join(wording.unbreakable(text)) == text
