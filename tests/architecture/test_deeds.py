"""Every code that the trail ever gets has its plain words, beside the wing that writes it."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from competitions.entries.rules import EntryStage
from competitions.programme.rules import COMPETITION_MOVES, EVENT_MOVES
from foundation.i18n import WINGS, current_locale
from foundation.trail import record
from foundation.trail.words import said, spoken
from honours.cycles.rules import CYCLE_MOVES
from honours.nominations.stages import MOVES as NOMINATION_MOVES
from honours.rolls.rules import MOVES as REVOCATION_MOVES
from publications.notices.objections.rules import MOVES as OBJECTION_MOVES
from studios.applications.stages import MOVES as APPLICATION_MOVES
from studios.stages import MOVES as STUDIO_MOVES
from tests.support import ROOT

DECIDED = {"accepted", "refused", "withdrawn"}
COMPOSED: dict[str, set[str]] = {
    "registry/merging/operations.py": {f"merge.{one}" for one in DECIDED},
    "registry/workers/transfers.py": {f"transfer.{one}" for one in DECIDED},
    "registry/accounts/links.py": {"account.invitation_issued", "account.reset_issued"},
    "publications/certificates/requests.py": {"certificates.ordered", "certificates.superseded"},
    "publications/notices/deadlines.py": {"notice.calendar", "notice.extension"},
    "publications/notices/objections/operations.py": {f"objection.{action}" for _stage, action in OBJECTION_MOVES},
    "competitions/judging/corrections.py": {"correction.approved", "correction.refused"},
    "competitions/entries/deciding.py": {
        f"entry.{one}" for one in (EntryStage.ACCEPTED, EntryStage.RETURNED, EntryStage.REJECTED, EntryStage.WITHDRAWN)
    },
    "competitions/programme/operations.py": {f"competition.{action}" for _stage, action in COMPETITION_MOVES}
    | {f"event.{action}" for _stage, action in EVENT_MOVES},
    "honours/laureates/trips.py": {"trip.finished", "trip.cancelled"},
    "honours/nominations/moving.py": {f"nomination.{action}" for _stage, action in NOMINATION_MOVES},
    "honours/review/rounds.py": {"round.closed", "round.void"},
    "honours/review/plans.py": {"plan.adopted", "plan.refused"},
    "honours/cycles/operations.py": {f"cycle.{action}" for _stage, action in CYCLE_MOVES},
    "honours/rolls/correcting.py": {"correction.made", "correction.dropped"},
    "honours/rolls/revoking.py": {f"revocation.{action}" for _stage, action in REVOCATION_MOVES},
    "studios/outputs/consents.py": {"consent.given", "consent.withdrawn"},
    "studios/upkeep/access.py": {f"studio.{action}" for _stage, action in STUDIO_MOVES},
    "studios/upkeep/reports.py": {"report.submitted", "report.saved", "report.returned", "report.opined"},
    "studios/applications/operations.py": {
        f"studio_application.{what}.{how}" for what in ("person", "paper") for how in ("added", "removed")
    },
    "studios/applications/moving.py": {f"studio_application.{action}" for _stage, action in APPLICATION_MOVES},
}
"""What the places write that put a code together at run time. A new such place has to be listed here."""
WRITTEN_IN_SQL = re.compile(r"INSERT INTO trail_entry[^;]*?'([a-z_]+\.[a-z_.]+)'", re.S)


def sources(wing: str) -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / wing).rglob("*.py")):
        if "piccolo_migrations" not in path.parts:
            yield path.relative_to(ROOT).as_posix(), path.read_text("utf-8")


def recorded(text: str) -> Iterator[ast.expr]:
    """The code that each call of ``trail.record`` in a source gives, each branch of a choice by itself."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "trail.record":
            code = node.args[1]
            yield from (code.body, code.orelse) if isinstance(code, ast.IfExp) else (code,)


def codes(wing: str) -> set[str]:
    found: set[str] = set()
    for path, text in sources(wing):
        found.update(WRITTEN_IN_SQL.findall(text))
        for code in recorded(text):
            if isinstance(code, ast.Constant):
                found.add(code.value)
            else:
                assert path in COMPOSED, f"{path} puts a code together: list what it writes"
                found |= COMPOSED[path]
    return found


def test_the_walk_sees_what_is_there():
    assert {"entry.submitted", "marks.entered", "event.confirm"} <= codes("competitions")
    assert sum(len(codes(wing)) for wing in WINGS) > 250
    assert all(Path(ROOT / path).is_file() for path in COMPOSED)


@pytest.mark.parametrize("wing", WINGS)
def test_each_code_of_a_wing_has_its_words_there(app, wing):
    deeds = importlib.import_module(f"{'foundation.trail' if wing == 'foundation' else wing}.deeds").DEEDS
    assert sorted(codes(wing) - set(deeds)) == []
    assert sorted(set(deeds) - codes(wing)) == [], "words for what nobody writes"
    assert set(deeds) <= spoken()


def test_no_two_deeds_say_the_same(app):
    words = [said(action) for action in spoken()]
    assert sorted(one for one in set(words) if words.count(one) > 1) == []


async def test_the_auditor_reads_words_and_finds_by_them(db, house, browse):
    auditor = await house.person("shen", "audit_admin", at="city")
    await record(auditor, "entry.submitted", "entry", house.organisations["jia"])
    await record(auditor, "seat.taken", "seat", house.organisations["jia"])
    browser = await browse(auditor)
    page = (await browser.get("/trail")).text
    assert "提交报名" in page
    assert "裁判入席" in page
    narrowed = (await browser.get("/trail", params={"action": "提交报名"})).text
    assert ">entry.submitted<" in narrowed
    assert ">seat.taken<" not in narrowed
    assert ">seat.taken<" in (await browser.get("/trail", params={"action": "seat."})).text


def test_the_words_are_in_the_readers_language(app):
    token = current_locale.set("en")
    try:
        assert said("entry.submitted") == "An entry was handed in"
        assert said("gone.since_years") == "gone.since_years"
    finally:
        current_locale.reset(token)
