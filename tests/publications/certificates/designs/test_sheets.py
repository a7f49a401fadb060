"""Every kind of sheet as it comes out: one page, where its words stand, what it must not leave out."""

from __future__ import annotations

import io
import itertools
import re
import shutil
import subprocess
from datetime import date
from typing import Any, NamedTuple

import msgspec
import pikepdf
import pytest

from publications.certificates.designs import kinds, sheets
from publications.certificates.designs.fitting import FITS
from publications.certificates.designs.samples import SAMPLES

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")
MM = 25.4 / 72
ALL = [(kind, key) for kind, samples in SAMPLES.items() for key in samples]
SHEETS = {
    "competition": (297, 210), "medal": (297, 210), "medal-fold": (210, 297), "commendation": (420, 297),
    "pioneer": (420, 297), "plaque": (600, 400), "naming": (297, 210), "thanks": (210, 297),
}  # fmt: skip
# Left and right bounds of the words, as the paper's tokens give them; the plaque's text is at most 465 wide.
BOUNDS = {
    "competition": (88, 273), "medal": (41, 256), "medal-fold": (23, 187), "commendation": (41, 366), "pioneer": (31, 366),
    "plaque": (66, 534), "naming": (39, 258), "thanks": (27, 185),
}  # fmt: skip


class Word(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float
    text: str


def words_of(pdf: bytes) -> list[Word]:
    said = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    found = re.findall(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>', said)
    return [Word(float(a) * MM, float(b) * MM, float(c) * MM, float(d) * MM, text) for a, b, c, d, text in found]


def text_of(pdf: bytes) -> str:
    said = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    return re.sub(r"\s", "", said)


def sample(kind, key) -> Any:
    return SAMPLES[kind][key][1]


@pytest.fixture(scope="module")
def made(put):
    """Every sample's (PDF, faults)."""
    found = {}
    for kind, samples in SAMPLES.items():
        results = put(kind, *(sheet for _label, sheet in samples.values()))
        found |= {(kind, key): one for key, one in zip(samples, results, strict=True)}
    return found


@pytest.mark.parametrize(("kind", "key"), ALL)
def test_a_sample_has_no_fault_and_stays_in_its_place(made, kind, key):
    pdf, faults = made[kind, key]
    assert [fault.text() for fault in faults] == []
    left, right = BOUNDS[kind]
    for word in words_of(pdf):
        assert left < word.left < word.right < right, word
        assert 10 < word.top < word.bottom < SHEETS[kind][1] - 10, word


@pytest.mark.parametrize("kind", SHEETS)
def test_one_page_of_the_right_size_archival_and_tagged(made, kind):
    pdf = made[kind, next(iter(SAMPLES[kind]))][0]
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert len(opened.pages) == 1
        box = [float(value) * MM for value in opened.pages[0].MediaBox]
        assert box == pytest.approx([0, 0, *SHEETS[kind]], abs=0.05)
        metadata = opened.Root.Metadata.read_bytes()
        assert b'pdfaid:part="3"' in metadata
        assert b'pdfaid:conformance="U"' in metadata
        assert b'pdfuaid:part="1"' in metadata
        assert opened.Root.MarkInfo.Marked
        assert str(opened.Root.Lang) == "zh-Hans"
        assert opened.pages[0].Contents.read_bytes().startswith(b"/Artifact BMC")


def heights(pdf: bytes, text: str) -> list[float]:
    return [word.bottom - word.top for word in words_of(pdf) if text in word.text]


def test_a_name_shrinks_by_its_length_and_two_characters_are_opened(made, faces):
    sizes = {key: FITS["medal"](sample("medal", key), faces)["name_size"] for key in SAMPLES["medal"]}
    # 37 pt up to four characters, × .86 up to eight, × .64 beyond thirteen.
    assert sizes == pytest.approx({"plain": 37, "short": 37, "ethnic": 37 * 0.86, "long": 37 * 0.64}, abs=0.02)
    opened = [word for word in words_of(made["medal", "short"][0]) if word.text in {"李", "镓同志：", "镓"}]
    assert opened[1].left - opened[0].right > 10  # an em of 37 pt is 13 mm
    first = min(heights(made["medal", "plain"][0], "王示例"))
    assert first > 1.3 * min(heights(made["medal", "long"][0], "买买提吐尔逊"))


def test_a_long_name_stands_on_one_line(made):
    words = words_of(made["medal", "long"][0])
    tops = {round(word.top, 1) for word in words if any(part in word.text for part in ("阿卜杜热合曼", "买买提吐尔逊"))}
    assert len(tops) == 1


def test_four_unit_lines_stand_a_hundred_and_eighteen_tenths_apart(made):
    words = words_of(made["pioneer", "four"][0])
    lines = sample("pioneer", "four").lines
    tops = [next(word.top for word in words if word.text == line) for line in lines]
    assert [after - before for before, after in itertools.pairwise(tops)] == pytest.approx([11.8] * 3, abs=0.1)
    for line in lines:  # centred on the sheet
        word = next(word for word in words if word.text == line)
        assert (word.left + word.right) / 2 == pytest.approx(210, abs=1.2)


@pytest.mark.parametrize("kind", ["medal", "medal-fold", "commendation", "naming", "thanks"])
def test_organ_date_and_seal_share_an_axis(made, faces, kind):
    key = next(iter(SAMPLES[kind]))
    fit = FITS[kind](sample(kind, key), faces)
    words = words_of(made[kind, key][0])
    organ = next(word for word in words if word.text.startswith("宣城市总工会") and word.left > 100)
    dated = next(word for word in words if word.text.startswith("二〇二六年") and abs(word.left - fit["axis"]) < 40)
    for word in (organ, dated):
        assert (word.left + word.right) / 2 == pytest.approx(fit["axis"], abs=1.2)
    middle = ((organ.top + organ.bottom) / 2 + (dated.top + dated.bottom) / 2) / 2
    assert fit["seal_top"] + 0.56 * 42 == pytest.approx(middle, abs=1.6)


def test_the_letter_stands_on_its_rules(made):
    words = [word for word in words_of(made["thanks", "ethnic"][0]) if 60 < word.top < 190 and word.left < 100]
    for word in words:
        middle = (word.top + word.bottom) / 2
        # Rules at 81.9 + 13.2 n; each line's middle lies half a step above its own.
        assert (middle - (81.9 - 6.6)) % 13.2 == pytest.approx(0, abs=0.9) or (
            middle - (81.9 - 6.6)
        ) % 13.2 == pytest.approx(13.2, abs=0.9), word


def test_the_fold_stays_clear(made):
    for key in SAMPLES["medal-fold"]:
        for word in words_of(made["medal-fold", key][0]):
            assert word.bottom < 148.5 - 20 or word.top > 148.5 + 20, word


def test_dates_are_written_with_the_round_zero(made):
    assert "二〇二六年五月二十日" in text_of(made["thanks", "ethnic"][0])
    assert "二〇二九年四月" in text_of(made["naming", "plain"][0])
    assert "二〇二六年四月" in text_of(made["plaque", "ethnic"][0])


def test_empty_facts_are_not_printed(made):
    said = text_of(made["naming", "short"][0])
    assert "依托单位" not in said
    assert "命名文号" not in said


@pytest.mark.parametrize(
    ("kind", "change", "code", "field"),
    [
        ("medal", {"recipient": "赵" * 90}, "render.overflow", "recipient"),
        ("medal", {"recipient": "赵\U0002abcd"}, "render.glyph", None),
        ("medal", {"issuer": "会\U0002abcd"}, "render.glyph", "issuer"),
        ("medal", {"recipient": "赵\u202e春"}, "render.field", "recipient"),
        ("pioneer", {"lines": ("单位" * 60,)}, "render.overflow", "lines"),
        ("commendation", {"honour": "奖" * 40}, "render.overflow", "honour"),
        ("plaque", {"studio": "室" * 60}, "render.overflow", "studio"),
        ("naming", {"unit": "单位" * 60}, "render.overflow", "unit"),
        ("thanks", {"paragraphs": ("谢" * 600,)}, "render.overflow", "paragraphs"),
        ("thanks", {"qr_payload": "a" * 400}, "render.qr", "qr_payload"),
    ],
)
def test_what_has_no_place_or_glyph_is_refused_by_name(put, kind, change, code, field):
    key = next(iter(SAMPLES[kind]))
    _pdf, faults = put(kind, msgspec.structs.replace(sample(kind, key), **change))
    assert code in [fault.code for fault in faults]
    if field:
        assert field in [fault.field for fault in faults]


def test_a_character_only_another_family_has_is_a_fault_and_never_borrowed(put, faces):
    """𪨊 stands in 楷体 only: in the name it prints, in the red title it is refused."""
    assert faces["Title"].missing("𪨊")
    if faces["Kai"].missing("𪨊"):
        pytest.skip("this machine's 楷体 has no 𪨊 either")
    base = sample("medal", "plain")
    assert put("medal", msgspec.structs.replace(base, recipient="王𪨊"))[1] == []
    _pdf, faults = put("medal", msgspec.structs.replace(base, honour="宣城𪨊奖章"))
    assert {fault.code for fault in faults} >= {"render.glyph"}
    assert "U+2AA0A" in " ".join(fault.text() for fault in faults)


def test_markup_in_a_name_is_text(put):
    pdf, faults = put("medal", msgspec.structs.replace(sample("medal", "plain"), recipient="<b>王</b>{{ 7 }}"))
    assert faults == []
    assert "<b>王</b>{{7}}" in text_of(pdf)


LEAVING = {
    "name": ("{{ fit.name }}", "", "证书上没有印出：王示例"),
    "number": ("{{ certificate.number }}</p>", "</p>", "证书上没有印出：XCWY-2026-GR-0007"),
    "code": ("{{ fit.code }}", "", "证书上没有印出：K7Q4-9M2T-6N2D-H8QW"),
    "issuer": ("{{ certificate.issuer }}</p>", "</p>", "证书上没有印出：宣城市总工会"),
    "qr": ('<img class="qr" src="{{ qr }}" alt="查验二维码">', "", "二维码应不小于 22 毫米"),
}


@pytest.mark.parametrize("case", LEAVING)
def test_a_template_may_not_leave_out_what_proves_a_certificate(put, case):
    old, new, told = LEAVING[case]
    html = kinds.built_in("medal").html
    assert old in html
    assert told in [fault.text() for fault in put("medal", sample("medal", "plain"), html=html.replace(old, new))[1]]


@pytest.mark.parametrize(
    ("css", "code"),
    [
        (".qr { width: 15mm !important; height: 15mm !important }", "render.qr"),
        ("@page { size: 300mm 210mm }", "render.size"),
        (".name { left: 2mm !important }", "render.overflow"),
        (".body { position: static; break-before: page } .name { position: static }", "render.pages"),
        (".name { font-family: Comic }", "render.family"),
        (".name { colour: red }", "render.fault"),
        ("@import url(http://127.0.0.1:9/x.css);", "render.fetch"),
        (".name { background: url(file:///etc/hostname) }", "render.fetch"),
        ("@font-face { font-family: X; src: url(http://127.0.0.1:9/x) } .name { font-family: X }", "render.fetch"),
    ],
)
def test_a_style_sheet_that_breaks_the_sheet_is_told(put, css, code):
    text = kinds.built_in("medal").css
    css = css + text if css.startswith("@import") else text + css
    faults = put("medal", sample("medal", "plain"), css=css)[1]
    assert code in [fault.code for fault in faults], [fault.text() for fault in faults]


def test_several_faults_are_told_at_once(put):
    html = kinds.built_in("medal").html.replace("{{ fit.name }}", '<img src="http://127.0.0.1:9/x" alt="">')
    css = kinds.built_in("medal").css + ".body { left: 1mm !important; text-indent: 0; colour: red }"
    codes = {fault.code for fault in put("medal", sample("medal", "plain"), html=html, css=css)[1]}
    assert codes >= {"render.fetch", "render.missing", "render.overflow", "render.fault"}


def test_the_same_job_gives_the_same_bytes(put):
    one = sample("commendation", "two")
    assert put("commendation", one)[0] == put("commendation", one)[0]


@pytest.mark.parametrize("kind", SHEETS)
def test_what_a_template_may_name_is_what_it_is_given(faces, kind):
    for _label, sheet in SAMPLES[kind].values():
        assert set(FITS[kind](sheet, faces)) == kinds.FIT_NAMES[kind]


def test_a_day_is_printed_where_it_is_asked_for(put):
    one = msgspec.structs.replace(sample("medal", "plain"), issued_on=date(2030, 12, 21), day_printed=True)
    pdf, faults = put("medal", one)
    assert faults == []
    assert "二〇三〇年十二月二十一日" in text_of(pdf)


def test_a_real_sheet_bears_no_sample_mark(put):
    pdf, _faults = put("medal", msgspec.structs.replace(sample("medal", "plain"), sample=False))
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        alternatives = [str(one.Alt) for one in opened.objects if isinstance(one, pikepdf.Dictionary) and "/Alt" in one]
    assert "宣城市总工会印章" in alternatives


def test_a_fifth_line_is_no_sheet():
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(
            msgspec.to_builtins(sample("pioneer", "four")) | {"lines": ["一"] * 5}, sheets.Designed, strict=False
        )
