"""The binder against a plain reading of the same form: every fault at once, nothing typed is lost, nothing invented."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.clock import SHANGHAI
from foundation.errors import Refusal, Refusals
from foundation.forms import Bound, Code, Line60, Paragraph, Quantity, as_typed, bind_tree, grow, values_of


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Aspect(msgspec.Struct, frozen=True, kw_only=True):
    title: Line60
    most: Quantity
    judged: bool = False


class Module(msgspec.Struct, frozen=True, kw_only=True):
    title: Line60
    aspects: tuple[Aspect, ...] = ()


class Everything(msgspec.Struct, frozen=True, kw_only=True):
    name: Line60
    code: Code
    size: Annotated[int, msgspec.Meta(ge=1, le=10)]
    weight: Quantity
    day: date
    colour: Colour
    at: datetime | None = None
    above: UUID | None = None
    note: Paragraph = ""
    open: bool = False
    tags: tuple[Line60, ...] = ()
    modules: tuple[Module, ...] = ()


GOOD = [
    ("name", "钳工"), ("code", "event-1"), ("size", "3"), ("weight", "12.50"), ("day", "2026-04-17"), ("colour", "red"),
]  # fmt: skip


def bind(*pairs: tuple[str, str], without: str = "") -> Bound[Everything]:
    flat = [(n, v) for n, v in GOOD if n not in {p[0] for p in pairs} and n != without] + list(pairs)
    return bind_tree(grow(flat), Everything, values=as_typed(flat))


def codes(form: Bound) -> dict[str, list[str]]:
    return {name: [fault.code for fault in faults] for name, faults in form.faults.items()}


def test_a_good_form_is_bound():
    form = bind(("at", "2026-04-17T09:30"), ("open", "on"), ("tags", "a"), ("tags", "b"))
    assert form.data == Everything(
        name="钳工", code="event-1", size=3, weight="12.50", day=date(2026, 4, 17), colour=Colour.RED,
        at=datetime(2026, 4, 17, 9, 30, tzinfo=SHANGHAI), open=True, tags=("a", "b"),
    )  # fmt: skip


def test_every_fault_at_once_and_what_was_typed_is_kept():
    pairs = [
        ("name", ""), ("code", "有空格 "), ("size", "11"), ("weight", "1e5"), ("day", "2026-02-30"), ("colour", "green"),
        ("above", "x"), ("note", "a\x00b"), ("typo", "1"), ("modules-0-title", ""), ("modules-0-aspects-1-title", "t" * 61),
        ("modules-0-aspects-1-most", "NaN"),
    ]  # fmt: skip
    form = bind(*pairs)
    assert not form.ok
    assert codes(form) == {
        "typo": ["unknown_field"], "name": ["required"], "code": ["wrong_form"], "size": ["too_large"],
        "weight": ["wrong_form"], "day": ["no_such_date"], "colour": ["no_such_choice"], "above": ["no_such_choice"],
        "note": ["control_characters"], "modules-0-title": ["required"], "modules-0-aspects-0-title": ["too_long"],
        "modules-0-aspects-0-most": ["wrong_form"],
    }  # fmt: skip
    for name, value in pairs:
        assert form.values[name] == value
    with pytest.raises(Refusals) as refused:
        _ = form.data
    assert {r.field for r in refused.value.refusals} == set(codes(form))


@pytest.mark.parametrize("name", ["name", "code", "size", "weight", "day", "colour"])
def test_a_field_that_was_not_sent_is_missed_by_name(name):
    assert codes(bind(without=name)) == {name: ["required"]}


@pytest.mark.parametrize(
    "text",
    ["NaN", "nan", "Infinity", "-Infinity", "1e5", "1E5", "０.５", "１２", "1,000", "+1", ".5", "5.", "01", "--1", "1 2",
     "0x10", "1_000", "1.12345678901", "1234567890", "一", "½", "٣", "1\u00a0000", "−1"],
)  # fmt: skip
def test_a_quantity_is_ascii_digits_and_nothing_cleverer(text):
    assert codes(bind(("weight", text))) == {"weight": ["wrong_form"]}


@given(st.decimals(min_value=-999_999_999, max_value=999_999_999, places=10, allow_nan=False, allow_infinity=False))
def test_every_decimal_of_nine_and_ten_places_is_kept_as_written(number: Decimal):
    text = f"{number:f}"
    form = bind(("weight", text))
    assert form.ok, text
    assert form.data.weight == text


@given(st.text(alphabet="0123456789.-+eE NaInfty０１．", max_size=14))
def test_quantities_against_a_plain_reading(text: str):
    plain = unicodedata.normalize("NFC", text).strip()
    good = re.fullmatch(r"-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,10})?", plain, re.ASCII) is not None
    form = bind(("weight", text))
    assert form.ok == good
    if good:
        assert Decimal(form.data.weight) == Decimal(plain)


@given(st.text(max_size=80))
def test_a_line_against_a_plain_reading(text: str):
    plain = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip()
    bad = [c for c in plain if unicodedata.category(c) == "Cc" or c in "\u2028\u2029\ufeff\ufffd" or "\u202a" <= c <= "\u202e" or "\u2066" <= c <= "\u2069"]  # fmt: skip
    form = bind(("name", text))
    if not plain:
        wanted = {"name": ["required"]}
    elif [c for c in bad if c != "\t"]:
        wanted = {"name": ["control_characters"]}
    elif len(plain) > 60:
        wanted = {"name": ["too_long"]}
    else:
        wanted = {}
    assert codes(form) == wanted
    if not wanted:
        assert form.data.name == plain


@given(st.text(max_size=30))
def test_a_whole_number_against_a_plain_reading(text: str):
    form = bind(("size", text))
    if re.fullmatch(r"[1-9]|10", text.strip(), re.ASCII):
        assert form.data.size == int(text)
    else:
        assert list(form.faults) == ["size"]


@pytest.mark.parametrize("text", ["３", "3.0", "3e0", "0x3", "true", "1_0", "9" * 400, "-0", "٣"])
def test_a_whole_number_is_not_guessed(text):
    assert list(bind(("size", text)).faults) == ["size"]


@given(st.text(max_size=12) | st.dates().map(str))
def test_a_date_is_a_real_day_written_in_full(text: str):
    plain = text.strip()
    good = False
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", plain):
        year, month, day = map(int, plain.split("-"))
        lengths = [
            31,
            29 if year % 4 == 0 and (year % 100 or year % 400 == 0) else 28,
            31,
            30,
            31,
            30,
            31,
            31,
            30,
            31,
            30,
            31,
        ]
        good = year >= 1 and 1 <= month <= 12 and 1 <= day <= lengths[month - 1]
    assert bind(("day", text)).ok == good


@pytest.mark.parametrize(
    "text", ["20260417", "2026-W16-5", "2026-4-17", "17/04/2026", "２０２６-04-17", "2026-04-17T00:00"]
)
def test_other_ways_of_writing_a_date_are_refused(text):
    assert codes(bind(("day", text))) == {"day": ["no_such_date"]}


@pytest.mark.parametrize(
    "text", ["2026-04-17 09:30", "2026-04-31T09:30", "2026-04-17T25:00", "now", "1776390000", "12.5"]
)
def test_a_moment_is_written_as_a_browser_writes_it(text):
    assert codes(bind(("at", text))) == {"at": ["no_such_date"]}


def test_a_moment_with_its_own_zone_keeps_it():
    at = bind(("at", "2026-04-17T09:30:00+00:00")).data.at
    assert at is not None
    assert at.astimezone(SHANGHAI).hour == 17


@pytest.mark.parametrize(
    ("sent", "ticked"),
    [([], False), (["on"], True), (["1"], True), (["true"], True), (["off"], False), (["0"], False), ([""], False)],
)
def test_a_tick_box_is_off_where_it_is_not_sent(sent, ticked):
    assert bind(*[("open", value) for value in sent]).data.open is ticked


def test_an_optional_field_left_empty_is_none_and_a_default_stands():
    data = bind(("at", ""), ("above", ""), ("note", "")).data
    assert (data.at, data.above, data.note, data.tags) == (None, None, "", ())


def test_two_values_for_one_field_are_not_merged():
    assert codes(bind(("name", "a"), ("name", "b"))) == {"name": ["not_text"]}
    assert codes(bind(("size", "1"), ("size", "2"))) == {"size": ["one_value"]}
    assert codes(bind(("day", "2026-04-17"), ("day", "2026-04-18"))) == {"day": ["one_value"]}
    assert codes(bind(("colour", "red"), ("colour", "blue"))) == {"colour": ["one_value"]}


def test_rows_come_in_the_order_of_their_numbers_whatever_the_gaps():
    form = bind(("modules-10-title", "third"), ("modules-2-title", "second"), ("modules-0-title", "first"))
    assert [m.title for m in form.data.modules] == ["first", "second", "third"]


def test_a_group_where_a_value_belongs_and_the_reverse():
    assert "name" in bind_tree({"name": {"a": "b"}}, Everything).faults
    assert "modules-0" in bind_tree({**dict(GOOD), "modules": ["x"]}, Everything).faults
    assert {name.split("-")[0] for name in bind(("modules-x", "y")).faults} == {"modules"}


def test_json_types_are_not_text():
    for odd in (1, 1.5, True, None, [], {}, ["a"]):
        assert "name" in bind_tree({**dict(GOOD), "name": odd}, Everything).faults, odd
    for odd in (1, 1.5, True, [], {}):
        assert "weight" in bind_tree({**dict(GOOD), "weight": odd}, Everything).faults, odd


def test_json_numbers_are_whole_or_refused():
    assert bind_tree({**dict(GOOD), "size": 3}, Everything).data.size == 3
    for odd in (3.5, True, 10**30, -1):
        assert "size" in bind_tree({**dict(GOOD), "size": odd}, Everything).faults, odd


class Money(msgspec.Struct, frozen=True, kw_only=True):
    amount: Decimal


@pytest.mark.parametrize(
    "text", ["NaN", "sNaN", "Infinity", "1e5", "１", "1_0", ".5", "5.", " ", "--1", 1.5, True, "9" * 40]
)
def test_a_decimal_is_digits_and_never_a_float(text):
    assert list(bind_tree({"amount": text}, Money).faults) == ["amount"]


@pytest.mark.parametrize(("text", "number"), [("12.50", "12.50"), ("0", "0"), (7, "7"), (" 3 ", "3")])
def test_a_decimal_keeps_its_digits(text, number):
    assert str(bind_tree({"amount": text}, Money).data.amount) == number


names = st.text(alphabet="abz019-²", min_size=1, max_size=12)
tree_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from([f.name for f in msgspec.structs.fields(Everything)] + ["other", "modules-0"])


@given(st.lists(st.tuples(names | fields, st.text(max_size=6)), max_size=12))
def test_no_form_breaks_the_binder(flat):
    form = bind_tree(grow(flat), Everything, values=as_typed(flat))
    assert form.ok or form.faults
    assert set(form.values) == {name for name, _ in flat}


@given(st.dictionaries(fields, tree_values, max_size=8))
def test_no_json_breaks_the_binder(tree):
    form = bind_tree(tree, Everything)
    assert form.ok != bool(form.faults)


modules = st.lists(
    st.builds(
        Module,
        title=st.text(alphabet="甲乙ab", min_size=1, max_size=9),
        aspects=st.lists(
            st.builds(
                Aspect, title=st.text(alphabet="丙c", min_size=1, max_size=5), most=st.just("1.5"), judged=st.booleans()
            ),
            max_size=12,
        ).map(tuple),
    ),
    max_size=12,
).map(tuple)


@given(modules, st.booleans(), st.lists(st.text(alphabet="xy", min_size=1, max_size=3), max_size=3).map(tuple))
def test_what_is_shown_for_editing_comes_back_the_same(mods, opened, tags):
    made = Everything(
        name="钳工",
        code="c",
        size=1,
        weight="0",
        day=date(2026, 1, 1),
        colour=Colour.BLUE,
        open=opened,
        tags=tags,
        modules=mods,
    )
    flat: list[tuple[str, str]] = []
    for name, value in values_of(made).items():
        for one in value if isinstance(value, list) else [value]:
            if one not in (None, False):
                flat.append((name, "on" if one is True else str(one)))
    assert bind_tree(grow(flat), Everything).data == made


def test_a_refusal_of_an_operation_stands_beside_its_field_with_its_facts():
    form = bind()
    with form.catching():
        raise Refusals([Refusal("a", "最多 {most} 人", field="size", rule="C14", most=3), Refusal("b", "整体不行 {x}")])
    assert not form.ok
    assert form.faults["size"][0].message == "最多 3 人"
    assert form.faults["size"][0].rule == "C14"
    assert form.faults[""][0].message == "整体不行 {x}"
    with pytest.raises(Refusals) as again:
        _ = form.data
    assert [str(r) for r in again.value.refusals] == ["最多 3 人", "整体不行 {x}"]


def test_another_error_is_not_swallowed():
    form = bind()
    with pytest.raises(ZeroDivisionError), form.catching():
        raise ZeroDivisionError


def test_faults_speak_the_readers_language():
    from foundation.i18n import current_locale

    token = current_locale.set("en")
    try:
        assert bind(("size", "11")).faults["size"][0].message == "Must not be above 10"
    finally:
        current_locale.reset(token)
