"""The machine's fonts, and a kind's sheets set in this process by its built-in or a given text."""

from __future__ import annotations

import shutil

import pytest

from publications.certificates.designs import kinds
from publications.certificates.designs.setting import set_many
from publications.certificates.designs.sheets import TemplateText
from publications.certificates.rendering import fonts, page
from publications.certificates.rendering.schemas import RenderRefused


@pytest.fixture(scope="session")
def faces():
    if shutil.which("fc-list") is None:
        pytest.skip("needs fontconfig's fc-list")
    try:
        return fonts.resolve()
    except RenderRefused as absent:
        pytest.skip(f"needs the fonts of the certificates: {absent}")


@pytest.fixture(scope="session")
def put(faces):
    """``put(kind, sheet, html=…, css=…)`` → (PDF, faults)."""
    under = page.Underlay(faces)

    def make(kind, *sheets, html=None, css=None):
        text = kinds.built_in(kind)
        text = TemplateText(name=text.name, html=html or text.html, css=css or text.css)
        made = list(set_many(text, sheets, faces, under))
        return made[0] if len(made) == 1 else made

    return make
