"""Lines of 28 cells: nothing lost, nothing too long, no mark where it may not stand; set beside a naive reading of the rules."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from publications.documents import composition
from publications.documents.composition import balanced, cells, compose

CLOSING = "，。、；：？！）》」』】〕”’…—"
OPENING = "（《「『【〔“‘"
PROSE = st.text(alphabet=st.sampled_from("工会职劳动宣城" + CLOSING + OPENING + "0123456789aB.%@ "), max_size=400)
PLAIN = st.text(alphabet=st.sampled_from("工会职劳动宣城"), max_size=300)


@given(PROSE, st.sampled_from([0, 4]), st.sampled_from([0, 2, 10]))
@example("，" * 200, 4, 0)
@example("（" * 200, 4, 0)
@example("a" * 200, 4, 0)
@example("—" * 61, 0, 0)
def test_no_character_is_lost_and_no_line_is_over_full(text, first, hanging):
    lines = compose(text, first=first, hanging=hanging)
    assert "".join(line.text for line in lines) == text
    assert [line.indent for line in lines] == [first] + [hanging] * (len(lines) - 1)
    for line in lines:
        width = sum(1 if char.isascii() else 2 for char in line.text)
        assert line.indent + width + line.lost <= 56
        assert line.lost >= 0


@given(PROSE)
def test_what_a_line_lost_fills_it_exactly(text):
    """A line before the last is full once its lost cells are spread, unless it lost more than may be spread."""
    *early, last = compose(text, first=4)
    assert last.lost == 0
    for line in early:
        free = 56 - line.indent - cells(line.text)
        assert line.lost == (free if free <= 16 else 0)


def _breakable(text: str, at: int) -> bool:
    """Whether a break before ``text[at]`` is allowed, said in the rules' own words."""
    before, after = text[at - 1], text[at]
    if after in CLOSING + ",.%" or before in OPENING:
        return False
    if after == " ":
        return False
    return not (before.isascii() and before != " " and after.isascii())


@given(PROSE)
def test_marks_stand_where_they_may(text):
    """Every break is allowed, unless no allowed break was left within the line."""
    lines = compose(text)
    at = 0
    for line in lines[:-1]:
        start, at = at, at + len(line.text)
        if not _breakable(text, at):
            assert not any(_breakable(text, place) for place in range(start + 1, at)), (line.text, text[at:])


@given(PLAIN)
def test_plain_text_fills_every_line(text):
    lines = compose(text, first=4)
    assert [len(line.text) for line in lines[:-1]] == [26, *[28] * (len(lines) - 2)][: len(lines) - 1]
    assert all(line.lost == 0 for line in lines)


def test_the_mock_up_breaks_where_the_standard_does():
    text = "2025年以来，全市广大职工坚持以习近平新时代中国特色社会主义思想为指导，立足本职、爱岗敬业、勇于创新、甘于奉献，在推动高质量发展、建设现代化宣城的实践中作出了突出贡献，涌现出一批先进集体和先进个人。"
    assert [line.text for line in compose(text, first=4)] == [
        "2025年以来，全市广大职工坚持以习近平新时代中国特色社",
        "会主义思想为指导，立足本职、爱岗敬业、勇于创新、甘于奉",
        "献，在推动高质量发展、建设现代化宣城的实践中作出了突出贡",
        "献，涌现出一批先进集体和先进个人。",
    ]


def test_two_digits_fill_one_cell_and_a_number_is_never_parted():
    assert cells("16位") == cells("工位")
    lines = compose("工" * 27 + "2026年")
    assert [line.text for line in lines] == ["工" * 27, "2026年"]
    assert lines[0].lost == 2


def test_a_long_dash_is_never_parted():
    assert [line.text for line in compose("工" * 27 + "——会")] == ["工" * 26, "工——会"]


@given(st.text(alphabet=st.sampled_from("关于表彰宣城市五一劳动奖和工人先锋号的决定2026年"), min_size=1, max_size=90))
def test_a_title_keeps_its_words_and_its_width(title):
    lines = balanced(title, 40)
    assert "".join(lines) == title
    assert all(cells(line) <= 40 for line in lines)


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        (
            "宣城市总工会关于表彰2026年宣城市五一劳动奖和工人先锋号的决定",
            ("宣城市总工会", "关于表彰2026年宣城市五一劳动奖和", "工人先锋号的决定"),
        ),
        ("关于召开会议的通知", ("关于召开会议的通知",)),
        ("关于表彰\n先进的决定", ("关于表彰", "先进的决定")),
    ],
)
def test_titles(title, lines):
    assert balanced(title, 40) == lines


def test_the_tables_of_marks_do_not_overlap():
    assert not composition.NOT_FIRST & composition.NOT_LAST


def test_a_title_is_not_broken_within_a_word():
    """赛项 stays whole: without this rule the two halves are of one length and the line ends after 赛."""
    lines = balanced("2026年宣城市“焊工”赛项拟推荐金牌职工人选公示", 40)
    assert lines == ("2026年宣城市“焊工”赛项", "拟推荐金牌职工人选公示")
