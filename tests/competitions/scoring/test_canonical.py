"""The canonical form: the same content is the same bytes, and what was written stays as it was written."""

import hashlib
import json
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from competitions.scoring.bundle import Bundle
from competitions.scoring.canonical import bundle_sha256, canonical
from competitions.scoring.reading import parse
from tests.competitions.scoring import events
from tests.support import SHARED, needs_shared

SMALL = {
    "marks": [
        {"judge": "J2", "value": "1.50", "entry": "B", "aspect": "P"},
        {"judge": "J10", "value": "2", "entry": "B", "aspect": "P"},
        {"judge": "J1", "value": "-0", "entry": "A", "aspect": "P"},
    ],
    "format": "gongjiang.event/1",
    "entries": [
        {
            "organisation": "示例/一",
            "name": 'a"b\\c\td\x7f\u2028\x01',
            "code": "B",
            "values": {"时": "1", "a": "2", "Z": "3"},
        },
        {"organisation": "", "name": "钱立夏", "code": "A", "members": []},
    ],
    "event": {
        "title": "焊工",
        "code": "e",
        "rules": {
            "ranking": [{"order": "desc", "by": "total"}],
            "modules": [{"aspects": [{"max": "9.0", "kind": "points", "code": "P", "min": "-1"}], "code": "m"}],
        },
    },
    "adjustments": [
        {"entry": "B", "kind": "bonus", "value": "2", "reason": "z"},
        {"entry": "A", "kind": "bonus", "value": "1.0", "reason": "a"},
    ],
}
WRITTEN = (
    '{"adjustments":[{"entry":"B","kind":"bonus","reason":"z","value":"2"},'
    '{"entry":"A","kind":"bonus","reason":"a","value":"1.0"}],'
    '"entries":[{"code":"A","members":[],"name":"钱立夏","organisation":""},'
    '{"code":"B","name":"a\\"b\\\\c\\td\x7f\u2028\\u0001","organisation":"示例/一","values":{"Z":"3","a":"2","时":"1"}}],'
    '"event":{"code":"e","rules":{"modules":[{"aspects":[{"code":"P","kind":"points","max":"9.0","min":"-1"}],"code":"m"}],'
    '"ranking":[{"by":"total","order":"desc"}]},"title":"焊工"},"format":"gongjiang.event/1",'
    '"marks":[{"aspect":"P","entry":"A","judge":"J1","value":"-0"},'
    '{"aspect":"P","entry":"B","judge":"J10","value":"2"},'
    '{"aspect":"P","entry":"B","judge":"J2","value":"1.50"}]}'
).encode()


def test_the_canonical_form_letter_by_letter():
    bundle = parse(json.dumps(SMALL, indent=2).encode())
    assert canonical(bundle) == WRITTEN
    assert bundle_sha256(bundle) == hashlib.sha256(WRITTEN).hexdigest()


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**64))
def test_writing_and_reading_again_gives_the_same_bytes(seed):
    rng = Random(seed)
    event = events.event(rng)
    bundle = parse(json.dumps(event).encode())
    data = canonical(bundle)
    assert canonical(parse(data)) == data
    assert json.loads(data)["event"] == event["event"]
    rng.shuffle(event["marks"])
    rng.shuffle(event["entries"])
    assert canonical(parse(json.dumps(event, indent=1, ensure_ascii=False).encode())) == data
    ordered = json.dumps(json.loads(data), sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    assert data == ordered


@needs_shared
def test_real_events_keep_every_fact():
    for path in SHARED.glob("data/*/*.json"):
        if path.name.endswith(".expected.json") or path.parent.name not in ("skating-2016-17", "euroskills-2025"):
            continue
        event = json.loads(path.read_bytes())
        again = json.loads(canonical(parse(path.read_bytes())))
        for name in ("entries", "marks"):
            assert sorted(map(repr, map(sorted, map(dict.items, event[name])))) == sorted(
                map(repr, map(sorted, map(dict.items, again[name])))
            )
        assert {k: v for k, v in event.items() if k not in ("entries", "marks")} == {
            k: v for k, v in again.items() if k not in ("entries", "marks")
        }


def test_every_part_of_a_bundle_refuses_unknown_fields():
    parts, seen = [Bundle], set()
    while parts:
        part = parts.pop()
        if part in seen:
            continue
        seen.add(part)
        assert part.__struct_config__.forbid_unknown_fields, part
        for field in msgspec.structs.fields(part):
            parts += [
                a
                for a in (field.type, *_arguments(field.type))
                if isinstance(a, type) and issubclass(a, msgspec.Struct)
            ]
    assert len(seen) == 14


def _arguments(kind):
    found = []
    for argument in getattr(kind, "__args__", ()):
        found += [argument, *_arguments(argument)]
    return found
