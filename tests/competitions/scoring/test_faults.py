"""Every kind of fault is named at its place, with what is allowed; all of them at once; nothing is guessed."""

import copy
import json
from typing import Any

import msgspec
import pytest

from competitions.scoring.bundle import Mark
from competitions.scoring.faults import BundleFaults, Fault
from competitions.scoring.reading import check, parse

GOOD: dict[str, Any] = {
    "format": "gongjiang.event/1",
    "event": {
        "code": "2026-auto",
        "title": "汽车装调工",
        "rules": {
            "places": {"panel": 2, "aspect": None},
            "modules": [
                {
                    "code": "m",
                    "aspects": [
                        {
                            "code": "P",
                            "kind": "points",
                            "min": "1",
                            "max": "60",
                            "step": "0.5",
                            "panel": {"minimum": 1},
                        },
                        {"code": "Q", "kind": "judgement", "max": "40", "levels": ["0", "1", "2", "3"]},
                    ],
                }
            ],
            "ranking": [{"by": "total"}, {"by": "value:time", "order": "asc"}],
            "awards": {"tiers": [{"name": "一等奖", "percent": "10"}]},
            "scale": {"method": "worldskills-700"},
        },
    },
    "entries": [{"code": "A01", "name": "赵立春", "organisation": "示例", "values": {"time": "118.5"}}],
    "marks": [
        {"entry": "A01", "aspect": "P", "judge": "J1", "value": "55.5"},
        {"entry": "A01", "aspect": "Q", "judge": "J1", "value": "3"},
    ],
    "adjustments": [{"entry": "A01", "kind": "deduction", "value": "2", "reason": "安全违规"}],
}
RULES = ("event", "rules")
ASPECT = (*RULES, "modules", 0, "aspects", 0)
JUDGEMENT = (*RULES, "modules", 0, "aspects", 1)
GONE = object()


def changed(*changes: tuple[tuple[Any, ...], Any]) -> dict[str, Any]:
    bundle = copy.deepcopy(GOOD)
    for path, value in changes:
        part: Any = bundle
        for key in path[:-1]:
            part = part[key]
        if value is GONE:
            del part[path[-1]]
        elif isinstance(part, list) and path[-1] == len(part):
            part.append(value)
        else:
            part[path[-1]] = value
    return bundle


def faults(data: Any) -> list[Fault]:
    raw = data if isinstance(data, bytes) else json.dumps(data).encode()
    with pytest.raises(BundleFaults) as refused:
        parse(raw)
    return list(refused.value.faults)


def places(data: Any) -> list[tuple[str, str]]:
    return [(fault.path, fault.code) for fault in faults(data)]


def test_the_good_bundle_is_good():
    assert parse(json.dumps(GOOD).encode()).marks[0] == Mark(entry="A01", aspect="P", judge="J1", value="55.5")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[1,]",
        b'{"a":1} x',
        b"{'a':1}",
        b"\xef\xbb\xbf" + json.dumps(GOOD).encode(),
        json.dumps(GOOD).encode("utf-16"),
        json.dumps(GOOD, ensure_ascii=False).encode("gb18030"),
        json.dumps(GOOD).replace('"2"', "NaN").encode(),
        json.dumps(GOOD).replace('"2"', "-Infinity").encode(),
        json.dumps(GOOD).replace("118.5", "118\n5").replace("\\n", "\n").encode(),
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
    ids=lambda data: ascii(data[:12]),
)
def test_what_is_not_json_in_utf_8_is_one_fault(data):
    assert places(data) == [("$", "json")]


@pytest.mark.parametrize("data", [b"null", b"1", b'"x"', b"[]", b"true", b"1.5"])
def test_a_document_that_is_no_object(data):
    assert places(data) == [("$", "type")]


REQUIRED = [
    ("$", "format"),
    ("$", "event"),
    ("$", "entries"),
    ("$", "marks"),
    ("$.event", "code"),
    ("$.event", "title"),
    ("$.event", "rules"),
    ("$.event.rules", "modules"),
    ("$.event.rules", "ranking"),
    ("$.event.rules.modules[0]", "code"),
    ("$.event.rules.modules[0]", "aspects"),
    ("$.event.rules.modules[0].aspects[0]", "code"),
    ("$.event.rules.modules[0].aspects[0]", "kind"),
    ("$.event.rules.modules[0].aspects[0]", "max"),
    ("$.event.rules.ranking[0]", "by"),
    ("$.event.rules.awards", "tiers"),
    ("$.event.rules.awards.tiers[0]", "name"),
    ("$.event.rules.scale", "method"),
    ("$.entries[0]", "code"),
    ("$.entries[0]", "name"),
    ("$.entries[0]", "organisation"),
    ("$.marks[0]", "entry"),
    ("$.marks[0]", "aspect"),
    ("$.marks[0]", "judge"),
    ("$.marks[0]", "value"),
    ("$.adjustments[0]", "entry"),
    ("$.adjustments[0]", "kind"),
    ("$.adjustments[0]", "value"),
    ("$.adjustments[0]", "reason"),
]


def reach(path: str) -> tuple[Any, ...]:
    """Turn `$.event.rules.modules[0]` into ("event", "rules", "modules", 0)."""
    names = path.replace("[", ".").replace("]", "").split(".")[1:]
    return tuple(int(name) if name.isdigit() else name for name in names)


@pytest.mark.parametrize(("path", "field"), REQUIRED, ids=lambda part: part)
def test_a_missing_field(path, field):
    found = places(changed(((*reach(path), field), GONE)))
    assert (f"{path}.{field}", "missing") in found


@pytest.mark.parametrize("path", sorted({path for path, _ in REQUIRED} | {"$.event.rules.places"}))
def test_an_unknown_field(path):
    assert places(changed(((*reach(path), "extra"), 1))) == [(f"{path}.extra", "unknown")]


def test_an_unknown_field_with_an_odd_name_is_quoted():
    assert places(changed((("得 分",), 1))) == [('$["\\u5f97 \\u5206"]', "unknown")]


@pytest.mark.parametrize(("path", "field"), REQUIRED, ids=lambda part: part)
@pytest.mark.parametrize("wrong", [None, 7, 1.5, True, {"a": 1}, [1]], ids=repr)
def test_a_wrong_type(path, field, wrong):
    if isinstance(wrong, list) and field in ("entries", "marks", "modules", "aspects", "ranking", "tiers"):
        expected = f"{path}.{field}[0]"
    elif isinstance(wrong, dict) and field in ("event", "rules"):
        expected = f"{path}.{field}.a"
    else:
        expected = f"{path}.{field}"
    found = faults(changed(((*reach(path), field), wrong)))
    assert expected in [fault.path for fault in found]
    assert all("\n" not in fault.message and "; allowed: " in fault.message for fault in found)


QUANTITIES = [
    ("$.event.rules.modules[0]", "weight"),
    ("$.event.rules.modules[0].aspects[0]", "min"),
    ("$.event.rules.modules[0].aspects[0]", "max"),
    ("$.event.rules.modules[0].aspects[0]", "step"),
    ("$.event.rules.modules[0].aspects[0]", "factor"),
    ("$.event.rules.awards.tiers[0]", "percent"),
    ("$.entries[0].values", "time"),
    ("$.marks[0]", "value"),
    ("$.adjustments[0]", "value"),
]
BAD_QUANTITIES = [
    "", " 1", "1 ", "1\n", "+1", "01", "00", "1.", ".5", "1e3", "1E3", "NaN", "nan", "Infinity", "-", "--1", "0x1", "1,5", "1_0",
    "1234567890", "0.12345678901", "１", "٣", "1.0.0", "½", "−1", "1\u0000",
]  # fmt: skip


@pytest.mark.parametrize(("path", "field"), QUANTITIES, ids=lambda part: part)
@pytest.mark.parametrize("text", BAD_QUANTITIES, ids=ascii)
def test_a_quantity_of_a_wrong_form(path, field, text):
    assert places(changed(((*reach(path), field), text))) == [(f"{path}.{field}", "quantity")]


CODES = [
    ("$.event", "code"),
    ("$.event.rules.modules[0]", "code"),
    ("$.event.rules.modules[0].aspects[0]", "code"),
    ("$.entries[0]", "code"),
    ("$.marks[0]", "entry"),
    ("$.marks[0]", "aspect"),
    ("$.marks[0]", "judge"),
    ("$.adjustments[0]", "entry"),
]


@pytest.mark.parametrize(("path", "field"), CODES, ids=lambda part: part)
@pytest.mark.parametrize("text", ["", "A 1", "A:1", "A/1", "甲", "A\n", "x" * 129, "é", "\u0000"], ids=ascii)
def test_a_code_of_a_wrong_form(path, field, text):
    assert (f"{path}.{field}", "code") in places(changed(((*reach(path), field), text)))


def test_codes_of_64_are_taken_and_of_65_not_but_an_event_may_have_a_longer_one():
    code = "x" * 65
    assert places(changed((("marks", 0, "judge"), code))) == [("$.marks[0].judge", "code")]
    assert parse(json.dumps(changed((("marks", 0, "judge"), code[1:]))).encode()).marks[0].judge == code[1:]
    assert parse(json.dumps(changed((("event", "code"), code))).encode()).event.code == code


COUNTS = [
    ("$.event.rules.modules[0].aspects[0].panel", "minimum"),
    ("$.event.rules.modules[0].aspects[0].panel", "drop_high"),
    ("$.event.rules.modules[0].aspects[0].panel", "drop_low"),
    ("$.event.rules.awards.tiers[0]", "at_least"),
]


@pytest.mark.parametrize(("path", "field"), COUNTS, ids=lambda part: part)
@pytest.mark.parametrize("wrong", ["1", 1.0, 1.5, True, None, -1, [1]], ids=repr)
def test_a_count_is_a_json_integer(path, field, wrong):
    panel_method = ((*ASPECT, "panel", "method"), "trimmed_mean")
    [(place, code)] = places(changed(panel_method, ((*reach(path), field), wrong)))
    assert place == f"{path}.{field}"
    assert code == ("count" if wrong == -1 else "type")


def test_an_integer_with_an_exponent_or_too_long_to_read_is_no_count():
    text = json.dumps(changed(((*ASPECT, "panel", "minimum"), 12345)))
    path = "$.event.rules.modules[0].aspects[0].panel.minimum"
    for number in ("1e0", "9" * 5000):
        assert places(text.replace("12345", number).encode()) == [(path, "type")]


@pytest.mark.parametrize(
    ("value", "code"), [(7, "places"), (-1, "places"), ("2", "type"), (2.0, "type"), (True, "type")]
)
def test_places_run_from_0_to_6_or_are_null(value, code):
    assert places(changed(((*RULES, "places", "total"), value))) == [("$.event.rules.places.total", code)]


@pytest.mark.parametrize(
    ("path", "options"),
    [
        (("format",), "gongjiang.event/1"),
        ((*ASPECT, "kind"), "points, judgement"),
        ((*ASPECT, "panel", "method"), "mean, trimmed_mean, median, sum"),
        ((*RULES, "ties"), "share, refuse"),
        ((*RULES, "awards", "ties"), "extend, strict"),
        ((*RULES, "scale", "method"), "worldskills-700"),
        ((*RULES, "ranking", 0, "order"), "desc, asc"),
        (("entries", 0, "status"), "competed, absent, withdrawn, disqualified"),
        (("adjustments", 0, "kind"), "deduction, bonus"),
    ],
    ids=lambda part: str(part[-1]),
)
def test_a_word_that_is_not_known_there(path, options):
    [fault] = faults(changed((path, "Mean")))
    assert (fault.code, fault.allowed) == ("choice", options)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([(("entries", 1), GOOD["entries"][0])], ("$.entries[1].code", "duplicate")),
        ([((*RULES, "modules", 1), {"code": "m", "aspects": [{"code": "R", "kind": "points", "max": "1"}]})],
         ("$.event.rules.modules[1].code", "duplicate")),
        ([((*RULES, "modules", 1), {"code": "n", "aspects": [{"code": "P", "kind": "points", "max": "1"}]})],
         ("$.event.rules.modules[1].aspects[0].code", "duplicate")),
        ([(("marks", 2), GOOD["marks"][0] | {"value": "1"})], ("$.marks[2]", "duplicate")),
        ([(("marks", 0, "entry"), "B99")], ("$.marks[0].entry", "unknown-entry")),
        ([(("marks", 0, "aspect"), "m")], ("$.marks[0].aspect", "unknown-aspect")),
        ([(("adjustments", 0, "entry"), "B99")], ("$.adjustments[0].entry", "unknown-entry")),
        ([((*RULES, "ranking", 0, "by"), "module:P")], ("$.event.rules.ranking[0].by", "unknown-module")),
        ([((*RULES, "ranking", 0, "by"), "aspect:m")], ("$.event.rules.ranking[0].by", "unknown-aspect")),
        ([((*RULES, "ranking", 0, "by"), "Total")], ("$.event.rules.ranking[0].by", "unknown-key")),
        ([((*RULES, "ranking", 0, "by"), "value:")], ("$.event.rules.ranking[0].by", "unknown-key")),
        ([((*RULES, "ranking", 0, "by"), "module:")], ("$.event.rules.ranking[0].by", "unknown-key")),
        ([((*RULES, "ranking"), [])], ("$.event.rules.ranking", "length")),
        ([((*RULES, "modules", 0, "aspects", 1, "levels"), ["a", "b", "c"])],
         ("$.event.rules.modules[0].aspects[1].levels", "length")),
        ([((*ASPECT, "levels"), ["a", "b", "c", "d"])], ("$.event.rules.modules[0].aspects[0].levels", "unfit")),
        ([((*ASPECT, "max"), "0.5"), (("marks", 0), GONE)], ("$.event.rules.modules[0].aspects[0].max", "range")),
        ([((*ASPECT, "step"), "0")], ("$.event.rules.modules[0].aspects[0].step", "range")),
        ([((*JUDGEMENT, "min"), "1")], ("$.event.rules.modules[0].aspects[1].min", "range")),
        ([((*ASPECT, "panel", "drop_high"), 1)], ("$.event.rules.modules[0].aspects[0].panel.drop_high", "unfit")),
        ([((*RULES, "awards", "tiers", 0, "count"), 1)], ("$.event.rules.awards.tiers[0]", "unfit")),
        ([((*RULES, "awards", "tiers", 0, "percent"), GONE)], ("$.event.rules.awards.tiers[0]", "missing")),
        ([(("adjustments", 0, "value"), "-0.01")], ("$.adjustments[0].value", "range")),
        ([(("marks", 0, "value"), "60.5")], ("$.marks[0].value", "range")),
        ([(("marks", 0, "value"), "0.5")], ("$.marks[0].value", "range")),
        ([(("marks", 0, "value"), "55.25")], ("$.marks[0].value", "step")),
        ([(("marks", 1, "value"), "3.0000000001")], ("$.marks[1].value", "range")),
        ([(("marks", 1, "value"), "-0.1")], ("$.marks[1].value", "range")),
        ([(("entries", 0, "name"), "\ud800")], ("$.entries[0].name", "text")),
        ([(("entries", 0, "guest"), "false")], ("$.entries[0].guest", "type")),
        ([(("entries", 0, "members"), ["甲", 1])], ("$.entries[0].members[1]", "type")),
        ([(("entries", 0, "values"), {"a b": 1})], ('$.entries[0].values["a b"]', "type")),
    ],
    ids=lambda part: part[0] if isinstance(part, tuple) else "",
)  # fmt: skip
def test_a_fault_between_fields(changes, expected):
    assert places(changed(*changes)) == [expected]


def test_no_modules_at_all_is_one_fault_and_not_one_for_each_mark():
    assert places(changed(((*RULES, "modules"), []))) == [("$.event.rules.modules", "length")]


@pytest.mark.parametrize(
    ("changes"),
    [
        [((*JUDGEMENT, "min"), "0")],
        [((*JUDGEMENT, "step"), "1")],
        [((*ASPECT, "panel", "drop_high"), 0)],
        [(("marks", 0, "value"), "1.0")],
        [(("marks", 0, "value"), "60")],
        [(("marks", 1, "value"), "-0")],
        [(("marks", 1, "value"), "2.7")],
        [(("adjustments", 0, "value"), "-0")],
        [(("adjustments",), GONE)],
        [((*RULES, "ranking", 0, "by"), "value:nobody has it")],
        [(("entries", 0, "organisation"), "")],
        [((*RULES, "awards", "tiers"), [])],
    ],
)
def test_what_the_format_allows_is_not_refused(changes):
    parse(json.dumps(changed(*changes)).encode())


@pytest.mark.parametrize(
    ("found", "doubled", "path"),
    [
        ('"format"', '"format": "gongjiang.event/1", "format"', "$.format"),
        ('"title"', '"title": "x", "title"', "$.event.title"),
        ('"title"', '"t\\u0069tle": "x", "title"', "$.event.title"),
        ('"time"', '"time": "1", "time"', "$.entries[0].values.time"),
        ('{"entry": "A01", "aspect": "P"', '{"entry": "A:1", "entry": "A01", "aspect": "P"', "$.marks[0].entry"),
        ('"judge": "J1", "value": "3"', '"judge": "J1", "value": "2", "value": "3"', "$.marks[1].value"),
        ('"minimum": 1', '"minimum": 1, "minimum": 1', "$.event.rules.modules[0].aspects[0].panel.minimum"),
    ],
)
def test_a_key_that_stands_twice(found, doubled, path):
    text = json.dumps(GOOD)
    assert text.count(found) >= 1
    assert places(text.replace(found, doubled, 1).encode()) == [(path, "double")]


def test_a_colon_in_a_text_hides_no_doubled_key():
    # One colon fewer in a text and one key more must not cancel out.
    text = json.dumps(changed((("entries", 0, "name"), "a\\u003ab:c"), (("event", "title"), "x:y")))
    text = text.replace("\\\\u003a", "\\u003a")
    parse(text.encode())
    assert places(text.replace('"title"', '"title": "x", "title"', 1).encode()) == [("$.event.title", "double")]


def test_all_faults_are_listed_at_once():
    bundle = changed(
        (("extra",), 1),
        (("event", "title"), GONE),
        ((*ASPECT, "max"), "60.x"),
        (("entries", 0, "values", "time"), 118.5),
        (("marks", 1, "value"), "4"),
        (("marks", 2), {"entry": "B", "aspect": "P", "judge": "J1", "value": "1"}),
        (("adjustments", 0, "value"), "-2"),
    )
    assert sorted(places(bundle)) == [
        ("$.adjustments[0].value", "range"),
        ("$.entries[0].values.time", "type"),
        ("$.event.rules.modules[0].aspects[0].max", "quantity"),
        ("$.event.title", "missing"),
        ("$.extra", "unknown"),
        ("$.marks[1].value", "range"),
        ("$.marks[2].entry", "unknown-entry"),
    ]


def test_marks_of_who_did_not_compete_are_held_to_the_same_rules():
    assert places(changed((("entries", 0, "status"), "absent"), (("marks", 0, "value"), "99"))) == [
        ("$.marks[0].value", "range")
    ]


def test_a_bundle_built_in_memory_is_checked_like_a_file():
    bundle = parse(json.dumps(GOOD).encode())
    assert check(bundle) == []
    wrong = msgspec.structs.replace(
        bundle, marks=(*bundle.marks, Mark(entry="A01", aspect="P", judge="J2", value="61"))
    )
    assert [(fault.path, fault.code) for fault in check(wrong)] == [("$.marks[2].value", "range")]
    worse = msgspec.structs.replace(bundle, marks=(Mark(entry="A01", aspect="P", judge="J2", value=61),))  # type: ignore
    assert [(fault.path, fault.code) for fault in check(worse)] == [("$.marks[0].value", "type")]
