"""Bring a database up to date, as its owner, one process at a time (SECURITY 19).

``gongjiang migrate`` runs :func:`main` in a process of its own, whose engine connects as the owner role.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import subprocess
import sys
from pathlib import Path

import asyncpg

from foundation.database import embedded
from foundation.database.connect import address, app_role
from foundation.settings import ROOT, Settings, settings

ADVISORY_LOCK = 0x676F6E67
WINGS = ("foundation", "registry", "publications", "competitions", "honours", "studios")
JOBS_SCHEMA = "jobs"


def wanted_migrations() -> list[str]:
    """The ids of the migrations that the tree holds, by file name, without importing them."""
    return sorted(path.stem for wing in WINGS for path in (ROOT / wing / "piccolo_migrations").glob("*_20*.py"))


async def _applied(connection: asyncpg.Connection) -> int:
    with contextlib.suppress(asyncpg.UndefinedTableError):
        return await connection.fetchval("SELECT count(*) FROM migration") or 0
    return 0


async def is_current(config: Settings) -> bool:
    """Whether the database exists and holds every migration and the grants of this version."""
    try:
        connection = await asyncpg.connect(**address(config, "app"), timeout=5)
    except (asyncpg.PostgresError, OSError):
        return False
    try:
        return await _applied(connection) == len(wanted_migrations()) and await _granted(connection)
    finally:
        await connection.close()


async def _granted(connection: asyncpg.Connection) -> bool:
    return bool(await connection.fetchval("SELECT has_table_privilege(current_user, 'migration', 'SELECT')"))


def migrate(config: Settings) -> None:
    """Migrate in a process of its own; raises ``CalledProcessError`` with the child's words on stderr."""
    env = {**os.environ, "GONGJIANG_DATABASE_ROLE": "owner", "GONGJIANG_DATA_DIR": config.data_dir}
    env["PICCOLO_CONF"] = "piccolo_conf"
    subprocess.run([sys.executable, "-m", "foundation.database.migrate"], check=True, cwd=ROOT, env=env)


async def _ensure_database(config: Settings) -> None:
    """The embedded server's database and its application role (a real server's are the administrator's)."""
    owner = address(config, "owner")
    connection = await asyncpg.connect(**{**owner, "database": "postgres"})
    try:
        if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", embedded.APP_ROLE):
            await connection.execute(f'CREATE ROLE "{embedded.APP_ROLE}" LOGIN')
        if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", owner["database"]):
            await connection.execute(f"CREATE DATABASE \"{owner['database']}\" TEMPLATE template0 ENCODING 'UTF8'")
    finally:
        await connection.close()


async def _grant(connection: asyncpg.Connection, role: str) -> None:
    """What the application may do: everything but rewriting what is append-only (SECURITY 10)."""
    from piccolo_conf import APP_REGISTRY

    tables = [table for app in APP_REGISTRY.app_configs.values() for table in app.table_classes]
    append_only = [table._meta.tablename for table in tables if "append-only" in table._meta.tags]
    me = await connection.fetchval("SELECT current_user")
    if role == me:
        return
    for schema in ("public", JOBS_SCHEMA):
        await connection.execute(f'GRANT USAGE ON SCHEMA {schema} TO "{role}"')
        await connection.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO "{role}"')
        await connection.execute(f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO "{role}"')
    for name in append_only:
        await connection.execute(f'REVOKE UPDATE, DELETE, TRUNCATE ON "{name}" FROM "{role}"')
    await connection.execute(f'REVOKE INSERT, UPDATE, DELETE ON migration FROM "{role}"')


async def _install_jobs(connection: asyncpg.Connection) -> None:
    """PgQueuer's tables in a schema of their own, beside Piccolo's migrations."""
    from foundation.jobs.queue import queries_for

    await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {JOBS_SCHEMA}")
    queries = queries_for(connection)
    if await connection.fetchval("SELECT to_regclass('jobs.pgqueuer')") is None:
        await queries.install()
    else:
        await queries.upgrade()


async def run() -> None:
    """Take the lock, run what is missing, grant. Each migration is atomic of itself."""
    config = settings()
    if config.embedded:
        await _ensure_database(config)
    guard = await asyncpg.connect(**address(config, "owner"), server_settings={"lock_timeout": "5s"})
    try:
        await guard.execute("SELECT pg_advisory_lock($1)", ADVISORY_LOCK)
        await _run_wings()
        await _install_jobs(guard)
        await _grant(guard, app_role(config))
    finally:
        await guard.close()


async def _run_wings() -> None:
    from piccolo.apps.migrations.commands.forwards import run_forwards

    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        for wing in WINGS:
            result = await run_forwards(wing)
            if not result.success:
                raise RuntimeError(f"migrating {wing}: {result.message}\n{said.getvalue()}")


def main() -> int:
    if settings().database_role != "owner":
        sys.stderr.write("migrations run as the owner role\n")
        return 2
    asyncio.run(run())
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(ROOT)))
    sys.exit(main())
