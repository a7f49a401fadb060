"""``gongjiang roster``: whole-city rosters in, and a synthetic city for benchmarks and demonstration."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from foundation.errors import Refusal, Refusals


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gongjiang roster", description="Whole-city rosters.")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    importing = verbs.add_parser("import", help="check an xlsx and write all of it, or nothing")
    importing.add_argument("file", type=Path, metavar="FILE.xlsx")
    importing.add_argument("--kind", choices=("workers", "organisations"), default="workers")
    importing.add_argument("--check", action="store_true", help="only check; write nothing")
    importing.add_argument("--skip-known", action="store_true", help="pass over people who are registered already")
    generate = verbs.add_parser("generate", help="write a synthetic city into the database")
    generate.add_argument("--workers", type=int, default=340_203)
    generate.add_argument("--organisations", type=int, default=6_226)
    generate.add_argument("--seed", type=int, default=1)
    return parser


def main(argv: Sequence[str]) -> int:
    """Returns 0 where everything was written (or found right), 1 where rows are faulty, 2 where the file is no roster."""
    args = build_parser().parse_args(list(argv))
    return asyncio.run(_run(args))


async def _run(args: argparse.Namespace) -> int:
    from foundation.database import engine

    opened = engine().pool is None
    if opened:
        await engine().start_connection_pool(min_size=1, max_size=4)
    try:
        if args.verb == "generate":
            made = await generate(args.workers, args.organisations, seed=args.seed)
            print(f"写入 {made['organisations']} 个组织、{made['workers']} 名职工")
            return 0
        return await _import(args)
    except (Refusal, Refusals, FileNotFoundError) as refused:
        print(refused, file=sys.stderr)
        return 2
    finally:
        if opened:
            await engine().close_connection_pool()


async def _import(args: argparse.Namespace) -> int:
    from registry.rosters.importing import import_workers
    from registry.rosters.organisations import import_organisations

    start = time.perf_counter()
    if args.kind == "organisations":
        outcome = await import_organisations(args.file, None, write=not args.check)
    else:
        outcome = await import_workers(
            args.file, None, write=not args.check, skip_known=args.skip_known, progress=_progress
        )
    for fault in outcome.faults:
        rule = f" [{fault.rule}]" if fault.rule else ""
        print(f"第 {fault.row} 行 {fault.title}：{fault.message}{rule}", file=sys.stderr)
    if outcome.fault_count > len(outcome.faults):
        print(f"… 共 {outcome.fault_count} 处错误，只列出前 {len(outcome.faults)} 处", file=sys.stderr)
    took = time.perf_counter() - start
    print(
        f"读入 {outcome.rows} 行，写入 {outcome.written} 行，略过 {outcome.passed_over} 行，{outcome.fault_count} 处错误，用时 {took:.1f} 秒"
    )
    return 1 if outcome.fault_count else 0


async def _progress(done: int, total: int, message: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{done:,}", end="", file=sys.stderr, flush=True)


async def generate(workers: int = 340_203, organisations: int = 6_226, *, seed: int = 1) -> dict[str, int]:
    """Write a synthetic city: under the city and counties that stand, where they do. One transaction.

    Returns how many organisations and workers were written; people whose number is registered already are left out.
    """
    from foundation import clock
    from foundation.database import fetch, fetchval, transaction
    from registry.synthetic.organisations import make_organisations
    from registry.synthetic.people import make_workers
    from registry.workers import bulk

    made = make_organisations(organisations, workers, seed=seed)
    written = 0
    async with transaction():
        await fetch("SET LOCAL idle_in_transaction_session_timeout = '120s'")
        ids, new = await _write_organisations(made)
        now = await clock.now()
        some = bool(await fetchval("SELECT EXISTS (SELECT 1 FROM worker)"))
        people: list[Any] = []

        async def flush() -> int:
            lines = bulk.lines_of(people, now)
            known = await bulk.known_indexes(lines.indexes) if some else set()
            passed = {place for place, index in enumerate(lines.indexes) if index in known}
            await bulk.copy_lines(lines.without(passed))
            people.clear()
            return len(lines.indexes) - len(passed)

        for worker in make_workers(made, seed=seed):
            unit = ids[worker.organisation]
            people.append((checked_of(worker), unit[0], unit[1]))
            if len(people) == 4_000:
                written += await flush()
        written += await flush()
    return {"organisations": new, "workers": written}


def checked_of(worker: Any) -> Any:
    """A synthetic worker as the registry's own."""
    from registry.workers.schemas import Checked

    return Checked(
        name=worker.name, id_number=worker.id_number, phone=worker.phone, sex=worker.sex, born_on=worker.birth,
        ethnic_group=worker.ethnic_group, political_status=worker.political_status, education=worker.education,
        job_category=worker.job_category, evidence="", is_migrant=worker.migrant_worker, post=worker.title,
        is_non_public=worker.non_public, is_new_form=worker.new_employment, skill_level=worker.skill_level,
        occupation=worker.occupation, employed_on=worker.employed_since,
    )  # fmt: skip


async def _write_organisations(made: Sequence[Any]) -> tuple[dict[int, tuple[Any, str]], int]:
    """Serial → (id, region). A city, county or industry union that stands already is taken as it is."""
    from foundation import clock
    from foundation.database import connection, fetch
    from foundation.database.columns import new_id
    from registry.organisations.operations import search_keys
    from registry.search_keys import organisation_sort_key

    now = await clock.now()
    standing = await fetch(
        "SELECT id, kind, region, name, ancestors FROM organisation WHERE kind IN ('city', 'county')"
    )
    taken = {r["union_code"] for r in await fetch("SELECT union_code FROM organisation WHERE union_code IS NOT NULL")}
    known = {(row["kind"], row["region"]): row for row in standing}
    paths: dict[int, list[Any]] = {}
    records = []
    for one in made:
        found = known.get((one.level, one.region))
        if found is not None:
            paths[one.serial] = list(found["ancestors"])
            continue
        path = [*(paths[one.parent] if one.parent else []), new_id()]
        paths[one.serial] = path
        code = one.union_code if one.union_code not in taken else None
        records.append((
            path[-1], one.name, one.level, path[-2] if len(path) > 1 else None, path, one.region, code,
            one.employer_name, one.employer_code or None, one.unit_type, one.industry, one.members,
            search_keys(one.name, "", one.employer_name), organisation_sort_key(one.name), 1, now,
        ))  # fmt: skip
    columns = (
        "id", "name", "kind", "parent", "ancestors", "region", "union_code", "unit_name", "unit_code", "unit_type",
        "industry", "member_count", "search_keys", "sort_key", "version", "made_at",
    )  # fmt: skip
    await connection().copy_records_to_table("organisation", records=records, columns=columns, timeout=120)
    return {one.serial: (paths[one.serial][-1], one.region) for one in made}, len(records)
