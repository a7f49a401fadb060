"""上级授予: what the level above conferred on somebody whom this city recommended enters the ledger (H33, H77).

It is theirs: the entry names their document, stands on no roll of ours and never gets a certificate of ours; it counts as an
achievement and against a second time (H12) like every other.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from uuid import UUID

from foundation import clock, trail
from foundation.database import connection, fetchrow
from foundation.database.columns import new_id
from foundation.errors import NotFound, Refusal, Refusals
from foundation.web.policy import Actor
from honours.rolls import rules
from honours.rolls.publishing import ENTRY_COLUMNS, INSERT_SQL, achieved, names_of
from registry.achievements.operations import record_many

NUMBER = re.compile(r"[^\s，,；;。：:（(、]{1,30}〔\d{4}〕\d{1,5}号")
DAY = re.compile(r"(\d{4})(?:年|-|/|\.)(\d{1,2})(?:月|-|/|\.)(\d{1,2})日?")
NOMINEE_SQL = """
SELECT n.*, c.year, h.id AS honour_id, h.title, h.code, h.level, h.family, g.kind AS gate_kind, g.region AS gate_region,
       g.name AS gate_name,
       (SELECT count(*) FROM roll_entry e WHERE e.honour = h.id AND e.repeat IS NOT NULL AND (e.worker = n.worker
          OR (n.kind <> 'person' AND e.organisation = n.unit AND e.kind = n.kind AND (n.kind = 'unit' OR e.name = n.name)))
       )::int AS held,
       (SELECT count(*) + 1 FROM roll_entry e WHERE e.honour = h.id AND e.document_number = $2)::int AS line_place
FROM nomination n JOIN cycle c ON c.id = n.cycle JOIN cycle_award a ON a.id = n.award JOIN honour h ON h.id = a.honour
JOIN organisation g ON g.id = n.first_gate WHERE n.id = $1
"""


def document_of(said: str, today: date) -> tuple[str, date]:
    """The number and the day of the document of the level above, read from an officer's words: 皖工〔2026〕9号，2026年4月28日.

    Raises ``upper_number``, ``upper_day`` where one is missing, ``upper_future`` for a day to come.
    """
    refused: list[Refusal] = []
    number, day = NUMBER.search(said), DAY.search(said)
    on = None
    if number is None:
        refused.append(
            Refusal("upper_number", "请写明上级决定的文号，如“皖工〔2026〕9号”", field="opinion", rule="H33")
        )
    try:
        on = date(int(day[1]), int(day[2]), int(day[3])) if day else None
    except ValueError:
        on = None
    if on is None:
        refused.append(Refusal("upper_day", "请写明上级决定的日期，如“2026年4月28日”", field="opinion", rule="H33"))
    elif on > today:
        refused.append(Refusal("upper_future", "上级决定的日期不能晚于今天", field="opinion", rule="H33"))
    if refused or number is None or on is None:
        raise Refusals(refused)
    return number[0], on


async def record_conferred(actor: Actor, nomination: UUID, said: str) -> UUID:
    """Write the ledger's entry of a nominee whom the level above honoured; returns its id. In the caller's transaction.

    Raises what :func:`document_of` raises, ``NotFound``.
    """
    number, on = document_of(said, await clock.today())
    n = await fetchrow(NOMINEE_SQL, nomination, number)
    if n is None:
        raise NotFound
    one = _entry(actor, n, number, on)
    await connection().execute(INSERT_SQL, *(one[column] for column in ENTRY_COLUMNS))
    await record_many(actor, [achieved(one)])
    await trail.record(actor, "roll_entry.recorded", "roll_entry", one["id"], {"nomination": str(nomination), "document": number})  # fmt: skip
    return one["id"]


def _entry(actor: Actor, n: Any, number: str, on: date) -> dict[str, Any]:
    return {
        **names_of(n["kind"], n["name"], n["unit_name"]),
        "id": new_id(), "honour": n["honour_id"], "roll": None, "decision": None, "nomination": n["id"], "year": on.year,
        "conferred_on": on, "document_number": number, "place": n["line_place"], "kind": n["kind"], "worker": n["worker"],
        "organisation": n["organisation"] if n["kind"] == "person" else n["unit"], "name": n["name"],
        "unit_name": n["unit_name"], "post": n["post"], "region": n["gate_region"] if n["gate_kind"] == "county" else "",
        "county_name": rules.group_name(n["gate_kind"], n["gate_region"], n["gate_name"]), "category": n["category"],
        "unit_class": n["unit_class"], "flags": n["flags"], "listing": n["listing"], "posthumous": n["posthumous"],
        "summary": "", "portrait": None, "source": "record", "batch": None, "published_at": None, "repeat": n["held"],
        "repeat_reason": n["override_reason"], "made_by": actor.account, "title": n["title"], "code": n["code"],
        "level": n["level"], "family": n["family"],
    }  # fmt: skip
