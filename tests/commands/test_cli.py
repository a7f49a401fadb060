"""The command line as a person meets it: what it needs, what it refuses, and with which exit status."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from commands.cli import build_parser, main
from tests.support import ROOT


def gongjiang(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run the real command in a process of its own, without this run's database."""
    kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DATABASE_OWNER_URL")}
    return subprocess.run(
        [sys.executable, "-m", "commands.cli", *arguments], cwd=ROOT, env={**kept, **env}, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["backup"], ["import"], ["--nonsense"], ["restore", "a", "b"]])
def test_what_is_no_command_ends_with_2_and_says_how(arguments, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: gongjiang" in capsys.readouterr().err


def test_help_names_every_verb():
    text = build_parser().format_help()
    for verb in ("run", "migrate", "demo", "standings", "import", "export", "roster", "worker", "check", "backup", "restore", "verify-trail"):  # fmt: skip
        assert re.search(rf"^    {verb}\b", text, re.M), verb


def test_standings_needs_neither_database_nor_settings(tmp_path):
    """A broken installation must still be able to recompute a result."""
    file = tmp_path / "event.json"
    file.write_text("{}")
    done = gongjiang("standings", str(file), DATABASE_URL="postgresql://nobody@127.0.0.1:1/x", GONGJIANG_SECRET_KEY="x")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert not list((tmp_path).glob("*.json.*"))


def test_standings_imports_no_web_and_no_database():
    code = (
        "import sys; from commands.cli import main\n"
        "try: main(['standings', '/nonexistent.json'])\n"
        "except SystemExit: pass\n"
        "print([name for name in ('litestar', 'asyncpg', 'piccolo', 'jinja2', 'weasyprint') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.strip().splitlines()[-1] == "[]", done.stderr


def test_a_missing_file_is_named_without_a_traceback():
    done = gongjiang("standings", "/nonexistent.json")
    assert done.returncode != 0
    assert "/nonexistent.json" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_migrations_run_as_the_owner_only(databases, run_database):
    done = subprocess.run(
        [sys.executable, "-m", "foundation.database.migrate"], cwd=ROOT, env={**os.environ, "GONGJIANG_DATABASE_ROLE": "app"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (2, "migrations run as the owner role\n")


def test_check_deploy_lists_the_faults_and_ends_with_1(run_database):
    done = subprocess.run(
        [sys.executable, "-m", "commands.cli", "check", "--deploy"], cwd=ROOT,
        env={**os.environ, "GONGJIANG_DEBUG": "1", "GONGJIANG_DEMO": "1"}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    faults = [line for line in done.stderr.splitlines() if line.startswith("- ")]
    assert any("GONGJIANG_DEBUG" in line for line in faults)
    assert any("GONGJIANG_DEMO" in line for line in faults)
    assert any("GONGJIANG_SECRET_KEY" in line for line in faults)
    assert done.stdout.strip() == f"{len(faults)} to mend"
    assert "11" * 32 not in done.stdout + done.stderr


def test_on_a_citys_own_server_nothing_unfit_starts(run_database):
    done = subprocess.run(
        [sys.executable, "-m", "commands.cli", "run"], cwd=ROOT, env={**os.environ, "GONGJIANG_PUBLIC_URL": "http://x.example"},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1
    assert "GONGJIANG_PUBLIC_URL" in done.stdout


def test_a_broken_secret_is_said_in_one_line():
    done = gongjiang("check", GONGJIANG_TRAIL_KEY="short")
    assert done.returncode == 2
    assert done.stderr.strip() == "GONGJIANG_TRAIL_KEY must be 64 lower-case hex digits"


async def test_verify_trail_says_what_it_found(committed):
    from foundation import trail
    from foundation.database import embedded, fetch, transaction
    from foundation.trail.sealing import seal_waiting

    async with transaction():
        for n in range(3):
            await trail.record(None, "test.done", "test", None, {"n": n})
    await seal_waiting()
    url = {"DATABASE_URL": _url(committed, embedded.APP_ROLE)}
    whole = gongjiang("verify-trail", **url)
    assert (whole.returncode, whole.stdout[:32]) == (0, "1 seals, 3 rows sealed, 0 waiting"[:32])
    strange = gongjiang("verify-trail", "--head", "ab" * 32, **url)
    assert strange.returncode == 1
    assert "tail was cut" in strange.stderr
    assert await fetch("SELECT 1")


def _url(engine, user: str) -> str:
    config = engine.config
    if "dsn" in config:
        return config["dsn"].replace(config["user"], user, 1)
    if str(config["host"]).startswith("/"):
        return f"postgresql://{user}@/{config['database']}?host={config['host']}&port={config['port']}"
    return f"postgresql://{user}@{config['host']}:{config['port']}/{config['database']}"
