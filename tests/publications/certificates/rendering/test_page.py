"""Finished sheets: what they say, where it stands, and what they refuse to load."""

from __future__ import annotations

import base64
import io
import re
import shutil
import socket
import subprocess
import threading
from datetime import date
from typing import NamedTuple

import pikepdf
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from publications.certificates.rendering import page
from publications.certificates.rendering.layout import arrange
from publications.certificates.rendering.schemas import RenderRefused

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")
MM = 25.4 / 72


class Word(NamedTuple):
    """A word's box in millimetres."""

    left: float
    top: float
    right: float
    bottom: float
    text: str


def poppler(command: list[str], pdf: bytes) -> bytes:
    return subprocess.run([*command], input=pdf, capture_output=True, check=True).stdout


def text_of(pdf: bytes) -> str:
    return poppler(["pdftotext", "-raw", "-", "-"], pdf).decode()


def words_of(pdf: bytes) -> list[Word]:
    found = re.findall(
        r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>',
        poppler(["pdftotext", "-bbox", "-", "-"], pdf).decode(),
    )
    return [Word(*(float(value) * MM for value in values), text) for *values, text in found]


@pytest.fixture(scope="module")
def under(faces):
    return page.Underlay(faces)


@pytest.fixture(scope="module")
def render(faces, under):
    return lambda one: page.Job([one], faces, under).render(one)


LONG = "长三角生态绿色一体化发展示范区暨宣城市“匠心杯”职工数字化智能制造职业技能竞赛总决赛（示例）"
KINDS = {
    "one": {},
    "two characters": {"recipients": ("李镓",), "tier": 2, "award": "二等奖"},
    "long name": {"recipients": ("吾买尔江·阿不都热合曼·示例尼亚孜",), "tier": 3, "award": "三等奖"},
    "team": {
        "team": "宣城示例精密制造有限公司代表队",
        "recipients": ("赵立春", "钱雨水", "孙惊蛰", "李春分", "周清明", "欧阳谷雨"),
    },
    "team with a long name": {
        "team": "宣城市宣州区示例新能源汽车零部件智能制造有限责任公司职工技能竞赛联合代表队",
        "recipients": tuple("示例" + char for char in "甲乙丙丁戊己庚辛壬癸"),
    },
    "long title": {"competition": LONG, "event": "工业机器人系统操作员（数字孪生与智能装配方向）"},
    "four unit lines": {"unit": "示例单位" * 35, "recipients": ("阿卜杜拉·示例",), "competition": LONG[:30]},
    "long issuer": {
        "issuer": "宣城市宣州区示例街道总工会工作委员会",
        "issued_on": date(2030, 12, 21),
        "day_printed": True,
    },
    "latin": {
        "recipients": ("Sample Skater-Example", "Second Sample"),
        "address": "",
        "competition": "Sample Grand Prix of Figure Skating Final",
        "event": "Ice Dance",
        "award": "Second Place",
    },
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_sheet_says_what_it_was_given(render, certificate, kind):
    one = certificate(**KINDS[kind])
    said = re.sub(r"\s", "", text_of(render(one)))
    for text in (one.award, one.issuer, one.number, one.team, one.unit, *one.recipients):
        assert re.sub(r"\s", "", text) in said, text
    assert "6N2D-H8QW-3F7K-Q" in said
    assert "特发此证，以资鼓励。" in said
    assert ("二〇三〇年十二月二十一日" if one.day_printed else "二〇二六年五月") in said


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_leaves_its_place(render, certificate, faces, kind):
    one = certificate(**KINDS[kind])
    words, layout = words_of(render(one)), arrange(one, faces)
    for word in words:
        assert 88 < word.left < word.right < 280, word
        assert 14 < word.top < word.bottom < 192, word
    block = [word for word in words if layout.words_top - 2 < word.top < 150]
    assert block
    for word in block:
        assert word.right < 272, word
        assert word.bottom < 146 if word.right < layout.axis - 21 else word.bottom < 143.5, word
    number = next(word for word in words if word.text == one.number)
    assert number.left > 115
    assert number.right < layout.axis - 21
    award = [word for word in words if word.bottom < layout.rule and word.top > 30]
    assert award
    assert max(word.right for word in award) < 273


@given(
    title=st.text(alphabet="宣城市职工技能大赛“匠心杯”ABC 12", min_size=1, max_size=90).filter(
        lambda text: text == text.strip()
    ),
    name=st.text(alphabet="赵钱孙李·阿卜杜拉Bo", min_size=1, max_size=40).filter(lambda text: text.strip()),
    unit=st.text(alphabet="示例精密制造有限公司", max_size=160),
)
@settings(max_examples=30, deadline=None)
def test_any_length_is_printed_inside_or_refused_by_name(render, certificate, title, name, unit):
    one = certificate(competition=title, recipients=(name,), unit=unit)
    try:
        pdf = render(one)
    except RenderRefused as refused:
        pdf, fault = b"", refused
    if not pdf:
        assert fault.code == "render.overflow"
        assert fault.field in {"competition", "recipients", "unit"}
        return
    words = words_of(pdf)
    assert max(word.right for word in words) < 280
    assert max(word.bottom for word in words if word.left < 200 and word.top < 150) < 148


@pytest.mark.parametrize(
    ("given_", "field"),
    [
        ({"recipients": ("赵" * 90,)}, "recipients"),
        ({"competition": "大赛" * 100}, "competition"),
        ({"award": "优" * 24, "competition": "大赛" * 70}, "competition"),
        ({"issuer": "会" * 90}, "issuer"),
        ({"team": "队" * 120}, "team"),
    ],
)
def test_too_long_is_refused_with_its_field(render, certificate, given_, field):
    with pytest.raises(RenderRefused) as refused:
        render(certificate(**given_))
    assert (refused.value.code, refused.value.field) == ("render.overflow", field)


def test_the_code_can_be_read_from_the_paper(render, certificate):
    one = certificate()
    picture = Image.open(io.BytesIO(poppler(["pdftoppm", "-r", "300", "-png", "-gray", "-"], render(one)))).convert("L")
    wanted = [list(row) for row in segno.make_qr(one.qr_payload, error="m", version=7, boost_error=False).matrix]
    assert len(wanted) == 45
    module, dots = 25 / 53, 300 / 25.4
    seen = [
        [
            int(picture.getpixel((int((90 + (x + 4.5) * module) * dots), int((160 + (y + 4.5) * module) * dots))) < 128)
            for x in range(45)
        ]
        for y in range(45)
    ]
    assert seen == [[int(bool(value)) for value in row] for row in wanted]


def test_dense_payloads_use_the_next_version_and_then_are_refused(render, certificate):
    assert Image.open(io.BytesIO(page.qr_png("A" * 178))).size == (53, 53)
    assert Image.open(io.BytesIO(page.qr_png("A" * 230))).size[0] > 53
    with pytest.raises(RenderRefused) as refused:
        render(certificate(qr_payload="a" * 400))
    assert (refused.value.code, refused.value.field) == ("render.qr", "qr_payload")


def test_archival_accessible_and_repeatable(render, certificate):
    one = certificate()
    first = render(one)
    assert first == render(one)
    assert first != render(certificate(number="XCJS-2026-HG-0002"))
    with pikepdf.open(io.BytesIO(first)) as pdf:
        root = pdf.Root
        assert len(pdf.pages) == 1
        assert str(root.Lang) == "zh-Hans"
        assert root.MarkInfo.Marked
        assert root.ViewerPreferences.DisplayDocTitle
        assert len(root.OutputIntents) == 1
        metadata = root.Metadata.read_bytes()
        assert b'pdfaid:part="3"' in metadata
        assert b'pdfaid:conformance="U"' in metadata
        assert str(pdf.docinfo.Title) == "一等奖证书 XCJS-2026-HG-0001"
        alternatives = [
            str(item.Alt) for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/Alt" in item
        ]
        assert sorted(alternatives) == sorted(["宣城市总工会印章（示例）", "查验二维码"])
        content = pdf.pages[0].Contents.read_bytes()
        assert content.startswith(b"/Artifact BMC")
        assert not [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/AA" in item]
    assert "示例" not in text_of(first)


def test_a_real_sheet_has_no_sample_mark(render, certificate):
    with pikepdf.open(io.BytesIO(render(certificate(sample=False)))) as pdf:
        assert "宣城市总工会印章" in [
            str(one.Alt) for one in pdf.objects if isinstance(one, pikepdf.Dictionary) and "/Alt" in one
        ]


def test_a_reissue_names_the_number_that_it_replaces(render, certificate):
    said = text_of(render(certificate(number="XCJS-2026-HG-0012", replaces="XCJS-2026-HG-0001")))
    assert "证书编号（补发，原编号 XCJS-2026-HG-0001）" in said
    assert "XCJS-2026-HG-0012" in said


def test_markup_in_a_name_is_text(render, certificate):
    one = certificate(recipients=("<b>赵&amp;立春</b>",), event="{{ 7*7 }}")
    said = text_of(render(one))
    assert "<b>赵&amp;立春</b>" in said
    assert "{{ 7*7 }}" in said


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("recipients", ("赵\U0002abcd春",), "render.glyph"),
        ("competition", "宣城市𪨊大赛", "render.glyph"),
        ("number", "编号\U0002abcd", "render.glyph"),
        ("unit", "示例\n公司", "render.field"),
        ("event", "焊\u202e工", "render.field"),
        ("team", "示例\u0000队", "render.field"),
    ],
)
def test_what_cannot_be_printed_is_refused_with_its_field(render, certificate, field, value, code):
    with pytest.raises(RenderRefused) as refused:
        render(certificate(**{field: value}))
    assert (refused.value.code, refused.value.field) == (code, field)


def test_a_job_prints_only_its_own(faces, under, certificate):
    job = page.Job([certificate()], faces, under)
    with pytest.raises(RenderRefused, match="批次"):
        job.render(certificate(recipients=("周清明",)))


def test_one_bad_sheet_does_not_stop_the_others(faces, under, certificate):
    sheets = [
        certificate(),
        certificate(recipients=("赵\U0002abcd",)),
        certificate(issuer="会" * 90),
        certificate(tier=2),
    ]
    results = list(page.render_many(sheets, faces, under))
    codes = [result.code if isinstance(result, RenderRefused) else "pdf" for result in results]
    assert codes == ["pdf", "render.glyph", "render.overflow", "pdf"]


@pytest.fixture(scope="module")
def listener():
    """A port of this machine that counts who calls."""
    server = socket.create_server(("127.0.0.1", 0))
    calls: list[object] = []

    def serve():
        while True:
            try:
                connection, caller = server.accept()
            except OSError:
                return
            calls.append(caller)
            connection.close()

    threading.Thread(target=serve, daemon=True).start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/x", calls
    server.close()


def svg(inside: str, head: str = "") -> str:
    code = base64.b64encode(
        f'{head}<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">{inside}</svg>'.encode()
    )
    return "data:image/svg+xml;base64," + code.decode()


ATTEMPTS = {
    "image": '<img src="{url}">',
    "file": '<img src="file:///etc/hostname">',
    "relative": '<img src="logo.png">',
    "ftp": '<img src="ftp://127.0.0.1/x">',
    "background": '<p style="background:url({url})">一</p>',
    "list": '<ul><li style="list-style-image:url({url})">一</li></ul>',
    "content": "<style>p::before{{content:url({url})}}</style><p>一</p>",
    "import": "<style>@import url({url});</style>",
    "font": "<style>@font-face{{font-family:X;src:url({url})}} p{{font-family:X}}</style><p>一</p>",
    "local file font": "<style>@font-face{{font-family:X;src:url(file:///etc/hostname)}} p{{font-family:X}}</style><p>一</p>",
    "style sheet": '<link rel="stylesheet" href="{url}">',
    "file style sheet": '<link rel="stylesheet" href="file:///etc/hostname">',
    "attachment": '<link rel="attachment" href="file:///etc/hostname">',
    "link attachment": '<a rel="attachment" href="file:///etc/hostname">一</a>',
    "object": '<object data="{url}"></object>',
    "embed": '<embed src="{url}">',
    "svg image": '<img src="{svg_image}">',
    "svg use": '<img src="{svg_use}">',
    "svg style": '<img src="{svg_style}">',
    "inline svg": '<svg><image href="{url}" width="9" height="9"/></svg>',
    "another asset": '<img src="asset:0000">',
    "colour profile": "<style>@color-profile --x{{src:url({url})}}</style>",
}


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_every_attempt_to_load_is_refused(faces, under, certificate, listener, attempt):
    url, calls = listener
    before = len(calls)
    one = certificate()
    job, layout = page.Job([one], faces, under), arrange(one, faces)
    body = ATTEMPTS[attempt].format(
        url=url,
        svg_image=svg(f'<image href="{url}" width="9" height="9"/>'),
        svg_use=svg(f'<use xlink:href="{url}#a"/>'),
        svg_style=svg(f"<style>@import url({url});</style><rect width='9' height='9'/>"),
    )
    with pytest.raises(RenderRefused) as refused:
        job.set(f"<!doctype html><title>一</title><body>{body}", layout, one)
    assert refused.value.code in {"render.fetch", "render.fault"}
    assert len(calls) == before


def test_a_file_named_as_an_xml_entity_is_not_read(faces, under, certificate, tmp_path):
    (tmp_path / "secret").write_text("校验码")
    entity = f'<!DOCTYPE svg [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'
    one = certificate()
    job, layout = page.Job([one], faces, under), arrange(one, faces)
    with pytest.raises(RenderRefused):
        job.set(f'<title>一</title><img src="{svg("<text>&x;</text>", entity)}">', layout, one)


def test_a_job_still_prints_after_a_refused_page(faces, under, certificate):
    one = certificate()
    job, layout = page.Job([one], faces, under), arrange(one, faces)
    with pytest.raises(RenderRefused):
        job.set('<title>一</title><img src="file:///etc/hostname">', layout, one)
    assert job.render(one) == page.Job([one], faces, under).render(one)


def test_two_pages_are_refused(faces, under, certificate):
    one = certificate()
    job, layout = page.Job([one], faces, under), arrange(one, faces)
    with pytest.raises(RenderRefused) as refused:
        job.set(
            '<title>一</title><div style="position:static">一</div><div style="position:static;break-before:page">一</div>',
            layout,
            one,
        )
    assert refused.value.code == "render.pages"


def test_a_glyph_from_no_font_is_refused(faces, under, certificate):
    one = certificate()
    job, layout = page.Job([one], faces, under), arrange(one, faces)
    with pytest.raises(RenderRefused):
        job.set("<title>一</title><p style='left:100mm;top:50mm'>龘靐</p>", layout, one)
