"""Numbers, codes and masks, by table and by search."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import Refusals
from publications.certificates import rules


@pytest.mark.parametrize(
    ("name", "shown"),
    [("赵立春", "赵*春"), ("李镒", "李*"), ("欧阳清明", "欧**明"), ("买买提·艾力", "买****力"), ("王", "王"), ("", "")],
)
def test_a_name_is_masked_but_for_its_ends(name, shown):
    assert rules.masked_name(name) == shown


def test_a_code_has_at_least_64_bits_and_no_lookalikes():
    codes = {rules.new_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(len(code) * 5 >= 64 and not set(code) & set("ILOU") for code in codes)


@given(st.text(rules.ALPHABET, min_size=16, max_size=16))
def test_what_is_printed_reads_back(code):
    assert rules.normal_code(rules.grouped(code).lower()) == code


def test_lookalikes_full_width_and_dashes_are_understood():
    assert rules.normal_code("６n2d-hOIl") == "6N2DH011"
    assert rules.normal_number(" xcjs—2026－hg 0001 ") == "XCJS-2026-HG-0001"


@pytest.mark.parametrize("number", ["", "XCJS", "XCJS-2026-HG-1", "XCJS-2026-HG-0001'--", "<b>"])
def test_both_faults_are_told_at_once(number):
    with pytest.raises(Refusals) as refused:
        rules.require_form(number, "123")
    assert {r.field for r in refused.value.refusals} == {"number", "code"}


def test_numbers_are_padded_and_grow():
    assert rules.number_of("XCJS-2026-HG", 7) == "XCJS-2026-HG-0007"
    assert rules.number_of("XCJS-2026-HG", 12345) == "XCJS-2026-HG-12345"
