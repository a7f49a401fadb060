"""草稿: what somebody typed into a part of the form and has not saved; each person's own, kept on the server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from foundation import drafts
from foundation.drafts import Draft
from foundation.forms import Bound, bind_tree, grow
from foundation.web.policy import Actor
from honours.nominations.schemas import SECTIONS, Dossier, Part

PLAIN = ("version",)
"""Fields of the form that belong to no part."""


def _form(nomination: UUID, section: str) -> str:
    return f"nomination:{nomination}:{section}"


async def keep(actor: Actor, nomination: UUID, section: str, pairs: Sequence[tuple[str, str]]) -> datetime:
    """Keep what is typed, replacing this person's draft before; returns when. Refuses ``draft_too_long``."""
    kept = [(name, value) for name, value in pairs if name not in PLAIN]
    return await drafts.keep(actor, _form(nomination, section), kept)


async def of(actor: Actor, nomination: UUID) -> dict[str, Draft]:
    """This person's drafts of one nomination, by part."""
    forms = {_form(nomination, section): section for section in SECTIONS}
    return {forms[form]: draft for form, draft in (await drafts.of(actor, forms)).items()}


async def drop(actor: Actor, nomination: UUID, section: str) -> None:
    """Done with: it was saved, or thrown away."""
    await drafts.drop(actor, _form(nomination, section))


def bound(section: str, pairs: Sequence[tuple[str, str]]) -> Bound[Any]:
    """A part of the form from the fields as typed; faults (too long, control characters) beside their fields."""
    tree = _tidy(grow([(name, value) for name, value in pairs if name not in PLAIN]))
    return bind_tree(tree, SECTIONS[section], values=dict(pairs))


def _tidy(tree: dict[str, Any]) -> dict[str, Any]:
    """Empty lines of prizes are no lines."""
    if isinstance(tree.get("prizes"), list):
        tree["prizes"] = [one for one in tree["prizes"] if not isinstance(one, dict) or any(one.values())]
    return tree


def overlay(dossier: Dossier, kept: Mapping[str, Draft]) -> Dossier:
    """The dossier as it would be with what is typed; a draft that cannot be kept as it stands is passed over."""
    typed: dict[str, Part] = {}
    for section, draft in kept.items():
        made = bound(section, draft.values)
        if made.ok:
            typed[section] = made.data
    return msgspec.structs.replace(dossier, **typed)
