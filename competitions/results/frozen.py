"""A published result, opened: the frozen open bundle read once for each process, and what can be explained of it."""

from __future__ import annotations

from collections import OrderedDict
from functools import cached_property
from uuid import UUID

from competitions.scoring.bundle import Bundle, Rules
from competitions.scoring.explain import Explainer
from competitions.scoring.reading import read
from foundation.database import fetchval
from foundation.errors import NotFound

KEPT = 24
"""How many opened results a process keeps; a frozen copy never changes, so that nothing has to be dropped but for room."""
_opened: OrderedDict[UUID, Frozen] = OrderedDict()


class Frozen:
    """The open bundle of a published result, its bytes as they are downloaded, and its explanations."""

    def __init__(self, text: str) -> None:
        self.data = text.encode()
        self._table = read(self.data)
        self.bundle: Bundle = self._table.bundle
        self.rules: Rules = self.bundle.event.rules
        self.judges = len({mark.judge for mark in self.bundle.marks})
        self.marks = len(self.bundle.marks)

    @cached_property
    def explainer(self) -> Explainer:
        return Explainer(self._table)


async def frozen_of(result: UUID) -> Frozen:
    """The open bundle of a published result. Raises ``NotFound`` where there is none."""
    known = _opened.get(result)
    if known is None:
        text = await fetchval("SELECT public_bundle FROM result WHERE id = $1 AND published_at IS NOT NULL", result)
        if text is None:
            raise NotFound
        known = _opened[result] = Frozen(text)
        while len(_opened) > KEPT:
            _opened.popitem(last=False)
    _opened.move_to_end(result)
    return known
