"""Certificates of plainly invented people, and the machine's own fonts."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from publications.certificates.rendering import fonts
from publications.certificates.rendering.schemas import CompetitionCertificate, RenderRefused

PLAIN: dict[str, Any] = {
    "recipients": ("赵立春",),
    "competition": "宣城市职工职业技能大赛",
    "event": "焊工",
    "award": "一等奖",
    "tier": 1,
    "year": 2026,
    "issuer": "宣城市总工会",
    "issued_on": date(2026, 5, 4),
    "number": "XCJS-2026-HG-0001",
    "check_code": "6N2DH8QW3F7KQ",
    "qr_payload": "HTTPS://EXAMPLE.INVALID/V/XCJS-2026-HG-0001/6N2DH8QW3F7KQ",
}


@pytest.fixture(scope="session")
def certificate() -> Callable[..., CompetitionCertificate]:
    """Make a certificate; what is not said is plain."""
    return lambda **given: CompetitionCertificate(**(PLAIN | given))


@pytest.fixture(scope="session")
def faces() -> dict[str, fonts.Face]:
    if shutil.which("fc-list") is None:
        pytest.skip("needs fontconfig's fc-list")
    try:
        return fonts.resolve()
    except RenderRefused as absent:
        pytest.skip(f"needs the fonts of the certificates: {absent}")
