"""H62: the count against a naive reference, and the same in the page as on the server."""

from __future__ import annotations

import json
import shutil
import subprocess
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from honours.nominations.counting import count, cut
from tests.support import ROOT

SPACES = set("\t\n\v\f\r \u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff") | {
    chr(n) for n in range(0x2000, 0x200C)
}
PIECES = st.sampled_from(
    [
        "冯壬和",
        "，",
        "。",
        "“飞边”",
        "——",
        "……",
        "·",
        "PLC",
        "3.5%",
        "C++",
        "-",
        "12",
        "㐀",
        "𠮷",
        "〇",
        "Ａ１",
        "、",
        "é",
        "😀",
        "가",
        *sorted(SPACES),
    ]
)
TEXTS = st.lists(PIECES | st.characters(exclude_categories=["Cs", "Cn"]), max_size=40).map("".join)


def is_chinese(char: str) -> bool:
    """By what the character is called, not by where it stands."""
    name = unicodedata.name(char, "")
    named = ("CJK", "IDEOGRAPHIC", "FULLWIDTH", "HALFWIDTH", "HIRAGANA", "KATAKANA", "BOPOMOFO", "KANGXI")
    return char in "—‘’“”…·〇、。「」『』【】〈〉《》〔〕" or name.startswith(named)


def naive(text: str) -> int:
    """Walk the text one character at a time."""
    total, in_word = 0, False
    for char in text:
        if char in SPACES:
            in_word = False
        elif is_chinese(char):
            total, in_word = total + 1, False
        else:
            total, in_word = total + (not in_word), True
    return total


USUAL = st.text(
    st.sampled_from("冯壬和硫化车间大班长，。、；：？！“”‘’（）《》—…·〇㐀𠮷 　\n\tabcXYZ0123456789.-%+/()"),
    max_size=60,
)


@given(USUAL)
def test_counts_as_the_naive_walk_does(text):
    assert count(text) == naive(text)


@pytest.mark.parametrize(("text", "n"), [
    ("", 0), ("　 \n", 0), ("冯壬和，高级技师。", 9), ("获国家专利12项", 7), ("PLC 编程", 3), ("节约3.5%", 3), ("“模压飞边一次成型”", 10),
    ("a b\tc", 3), ("12　34", 2),
])  # fmt: skip
def test_counts_by_hand(text, n):
    assert count(text) == n


@given(USUAL, st.integers(0, 20))
def test_what_is_over_begins_where_the_rest_would_count_zero(text, most):
    at = cut(text, most)
    assert count(text[:at]) == min(most, count(text))
    assert (at == len(text)) or count(text[:at]) == most


NODE = shutil.which("node")


@pytest.mark.skipif(NODE is None, reason="needs node to run the page's own module")
def test_the_page_counts_as_the_server_does():
    """One process for a few hundred drawn texts: the very module that the page loads."""
    drawn: list[str] = []

    @given(TEXTS)
    def draw(text: str) -> None:
        drawn.append(text)

    draw()
    code = (
        "import { count, cut } from 'file://" + str(ROOT / "honours/static/src/counting.js") + "';\n"
        "const texts = JSON.parse(await new Response(process.stdin).text());\n"
        "console.log(JSON.stringify(texts.map((t) => [count(t), [...t.slice(0, cut(t, 7))].length])));\n"
    )
    assert NODE is not None
    run = subprocess.run(
        [NODE, "--input-type=module", "-e", code], input=json.dumps(drawn), capture_output=True, text=True, timeout=60, check=True
    )  # fmt: skip
    assert len(drawn) >= 50
    for text, (n, at) in zip(drawn, json.loads(run.stdout), strict=True):
        assert (count(text), cut(text, 7)) == (n, at), ascii(text)
