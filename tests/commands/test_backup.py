"""Backup and restore: the same rows, hash for hash, in a database of its own; and what is no backup is refused."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from foundation import trail
from foundation.database import embedded, fetch, transaction
from tests.support import ROOT
from tests.support.people import House


def url_of(server: dict, user: str, database: str) -> str:
    host = server["host"]
    password = f":{server['password']}" if server.get("password") else ""
    if str(host).startswith("/"):
        return f"postgresql://{user}@/{database}?host={host}&port={server['port']}"
    return f"postgresql://{user}{password}@{host}:{server['port']}/{database}"


def run(verb: str, folder: Path, server: dict, database: str, files: Path) -> subprocess.CompletedProcess[str]:
    env = {
        **os.environ,
        "DATABASE_URL": url_of(server, embedded.APP_ROLE, database),
        "DATABASE_OWNER_URL": url_of(server, server["user"], database),
        "GONGJIANG_STORAGE_URL": files.as_uri(),
    }
    command = [sys.executable, "-m", "commands.cli", verb, str(folder)]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
async def fresh(databases):
    """An empty database, dropped afterwards."""
    name = f"restored_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(**databases.server, database="postgres")
    await admin.execute(f"CREATE DATABASE \"{name}\" TEMPLATE template0 ENCODING 'UTF8'")
    yield name
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


async def filled(engine) -> str:
    """Rows of many kinds: names, bytes, arrays, JSON, times, things that look like escapes."""
    house = await House().build()
    await house.person("qian", "city_officer", at="city")
    await house.organisation("odd", "反斜杠\\x41'\"$$单位\t，（示例）", parent=house.organisations["city"])
    async with transaction():
        await trail.record(None, "test.done", "test", None, {"text": '\\ " \n 中文', "n": 1})
        await fetch(
            "INSERT INTO subject_key (subject, wrapped) VALUES ($1, $2)", house.organisations["odd"], bytes(range(256))
        )
    return await engine.pool.fetchval("SELECT current_database()")


async def rows_of(server: dict, database: str) -> dict[str, list[str]]:
    """Every row of every table as text, sorted: a reading of our own, beside the command's hashes."""
    connection = await asyncpg.connect(**server, database=database)
    try:
        names = [r[0] for r in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        return {n: sorted(r[0] for r in await connection.fetch(f'SELECT t::text FROM "{n}" t')) for n in names}
    finally:
        await connection.close()


async def test_everything_comes_back(committed, databases, fresh, tmp_path):
    source = await filled(committed)
    files = tmp_path / "files"
    (files / "ab").mkdir(parents=True)
    (files / "ab" / "cd").write_bytes(b"kept")
    kept = run("backup", tmp_path / "kept", databases.server, source, files)
    assert kept.returncode == 0, kept.stderr
    restored = run("restore", tmp_path / "kept", databases.server, fresh, tmp_path / "files2")
    assert restored.returncode == 0, restored.stderr
    assert "0 differing" in restored.stdout
    before, after = await rows_of(databases.server, source), await rows_of(databases.server, fresh)
    assert len(before["organisation"]) == 6
    assert after == before
    assert (tmp_path / "files2" / "ab" / "cd").read_bytes() == b"kept"


async def test_a_restored_database_serves_under_the_same_rights(committed, databases, fresh, tmp_path):
    source = await filled(committed)
    assert run("backup", tmp_path / "kept", databases.server, source, tmp_path / "f").returncode == 0
    assert run("restore", tmp_path / "kept", databases.server, fresh, tmp_path / "f").returncode == 0
    app = await asyncpg.connect(**{**databases.server, "user": embedded.APP_ROLE}, database=fresh)
    try:
        assert await app.fetchval("SELECT count(*) FROM organisation") == 6
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await app.execute("UPDATE trail_entry SET action = 'x'")
        await app.execute("INSERT INTO rate_count (bucket) VALUES ('x')")
    finally:
        await app.close()


async def test_a_changed_row_is_noticed(committed, databases, fresh, tmp_path):
    source = await filled(committed)
    assert run("backup", tmp_path / "kept", databases.server, source, tmp_path / "f").returncode == 0
    listed = tmp_path / "kept" / "rows.json"
    hashes = json.loads(listed.read_text())
    hashes["organisation"] = "00" * 32
    del hashes["account"]
    listed.write_text(json.dumps(hashes))
    restored = run("restore", tmp_path / "kept", databases.server, fresh, tmp_path / "f")
    assert restored.returncode == 1
    assert "2 differing" in restored.stdout
    assert "organisation" in restored.stderr


async def test_nothing_is_restored_over_something(committed, databases, tmp_path):
    source = await filled(committed)
    assert run("backup", tmp_path / "kept", databases.server, source, tmp_path / "f").returncode == 0
    again = run("restore", tmp_path / "kept", databases.server, source, tmp_path / "f")
    assert again.returncode == 2
    assert "not empty" in again.stderr
    assert len((await rows_of(databases.server, source))["organisation"]) == 6


async def test_a_broken_dump_leaves_an_empty_database(committed, databases, fresh, tmp_path):
    source = await filled(committed)
    assert run("backup", tmp_path / "kept", databases.server, source, tmp_path / "f").returncode == 0
    dump = tmp_path / "kept" / "database.dump"
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size * 2 // 3])
    restored = run("restore", tmp_path / "kept", databases.server, fresh, tmp_path / "f")
    assert restored.returncode == 1
    assert "Traceback" not in restored.stderr
    assert await rows_of(databases.server, fresh) == {}


async def test_what_is_no_backup_and_what_is_no_empty_folder(committed, databases, fresh, tmp_path):
    source = await filled(committed)
    (tmp_path / "something").write_text("x")
    for verb, name in (("restore", fresh), ("backup", source)):
        done = run(verb, tmp_path, databases.server, name, tmp_path / "f")
        assert done.returncode == 2
        assert "Traceback" not in done.stderr
    assert (tmp_path / "something").read_text() == "x"
