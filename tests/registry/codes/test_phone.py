"""手机号码: accepted forms, refusals and the mask (P3)."""

import pytest

from foundation.errors import Refusal
from registry.codes import phone


@pytest.mark.parametrize(
    "text",
    ["15400000001", " 154 0000 0001 ", "154-0000-0001", "+86 154 0000 0001", "008615400000001", "１５４００００００01"],
)
def test_forms_that_people_type(text):
    assert phone.parse(text) == "15400000001"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1540000000", "phone_length"),
        ("154000000011", "phone_length"),
        ("12400000001", "phone_form"),
        ("0563-3021234", "phone_form"),
        ("05633021234", "phone_form"),
        ("1540000000a", "phone_form"),
        ("١٥٤٠٠٠٠٠٠٠١", "phone_form"),
        ("", "phone_form"),
    ],
)
def test_anything_else_is_refused(text, code):
    with pytest.raises(Refusal) as caught:
        phone.parse(text, field="phone")
    assert (caught.value.code, caught.value.field) == (code, "phone")


def test_the_mask_shows_three_and_four():
    assert phone.mask("13800000000") == "138****0000"
    assert phone.mask("12345") == "*****"
