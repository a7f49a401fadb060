"""Setting designed sheets inside the worker: one `DesignJob` for one template's text and any number of sheets.

Unlike the competition's own `Job` it collects every fault of a sheet before it refuses, for the editor shows them all at
once; an issue takes the first. Runs in the worker only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pydyf
from jinja2 import Template, TemplateError
from weasyprint import CSS
from weasyprint.text.fonts import FontConfiguration

from publications.certificates.designs import grounds
from publications.certificates.designs.fitting import FITS, Fit
from publications.certificates.designs.language import Environment
from publications.certificates.designs.sheets import AnySheet, Competition, TemplateText
from publications.certificates.rendering import carrying, lettering, ornament, wording
from publications.certificates.rendering.fetcher import ClosedFetcher
from publications.certificates.rendering.fonts import CANDIDATES, QUOTES, Face, require_glyphs
from publications.certificates.rendering.page import (
    _BLANK,
    PX,
    Form,
    Underlay,
    _Bare,
    _complaints,
    deflate,
    own,
    qr_png,
    underlay,
)  # fmt: skip
from publications.certificates.rendering.schemas import RenderRefused

EDGE = 10.0
"""No text nearer to the sheet's edge than this, in millimetres."""
SMALLEST_QR = 22.0
MOST_FAULTS = 12
_FAMILIES = (*CANDIDATES, "Quote")
_PLAIN = CSS(
    string="head,title,meta,style{display:none}html,body,h1,h2,h3,p,div,section,ul,ol,dl,dt,dd{display:block}"
    "li{display:block}table{display:table}tr{display:table-row}td,th{display:table-cell}",
    media_type="print",
)
_SECRET = ("statement", "qr_payload")


class _Page(_Bare):
    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:
        return [_PLAIN]


def content_of(sheet: AnySheet) -> Any:
    """What a template calls ``certificate``."""
    return sheet.certificate if isinstance(sheet, Competition) else sheet


def texts(sheet: AnySheet) -> Iterator[tuple[str, str]]:
    """(field, text) of every word a user wrote."""
    one = content_of(sheet)
    for field in one.__struct_fields__:
        value = getattr(one, field)
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str) and field not in _SECRET:
                yield field, text


def required(sheet: AnySheet) -> dict[str, str]:
    """What a sheet must print whatever its template says: field → text. A plaque bears no number."""
    one = content_of(sheet)
    plain = {field: text for field, text in texts(sheet) if field in _MUST}
    for field in ("lines", "paragraphs", "recipients"):
        plain |= {f"{field}-{place}": text for place, text in enumerate(getattr(one, field, ()))}
    if sheet.__class__.__struct_config__.tag == "plaque":
        return {field: text for field, text in plain.items() if field in {"studio", "level_title", "issuer"}}
    return plain | {"check_code": wording.grouped(one.check_code)}


_MUST = ("recipient", "honour", "award", "studio", "level_title", "issuer", "number", "team", "replaces")


def check(sheet: AnySheet, faces: Mapping[str, Face]) -> None:
    """No control character anywhere; the seal's and the band's letters can be drawn."""
    for field, text in texts(sheet):
        if wording.unprintable(text):
            raise RenderRefused("render.field", "含有不可打印的控制字符", field=field)
    one = content_of(sheet)
    for field in ("issuer", "competition"):
        require_glyphs(field, getattr(one, field, ""), faces["Title"])


def _variables(sheet: AnySheet, fit: Fit) -> dict[str, Any]:
    """What a template sees beside the pictures' addresses."""
    found: dict[str, Any] = {"certificate": content_of(sheet), "fit": fit}
    if isinstance(sheet, Competition):
        one = sheet.certificate
        found |= {"layout": fit, "metal": ornament.palette(one.tier).name}
        found |= {"sentence": wording.sentence(one), "closing": wording.CLOSING}
    return found


class DesignJob:
    """One template, its sheets' fonts cut to the characters that their pages really hold."""

    def __init__(
        self, template: TemplateText, sheets: Sequence[AnySheet], faces: dict[str, Face], under: Underlay
    ) -> None:
        self._faces, self._under, self._kind = faces, under, template.kind
        self._fetcher, self._configuration = ClosedFetcher(), FontConfiguration()
        self._blank = self._fetcher.serve(_BLANK, "image/svg+xml")
        self._pages: list[tuple[str, Fit] | list[RenderRefused]] = []
        compiled = _compiled(template)
        for sheet in sheets:
            self._pages.append(compiled if isinstance(compiled, list) else self._written(compiled, sheet))
        self._style_faults: list[RenderRefused] = []
        self._style = self._styled(template.css)

    def _written(self, template: Template, sheet: AnySheet) -> tuple[str, Fit] | list[RenderRefused]:
        """The page as HTML, its QR code's address still to come."""
        try:
            check(sheet, self._faces)
            fit = FITS[self._kind](sheet, self._faces)
            html = template.render(_variables(sheet, fit) | {"seal": self._blank, "qr": "asset:qr"})
        except RenderRefused as fault:
            return [fault]
        except (TemplateError, TypeError, ValueError, RecursionError) as error:
            return [RenderRefused("template.run", "模板无法套用：{reason}", field="html", reason=str(error)[:200])]
        return html, fit

    def _styled(self, css: str) -> list[CSS]:
        """The fonts, cut, and the template's own rules apart (its lines count from its first), through the closed door."""
        html = "".join(page[0] for page in self._pages if isinstance(page, tuple))
        characters = {char for char in html + css if unicodedata.category(char) not in {"Cc", "Cf"}} | set(" 　")
        self.covered = {
            name: {char for char in characters if not face.missing(char)} for name, face in self._faces.items()
        }
        self.covered["Quote"] &= set(QUOTES + " ")
        rules = ""
        for name in _FAMILIES:
            cut = self._faces[name].cut(own(name, self.covered[name]))
            rules += f"@font-face{{font-family:{name};src:url({self._fetcher.serve(cut, 'font/otf')})}}"
        with _complaints() as complaints:
            styles = [
                CSS(string=text, font_config=self._configuration, url_fetcher=self._fetcher) for text in (rules, css)
            ]
        self._style_faults = _as_faults(complaints, "css") + self._fetched("css")
        return styles

    def _fetched(self, field: str) -> list[RenderRefused]:
        tried = list(dict.fromkeys(self._fetcher.refused))
        self._fetcher.refused.clear()
        return [
            RenderRefused("render.fetch", "页面试图读取外部资源：{addresses}", field=field, addresses=one[:80])
            for one in tried
        ]

    def proof(self, place: int, sheet: AnySheet) -> tuple[bytes, list[RenderRefused]]:
        """The sheet as a PDF (empty where there is none) and everything that is wrong with it."""
        page = self._pages[place]
        if isinstance(page, list):
            return b"", [*page, *self._style_faults]
        html, fit = page
        try:
            code = qr_png(content_of(sheet).qr_payload)
        except RenderRefused as fault:
            return b"", [fault]
        with self._fetcher.lending(code, "image/png") as qr:
            pdf, faults = self._set(html.replace("asset:qr", qr), fit, sheet, qr)
        return pdf, [*self._style_faults, *faults][:MOST_FAULTS]

    def _set(self, html: str, fit: Fit, sheet: AnySheet, qr: str) -> tuple[bytes, list[RenderRefused]]:
        faults: list[RenderRefused] = []
        pdf: bytes | None = b""
        with _complaints() as complaints:
            try:
                source = _Page(string=html, url_fetcher=self._fetcher)
                document = source.render(stylesheets=self._style, font_config=self._configuration)
                faults += self._judge(document, sheet, qr)
                pdf = document.write_pdf(
                    finisher=lambda _document, made: self._finish(made, sheet, fit),
                    pdf_variant="pdf/a-3u", pdf_tags=True,
                )  # fmt: skip
            except MemoryError:
                raise
            except Exception as error:
                complaints.append(f"{type(error).__name__}: {error}")
        return pdf or b"", [*faults, *self._fetched("html"), *_as_faults(complaints, "html")]

    def _finish(self, pdf: pydyf.PDF, sheet: AnySheet, fit: Fit) -> None:
        one = content_of(sheet)
        underlay(pdf, self._forms(sheet, fit))
        carrying.claim_accessibility(pdf)
        if one.statement:
            carrying.attach(pdf, one.statement, one.issued_on)
            carrying.leave_room_for_seal(pdf, one.issuer)
        deflate(pdf)

    def _forms(self, sheet: AnySheet, fit: Fit) -> list[Form]:
        """Ground and seal; the competition's come from its own module."""
        if isinstance(sheet, Competition):
            from publications.certificates.rendering.layout import arrange

            return self._under.forms(sheet.certificate, arrange(sheet.certificate, self._faces))
        one, kind, title = content_of(sheet), self._kind, self._faces["Title"]
        keep = self._under._keep
        drawn = keep(("ground", kind, one.sample), lambda: grounds.ground(kind, title, sample=one.sample))
        forms: list[Form] = [("Ornament", drawn, grounds.SIZES[kind], (0, 0))]
        if "axis" in fit:
            side = lettering.SEAL
            seal = keep(("seal", one.issuer, one.sample), lambda: lettering.seal(one.issuer, title, sample=one.sample))
            forms.append(("Seal", seal, (side, side), (fit["axis"] - side / 2, fit["seal_top"])))
        return forms

    def _judge(self, document: Any, sheet: AnySheet, qr: str) -> list[RenderRefused]:
        """One page of the kind's size; every glyph from the family that was asked for; inside; nothing left out."""
        faults: list[RenderRefused] = []
        if len(document.pages) != 1:
            faults.append(RenderRefused("render.pages", "证书应为一页，实际为 {pages} 页", pages=len(document.pages)))
        width, height = grounds.SIZES[self._kind]
        first = document.pages[0]
        if abs(first.width * PX - width) > 0.1 or abs(first.height * PX - height) > 0.1:
            size = f"{width} × {height}"
            faults.append(RenderRefused("render.size", "纸张应为 {size} 毫米", field="css", size=size))
        said = ""
        for box in first._page_box.descendants(placeholders=True):
            if getattr(box, "text", "").strip():
                said += box.text
                faults += self._judge_text(box, width, height)
        faults += _left_out(sheet, said, first, qr)
        return _once(faults)

    def _judge_text(self, box: Any, width: float, height: float) -> list[RenderRefused]:
        left, top = box.position_x * PX, box.position_y * PX
        right, bottom = left + box.width * PX, top + box.height * PX
        faults = []
        if left < EDGE or top < EDGE or right > width - EDGE or bottom > height - EDGE:
            faults.append(RenderRefused("render.overflow", "文字超出版面：{text}", text=box.text.strip()[:40]))
        family = next((name for name in box.style["font_family"] if name in self._faces), None)
        if family is None:
            faults.append(
                RenderRefused(
                    "render.family",
                    "没有这种字体：{family}",
                    field="css",
                    family=", ".join(box.style["font_family"])[:60],
                )
            )
            return faults
        face = self._faces[family]
        marks = QUOTES if "Quote" in box.style["font_family"] else ""
        if absent := face.missing("".join(char for char in box.text if char not in marks and not char.isspace())):
            named = "、".join(f"{char}（U+{ord(char):04X}）" for char in absent)
            faults.append(
                RenderRefused(
                    "render.glyph", "字库缺字，无法印制：{characters}", field=_field_of(box.text), characters=named
                )
            )
        return faults


def _field_of(text: str) -> str:
    return text.strip()[:30]


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def _left_out(sheet: AnySheet, said: str, page: Any, qr: str) -> list[RenderRefused]:
    """What must stand on the sheet and does not: a field's words, or a QR code large enough to be read."""
    squeezed = _squeezed(said)
    faults = [
        RenderRefused("render.missing", "证书上没有印出：{text}", field=field.partition("-")[0], text=text[:40])
        for field, text in required(sheet).items()
        if _squeezed(text) not in squeezed
    ]
    if sheet.__class__.__struct_config__.tag != "plaque":
        codes = [
            min(box.width, box.height) * PX
            for box in page._page_box.descendants(placeholders=True)
            if box.element is not None and box.element.get("src") == qr and hasattr(box, "replacement")
        ]
        if not codes or max(codes) < SMALLEST_QR - 0.01:
            faults.append(
                RenderRefused("render.qr", "二维码应不小于 {least} 毫米", field="css", least=int(SMALLEST_QR))
            )
    return faults


def _once(faults: list[RenderRefused]) -> list[RenderRefused]:
    return list({fault.text(): fault for fault in faults}.values())


def _as_faults(complaints: list[str], field: str) -> list[RenderRefused]:
    return [
        RenderRefused("render.fault", "排版程序报告问题：{complaint}", field=field, complaint=one[:200])
        for one in dict.fromkeys(complaints)
    ]


def _compiled(template: TemplateText) -> Template | list[RenderRefused]:
    try:
        return Environment().from_string(template.html)
    except (TemplateError, RecursionError) as error:
        return [
            RenderRefused(
                "template.syntax",
                "第 {line} 行语法有误：{reason}",
                field="html",
                line=getattr(error, "lineno", 0) or 0,
                reason=str(error)[:200],
            )
        ]


def set_many(
    template: TemplateText,
    sheets: Sequence[AnySheet],
    faces: dict[str, Face],
    under: Underlay,
    *,
    before_each: Callable[[], None] = lambda: None,
) -> Iterator[tuple[bytes, list[RenderRefused]]]:
    """(PDF, faults) of each sheet, in order, with one cut of the fonts."""
    before_each()
    job = DesignJob(template, sheets, faces, under)
    for place, sheet in enumerate(sheets):
        before_each()
        yield job.proof(place, sheet)
