"""Forms with rows: a declared shape, what was sent brought into it, and what the buttons of a row do.

A tree is what :func:`foundation.forms.grow` makes of the fields: ``sections-0-items-1-label`` is
``tree["sections"][0]["items"][1]["label"]``. Leaves are texts, so that nothing typed is lost while it is wrong.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

Tree = dict[str, Any]
ACTION = re.compile(r"(add|remove|up|down)-([a-z_]+(?:-\d{1,3}-[a-z_]+)*)(?:-(\d{1,3}))?", re.ASCII)


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """A row: its ``texts``, its ``lists`` of further rows, at most ``most`` of its kind; ``new`` fills one that is added."""

    texts: tuple[str, ...]
    lists: Mapping[str, Shape] = {}
    most: int = 30
    new: Mapping[str, str] = {}

    @property
    def first(self) -> str:
        """The field to go to in a row that was just added."""
        return next(name for name in self.texts if name != "code")


def clean(sent: Any, shape: Shape) -> Tree:
    """Bring whatever was sent into the shape: lists are lists, leaves are texts, unknown names are gone."""
    row = sent if isinstance(sent, Mapping) else {}
    tree: Tree = {name: _text(row.get(name)) for name in shape.texts}
    for name, inner in shape.lists.items():
        rows = row.get(name)
        tree[name] = [clean(one, inner) for one in rows[: inner.most]] if isinstance(rows, list) else []
    return tree


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every field of the tree with its name."""
    for name, value in enumerate(tree) if isinstance(tree, list) else tree.items():
        if isinstance(value, dict | list):
            yield from leaves(value, f"{path}{name}-")
        else:
            yield f"{path}{name}", value


def act(tree: Tree, action: str, shape: Shape) -> str:
    """Do what a button says (``add-sections-0-items``, ``remove-bonus-1``, ``up-sections-2``); an unknown one is nothing.

    Returns the name of the field to go to.
    """
    said = ACTION.fullmatch(action)
    if said is None:
        return ""
    verb, path = said[1], said[2].split("-")
    rows, inner = _rows_at(tree, path, shape)
    if inner is None:
        return ""
    if verb == "add":
        if len(rows) >= inner.most:
            return ""
        rows.append(clean(inner.new, inner))
        return f"{said[2]}-{len(rows) - 1}-{inner.first}"
    at = int(said[3] or -1)
    to = at + (1 if verb == "down" else -1)
    if 0 <= at < len(rows):
        if verb == "remove":
            del rows[at]
        elif 0 <= to < len(rows):
            rows[at], rows[to] = rows[to], rows[at]
    return ""


def _rows_at(tree: Tree, path: list[str], shape: Shape) -> tuple[list[Tree], Shape | None]:
    """The rows that a path like ``sections 0 items`` names, with their shape; None where there are none such."""
    here, of = tree, shape
    for step in range(0, len(path), 2):
        inner = of.lists.get(path[step])
        if inner is None:
            return [], None
        rows = here[path[step]]
        if step == len(path) - 1:
            return rows, inner
        place = int(path[step + 1])
        if place >= len(rows):
            return [], None
        here, of = rows[place], inner
    return [], None


def _text(raw: Any) -> str:
    value = raw[-1] if isinstance(raw, list) and raw else raw
    return unicodedata.normalize("NFC", value).strip() if isinstance(value, str) else ""
