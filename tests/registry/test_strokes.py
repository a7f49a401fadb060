"""姓氏笔画 (H71): the stroke counts beside an independent source, and the order of a roll."""

import json
import shutil
import subprocess

import pytest

from registry.strokes import STROKES, is_known, stroke_sort_key
from registry.synthetic.words import SURNAMES

# ICU marks where each stroke count begins with U+FDD0 and a braille cell whose number is the count.
COUNT_BY_ICU = """
const order = new Intl.Collator('zh-u-co-stroke').compare;
const ask = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const count = (c) => { let n = 0; while (n < 40 && order(c, '\\uFDD0' + String.fromCharCode(0x2801 + n)) > 0) n++; return n; };
console.log(JSON.stringify(Object.fromEntries(ask.map((c) => [c, count(c)]))));
"""

# ICU counts these components as in the traditional forms: how many strokes more, and in which surnames.
MORE_IN_ICU = [
    (1, "邓邝邬阮邢那阳陆陈邱邵邹郑郎郁郝郗郭陶都隋"),  # 阝 2, there 3
    (1, "艾苏芮花芦范苗荀荣茹莫黄萧董蒋葛蓝蒙蔡慕薛"),  # 艹 3, there 4
    (1, "边连逯"),  # 辶 3, there 4
    (1, "祝祖褚"),  # 礻 4 and 衤 5, there 5 and 6
    (2, "祁"),  # both 礻 and 阝
    (1, "长印敖滑魏"),  # single characters whose traditional form has one more
]


def counts_by_icu(characters: list[str]) -> dict[str, int]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node, whose ICU counts strokes independently, is not installed")
    answer = subprocess.run(
        [node, "-e", COUNT_BY_ICU], input=json.dumps(characters), capture_output=True, text=True, check=True, timeout=60
    )
    counts = json.loads(answer.stdout)
    if counts != counts | {"一": 1, "二": 2, "三": 3}:
        pytest.skip("this node was built without the stroke collation")
    return counts


def test_counts_agree_with_an_independent_source():
    icu = counts_by_icu([*STROKES, "一", "二", "三"])
    expected = {surname: icu[surname] for surname in STROKES}
    for more, surnames in MORE_IN_ICU:
        for surname in surnames:
            expected[surname] -= more
    assert expected == STROKES


def test_a_roll_goes_by_strokes_then_pinyin():
    roll = ["魏小满", "张立春", "丁大寒", "王甲子", "陈谷雨", "李白露", "万俟甲", "卜一二", "爨乙"]
    expected = ["卜一二", "丁大寒", "万俟甲", "王甲子", "陈谷雨", "李白露", "张立春", "魏小满", "爨乙"]
    assert sorted(roll, key=stroke_sort_key) == expected
    assert not is_known("爨乙")


def test_every_surname_of_the_synthetic_city_is_known():
    assert [surname for surname in SURNAMES if not is_known(surname)] == []
