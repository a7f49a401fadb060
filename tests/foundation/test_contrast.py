"""The colour tokens of both faces against WCAG 2.2 AA: text 4.5:1, borders of controls 3:1, in light and in dark."""

import re
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "foundation" / "static" / "src"
STATES = ("ok", "info", "wait", "warn", "bad")


def tokens(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{3,6})\s*;", css))


def block(selector: str) -> dict[str, str]:
    css = (SRC / "working" / "10-tokens.css").read_text("utf-8")
    found = re.search(re.escape(selector) + r" \{(.*?)\n\s*\}", css, re.S)
    assert found, selector
    return tokens(found[1])


def luminance(colour: str) -> float:
    digits = colour[1:]
    digits = "".join(d * 2 for d in digits) if len(digits) == 3 else digits
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_itself() -> None:
    assert round(contrast("#000", "#fff"), 1) == 21.0
    assert round(contrast("#767676", "#fff"), 2) == 4.54  # the known lightest grey that passes on white


@pytest.mark.parametrize("theme", ['[data-bs-theme="light"]', '[data-bs-theme="dark"]'])
def test_working_text_reaches_4_5_and_controls_3(theme: str) -> None:
    t = block(theme)
    grounds = ("page", "surface", "sunken")
    texts = ("ink", "ink-2", "ink-3", "link")
    low = [(a, b) for a in texts for b in grounds if contrast(t[a], t[b]) < 4.5]
    low += [(f"{s}-text", g) for s in STATES for g in (f"{s}-tint", "surface") if contrast(t[f"{s}-text"], t[g]) < 4.5]
    low += [("ink", f"{s}-tint") for s in STATES if contrast(t["ink"], t[f"{s}-tint"]) < 4.5]
    low += [("control-border", g) for g in grounds if contrast(t["control-border"], t[g]) < 3]
    low += [("on-primary", "primary")] if contrast(t["on-primary"], t["primary"]) < 4.5 else []
    assert low == []


def test_auto_in_the_dark_is_the_dark_theme() -> None:
    assert block('[data-bs-theme="auto"]') == block('[data-bs-theme="dark"]')


@pytest.mark.parametrize(
    ("text", "ground"),
    [(t, g) for t in ("ink", "ink-2", "ink-3", "red-700", "gold-700", "amber", "jade") for g in ("paper", "sheet")]
    + [("gold-800", "gold-100"), ("gold-700", "gold-100"), ("jade", "jade-tint"), ("amber", "amber-tint")]
    + [("slate", "slate-tint"), ("gold-300", "red-950"), ("gold-300", "red-800"), ("sheet", "red-700")]
    + [("red-200", "red-950"), ("ink-2", "paper-2"), ("ink-3", "paper-2")],
)
def test_public_text_reaches_4_5(text: str, ground: str) -> None:
    t = tokens((SRC / "public" / "10-tokens.css").read_text("utf-8"))
    assert contrast(t[text], t[ground]) >= 4.5
