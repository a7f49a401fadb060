"""统一社会信用代码 (I2, I3): the published vectors, the circulating samples that are wrong, and both checks."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import Refusal
from registry.codes import credit_code
from tests.support import SHARED, needs_shared

VECTORS = SHARED / "data" / "checksum_vectors.json"
SAMPLE = "91350100M000100Y43"


@pytest.mark.shared
@needs_shared
def test_every_published_vector():
    vectors = json.loads(VECTORS.read_text(encoding="utf-8"))
    for vector in vectors["uscc"]:
        assert credit_code.is_valid(vector["code"]) is vector["valid"], vector["why"]
    for vector in vectors["uscc_synthetic_valid"]:
        code = credit_code.parse(vector["code"])
        assert (code.kind, code.area, code.inner_ok) == (vector["prefix"], vector["area"], True)
        assert vector["kind"].split("-")[-1].split("(")[0] in credit_code.KINDS[code.kind][0]
    for vector in vectors["orgcode_gb11714"]:
        assert credit_code.organisation_code_ok(vector["code"]) is vector["valid"]


@pytest.mark.shared
@needs_shared
def test_alphabet_and_weights_are_the_standards():
    algorithm = json.loads(VECTORS.read_text(encoding="utf-8"))["algorithms"]["uscc"]
    assert algorithm["alphabet"] == credit_code.ALPHABET
    assert [3**place % 31 for place in range(17)] == algorithm["weights"]


def test_the_sample_of_the_standard():
    code = credit_code.parse("91350100m000100y43")
    assert (code.code, code.kind_name[0], code.organisation, code.inner_ok) == (SAMPLE, "企业", "M000100Y4", True)


@pytest.mark.parametrize(
    ("text", "refusal", "words"),
    [
        ("91350100M000100Y4", "credit_code_length", "17"),
        ("91350100I000100Y43", "credit_code_characters", "第 9 位"),
        ("91350100M000100YO3", "credit_code_characters", "第 17 位"),
        ("91350100M000100Y44", "credit_code_check", "校验位"),
        ("91350200M000000510", "credit_code_check", "校验位"),
        ("91350128M00000019A", "credit_code_check", "校验位"),
    ],
)
def test_a_wrong_code_is_refused_by_name(text, refusal, words):
    with pytest.raises(Refusal, match=words) as caught:
        credit_code.parse(text, field="union_code")
    assert (caught.value.code, caught.value.rule, caught.value.field) == (refusal, "I2", "union_code")


def test_the_inner_check_is_reported_and_not_enforced():
    first17 = "91350100M000100Y5"  # the inner code's check character is 4
    code = credit_code.parse(first17 + credit_code.check_character(first17))
    assert code.inner_ok is False


def test_organisation_code_sample_and_its_neighbour():
    assert credit_code.organisation_code_ok("D2143569-X")
    assert not credit_code.organisation_code_ok("D2143569-1")
    assert not credit_code.organisation_code_ok("D214356-X")


def test_a_union_and_its_employer_have_codes_of_their_own():
    union = credit_code.parse(credit_code.build("81", "341802", "XN000001"))
    employer = credit_code.parse(SAMPLE)
    credit_code.require_union(union)
    credit_code.require_employer(employer)
    with pytest.raises(Refusal, match="81"):
        credit_code.require_union(employer)
    with pytest.raises(Refusal, match="用人单位"):
        credit_code.require_employer(union)


bodies = st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17)


@given(bodies)
def test_check_character_completes_a_multiple_of_31(first17):
    total = sum(credit_code.ALPHABET.index(one) * 3**place for place, one in enumerate(first17))
    value = credit_code.ALPHABET.index(credit_code.check_character(first17))
    assert (total + value) % 31 == 0


@given(bodies, st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_one_wrong_character_never_passes(first17, place, other):
    code = first17 + credit_code.check_character(first17)
    damaged = code[:place] + other + code[place + 1 :]
    assert credit_code.is_valid(damaged) is (damaged == code)


@given(st.integers(0, 999_999), st.sampled_from(["81", "91", "12", "11"]))
def test_what_is_built_passes_both_checks(serial, kind):
    code = credit_code.parse(credit_code.build(kind, "341899", f"XN{serial:06d}"))
    assert code.inner_ok
    assert code.kind == kind


@given(st.text(max_size=22))
def test_any_text_is_read_or_refused(text):
    with suppress(Refusal):
        assert credit_code.parse(text).code.isascii()
