"""The composition board at 2,000 nominations and 20 constraints: the whole page from request to HTML, on a real database.

Beside it the same page for an award of 60, in the same run: what the nominees cost. Run: ``python -m tests.benchmarks board``.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from typing import Any

import msgspec

from tests.support.databases import own_database

NOMINEES, SMALL, CONSTRAINTS, ROUNDS = 2_000, 60, 20, 25
LIMIT_MS = 50
CATEGORIES = ("industrial_worker", "other_frontline", "science_education", "enterprise_leader", "official")
FLAGS = ("woman", "migrant_worker", "non_public", "new_employment", "county_head")
WRITE_SQL = """
INSERT INTO nomination (id, cycle, award, number, organisation, first_gate, kind, worker, unit, name, unit_name, post, category, flags,
  unit_class, role, place, listing, listing_reason, posthumous, stage, dossier, override_reason, search_keys, sort_key, version, made_at)
SELECT gen_random_uuid(), $1, $2, NULL, o.id, g.id, 'team', NULL, o.id, '示例人选' || n, '示例单位' || n, '班组长',
  ($4::varchar[])[1 + n % 5], ARRAY(SELECT f FROM unnest($5::varchar[]) WITH ORDINALITY AS t(f, k) WHERE (n / (2 ^ k)::int) % 3 = 0),
  CASE WHEN n % 4 = 0 THEN 'institution' ELSE 'enterprise' END, CASE WHEN n % 8 = 7 THEN 'substitute' ELSE 'principal' END, n % 30000,
  'regular', '', false, 'city', '{}', '', '{}', lpad(n::text, 5, '0'), 1, now()
FROM generate_series(1, $3) n CROSS JOIN LATERAL (SELECT id, parent FROM organisation WHERE kind = 'grassroots' ORDER BY id OFFSET n % 2 LIMIT 1) o
JOIN organisation g ON g.id = o.parent
"""
CLEAR_SQL = """
INSERT INTO clearance (id, nomination, department, asked_on, opinion, opinion_on, valid_until, note, version, made_at)
SELECT gen_random_uuid(), n.id, d, '2026-04-01', 'agree', '2026-04-02', '2036-12-31', '', 1, now()
FROM nomination n, unnest(ARRAY['market', 'tax', 'labour']) d WHERE n.award = $1
"""


def run() -> list[dict[str, Any]]:
    """One line: {"name", "ms", "ms_max", "small_ms", "limit_ms", "nominees", "constraints"}; milliseconds of server time."""
    return [asyncio.run(_run())]


async def _run() -> dict[str, Any]:
    from foundation.settings import settings

    async with own_database() as own:
        os.environ.update(
            {**own.env, "GONGJIANG_HOSTS": "testserver.local", "GONGJIANG_PUBLIC_URL": "https://testserver.local"}
        )
        settings.cache_clear()
        from foundation.database import engine
        from foundation.web.sessions import COOKIE, open_session
        from main import create_app
        from tests.support.people import browser_for

        await engine().start_connection_pool(min_size=2, max_size=6)
        try:
            actor, large, small = await _world()
            app = create_app()
            browser = browser_for(app)
            browser.cookies.set(COOKIE, await open_session(actor.account, state="signed_in"))
            ms, worst = await _page(browser, large)
            little, _worst = await _page(browser, small)
            await browser.aclose()
        finally:
            await engine().close_connection_pool()
    return {
        "name": "board", "ms": ms, "ms_max": worst, "small_ms": little, "limit_ms": LIMIT_MS, "nominees": NOMINEES, "constraints": CONSTRAINTS,
    }  # fmt: skip


async def _page(browser: Any, path: str) -> tuple[float, float]:
    times = []
    for n in range(ROUNDS + 3):
        start = time.perf_counter()
        answer = await browser.get(path)
        took = (time.perf_counter() - start) * 1000
        if answer.status_code != 200:
            raise RuntimeError(answer.text[:500])
        if n >= 3:
            times.append(took)
    return round(statistics.median(times), 1), round(max(times), 1)


async def _world() -> tuple[Any, str, str]:
    from foundation.database import fetch, transaction
    from honours.cycles.schemas import Condition, Constraint, Predicate
    from tests.honours.nominations import support
    from tests.support.people import House

    async with transaction():
        house = await House().build()
        made = await support.Round(house).build(stage="review")
        city = await house.person("zheng", "city_officer", at="city")
        constraints = [
            Constraint(
                code=f"c{n}", label=f"条件{n}", op="max" if n % 3 == 2 else "min", percent=str(60 if n % 3 == 2 else 5 + n),
                subset=Predicate(all=(Condition(field="category", values=(CATEGORIES[n % 5],)), *((Condition(field="flag", values=(FLAGS[n % 5],)),) if n > 9 else ()))),
                base=Predicate() if n % 2 else Predicate(all=(Condition(field="unit_class", values=("enterprise",)),)), rule="H20",
            )
            for n in range(CONSTRAINTS)
        ]  # fmt: skip
        rules = support.rule_set()
        awards = tuple(
            msgspec.structs.replace(one, composition=tuple(constraints), places=NOMINEES) for one in rules.awards
        )
        await made.put_rules(msgspec.structs.replace(rules, awards=awards))
        for code, count in (("city-may1-medal", NOMINEES), ("city-may1-certificate", SMALL)):
            await fetch(WRITE_SQL, made.cycle, made.awards[code], count, list(CATEGORIES), list(FLAGS))
            await fetch(CLEAR_SQL, made.awards[code])
    await fetch("ANALYZE nomination")
    paths = [
        f"/honours/cycles/{made.cycle}/awards/{made.awards[code]}/composition"
        for code in ("city-may1-medal", "city-may1-certificate")
    ]
    return city, paths[0], paths[1]
