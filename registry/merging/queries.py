"""Reads about merge requests: those whose two records the actor keeps."""

from __future__ import annotations

import json
from typing import Any

from foundation.database import fetch
from foundation.i18n import N_, gettext
from foundation.web.policy import Actor
from registry.merging.schemas import Request
from registry.permissions import Permission

UNIT = "coalesce(nullif({0}.unit_name, ''), {0}.name)"
LIST_SQL = f"""
SELECT m.*, coalesce(kw.name, ko.name) AS keep_name, coalesce(ow.name, oo.name) AS other_name,
       {UNIT.format("ko")} AS keep_unit, {UNIT.format("oo")} AS other_unit,
       coalesce(a.name, '') AS asked_name, coalesce(d.name, '') AS decided_name
FROM merge_request m
LEFT JOIN worker kw ON m.kind = 'worker' AND kw.id = m.keep
LEFT JOIN worker ow ON m.kind = 'worker' AND ow.id = m.other
JOIN organisation ko ON ko.id = coalesce(kw.organisation, m.keep)
JOIN organisation oo ON oo.id = coalesce(ow.organisation, m.other)
LEFT JOIN account a ON a.id = m.asked_by LEFT JOIN account d ON d.id = m.decided_by
WHERE ko.ancestors && (CASE m.kind WHEN 'worker' THEN $1::uuid[] ELSE $2::uuid[] END)
  AND oo.ancestors && (CASE m.kind WHEN 'worker' THEN $1::uuid[] ELSE $2::uuid[] END)
  AND ($3 OR m.decision = '')
ORDER BY m.decision <> '', coalesce(m.decided_at, m.asked_at) DESC, m.id LIMIT 100
"""
WORDS = {
    "worker": N_("职工"), "account": N_("账号"), "role_grant": N_("角色"), "employment": N_("任职经历"),
    "transfer": N_("调动申请"), "achievement": N_("业绩"), "entry": N_("报名"), "entry_member": N_("参赛人员"),
}  # fmt: skip
"""What a table's rows are called; all others together are "other records"."""


async def listed(actor: Actor, *, decided: bool = True) -> list[Request]:
    """Requests the open ones first, at most 100; without ``decided`` only those."""
    rows = await fetch(
        LIST_SQL, list(Permission.KEEP_WORKERS.scope(actor)), list(Permission.KEEP_ORGANISATIONS.scope(actor)), decided
    )
    return [_request(row) for row in rows]


def _request(row: Any) -> Request:
    plain = {name: row[name] for name in Request.__struct_fields__ if name != "follows"}
    return Request(**plain, follows=_named(json.loads(row["follows"])))


def _named(follows: dict[str, int]) -> tuple[tuple[str, int], ...]:
    """{"worker.organisation": 3, …} in the reader's words, the most first."""
    counts: dict[str, int] = {}
    for place, rows in follows.items():
        word = gettext(WORDS.get(place.split(".")[0], N_("其他记录")))
        counts[word] = counts.get(word, 0) + rows
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
