"""成果、师徒与补助的查询: figures by year, who taught whom, accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from foundation.database import fetch
from studios.outputs.rules import KINDS, Account, generations

FIGURES_SQL = """
SELECT studio, year, kind, count(*) AS n, coalesce(sum(wan_yuan), 0) AS wan, coalesce(sum(people), 0) AS people
FROM output WHERE studio = ANY($1::uuid[]) AND stage <> 'struck' AND ($2::int IS NULL OR year = $2)
GROUP BY studio, year, kind
"""


def _figure(row: Any) -> str:
    if row["kind"] == "benefit":
        return plain_decimal(row["wan"])
    return str(row["people"] if row["kind"] == "training" else row["n"])


def plain_decimal(value: Any) -> str:
    """``Decimal("310.5000")`` → ``310.5``: exact, without needless noughts."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


async def figures_of(studio: UUID, year: int) -> dict[str, str]:
    """One year's figures: kind → decimal string; every kind has one (T11)."""
    rows = await fetch(FIGURES_SQL, [studio], year)
    return dict.fromkeys(KINDS, "0") | {row["kind"]: _figure(row) for row in rows}


async def years_of(studio: UUID) -> dict[int, dict[str, str]]:
    """All years' figures, the newest first (T11)."""
    found: dict[int, dict[str, str]] = {}
    for row in sorted(await fetch(FIGURES_SQL, [studio], None), key=lambda row: -row["year"]):
        found.setdefault(row["year"], dict.fromkeys(KINDS, "0"))[row["kind"]] = _figure(row)
    return found


async def outputs_of(studio: UUID) -> list[Any]:
    """The ledger: the newest year first, each with its count of papers."""
    return await fetch(
        "SELECT o.*, (SELECT count(*) FROM output_evidence e WHERE e.output = o.id) AS papers FROM output o"
        " WHERE o.studio = $1 ORDER BY o.year DESC, o.kind, o.achieved_on DESC, o.id LIMIT 500",
        studio,
    )


async def evidence_of(studio: UUID) -> dict[UUID, list[Any]]:
    """The papers of each output: rows of (output, file, name)."""
    rows = await fetch(
        "SELECT e.output, e.file, f.name FROM output_evidence e JOIN output o ON o.id = e.output"
        " JOIN stored_file f ON f.id = e.file WHERE o.studio = $1 ORDER BY e.made_at, e.id",
        studio,
    )
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row["output"], []).append(row)
    return found


async def apprenticeships_of(studio: UUID) -> list[Any]:
    """Agreements, the running ones first, with names and the count of logs."""
    return await fetch(
        "SELECT a.*, m.name AS master_name, w.name AS apprentice_name,"
        " (SELECT count(*) FROM apprentice_log l WHERE l.apprenticeship = a.id) AS logs"
        " FROM apprenticeship a JOIN worker m ON m.id = a.master JOIN worker w ON w.id = a.apprentice"
        " WHERE a.studio = $1 ORDER BY a.ended_on DESC NULLS FIRST, a.agreed_on DESC, a.id LIMIT 300",
        studio,
    )


async def logs_of(studio: UUID) -> dict[UUID, list[Any]]:
    rows = await fetch(
        "SELECT l.apprenticeship, l.taught_on, l.text FROM apprentice_log l JOIN apprenticeship a ON a.id = l.apprenticeship"
        " WHERE a.studio = $1 ORDER BY l.taught_on DESC, l.id LIMIT 500",
        studio,
    )
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row["apprenticeship"], []).append(row)
    return found


async def three_generations(studio: UUID, leader: UUID | None) -> list[list[str]]:
    """The leader, who learned from the leader, and who learned from them: names by generation, for the public tree."""
    if leader is None:
        return []
    rows = await fetch(
        "SELECT a.master, a.apprentice, m.name AS master_name, w.name AS apprentice_name FROM apprenticeship a"
        " JOIN worker m ON m.id = a.master JOIN worker w ON w.id = a.apprentice"
        " WHERE a.studio = $1 AND a.verdict <> 'broken_off' ORDER BY a.agreed_on, a.id",
        studio,
    )
    taught: dict[UUID, list[UUID]] = {}
    names: dict[UUID, str] = {}
    for row in rows:
        taught.setdefault(row["master"], []).append(row["apprentice"])
        names |= {row["master"]: row["master_name"], row["apprentice"]: row["apprentice_name"]}
    if leader not in names:
        return []
    return [[names[person] for person in level] for level in generations(taught, leader)]


ACCOUNTS_SQL = """
SELECT s.*, t.name AS studio_name, t.stage,
       coalesce((SELECT sum(p.fen) FROM tranche p WHERE p.subsidy = s.id AND p.paid_on IS NOT NULL), 0)::bigint AS paid,
       coalesce((SELECT sum(v.fen) FROM voucher v WHERE v.subsidy = s.id), 0)::bigint AS spent,
       coalesce((SELECT sum(r.fen) FROM subsidy_return r WHERE r.subsidy = s.id), 0)::bigint AS returned
FROM subsidy s JOIN studio t ON t.id = s.studio
"""


def account_of(row: Any) -> Account:
    return Account(approved=row["fen"], paid=row["paid"], spent=row["spent"], returned=row["returned"])


async def subsidies_of(studio: UUID) -> list[Any]:
    """A studio's subsidies with what was paid, spent and returned, in fen; the newest first."""
    return await fetch(ACCOUNTS_SQL + " WHERE s.studio = $1 ORDER BY s.year DESC, s.kind", studio)


async def movements_of(subsidies: Sequence[UUID]) -> dict[str, list[Any]]:
    """Tranches, vouchers and returns of these subsidies."""
    ids = list(subsidies)
    return {
        "tranches": await fetch("SELECT * FROM tranche WHERE subsidy = ANY($1::uuid[]) ORDER BY place", ids),
        "vouchers": await fetch("SELECT * FROM voucher WHERE subsidy = ANY($1::uuid[]) ORDER BY spent_on, id", ids),
        "returns": await fetch("SELECT * FROM subsidy_return WHERE subsidy = ANY($1::uuid[]) ORDER BY returned_on, id", ids),
    }  # fmt: skip
