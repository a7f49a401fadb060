"""The form set by WeasyPrint inside the worker: two sides of A3, every box where the form has it, text fitted to its box."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from weasyprint import CSS, HTML
from weasyprint.formatting_structure.boxes import TableBox, TableRowBox
from weasyprint.text.fonts import FontConfiguration

from honours.nominations.paper.schemas import FormSheet
from publications.certificates.rendering.fetcher import ClosedFetcher
from publications.certificates.rendering.fonts import Face, require_glyphs
from publications.certificates.rendering.page import _complaints, deflate, qr_png
from publications.certificates.rendering.schemas import RenderRefused

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "honours" / "nominations" / "paper"
PT = 25.4 / 72
HEIGHT = 260.0
"""mm that a page's table may take: 257 and its rules."""
_FIXED = {
    "Kai": "　 0123456789.—-*·年月日至今无√（）：；，。、“”",
    "Hei": (
        "编号类别姓名工作单位推荐填报日期表说明本双面打印一式三份初审时不加盖公章正式上报逐级扫码核对纸质件须与电子申报件一致稿职代会意见"
        "党组织相关部门备注所在县市区总省何时地受过种奖励处分主要先进事迹民情况个人简历及邮通讯址 0123456789.;；：:，。、（）A×√—-"
    ),
    "Song": "（盖章）负责人签字：年月日 —近期二寸免冠彩色照片0123456789×m一职工代表大会意见党组织 不超过字另附左右详细材料已填",
    "Title": "推荐审批表",
}


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )


class _Bare(HTML):
    """A page without the browser's own style sheet."""

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:
        return []


def lines_at(text: str, size: float, width: float) -> int:
    """How many lines ``text`` takes at ``size`` pt in ``width`` mm: Chinese is one em wide, other characters 0.62 em at most."""
    room = width / (size * PT)
    total = 0
    for paragraph in text.split("\n") or [""]:
        wide = sum(1.0 if ord(char) > 0x2E7F or char in "“”‘’—…" else 0.62 for char in paragraph)
        total += max(1, -(-int(wide * 100) // int((room - 1) * 100)))
    return total


def fit(
    text: str, width: float, height: float, largest: float = 12.0, smallest: float = 6.5, pitch: float = 1.6
) -> str:
    """The largest size in pt, in half points, at which ``text`` fits ``width`` × ``height`` mm. Refuses ``render.overflow``."""
    size = largest
    while size >= smallest:
        if lines_at(text, size, width) * size * pitch * PT <= height:
            return f"{size:g}"
        size -= 0.5
    raise RenderRefused("render.overflow", "文字太长，审批表里放不下：请压缩后再打印", field="text")


def texts(sheet: FormSheet) -> Iterator[tuple[str, str, str]]:
    """(field, family, text) of everything that a user wrote, and of every label of ours that is not fixed."""
    yield "title", "Title", sheet.title
    yield from (("maker", "Song", text) for text in (sheet.maker, sheet.deeds_note))
    labels = [sheet.number, sheet.note, sheet.deeds_label, *sheet.unit_opinions, *sheet.departments]
    labels += [label for label, _ in (*sheet.ticks, *sheet.cover)]
    rows = [*sheet.photo_rows, *sheet.rows]
    labels += [label for row in rows for label, _ in row] + [block.label for block in sheet.blocks]
    labels += [one.label for one in (sheet.county, sheet.city, sheet.upper)]
    for label in labels:
        yield "label", "Hei", label
        yield "label", "Song", label
    written = [value for _, value in sheet.cover] + [value for row in rows for _, value in row]
    written += [block.text for block in sheet.blocks] + [sheet.deeds]
    yield from (("text", "Kai", text) for text in written)
    for one in (sheet.county, sheet.city, sheet.upper):
        yield "opinion", "Song", one.text + one.signed_by + one.day


class FormSetter:
    """Sets forms with the machine's faces."""

    def __init__(self, found: Mapping[str, Face]) -> None:
        self._faces = found

    def render(self, sheet: FormSheet) -> bytes:
        """The two sides as PDF. Raises ``RenderRefused``: ``render.glyph``, ``render.overflow``, ``render.fetch``, ``render.pages``."""
        for field, family, text in texts(sheet):
            require_glyphs(field, text.replace("\n", ""), self._faces[family])
        fetcher, configuration = ClosedFetcher(), FontConfiguration()
        style = self._style(sheet, fetcher)
        with _complaints() as complaints:
            css = CSS(string=style, font_config=configuration, url_fetcher=fetcher)
            html = _environment().get_template("form.html").render(
                s=sheet, fit=fit, qr=fetcher.serve(qr_png(sheet.qr_payload), "image/png"),
                photo=fetcher.serve(sheet.portrait, "image/jpeg") if sheet.portrait else "",
            )  # fmt: skip
            document = _Bare(string=html, url_fetcher=fetcher).render(stylesheets=[css], font_config=configuration)
            pdf = document.write_pdf(finisher=lambda _document, made: deflate(made), pdf_tags=True)
        if fetcher.refused:
            raise RenderRefused("render.fetch", "页面试图读取外部资源：{addresses}", addresses=fetcher.refused[0][:80])
        if complaints:
            raise RenderRefused("render.fault", "排版程序报告问题：{complaint}", complaint=complaints[0][:200])
        _require_whole(document, html)
        if len(document.pages) != 2:
            raise RenderRefused("render.pages", "审批表应为两面，现为 {n} 面", n=len(document.pages))
        assert pdf is not None
        return pdf

    def _style(self, sheet: FormSheet, fetcher: ClosedFetcher) -> str:
        wanted = {family: set(text) for family, text in _FIXED.items()}
        for _field, family, text in texts(sheet):
            wanted[family] |= set(text)
        wanted["Song"] |= wanted["Kai"] & set("“”‘’—…· ")
        rules = "".join(
            f"@font-face{{font-family:{family};src:url({fetcher.serve(self._faces[family].cut(characters - {chr(10)}), 'font/otf')})}}"
            for family, characters in wanted.items()
        )
        return rules + (TEMPLATES / "form.css").read_text("utf-8")


def _require_whole(document: Any, html: str) -> None:
    """Every row of every table stands on the sheet, and none grew: the layout engine drops silently what passes a page's foot."""
    rows, tallest = 0, 0.0
    for page in document.pages:
        for box in page._page_box.descendants(placeholders=True):
            rows += isinstance(box, TableRowBox)
            if isinstance(box, TableBox):
                tallest = max(tallest, float(getattr(box, "height", 0)))
    if rows != html.count("<tr") or tallest * 25.4 / 96 > HEIGHT:
        raise RenderRefused("render.overflow", "文字太长，审批表里放不下：请压缩后再打印", field="text")
