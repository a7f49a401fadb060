"""Builders for the tests of results: a marked and signed event, ready to be confirmed."""

from __future__ import annotations

from uuid import UUID

from foundation.database import fetch
from foundation.web.policy import Actor
from tests.competitions import support
from tests.competitions.support import Stage
from tests.support.people import House

MARKS = {
    "A01": {"T": ["80"], "P1": ["50", "52"], "P2": ["2", "3"]},
    "A02": {"T": ["90.5"], "P1": ["55", "56"], "P2": ["3", "3"]},
    "A03": {"T": ["70"], "P1": ["40", "41"], "P2": ["1", "2"]},
}
"""By hand (places 2 everywhere): P1 is the mean of two; P2 is mean ÷ 3 × 40.

A01: theory 80; P1 51.00; P2 2.50 → 33.33; practical 84.33; total 0.3 × 80 + 0.7 × 84.33 = 24 + 59.031 = 83.03.
A02: theory 90.5; P1 55.50; P2 3.00 → 40.00; practical 95.50; total 27.15 + 66.85 = 94.00.
A03: theory 70; P1 40.50; P2 1.50 → 20.00; practical 60.50; total 21 + 42.35 = 63.35.
"""
PLACES = [("1", "A02", "94.00", "一等奖"), ("2", "A01", "83.03", "二等奖"), ("3", "A03", "63.35", "")]


async def sign_all(event: UUID) -> None:
    """Every sheet signed now."""
    await fetch("UPDATE seat SET sheet_state = 'signed', signed_at = now() WHERE event = $1", event)


async def marked(house: House, **fields) -> tuple[Stage, Actor]:
    """The standard event, fully marked and signed, and its chief judge Zhou."""
    stage = await support.standard(house, **fields)
    await support.mark_all(stage, MARKS)
    await sign_all(stage.event)
    return stage, await house.person("zhou", "chief_judge", event=stage.event)


async def stage_of(event: UUID) -> str:
    return (await fetch("SELECT stage FROM event WHERE id = $1", event))[0]["stage"]
