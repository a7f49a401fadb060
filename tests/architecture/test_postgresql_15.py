"""The machine's own PostgreSQL 15 instead of the embedded server (DATABASE_URL): migrates, serves, searches.

A scratch cluster in a temporary folder on a loopback port, its two roles as docs/operations.md has an administrator make them:
an owner that migrates and an application role with no more than what the migration grants.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest

from foundation.web.sessions import COOKIE
from tests.support import ROOT
from tests.support.live import free_port, live_server

BINARIES = Path("/usr/lib/postgresql/15/bin")
USER = "postgres" if os.geteuid() == 0 else None


def _possible() -> str:
    """Why it cannot be tried here, or nothing."""
    if not (BINARIES / "initdb").exists():
        return f"PostgreSQL 15 is not installed here ({BINARIES} is missing)"
    if USER is not None:
        try:
            pwd.getpwnam(USER)
        except KeyError:
            return "as root the server needs the system user postgres, which this machine does not have"
    return ""


pytestmark = pytest.mark.skipif(bool(_possible()), reason=_possible())


def _run(*command: str) -> None:
    subprocess.run(command, check=True, user=USER, group=USER, cwd="/", stdout=subprocess.DEVNULL, timeout=60)


def _python(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of ours in a process of its own, over the scratch cluster."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.fixture(scope="module")
def cluster() -> Iterator[dict[str, str]]:
    """A running scratch cluster with an empty database; the URLs of its owner and of the application's role."""
    folder = Path(tempfile.mkdtemp(prefix="gongjiang-pg15-"))
    if USER is not None:
        shutil.chown(folder, USER, USER)
    port, data = free_port(), str(folder / "data")
    _run(str(BINARIES / "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
    options = f"-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories={folder} -c timezone=Asia/Shanghai"
    _run(str(BINARIES / "pg_ctl"), "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield {
            "admin": f"postgresql://postgres@127.0.0.1:{port}/postgres",
            "DATABASE_OWNER_URL": f"postgresql://city_owner@127.0.0.1:{port}/city",
            "DATABASE_URL": f"postgresql://city_app@127.0.0.1:{port}/city",
        }
    finally:
        _run(str(BINARIES / "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def migrated(cluster, tmp_path_factory) -> dict[str, str]:
    """The same with this version's migrations, made by the command that an administrator would give."""

    async def prepare() -> None:
        admin = await asyncpg.connect(cluster["admin"])
        await admin.execute("CREATE ROLE city_owner LOGIN")
        await admin.execute("CREATE ROLE city_app LOGIN")
        await admin.execute("CREATE DATABASE city OWNER city_owner TEMPLATE template0 ENCODING 'UTF8'")
        await admin.close()

    worker = threading.Thread(target=lambda: asyncio.run(prepare()))  # this thread has the tests' loop
    worker.start()
    worker.join()
    env = {**cluster, "GONGJIANG_DATA_DIR": str(tmp_path_factory.mktemp("data"))}
    done = _python(env, "-m", "commands.cli", "migrate")
    assert done.returncode == 0, done.stderr
    return env


async def test_it_is_version_15_and_current(migrated, monkeypatch):
    from foundation.database.migrate import is_current
    from foundation.settings import load

    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        monkeypatch.setenv(name, migrated[name])
    assert await is_current(load())
    connection = await asyncpg.connect(migrated["DATABASE_URL"])
    try:
        assert connection.get_server_version().major == 15
    finally:
        await connection.close()


async def test_migrating_again_changes_nothing(migrated):
    connection = await asyncpg.connect(migrated["DATABASE_OWNER_URL"])
    try:
        before = await connection.fetch("SELECT name, ran_on FROM migration ORDER BY name")
        done = _python(migrated, "-m", "commands.cli", "migrate")
        assert done.returncode == 0, done.stderr
        assert await connection.fetch("SELECT name, ran_on FROM migration ORDER BY name") == before
    finally:
        await connection.close()


async def test_the_application_role_may_add_to_the_trail_and_never_rewrite_it(migrated):
    connection = await asyncpg.connect(migrated["DATABASE_URL"])
    try:
        for table in ("mark", "trail_entry", "trail_seal"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f'DELETE FROM "{table}"')
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("CREATE TABLE mine (a int)")
    finally:
        await connection.close()


FILL = """
import asyncio
from foundation.database import fetch
from foundation.web.sessions import open_session
from registry.search_keys import keys_for_organisation
from tests.support.people import House

async def fill():
    house = await House().build()
    for row in await fetch("SELECT id, name FROM organisation"):
        await fetch("UPDATE organisation SET search_keys = $2 WHERE id = $1", row["id"], keys_for_organisation(row["name"]))
    officer = await house.person("qian", "city_officer", at="city")
    print(await open_session(officer.account, state="signed_in"))

asyncio.run(fill())
"""


async def test_it_serves_and_searches(migrated):
    """The site over it: ready, the first page, and organisations found by a part of their name and by pinyin initials."""
    filled = _python(migrated, "-c", FILL)
    assert filled.returncode == 0, filled.stderr
    headers = {"Cookie": f"{COOKIE}={filled.stdout.strip()}"}
    env = {name: value for name, value in migrated.items() if name not in ("DATABASE_URL", "admin")}
    async with live_server(migrated["DATABASE_URL"], **env) as address, httpx.AsyncClient(base_url=address) as client:
        assert (await client.get("/readyz")).text == "ok"
        assert (await client.get("/home", headers=headers)).status_code == 200
        for query in ("甲机械", "sljjx", "shilijia"):
            found = await client.get("/registry/organisations", params={"q": query}, headers=headers)
            assert found.status_code == 200
            assert "示例甲机械制造" in found.text, query
            assert "示例乙汽车零部件" not in found.text, query
