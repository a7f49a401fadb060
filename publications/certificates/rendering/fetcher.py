"""The only door of a page: a table in memory, and `data:`; everything else is refused and written down (SECURITY 13)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from weasyprint.urls import URLFetcher, URLFetcherResponse

from publications.certificates.rendering.fonts import address_of


class ClosedFetcher(URLFetcher):
    """Serves `asset:<sha256>` from its own table and `data:` addresses; never opens a file or a connection.

    ``refused`` keeps every other address that was asked for: WeasyPrint drops the exception in SVG images and style
    sheets, so the caller looks here and refuses the document.
    """

    def __init__(self) -> None:
        super().__init__(timeout=1, allowed_protocols=("data", "asset"), allow_redirects=False)
        self.refused: list[str] = []
        self._table: dict[str, tuple[bytes, str]] = {}

    def serve(self, data: bytes, kind: str) -> str:
        """Keep these bytes under their own hash; returns the address."""
        address = address_of(data)
        self._table[address] = (data, kind)
        return address

    @contextmanager
    def lending(self, data: bytes, kind: str) -> Iterator[str]:
        """Serve bytes for one document only."""
        address = self.serve(data, kind)
        try:
            yield address
        finally:
            self._table.pop(address, None)

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        if url in self._table:
            data, kind = self._table[url]
            return URLFetcherResponse(url, data, {"Content-Type": kind})
        if url[:5].lower() == "data:":
            return super().fetch(url, headers)
        self.refused.append(url)
        raise ValueError("only the worker's own table may be read")
