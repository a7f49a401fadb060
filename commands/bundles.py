"""`gongjiang import FILE…` and `gongjiang export EVENT`: event bundles into the database and out of it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from competitions.programme.bundle_files import exported, import_bundles, read_bundle
from competitions.scoring.bundle import Bundle
from competitions.scoring.faults import BundleFaults
from foundation.database import engine, fetchval
from foundation.errors import Forbidden, Refusal, Refusals
from foundation.web.application import open_pool
from foundation.web.policy import Actor
from registry.accounts.queries import load_actor
from registry.accounts.roles import OFFICERS, Role

FIRST_OFFICER_SQL = """
SELECT a.id FROM account a JOIN role_grant g ON g.account = a.id
WHERE g.role = $1 AND g.ended_at IS NULL AND a.closed_at IS NULL ORDER BY g.granted_at, a.login LIMIT 1
"""


def import_files(files: list[str], *, login: str | None = None) -> int:
    """Import bundles, all of them or none, as the officer ``login`` (default: the first city officer).

    Returns 0; 1 where the house refuses (results published, code taken); 2 where a file is not a valid bundle, every
    fault on a line of its own on standard error, or where there is no such officer.
    """
    bundles: list[Bundle] = []
    wrong = False
    for path in files:
        try:
            bundles.append(read_bundle(Path(path).read_bytes()))
        except BundleFaults as faults:
            wrong = True
            for fault in faults.faults:
                print(f"{path}: {fault.path}: {fault.message}", file=sys.stderr)
        except (OSError, Refusal) as error:
            wrong = True
            print(f"{path}: {getattr(error, 'strerror', None) or error}", file=sys.stderr)
    if wrong:
        return 2
    return _run(_import(bundles, login))


def export_event(code: str, *, output: str | None = None) -> int:
    """Write the bundle of the event with this code in canonical form, to a file or to standard output.

    Returns 0; 1 where there is no such event or it has no rules yet.
    """
    return _run(_export(code, output))


async def _import(bundles: list[Bundle], login: str | None) -> int:
    actor = await _officer(login)
    if actor is None:
        print(
            f"there is no officer {login}" if login else "there is no city officer: name one with --as", file=sys.stderr
        )
        return 2
    try:
        events = await import_bundles(actor, bundles)
    except (Refusal, Refusals) as refused:
        print(str(refused), file=sys.stderr)
        return 1
    except Forbidden:
        print(f"{actor.login} runs no competitions", file=sys.stderr)
        return 1
    for bundle, event in zip(bundles, events, strict=True):
        print(f"{bundle.event.code}\t{event}\t{len(bundle.entries)} entries\t{len(bundle.marks)} marks")
    return 0


async def _export(code: str, output: str | None) -> int:
    event = await fetchval("SELECT id FROM event WHERE code = $1", code)
    if event is None:
        print(f"there is no event {code}", file=sys.stderr)
        return 1
    try:
        body = await exported(event)
    except Refusal as refused:
        print(str(refused), file=sys.stderr)
        return 1
    if output and output != "-":
        await asyncio.to_thread(Path(output).write_bytes, body)
    else:
        sys.stdout.buffer.write(body)
        sys.stdout.flush()
    return 0


async def _officer(login: str | None) -> Actor | None:
    if login:
        account = await fetchval("SELECT id FROM account WHERE login = $1", login)
    else:
        account = await fetchval(FIRST_OFFICER_SQL, Role.CITY_OFFICER.value)
    actor = await load_actor(account) if account else None
    return actor if actor is not None and actor.has(*OFFICERS) else None


def _run(work: Coroutine[Any, Any, int]) -> int:
    async def run() -> int:
        opened = await open_pool(size=2)
        try:
            return await work
        finally:
            if opened:
                await engine().close_connection_pool()

    return asyncio.run(run())
