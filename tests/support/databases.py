"""A migrated database of its own on the durable benchmark server: for benchmarks and other measurements."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import msgspec

from tests.support import ROOT


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """Addresses of the database as the application and as its owner, and an environment with both and the secrets."""

    app: str
    owner: str
    env: dict[str, str]


@asynccontextmanager
async def own_database() -> AsyncIterator[Own]:
    """Make, migrate and afterwards drop a database on the embedded server whose writes are durable."""
    from foundation.database import embedded
    from foundation.settings import default_data_dir, settings

    folder = default_data_dir().with_name(default_data_dir().name + "-bench") / "postgres"
    embedded.start(folder, durable=True)
    server = {**embedded.address(folder), "user": "postgres"}
    name = f"bench_{secrets.token_hex(4)}"
    admin = await asyncpg.connect(**server, database="postgres")

    def url(user: str) -> str:
        return f"postgresql://{user}@/{name}?host={server['host']}&port={server['port']}"

    env = {
        **os.environ, "DATABASE_URL": url(embedded.APP_ROLE), "DATABASE_OWNER_URL": url("postgres"),
        "PICCOLO_CONF": "piccolo_conf", "GONGJIANG_SECRET_KEY": settings().secret_key,
        "GONGJIANG_PERSONAL_DATA_KEY": settings().personal_data_key, "GONGJIANG_TRAIL_KEY": settings().trail_key,
    }  # fmt: skip
    try:
        if not await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", embedded.APP_ROLE):
            await admin.execute(f'CREATE ROLE "{embedded.APP_ROLE}" LOGIN')
        await admin.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
        _migrate(env)
        yield Own(app=env["DATABASE_URL"], owner=env["DATABASE_OWNER_URL"], env=env)
    finally:
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await admin.close()


def _migrate(env: dict[str, str]) -> None:
    command = [sys.executable, "-m", "foundation.database.migrate"]
    subprocess.run(command, env={**env, "GONGJIANG_DATABASE_ROLE": "owner"}, cwd=ROOT, check=True)
