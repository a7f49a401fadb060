"""Starting: the database, the migrations, a worker, the site; and ending them in the reverse order."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from foundation.settings import ROOT, settings

GRACE = 10.0
WORKER = [sys.executable, "-m", "commands.cli", "worker"]


def ensure_database() -> None:
    """The embedded server runs (started here and stopped at exit, or found running); a real server is only trusted."""
    if settings().embedded:
        from foundation.database import embedded

        embedded.start(settings().data / "postgres")


def migrate() -> int:
    """``gongjiang migrate``."""
    from foundation.database.migrate import migrate as bring_up_to_date

    ensure_database()
    try:
        bring_up_to_date(settings())
    except subprocess.CalledProcessError:
        return 1
    return 0


def _migrate_where_needed() -> bool:
    from foundation.database.migrate import is_current

    if asyncio.run(is_current(settings())):
        return True
    return migrate() == 0


def _fit_for_service() -> bool:
    """On a city's own server nothing starts that ``check --deploy`` would refuse (SECURITY 9); says every fault."""
    from commands.check import server_faults, settings_faults

    faults = settings_faults(settings()) + asyncio.run(server_faults())
    for fault in faults:
        _say(f"- {fault}")
    return not faults


def work(*, once: bool) -> int:
    """``gongjiang worker``: imports the wings, so that their handlers are known."""
    from main import create_app

    ensure_database()
    create_app()
    from foundation.jobs.worker import run

    asyncio.run(run(once=once))
    return 0


def demo(*, accounts_only: bool) -> int:
    """``gongjiang demo``."""
    from commands import season

    ensure_database()
    if not accounts_only:
        if not _migrate_where_needed():
            return 1
        season.load()
    season.print_accounts()
    return 0


def run(*, demo: bool, city: bool = False) -> int:
    """``gongjiang run``: until Ctrl-C or SIGTERM."""
    started = time.monotonic()
    if demo:
        os.environ["GONGJIANG_DEMO"] = "1"
        settings.cache_clear()
    config = settings()
    ensure_database()
    if not _migrate_where_needed() or not (demo or config.embedded or _fit_for_service()):
        return 1
    if demo:
        from commands import season

        season.load(city=city)
    from foundation import assets

    if not (assets.STATIC_ROOT / "built" / "manifest.json").exists():
        assets.main()
    with contextlib.ExitStack() as house:
        worker = house.enter_context(_child("worker", WORKER))
        site = house.enter_context(_child("site", _granian()))
        if not _wait_until_ready(config.port, site):
            return 1
        _say(f"\n  工匠 Gongjiang: http://{config.host}:{config.port}/  ({time.monotonic() - started:.1f} s)")
        if demo:
            from commands import season

            season.print_accounts()
        _say("  Ctrl-C ends it.\n")
        with contextlib.suppress(KeyboardInterrupt):
            while site.poll() is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    site.wait(1)
                if site.poll() is None and worker.poll() is not None:
                    _say("  the worker ended; starting another.")
                    worker = house.enter_context(_child("worker", WORKER))
            return site.returncode
    return 0


def _granian() -> list[str]:
    config = settings()
    return [
        sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "main:create_app", "--host", config.host,
        "--port", str(config.port), "--workers", str(config.workers), "--workers-kill-timeout", str(int(GRACE)),
        "--respawn-failed-workers", "--no-access-log", "--log-level", "warning", "--backpressure", "512",
    ]  # fmt: skip


@contextmanager
def _child(name: str, command: list[str]) -> Iterator[subprocess.Popen[Any]]:
    """A process of ours: ended gracefully with us, by its own id; ended with us even if we are killed."""
    env = {**os.environ, "GONGJIANG_DATA_DIR": settings().data_dir}
    process = subprocess.Popen(command, cwd=ROOT, env=env, preexec_fn=_die_with_parent)
    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, _interrupt)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            _say(f"  {name} did not end in {GRACE:.0f} s; ending it.")
            process.kill()


def _die_with_parent() -> None:
    """Linux: the kernel ends a child whose parent was killed (SECURITY, traps: workers lived on after kill -9)."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _wait_until_ready(port: int, site: subprocess.Popen[Any]) -> bool:
    import http.client

    for _ in range(300):
        if site.poll() is not None:
            _say("  the site ended at its start; see above.")
            return False
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return True
        except OSError:
            pass
        time.sleep(0.05)
    return False


def _say(text: str) -> None:
    print(text, flush=True)
