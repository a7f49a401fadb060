"""Import and export: what was stored comes out as the same bytes, for real events and for every optional field."""

from __future__ import annotations

from random import Random

import msgspec
import pytest

from competitions.programme.bundles import bundle_of, store_bundle
from competitions.scoring.canonical import canonical
from competitions.scoring.reading import parse
from tests.competitions.scoring import events
from tests.support import SHARED, needs_shared

FILES = [p for p in sorted(SHARED.glob("data/*/*.json")) if ".expected" not in p.name and p.parent.name != "data"]
FILES = [p for p in FILES if p.parent.name in ("skating-2016-17", "euroskills-2025")]


@needs_shared
async def test_every_real_event_comes_out_as_the_same_bytes(house):
    officer = await house.person("zhao", "city_officer", at="city")
    assert len(FILES) == 89
    for path in FILES:
        bundle = parse(path.read_bytes())
        event = await store_bundle(officer, bundle)
        assert canonical(await bundle_of(event)) == canonical(bundle), path.name


@pytest.mark.parametrize("seed", range(40))
async def test_a_random_event_comes_out_as_the_same_bytes(house, seed):
    officer = await house.person("zhao", "city_officer", at="city")
    bundle = parse(msgspec.json.encode(events.event(Random(seed))))
    event = await store_bundle(officer, bundle)
    assert canonical(await bundle_of(event)) == canonical(bundle)


@pytest.mark.parametrize("seed", range(0, 40, 2))
async def test_importing_a_code_again_gives_the_second_file(house, seed):
    """Two different files under one code: the second stands, whatever the first held."""
    officer = await house.person("zhao", "city_officer", at="city")
    first, second = (parse(msgspec.json.encode(events.event(Random(seed + n)))) for n in range(2))
    event = await store_bundle(officer, first)
    assert await store_bundle(officer, second) == event
    assert canonical(await bundle_of(event)) == canonical(second)
    assert await store_bundle(officer, first) == event
    assert canonical(await bundle_of(event)) == canonical(first)
