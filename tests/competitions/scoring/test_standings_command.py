"""`gongjiang standings FILE…`: lines on standard output and error, and the exit status."""

import json
import subprocess
import sys

import pytest

from tests.support import ROOT


def bundle(**changes):
    made = {
        "format": "gongjiang.event/1",
        "event": {
            "code": "焊工".encode().hex(),
            "title": "焊工",
            "rules": {
                "modules": [{"code": "m", "aspects": [{"code": "P", "kind": "points", "max": "9"}]}],
                "ranking": [{"by": "total"}],
                "awards": {"tiers": [{"name": "一等奖", "count": 1}]},
            },
        },
        "entries": [{"code": code, "name": code, "organisation": "示例"} for code in "AB"],
        "marks": [
            {"entry": "A", "aspect": "P", "judge": "J", "value": "2"},
            {"entry": "B", "aspect": "P", "judge": "J", "value": "1"},
        ],
    }
    return made | changes


@pytest.fixture
def run(tmp_path):
    """Run the command on bundles: name → content (bytes, or JSON)."""

    def command(files):
        paths = []
        for name, content in files.items():
            path = tmp_path / name
            if content is not None:
                path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
            paths.append(str(path))
        done = subprocess.run(
            [sys.executable, "-m", "commands.standings", *paths], cwd=ROOT, capture_output=True, check=False, timeout=60
        )
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr.decode(), paths

    return command


def test_a_complete_event_exits_0_with_one_line(run):
    status, [answer], errors, _ = run({"a.json": bundle()})
    assert (status, errors) == (0, "")
    assert list(answer) == ["format", "event", "bundle_sha256", "rows", "unranked", "unresolved_ties", "incomplete"]
    assert answer["rows"][0] == {
        "rank": 1,
        "shared": False,
        "entry": "A",
        "guest": False,
        "total": "2.00",
        "modules": {"m": "2.00"},
        "award": "一等奖",
        "scaled": None,
        "decided_by": None,
    }


def test_an_incomplete_event_exits_1_and_says_what_is_missing(run):
    status, [answer], errors, _ = run({"a.json": bundle(marks=[])})
    assert (status, errors, answer["rows"]) == (1, "", [])
    assert answer["incomplete"] == [
        {"entry": "A", "aspect": "P", "marks": 0, "minimum": 1},
        {"entry": "B", "aspect": "P", "marks": 0, "minimum": 1},
    ]


def test_a_missing_value_is_named_without_marks(run):
    made = bundle()
    made["event"]["rules"]["ranking"] = [{"by": "value:time"}]
    status, [answer], _, _ = run({"a.json": made})
    assert (status, answer["incomplete"]) == (1, [{"entry": "A", "value": "time"}, {"entry": "B", "value": "time"}])


def test_an_open_tie_exits_1(run):
    made = bundle()
    made["marks"][1]["value"] = "2.0"
    made["event"]["rules"]["ties"] = "refuse"
    status, [answer], _, _ = run({"a.json": made})
    assert (status, answer["unresolved_ties"]) == (1, [{"rank": 1, "entries": ["A", "B"], "why": "ranking"}])


def test_a_shared_place_that_the_rules_allow_exits_0(run):
    made = bundle()
    made["marks"][1]["value"] = "2.0"
    assert run({"a.json": made})[0] == 0


def test_every_fault_is_a_line_on_standard_error(run):
    made = bundle(extra=1)
    made["marks"][0]["value"] = "10"
    made["marks"][1]["judge"] = "a\nb"
    status, [answer], errors, [path] = run({"a.json": made})
    assert status == 2
    assert (answer["format"], answer["file"]) == ("gongjiang.faults/1", path)
    assert [set(fault) for fault in answer["faults"]] == [{"path", "message"}] * 3
    assert sorted(fault["path"] for fault in answer["faults"]) == ["$.extra", "$.marks[0].value", "$.marks[1].judge"]
    lines = errors.splitlines()
    assert lines == [f"{fault['path']}: {fault['message']}" for fault in answer["faults"]]
    assert '$.marks[0].value: "10" is out of range; allowed: 0 to 9' in lines


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"{}", None], ids=["empty", "not utf-8", "an empty object", "absent"]
)
def test_what_is_no_bundle_exits_2(run, content):
    status, [answer], errors, _ = run({"a.json": content})
    assert (status, answer["format"]) == (2, "gongjiang.faults/1")
    assert len(errors.splitlines()) == len(answer["faults"]) >= 1


def test_several_files_give_a_line_each_in_their_order_and_the_worst_status(run):
    second = bundle()
    second["event"]["code"] = "second"
    files = {"1.json": bundle(marks=[]), "2.json": b"[]", "3.json": second}
    status, answers, errors, paths = run(files)
    assert status == 2
    assert [answer["format"].split("/")[0] for answer in answers] == [
        "gongjiang.standings",
        "gongjiang.faults",
        "gongjiang.standings",
    ]
    assert answers[2]["event"] == "second"
    assert errors.splitlines() == [f"{paths[1]}: $: a list is not an object; allowed: an object"]
    assert run({"1.json": bundle(marks=[]), "3.json": second})[0] == 1


def test_a_file_name_that_is_no_text_is_still_named(run):
    status, [answer], _, _ = run({b"\xff.json".decode(errors="surrogateescape"): b"{"})
    assert status == 2
    assert answer["file"].endswith("\ufffd.json")


def test_no_file_exits_2(run):
    status, answers, errors, _ = run({})
    assert (status, answers) == (2, [])
    assert errors.startswith("usage:")


def test_the_engine_starts_without_the_web_and_the_database():
    code = "import sys, commands.standings; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, timeout=60)
    loaded = set(done.stdout.decode().split())
    assert not loaded & {"litestar", "piccolo", "asyncpg", "jinja2", "weasyprint", "asyncio"}
    of_the_house = {name for name in loaded if name.startswith("foundation")}
    assert of_the_house == {"foundation", "foundation.exact", "foundation.exact.panels", "foundation.exact.quantities"}
