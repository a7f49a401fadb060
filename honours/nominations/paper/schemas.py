"""What the form prints: plain words, already chosen and masked. Nothing else reaches the rendering process."""

from __future__ import annotations

import msgspec

Pair = tuple[str, str]


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A labelled box of running text, ``height`` mm high."""

    label: str
    text: str
    height: float


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """One level's box of opinion: what was said, by whom, on which day; empty lines to be written and sealed by hand."""

    label: str
    text: str = ""
    signed_by: str = ""
    day: str = ""


class FormSheet(msgspec.Struct, frozen=True, kw_only=True):
    """推荐审批表, A3, outside 4│1, inside 2│3."""

    title: str
    number: str
    note: str
    """初审稿，不加盖公章 — empty once the first gate has passed it (H61)."""
    ticks: tuple[tuple[str, bool], ...]
    cover: tuple[Pair, ...]
    maker: str
    photo_rows: tuple[tuple[Pair, Pair], ...]
    """Rows beside the photograph."""
    rows: tuple[tuple[Pair, ...], ...]
    """Further rows of one or two pairs, over the whole width."""
    photo: bool
    portrait: bytes = b""
    """JPEG, written anew by us."""
    blocks: tuple[Block, ...]
    deeds_label: str
    deeds: str
    deeds_note: str
    unit_opinions: tuple[str, ...]
    county: Opinion
    departments: tuple[str, ...]
    city: Opinion
    upper: Opinion
    qr_payload: str
