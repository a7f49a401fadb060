"""The fast way of reading accepts nothing that the thorough way refuses, reads the same, and takes every valid file."""

import json
from random import Random
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from competitions.scoring.bundle import Bundle
from competitions.scoring.canonical import canonical
from competitions.scoring.faults import BundleFaults
from competitions.scoring.reading import _load, _read_fast, examine, parse
from tests.competitions.scoring import events

ODD: list[Any] = [
    None, True, False, 0, 1, -1, 7, 1.0, 1.5, 10**30, "", "0", "-0", "1", "1.50", "61", "-1", "1e1", "P0", "A00", "m0", "J1",
    "nobody", "a:b", "a b", "甲", "\u2028", "\x00", "\ud800", "points", "judgement", "mean", "trimmed_mean", "asc", "total",
    "value:", "value:time", "module:m0", "module:P0", [], {}, [1], {"a": "b"}, {"time": "1"}, "1\n", "x" * 65, "A\n1", "甲\u2028",
]  # fmt: skip
NAMES = [
    "entry",
    "aspect",
    "judge",
    "value",
    "code",
    "min",
    "max",
    "step",
    "count",
    "percent",
    "levels",
    "drop_high",
    "extra:",
    "新",
]


def spots(part: Any) -> list[tuple[Any, Any]]:
    """List every (container, key) of a JSON value."""
    found: list[tuple[Any, Any]] = []
    keys = list(part) if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else []
    for key in keys:
        found += [(part, key), *spots(part[key])]
    return found


def damage(rng: Random, bundle: dict[str, Any]) -> None:
    """Change one thing somewhere; the result may well be valid still."""
    part, key = rng.choice(spots(bundle))
    act = rng.randrange(6)
    if act == 0:
        part[key] = rng.choice(ODD)
    elif act == 1:
        del part[key]
    elif act == 2 and isinstance(part, dict):
        part[rng.choice(NAMES)] = rng.choice(ODD)
    elif act == 3 and isinstance(part, list):
        part.append(rng.choice(part))
    elif act == 4:
        other, name = rng.choice(spots(bundle))
        part[key] = json.loads(json.dumps(other[name]))
    elif isinstance(part[key], str):
        part[key] = part[key] + rng.choice("0.-5 :")


def double(rng: Random, text: str) -> str:
    """Name a key twice, without changing what the last one says."""
    places = [at for at in range(len(text)) if text.startswith('": ', at)]
    if not places:
        return text
    end = rng.choice(places)
    start = text.rindex('"', 0, end)
    key = text[start : end + 1]
    return f"{text[:start]}{key}: {rng.choice(['1', chr(34) + 'a:b' + chr(34), 'null', '{}'])}, {text[start:]}"


def thorough(data: bytes) -> Bundle | None:
    """Read without the fast way."""
    try:
        document = _load(data)
    except BundleFaults:
        return None
    return None if examine(document) else msgspec.convert(document, Bundle)


def agree(data: bytes) -> None:
    expected = thorough(data)
    fast = _read_fast(data)
    if expected is None:
        assert fast is None
    elif fast is not None:
        assert fast.bundle == expected
    assert parsed(data) == expected


def parsed(data: bytes) -> Bundle | None:
    try:
        return parse(data)
    except BundleFaults as refused:
        for fault in refused.faults:  # each is one line that says where, what and what else
            line = f"{fault.path}: {fault.message}"
            if not fault.path.startswith("$") or line.splitlines() != [line] or not (fault.what and fault.allowed):
                raise
        return None


@settings(max_examples=500, deadline=None)
@given(st.integers(0, 2**64), st.integers(0, 3), st.booleans())
def test_both_ways_agree_on_damaged_events(seed, wounds, doubled):
    rng = Random(seed)
    bundle = events.event(rng)
    for _ in range(wounds):
        damage(rng, bundle)
    text = json.dumps(bundle)
    agree((double(rng, text) if doubled else text).encode())


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**64), st.lists(st.tuples(st.integers(0), st.binary(max_size=2)), max_size=3))
def test_both_ways_agree_on_damaged_bytes(seed, cuts):
    rng = Random(seed)
    data = json.dumps(events.event(rng), ensure_ascii=rng.random() < 0.5).encode()
    for at, put in cuts:
        at %= len(data)
        data = data[:at] + put + data[at + 1 :]
    agree(data)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60) | st.text(alphabet='{}[]":,0.eE-+ \\untrefalsu\t\n', max_size=60).map(str.encode))
def test_both_ways_agree_on_anything(data):
    agree(data)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**64))
def test_a_valid_file_is_read_the_fast_way(seed):
    bundle = events.event(Random(seed))
    data = json.dumps(bundle, ensure_ascii=False).encode()
    fast = _read_fast(data)
    assert fast is not None
    assert fast.bundle == thorough(data)


def test_an_escaped_colon_is_read_the_thorough_way():
    data = canonical(parse(json.dumps(events.event(Random(1))).encode()))
    escaped = data.replace(b'"title":"', b'"title":"\\u003A', 1)
    assert escaped != data
    assert _read_fast(escaped) is None
    agree(escaped)


def test_the_damage_is_neither_harmless_nor_hopeless():
    valid = 0
    for seed in range(400):
        rng = Random(seed)
        bundle = events.event(rng)
        damage(rng, bundle)
        valid += thorough(json.dumps(bundle).encode()) is not None
    assert 20 < valid < 380
