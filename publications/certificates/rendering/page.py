"""Certificates set by WeasyPrint inside the worker: one `Job` cuts its fonts once and renders any number of sheets.

What the page may load is a table in memory (`asset:<sha256>`) and `data:`; every other request is written down and the
sheet refused, since WeasyPrint swallows such errors in several places. The ornament and the seal are underlaid as PDF
forms marked as artifacts, so they cost nothing per sheet.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pydyf
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from publications.certificates.rendering import carrying, lettering, ornament, repeating, wording
from publications.certificates.rendering.drawing import Drawing
from publications.certificates.rendering.fetcher import ClosedFetcher
from publications.certificates.rendering.finishing import Form, deflate, underlay
from publications.certificates.rendering.fonts import QUOTES, Face, require_glyphs
from publications.certificates.rendering.layout import COLUMN, LEFT, WORDS_BOTTOM, Layout, arrange
from publications.certificates.rendering.qr import qr_png
from publications.certificates.rendering.schemas import CompetitionCertificate, RenderRefused

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "certificates"
PX = 25.4 / 96  # a CSS pixel in mm
_BLANK = b'<svg xmlns="http://www.w3.org/2000/svg" width="42mm" height="42mm" viewBox="0 0 42 42"/>'
_PLAIN = CSS(string="head{display:none}html,body,h1,p,div{display:block}", media_type="print")
_FIXED = {
    "Quote": QUOTES + " ",  # the layout engine sets a space after a mark in the mark's own face
    "Kai": " 同志：队员　，。（）、工种中荣获特发此证以资鼓励在年月日〇一二三四五六七八九十0123456789",
    "Hei": "证书编号校验码扫或凭与查验（补发，原） ·〇一二三四五六七八九年",
    "HeiB": " -",
    "Title": " ",
}


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    """Jinja closed twice: sandboxed, and autoescaping every value."""
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, auto_reload=False
    )


def texts(certificate: CompetitionCertificate) -> Iterator[tuple[str, str, str]]:
    """(field, logical family, text) of everything a user's words appear in."""
    one = certificate
    for recipient in one.recipients:
        yield "recipients", "Kai", recipient
    for field in ("team", "unit", "address", "competition", "event", "issuer"):
        yield field, "Kai", getattr(one, field)
    yield "competition", "Hei", one.competition
    yield "event", "Hei", one.event
    yield "replaces", "Hei", one.replaces
    yield "award", "Title", one.award
    for field in ("number", "check_code"):
        yield field, "HeiB", getattr(one, field)


def check(certificate: CompetitionCertificate, faces: dict[str, Face]) -> None:
    """Every character of every field can be printed in its family, or the sheet is refused."""
    drawn = [("competition", "Title", certificate.competition), ("issuer", "Title", certificate.issuer)]
    for field, family, text in (*texts(certificate), *drawn):
        if wording.unprintable(text):
            raise RenderRefused("render.field", "含有不可打印的控制字符", field=field)
        require_glyphs(field, text, faces[family])


def title_of(certificate: CompetitionCertificate) -> str:
    """The document's title, as the template writes it."""
    return f"{certificate.award}证书 {certificate.number}"


def own(family: str, characters: set[str]) -> set[str]:
    """What a family's cut holds: 楷体 leaves its quotation marks to `Quote`, the next face in the style sheet."""
    return characters - set(QUOTES) if family == "Kai" else characters


class Underlay:
    """Ornaments, seals and band titles as ready PDF forms, kept for the life of the process (bounded)."""

    def __init__(self, faces: dict[str, Face]) -> None:
        self._title, self._song = faces["Title"], faces["Song"]
        self._kept: dict[Hashable, bytes] = {}

    def _keep(self, key: Hashable, draw: Callable[[], Drawing]) -> bytes:
        if key not in self._kept:
            if len(self._kept) >= 128:
                self._kept.clear()
            self._kept[key] = draw().pdf()
        return self._kept[key]

    def forms(self, certificate: CompetitionCertificate, layout: Layout) -> list[Form]:
        """What lies under this certificate's text, from the bottom up."""
        colours, sample, issuer = ornament.palette(certificate.tier), certificate.sample, certificate.issuer
        ground = self._keep(
            ("sheet", colours.name, sample), lambda: ornament.sheet(colours, self._title, self._song, sample=sample)
        )
        band = self._keep(("band", layout.band), lambda: lettering.band_title(layout.band, self._title))
        seal = self._keep(("seal", issuer, sample), lambda: lettering.seal(issuer, self._title, sample=sample))
        side = lettering.SEAL
        return [
            ("Ornament", ground, (ornament.WIDTH, ornament.HEIGHT), (0, 0)),
            ("BandTitle", band, (ornament.BAND, ornament.HEIGHT), (0, 0)),
            ("Seal", seal, (side, side), (layout.axis - side / 2, layout.seal_top)),
        ]


class _Bare(HTML):
    """A page without the browser's own style sheet: ours says all that this page needs."""

    def _ua_stylesheets(self, forms: bool = False) -> list[CSS]:
        return [_PLAIN]


class Job:
    """The fonts of a set of certificates, cut to their characters, and the means to set each of them.

    Only certificates given at the start may be rendered: the cut holds nobody else's characters. The bytes of a sheet
    depend on the certificate and on the job's characters only, so the same job gives the same bytes.
    """

    def __init__(self, certificates: Iterable[CompetitionCertificate], faces: dict[str, Face], under: Underlay) -> None:
        self._faces, self._under = faces, under
        wanted = {family: set(text) for family, text in _FIXED.items()}
        for certificate in certificates:
            check(certificate, faces)
            for _, family, text in texts(certificate):
                wanted[family] |= set(text)
        self._fetcher = ClosedFetcher()
        self._configuration = FontConfiguration()
        self._covered = wanted
        self.fonts = {family: faces[family].cut(own(family, characters)) for family, characters in wanted.items()}
        rules = "".join(
            f"@font-face{{font-family:{family};src:url({self._fetcher.serve(data, 'font/otf')})}}"
            for family, data in self.fonts.items()
        )
        style = rules + (TEMPLATES / "competition.css").read_text("utf-8")
        self._style = CSS(string=style, font_config=self._configuration, url_fetcher=self._fetcher)
        self._blank = self._fetcher.serve(_BLANK, "image/svg+xml")
        self._masters: dict[Hashable, repeating.Master] = {}

    def render(self, certificate: CompetitionCertificate) -> bytes:
        """One PDF/A-3u of one page. Raises `RenderRefused`."""
        for field, family, text in texts(certificate):
            if not set(text) <= self._covered[family]:
                raise RenderRefused("render.field", "该证书不在本批次内", field=field)
        layout = arrange(certificate, self._faces)
        code = qr_png(certificate.qr_payload)
        with self._fetcher.lending(code, "image/png") as qr:
            return self._set(certificate, layout, qr, self._repeated(certificate, layout, qr))

    def _repeated(self, certificate: CompetitionCertificate, layout: Layout, qr: str) -> Any | None:
        """The sheet from the layout of one like it, if there was one."""
        master = self._masters.get(repeating.pattern(certificate, layout))
        return master.sheet(certificate, layout, title_of(certificate), qr) if master else None

    def _written(self, certificate: CompetitionCertificate, layout: Layout, qr: str) -> str:
        return (
            _environment()
            .get_template("competition.html")
            .render(
                certificate=certificate, layout=layout, metal=ornament.palette(certificate.tier).name,
                sentence=wording.sentence(certificate), closing=wording.CLOSING,
                seal=self._blank, qr=qr,
            )
        )  # fmt: skip

    def set(self, html: str, layout: Layout, certificate: CompetitionCertificate) -> bytes:
        """A page already written as HTML, closed from the network, with its ornament under it."""
        return self._set(certificate, layout, "", None, html)

    def _set(
        self, certificate: CompetitionCertificate, layout: Layout, qr: str, document: Any | None, html: str = ""
    ) -> bytes:
        self._fetcher.refused.clear()
        pdf = b""
        with _complaints() as complaints:
            try:
                if document is None:
                    document = self._laid_out(html or self._written(certificate, layout, qr))
                    if not html:
                        self._remember(document, certificate, layout)
                pdf = self._pdf(document, layout, certificate)
            except (RenderRefused, MemoryError):
                raise
            except Exception as error:
                # A profile or sheet that cannot be fetched is raised, not logged: the reason is looked up below.
                complaints.append(f"{type(error).__name__}: {error}")
        self._judge(document, complaints)
        assert document is not None  # what left it out was a complaint
        _require_inside(document.pages[0])
        return pdf

    def _laid_out(self, html: str) -> Any:
        source = _Bare(string=html, url_fetcher=self._fetcher)
        document = source.render(stylesheets=[self._style], font_config=self._configuration)
        if len(document.pages) != 1:
            raise RenderRefused("render.pages", "证书应为一页，实际为 {pages} 页", pages=len(document.pages))
        return document

    def _remember(self, document: Any, certificate: CompetitionCertificate, layout: Layout) -> None:
        """Keep the layout for sheets like it; a page of an unexpected shape is not repeated."""
        alike = repeating.pattern(certificate, layout)
        if alike is None:
            return
        if len(self._masters) >= repeating.MOST:
            self._masters.clear()
        with contextlib.suppress(LookupError):
            self._masters[alike] = repeating.Master(document, certificate, layout)

    def _pdf(self, document: Any, layout: Layout, certificate: CompetitionCertificate) -> bytes:
        def finish(_document: Any, pdf: pydyf.PDF) -> None:
            underlay(pdf, self._under.forms(certificate, layout))
            carrying.claim_accessibility(pdf)
            if certificate.statement:
                carrying.attach(pdf, certificate.statement, certificate.issued_on)
                carrying.leave_room_for_seal(pdf, certificate.issuer)
            deflate(pdf)

        pdf = document.write_pdf(finisher=finish, pdf_variant="pdf/a-3u", pdf_tags=True)
        assert pdf is not None
        return pdf

    def _judge(self, document: Any, complaints: list[str]) -> None:
        """Nothing fetched from outside, no complaint of the renderer, no glyph from another font."""
        if self._fetcher.refused:
            addresses = "、".join(address[:80] for address in self._fetcher.refused)
            raise RenderRefused("render.fetch", "页面试图读取外部资源：{addresses}", addresses=addresses)
        if complaints:
            raise RenderRefused("render.fault", "排版程序报告问题：{complaint}", complaint=complaints[0][:200])
        for font in document.fonts.values():
            if font.missing or font.family not in self._covered:
                raise RenderRefused("render.glyph", "字库缺字，无法印制：{characters}", characters=font.family)


def _require_inside(page: Any) -> None:
    """After setting: no text crosses its column, the frame or the seal's upper edge."""
    for box in page._page_box.descendants(placeholders=True):
        if not hasattr(box, "text") or not box.text.strip():
            continue
        left, right = box.position_x * PX, (box.position_x + box.width) * PX
        bottom = (box.position_y + box.height) * PX
        words = box.element is not None and box.element.get("class") in {"body", "members", "unit", "name"}
        limit = LEFT + COLUMN + 1 if words else 286.0
        if left < 10 or right > limit + 0.5 or bottom > (WORDS_BOTTOM + 3 if words else 200):
            raise RenderRefused("render.overflow", "文字超出版面：{text}", text=box.text[:40])


class _complaints(logging.Handler):
    """Collects what WeasyPrint warns of while a sheet is set: a failed image or font is a log line there, no error."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []
        self._logger = logging.getLogger("weasyprint")

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())

    def __enter__(self) -> list[str]:
        self._logger.addHandler(self)
        return self.said

    def __exit__(self, *_: object) -> None:
        self._logger.removeHandler(self)


def render_many(
    certificates: Sequence[CompetitionCertificate],
    faces: dict[str, Face],
    under: Underlay,
    *,
    before_each: Callable[[], None] = lambda: None,
) -> Iterator[bytes | RenderRefused]:
    """One PDF or one refusal for each certificate, in order, with one cut of the fonts. Runs in the worker only."""
    faults: dict[int, RenderRefused] = {}
    for place, certificate in enumerate(certificates):
        try:
            check(certificate, faces)
        except RenderRefused as fault:
            faults[place] = fault
    job = Job([one for place, one in enumerate(certificates) if place not in faults], faces, under)
    for place, certificate in enumerate(certificates):
        before_each()
        if place in faults:
            yield faults[place]
            continue
        try:
            yield job.render(certificate)
        except RenderRefused as fault:
            yield fault
