"""A bundle for publication names no judge and no member, and has the standings of the original."""

import json
from random import Random

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from competitions.scoring.anonymise import anonymise
from competitions.scoring.canonical import bundle_sha256, canonical
from competitions.scoring.reading import parse
from competitions.scoring.standings import standings
from tests.competitions.scoring import events


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**64), st.booleans())
def test_the_standings_stay_and_the_fingerprint_is_its_own(seed, names):
    bundle = parse(json.dumps(events.event(Random(seed))).encode())
    public = anonymise(bundle, names=names)
    parse(canonical(public))
    mine, theirs = standings(bundle), standings(public)
    assert theirs == msgspec.structs.replace(mine, bundle_sha256=bundle_sha256(public))


def test_judges_members_and_names_are_gone():
    entry = {"code": "A01", "name": "赵立春", "organisation": "示例重工", "members": ["钱雨水"], "group": "职工组"}
    judges = ["li-chief", "wang.5", "an_2"]
    bundle = parse(
        json.dumps(
            {
                "format": "gongjiang.event/1",
                "event": {
                    "code": "e",
                    "title": "焊工",
                    "rules": {
                        "modules": [
                            {"code": "m", "aspects": [{"code": c, "kind": "points", "max": "9"} for c in "PQ"]}
                        ],
                        "ranking": [{"by": "total"}],
                    },
                },
                "entries": [entry],
                "marks": [{"entry": "A01", "aspect": a, "judge": j, "value": "1"} for a in "PQ" for j in judges],
            }
        ).encode()
    )
    public = canonical(anonymise(bundle)).decode()
    for word in (*judges, "赵立春", "示例重工", "钱雨水", "members"):
        assert word not in public
    assert '"group":"职工组"' in public
    assert [mark.judge for mark in anonymise(bundle).marks] == ["J2", "J3", "J1"] * 2
    named = canonical(anonymise(bundle, names=True)).decode()
    assert "赵立春" in named
    assert "示例重工" in named
    assert "钱雨水" not in named
