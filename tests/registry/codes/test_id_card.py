"""居民身份证号码 (I1): the published vectors, what the number says, and what is refused by which name."""

import json
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import Refusal
from registry.codes import id_card
from tests.support import SHARED, needs_shared

VECTORS = SHARED / "data" / "checksum_vectors.json"
TODAY = date(2026, 5, 1)


def refused(text: str, today: date = TODAY) -> str:
    with pytest.raises(Refusal) as caught:
        id_card.parse(text, today=today)
    assert caught.value.rule == "I1"
    return caught.value.code


@pytest.mark.shared
@needs_shared
def test_every_published_vector():
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))["id_card"]
    assert len(vectors) >= 14
    for vector in vectors:
        # The full-width one is listed as wrong as it stands, and as valid once normalised, which is our first step.
        expected = vector["valid"] is not False or "全角" in vector["why"]
        assert id_card.is_valid(vector["id"], today=TODAY) is expected, vector["why"]
        if "birth" in vector:
            card = id_card.parse(vector["id"], today=TODAY)
            assert (card.birth.isoformat(), card.sex) == (vector["birth"], {"男": "1", "女": "2"}[vector["sex"]])


def test_the_sample_of_the_standard():
    card = id_card.parse("11010519491231002X", today=TODAY)
    assert (card.birth, card.sex, card.region, card.region_name) == (date(1949, 12, 31), "2", "110105", "北京市")
    assert id_card.parse("440524188001010014", today=TODAY).sex == "1"


@pytest.mark.parametrize(
    "text", ["１１０１０５１９４９１２３１００２Ｘ", " 11010519491231002x ", "110105 19491231 002X"]
)
def test_forms_that_people_type(text):
    assert id_card.parse(text, today=TODAY).number == "11010519491231002X"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("110105491231002", "id_card_old_form"),
        ("1101054912310021", "id_card_length"),
        ("", "id_card_length"),
        ("1101051949123100X2", "id_card_characters"),
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢X", "id_card_characters"),  # digits of another script are not digits of this one
        ("000105194912310024", "id_card_province"),
        ("911156198001020070", "id_card_nationality"),  # 156: China itself
        ("911999198001020070", "id_card_nationality"),  # nobody's code
        ("900840198001020070", "id_card_province"),
        ("110105194902300020", "id_card_birth"),
        ("110105194913310021", "id_card_birth"),
        ("110105000012310020", "id_card_birth"),
        ("110105194912310021", "id_card_check"),
    ],
)
def test_a_wrong_number_is_refused_by_name(text, code):
    assert refused(text) == code


def test_the_future_begins_tomorrow():
    number = id_card.build("341802", date(2026, 5, 2), 1)
    assert refused(number) == "id_card_future"
    assert id_card.parse(number, today=date(2026, 5, 2)).birth == date(2026, 5, 2)


def test_retired_and_new_area_codes_of_guangde_are_both_accepted():
    for region, name in (("341822", "广德县"), ("341882", "广德市")):
        assert id_card.parse(id_card.build(region, date(1980, 1, 2), 7), today=TODAY).region_name == name


def test_a_foreign_permanent_resident_s_card_holds_the_nationality():
    """A 9, the province that issued it (34), the nationality's digits (840, GB/T 2659), then as on any card."""
    card = id_card.parse(id_card.build("934840", date(1980, 1, 2), 8), today=TODAY)
    assert (card.nationality, card.region, card.sex, card.birth) == ("USA", "340000", "2", date(1980, 1, 2))
    assert id_card.parse(id_card.build("810000", date(1980, 1, 2), 8), today=TODAY).nationality == "CHN"
    assert id_card.parse("11010519491231002X", today=TODAY).nationality == "CHN"


def test_the_form_s_nationality_must_be_the_card_s():
    foreign = id_card.parse(id_card.build("934840", date(1980, 1, 2), 8), today=TODAY)
    id_card.require_agreement(foreign, nationality="USA")
    for card, said in ((foreign, "CHN"), (id_card.parse("11010519491231002X", today=TODAY), "USA")):
        with pytest.raises(Refusal) as caught:
            id_card.require_agreement(card, nationality=said)
        assert (caught.value.code, caught.value.field) == ("id_card_nationality_differs", "nationality")


def test_a_refusal_never_holds_the_number():
    for text in ("110105194912310021", "110105194902300020", "1101054912310021"):
        with pytest.raises(Refusal) as caught:
            id_card.parse(text, today=TODAY, field="id_number")
        assert caught.value.field == "id_number"
        assert text not in repr((caught.value, caught.value.facts, str(caught.value)))


def test_the_form_must_agree_with_the_card():
    card = id_card.parse("11010519491231002X", today=TODAY)
    id_card.require_agreement(card, sex="2", birth=date(1949, 12, 31))
    id_card.require_agreement(card)
    with pytest.raises(Refusal, match="女"):
        id_card.require_agreement(card, sex="1")
    with pytest.raises(Refusal) as caught:
        id_card.require_agreement(card, birth=date(1949, 12, 30))
    assert caught.value.field == "birth"


def test_masks_show_four_and_four():
    assert id_card.mask("341802189901010014") == "3418**********0014"
    assert id_card.mask("12345678") == "********"


def naive_check(first17: str) -> str:
    """GB 11643 the other way round: the one character that makes the whole number 1 modulo 11 (ISO 7064, 2^(18−i))."""
    total = sum(int(digit) * pow(2, 17 - index) for index, digit in enumerate(first17))
    return next("0123456789X"[value] for value in range(11) if (total + value) % 11 == 1)


@given(st.text("0123456789", min_size=17, max_size=17))
def test_the_check_character_agrees_with_iso_7064(first17):
    assert id_card.check_character(first17) == naive_check(first17)


valid_numbers = st.builds(
    id_card.build,
    st.sampled_from(["341802", "341822", "110105", "650102"]),
    st.dates(date(1900, 1, 1), TODAY),
    st.integers(0, 999),
)


@given(valid_numbers, st.integers(0, 16), st.sampled_from("0123456789"))
def test_one_wrong_digit_never_passes(number, place, digit):
    damaged = number[:place] + digit + number[place + 1 :]
    assert id_card.is_valid(damaged, today=TODAY) is (damaged == number)


@given(valid_numbers)
def test_two_neighbours_exchanged_never_pass(number):
    for place in range(16):
        swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        assert id_card.is_valid(swapped, today=TODAY) is (swapped == number)


@given(st.dates(date(1900, 1, 1), TODAY), st.integers(0, 999))
def test_what_is_built_reads_back(birth, sequence):
    card = id_card.parse(id_card.build("341899", birth, sequence), today=TODAY)
    assert (card.birth, card.sex, card.region) == (birth, "1" if sequence % 2 else "2", "341899")


@given(st.text(max_size=24))
def test_any_text_is_read_or_refused(text):
    with suppress(Refusal):
        assert id_card.parse(text, today=TODAY).number.isascii()
