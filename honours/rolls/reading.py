"""What a decision and its publication look at: nominees, lines, notices, consents, the issued document. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from foundation.database import fetch, fetchrow
from foundation.errors import NotFound, Refusal
from foundation.i18n import N_
from foundation.web.policy import Actor
from honours.cycles.composition import evaluate
from honours.cycles.queries import rules_of
from honours.nominations.candidates import candidates_of
from honours.permissions import Permission
from honours.review.queries import selected
from honours.rolls import rules
from honours.rolls.schemas import Line
from publications.documents.operations import paper_of
from publications.documents.rules import PRIVATE
from publications.notices import queries as notices

_LINE = """
n.id AS nomination, h.id AS honour, h.title AS honour_title, h.place AS honour_place, n.kind, n.name, n.unit_name, n.post,
n.stage, n.posthumous, g.kind AS gate_kind, g.region AS gate_region, g.sort_key AS gate_sort, g.name AS gate_name
"""
NOMINEES_SQL = f"""
SELECT {_LINE}, h.code AS honour_code, row_number() OVER (ORDER BY a.place, n.role, n.place, n.sort_key, n.id)::int AS rank
FROM nomination n JOIN cycle_award a ON a.id = n.award JOIN honour h ON h.id = a.honour
JOIN organisation g ON g.id = n.first_gate
WHERE n.cycle = $1 AND n.stage = 'noticed' AND h.conferred_here
ORDER BY rank
"""
LINES_SQL = f"""
SELECT {_LINE}, d.place, d.paired
FROM decision_line d JOIN nomination n ON n.id = d.nomination JOIN honour h ON h.id = d.honour
JOIN organisation g ON g.id = n.first_gate
WHERE d.decision = $1 ORDER BY h.place, h.id, d.place
"""
NOTICED_SQL = """
SELECT s.source, n.id AS notice FROM notice_subject s JOIN notice n ON n.id = s.notice
WHERE s.source = ANY($1::uuid[]) AND n.level = 'city' AND n.stage NOT IN ('draft', 'withdrawn')
"""
CONSENT_SQL = """
SELECT DISTINCT ON (nomination) nomination, given, covers, text FROM publication_consent
WHERE nomination = ANY($1::uuid[]) ORDER BY nomination, made_at DESC, id DESC
"""
HELD_SQL = """
SELECT DISTINCT n.name, h.title FROM decision_line d JOIN nomination n ON n.id = d.nomination JOIN honour h ON h.id = d.honour
JOIN roll_entry e ON e.honour = d.honour AND e.repeat IS NOT NULL
  AND (e.worker = n.worker OR (n.kind <> 'person' AND e.organisation = n.unit AND e.kind = n.kind
       AND (n.kind = 'unit' OR e.name = n.name)))
WHERE d.decision = $1 AND n.override_reason = '' AND NOT coalesce((SELECT w.granted FROM waiver w
  WHERE w.nomination = n.id AND w.waived_rule = 'H12' ORDER BY w.made_at DESC, w.id DESC LIMIT 1), false)
"""


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """The consent in force of one nominee (P2)."""

    given: bool = False
    covers: frozenset[str] = frozenset()

    def allows(self, what: str) -> bool:
        return self.given and what in self.covers


async def decision_for(actor: Actor, decision: UUID, *, lock: bool = False) -> Any:
    """A decision with its cycle within the actor's scope, else not found."""
    row = await fetchrow(
        "SELECT d.*, c.code AS cycle_code, c.title AS cycle_title, c.year, c.stage AS cycle_stage, c.organisation,"
        " o.name AS organisation_name FROM decision d JOIN cycle c ON c.id = d.cycle"
        " JOIN organisation o ON o.id = c.organisation WHERE d.id = $1 AND o.ancestors && $2::uuid[]"
        + (" FOR UPDATE OF d, c" if lock else ""),
        decision, list(Permission.DECIDE.scope(actor)),
    )  # fmt: skip
    if row is None:
        raise NotFound
    return row


def _line(row: Any, **more: Any) -> Line:
    county = row["gate_region"] if row["gate_kind"] == "county" else ""
    name = rules.group_name(row["gate_kind"], row["gate_region"], row["gate_name"])
    return Line(
        nomination=row["nomination"], honour=row["honour"], honour_title=row["honour_title"],
        honour_place=row["honour_place"], kind=row["kind"], name=row["name"], unit_name=row["unit_name"], post=row["post"],
        region=county, group=rules.group_of(row["gate_kind"], row["gate_region"], row["gate_sort"]), group_name=name,
        stage=row["stage"], **more,
    )  # fmt: skip


async def nominees(cycle: UUID) -> list[tuple[str, Line]]:
    """(honour's code, line) of everybody who is through the city's notice and waits for a decision of this city, ranked as the
    review put them."""
    ranked = (row.nomination for award in await selected(cycle) for row in award.rows)
    ranks = {nomination: rank for rank, nomination in enumerate(ranked, 1)}
    rows = await fetch(NOMINEES_SQL, cycle)
    after = len(ranks)
    return [(row["honour_code"], _line(row, rank=ranks.get(row["nomination"], after + row["rank"]))) for row in rows]


async def waiting(cycle: UUID) -> dict[str, str]:
    """Nominations that wait for a decision of this city → their names."""
    return {str(row["nomination"]): row["name"] for row in await fetch(NOMINEES_SQL, cycle)}


async def lines_of(decision: UUID) -> tuple[Line, ...]:
    """The decision's lines in their order (H71)."""
    rows = await fetch(LINES_SQL, decision)
    return tuple(_line(row, rank=row["place"], place=row["place"], paired=row["paired"]) for row in rows)


async def consents(nominations: Sequence[UUID]) -> dict[UUID, Consent]:
    """The newest consent of each nomination; those without any are left out."""
    return {
        row["nomination"]: Consent(given=row["given"], covers=frozenset(row["covers"]))
        for row in await fetch(CONSENT_SQL, list(nominations))
    }


async def facts_of(row: Any) -> tuple[rules.Facts, list[dict[str, Any]]]:
    """What publication of a decision looks at, and the composition's lines as totals for the public page."""
    lines = await lines_of(row["id"])
    ids = list({line.nomination: None for line in lines})
    issued, annexes = await _document(row)
    refused, unnoticed, upheld = await _notices(lines, ids)
    composition, totals = await _composition(row["cycle"], frozenset(str(one) for one in ids))
    given = await consents(ids)
    names = {line.nomination: line for line in lines}
    return rules.Facts(
        issued=issued, lines=lines, noticed=await waiting(row["cycle"]), annexes=annexes, notices=refused, unnoticed=unnoticed, upheld=upheld,
        composition=composition,
        no_consent=tuple(
            line.name for one, line in names.items()
            if line.kind == "person" and not given.get(one, Consent()).allows("roll")
        ),
        private=await _private(ids, given),
        held=tuple((one["name"], one["title"]) for one in await fetch(HELD_SQL, row["id"])),
    ), totals  # fmt: skip


async def _private(ids: Sequence[UUID], given: dict[UUID, Consent]) -> tuple[str, ...]:
    """Whose published words hold a private number: name, unit and post of everybody, the summary where it is consented to."""
    rows = await fetch(
        "SELECT id, name, unit_name, post, coalesce(dossier->'deeds'->>'summary', '') AS summary FROM nomination"
        " WHERE id = ANY($1::uuid[]) ORDER BY name",
        list(ids),
    )
    return tuple(
        row["name"] for row in rows
        if PRIVATE.search(" ".join((row["name"], row["unit_name"], row["post"])))
        or (given.get(row["id"], Consent()).allows("deeds") and PRIVATE.search(row["summary"]))
    )  # fmt: skip


async def _document(row: Any) -> tuple[bool, tuple[tuple[str, int, str], ...]]:
    if row["document"] is None:
        return False, ()
    found = await fetchrow("SELECT stage, paper FROM document WHERE id = $1", row["document"])
    if found is None or found["stage"] != "issued":
        return False, ()
    annexes = [one for one in paper_of(found).annexes if one.honour]
    return True, tuple((one.honour, len(one.roll), one.roll[0].name if one.roll else "") for one in annexes)


async def _notices(
    lines: Sequence[Line], ids: list[UUID]
) -> tuple[tuple[Refusal, ...], tuple[str, ...], tuple[str, ...]]:
    held: dict[UUID, set[UUID]] = {}
    for one in await fetch(NOTICED_SQL, ids):
        held.setdefault(one["notice"], set()).add(one["source"])
    refused: list[Refusal] = []
    struck: set[UUID] = set()
    for notice in held:
        refused += await notices.obstacles(notice)
        struck |= (await notices.outcome_of(notice)).upheld
    seen = set().union(*held.values()) if held else set()
    names = {line.nomination: line.name for line in lines}
    return (
        tuple(refused),
        tuple(name for one, name in names.items() if one not in seen),
        tuple(name for one, name in names.items() if one in struck),
    )


async def _composition(cycle: UUID, chosen: frozenset[str]) -> tuple[tuple[Refusal, ...], list[dict[str, Any]]]:
    """Every floor and ceiling over those in the decision, and every award's places (H5, H20–H28)."""
    demands = await rules_of(cycle)
    blocks = demands.gates.compose_at.get("notice", "block") == "block"
    refused: list[Refusal] = []
    totals: list[dict[str, Any]] = []
    for award in await fetch(
        "SELECT a.id, a.places - (SELECT count(*) FROM cancelled_place x WHERE x.award = a.id) AS places, h.code, h.title"
        " FROM cycle_award a JOIN honour h ON h.id = a.honour"
        " WHERE a.cycle = $1 AND h.conferred_here ORDER BY a.place, h.place",
        cycle,
    ):
        # a substitute who was called counts like a first choice from then on (H16)
        here = [
            msgspec.structs.replace(one, role="principal")
            for one in await candidates_of(award["id"], ["noticed", "honoured"])
            if one.id in chosen
        ]
        regular = sum(one.listing == "regular" for one in here)
        if regular > award["places"]:
            refused.append(
                Refusal(
                    "roll_places", "“{award}”常规名额 {places} 个，名单有 {have} 个", rule="H29",
                    award=award["title"], places=award["places"], have=regular,
                )
            )  # fmt: skip
        for line in evaluate(demands.of(award["code"]).composition, here):
            totals.append(
                {
                    "award": award["title"], "label": line.label, "op": line.op, "have": line.have, "base": line.base,
                    "bound": line.bound, "percent": line.percent or "",
                }
            )  # fmt: skip
            if not line.ok and blocks:
                refused.append(_short(award["title"], line))
    return tuple(refused), totals


def _short(award: str, line: Any) -> Refusal:
    words = N_("“{award}”：{label}应不少于 {bound}，现有 {have}") if line.op == "min" else N_("“{award}”：{label}应不多于 {bound}，现有 {have}")  # fmt: skip
    return Refusal(
        "roll_composition",
        words,
        rule=line.rule or "H28",
        award=award,
        label=line.label,
        bound=line.bound,
        have=line.have,
    )
