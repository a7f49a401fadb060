"""The kinds of sheets: their names, sizes, and what a template of each may speak of."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from msgspec import Struct

from foundation.i18n import N_
from publications.certificates.designs.grounds import SIZES
from publications.certificates.designs.samples import SAMPLES
from publications.certificates.designs.sheets import Competition, TemplateText
from publications.certificates.rendering.layout import Layout

FOLDER = Path(__file__).resolve().parents[2] / "templates" / "certificates"
_SECRET = {"statement", "qr_payload"}
_CODE = frozenset({"date", "code", "number_size", "code_size"})
_SIGN = frozenset({"organ_size", "date_size", "axis", "seal_top"})
_NAME = frozenset({"name", "name_size", "address_size"})
_UNITS = frozenset({"region_size", "honour_size", "line_size", "line_pitch", "lines_top"})
FIT_NAMES: Mapping[str, frozenset[str]] = {
    "competition": frozenset(Layout.__struct_fields__),
    "medal": _CODE | _SIGN | _NAME | {"honour_size"},
    "medal-fold": _CODE | _SIGN | _NAME | {"honour_size", "cover_size"},
    "commendation": _CODE | _SIGN | _UNITS,
    "pioneer": _CODE | _UNITS | {"organ_size", "date_size", "opened"},
    "plaque": frozenset({"date", "level_size", "studio_size", "organ_size", "date_size"}),
    "naming": _CODE | _SIGN | {"studio_size", "body_size", "body_pitch", "body_top", "facts"},
    "thanks": _CODE | _SIGN | {"body_size", "name", "name_size"},
}


class Kind(Struct, frozen=True, kw_only=True):
    """A kind of sheet. ``size`` in millimetres."""

    key: str
    title: str
    size: tuple[float, float]


KINDS: Mapping[str, Kind] = {
    key: Kind(key=key, title=title, size=SIZES[key])
    for key, title in (
        ("competition", N_("竞赛获奖证书")), ("medal", N_("奖章证书")), ("medal-fold", N_("奖章证书（对折）")),
        ("commendation", N_("奖状")), ("pioneer", N_("工人先锋号")), ("plaque", N_("工作室牌匾")),
        ("naming", N_("工作室命名证书")), ("thanks", N_("裁判员感谢信")),
    )
}  # fmt: skip


@cache
def built_in(kind: str) -> TemplateText:
    """The first version, which the house brings along."""
    html, css = ((FOLDER / f"{kind}.{end}").read_text("utf-8") for end in ("html", "css"))
    return TemplateText(name=f"{kind}/1", html=html, css=css)


def names(kind: str) -> dict[str, frozenset[str]]:
    """Every name that a template of this kind may use, with its fields."""
    sample = next(iter(SAMPLES[kind].values()))[1]
    content = sample.certificate if isinstance(sample, Competition) else sample
    found = {"certificate": frozenset(content.__struct_fields__) - _SECRET, "fit": FIT_NAMES[kind]}
    empty: frozenset[str] = frozenset()
    if kind == "competition":
        found |= {"layout": FIT_NAMES[kind], "sentence": empty, "closing": empty, "metal": empty}
    return found | {"seal": empty, "qr": empty}
