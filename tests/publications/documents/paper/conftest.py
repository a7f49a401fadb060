"""Three papers, set once by the real process and measured from the PDF."""

from __future__ import annotations

import asyncio

import pytest

from publications.documents.paper.pool import set_papers
from tests.publications.documents import papers


@pytest.fixture(scope="session")
def measured(tmp_path_factory):
    """The decision, the full grid, the joint notice."""
    if not papers.TOOLS:
        pytest.skip("poppler's tools are not installed")
    pdfs = asyncio.run(set_papers([papers.decision(), papers.grid(), papers.joint()]))
    return [papers.Measured(pdf, tmp_path_factory.mktemp("paper")) for pdf in pdfs]
