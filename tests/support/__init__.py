"""Helpers of the tests: where reference data lies, named people, a browser's client."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("GONGJIANG_SHARED") or ROOT.parent / "shared")

needs_shared = pytest.mark.skipif(
    not (SHARED / "data").is_dir(), reason=f"the reference data is not beside this project ({SHARED}/data)"
)
