"""The pages of the xlsx import of a unit's entries."""

from __future__ import annotations

from uuid import UUID

from competitions.entries import queries
from competitions.entries.importing import SHEET
from competitions.permissions import Permission
from foundation.sheets import import_pages
from foundation.web.pages import HouseRequest, actor_of


async def unit_scope(request: HouseRequest) -> tuple[UUID | None, str]:
    """The contact's own unit."""
    actor = actor_of(request)
    return queries.unit_of(actor), actor.organisation_name


EntryImport = import_pages(
    SHEET, path="/entries/import", name="competitions.entries.import", policy=Permission.REGISTER_ENTRY,
    scope=unit_scope, done="/entries",
)  # fmt: skip
