"""草稿 of an application: what a contact typed into a part and has not saved; each person's own, kept on the server."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from foundation import drafts
from foundation.drafts import Draft
from foundation.forms import Bound, bind_tree, grow
from foundation.web.policy import Actor
from studios.applications.schemas import SECTIONS

PLAIN = ("version",)
"""Fields of the form that belong to no part."""


def _form(application: UUID, section: str) -> str:
    return f"studio_application:{application}:{section}"


async def keep(actor: Actor, application: UUID, section: str, pairs: Sequence[tuple[str, str]]) -> datetime:
    """Keep what is typed, replacing this person's draft before; returns when. Refuses ``draft_too_long``."""
    kept = [(name, value) for name, value in pairs if name not in PLAIN]
    return await drafts.keep(actor, _form(application, section), kept)


async def of(actor: Actor, application: UUID) -> dict[str, Draft]:
    """This person's drafts of one application, by part."""
    forms = {_form(application, section): section for section in SECTIONS}
    return {forms[form]: draft for form, draft in (await drafts.of(actor, forms)).items()}


async def drop(actor: Actor, application: UUID, section: str) -> None:
    """Done with: it was saved, or thrown away."""
    await drafts.drop(actor, _form(application, section))


def bound(section: str, pairs: Sequence[tuple[str, str]]) -> Bound[Any]:
    """A part from the fields as typed; faults beside their fields."""
    kept = [(name, value) for name, value in pairs if name not in PLAIN]
    return bind_tree(grow(kept), SECTIONS[section], values=dict(kept))
