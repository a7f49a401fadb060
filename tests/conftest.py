"""One embedded server for all tests; each run its own database; each test its own transaction, rolled back.

``db`` isolates by rollback and serves almost everything. ``committed`` gives a database of its own, cloned from the
template and dropped afterwards, for what needs two connections at once.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from foundation.settings import default_data_dir  # noqa: E402 - the environment must stand before settings are read

TEST_DATA = Path(
    os.environ.get("GONGJIANG_TEST_DATA") or default_data_dir().with_name(default_data_dir().name + "-test")
)
RUN = f"t{os.getpid()}_{secrets.token_hex(3)}"
os.environ.update(
    {
        "GONGJIANG_DATA_DIR": str(TEST_DATA),
        "GONGJIANG_SECRET_KEY": "11" * 32,
        "GONGJIANG_PERSONAL_DATA_KEY": "22" * 32,
        "GONGJIANG_TRAIL_KEY": "33" * 32,
        "GONGJIANG_HOSTS": "testserver.local,127.0.0.1,localhost",
        "GONGJIANG_STORAGE_URL": (TEST_DATA / "files" / RUN).as_uri(),
        "GONGJIANG_PUBLIC_URL": "https://testserver.local",
        "PICCOLO_CONF": "piccolo_conf",
    }
)
os.environ.pop("GONGJIANG_DEMO", None)

import asyncpg  # noqa: E402
import hypothesis  # noqa: E402
import pytest_asyncio  # noqa: E402

from foundation import logs  # noqa: E402
from foundation.database import embedded  # noqa: E402
from tests.support.pools import close_pool, note_holders  # noqa: E402

logs.configure()
hypothesis.settings.register_profile("house", deadline=None)  # a busy machine is slow: no test asserts times
hypothesis.settings.load_profile("house")
note_holders()

pytest_plugins = ["tests.support.people"]


def _server() -> dict:
    given = os.environ.get("GONGJIANG_TEST_SERVER")
    if given:  # another PostgreSQL, e.g. the machine's own 15: postgresql://user@host:port
        from foundation.database.safe_engine import parse_url

        return {k: v for k, v in parse_url(given).items() if k in ("host", "port", "user", "password")}
    embedded.start(TEST_DATA / "postgres", durable=False)
    return {**embedded.address(TEST_DATA / "postgres"), "user": "postgres"}


def _fingerprint() -> str:
    from foundation.database.migrate import WINGS

    digest = hashlib.sha256()
    for wing in WINGS:
        tables = [*(ROOT / wing).glob("tables.py"), *sorted((ROOT / wing).glob("tables/*.py"))]
        for path in [*sorted((ROOT / wing / "piccolo_migrations").glob("*.py")), *tables]:
            digest.update(path.read_bytes())
    digest.update((ROOT / "foundation/database/migrate.py").read_bytes())
    return digest.hexdigest()[:12]


def _url(server: dict, user: str, database: str) -> str:
    password = f":{server['password']}" if server.get("password") and user == server["user"] else ""
    host = server["host"]
    if host.startswith("/"):
        return f"postgresql://{user}@/{database}?host={host}&port={server['port']}"
    return f"postgresql://{user}{password}@{host}:{server['port']}/{database}"


async def _make_template(server: dict, template: str) -> None:
    """The migrated, empty database that every run clones; made once for each state of the migrations."""
    admin = await asyncpg.connect(**server, database="postgres")
    try:
        await admin.execute("SELECT pg_advisory_lock(7421)")
        if not await admin.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", embedded.APP_ROLE):
            await admin.execute(f'CREATE ROLE "{embedded.APP_ROLE}" LOGIN')
        if await admin.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", template):
            return
        draft = f"{template}_draft"
        await admin.execute(f'DROP DATABASE IF EXISTS "{draft}" WITH (FORCE)')
        await admin.execute(f"CREATE DATABASE \"{draft}\" TEMPLATE template0 ENCODING 'UTF8'")
        env = {
            **os.environ,
            "DATABASE_URL": _url(server, embedded.APP_ROLE, draft),
            "DATABASE_OWNER_URL": _url(server, server["user"], draft),
            "GONGJIANG_DATABASE_ROLE": "owner",
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "foundation.database.migrate", env=env, cwd=ROOT
        )
        assert await process.wait() == 0, "the migrations failed on an empty database"
        await admin.execute(f'ALTER DATABASE "{draft}" RENAME TO "{template}"')
    finally:
        await admin.close()


async def _clone(server: dict, template: str, name: str) -> None:
    admin = await asyncpg.connect(**server, database="postgres")
    try:
        await admin.execute("SELECT pg_advisory_lock(7421)")  # a template may have one cloner at a time
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    finally:
        await admin.close()


async def _drop(server: dict, name: str) -> None:
    admin = await asyncpg.connect(**server, database="postgres")
    try:
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await admin.close()


class Databases:
    """The run's databases: made on first need, so that pure tests never start a server."""

    def __init__(self) -> None:
        self.server: dict = {}
        self.template = ""
        self.made: list[str] = []

    async def start(self) -> None:
        if self.template:
            return
        self.server = _server()
        self.template = f"template_{_fingerprint()}"
        await _make_template(self.server, self.template)

    async def new(self) -> str:
        """A fresh clone; its URL as the application's role."""
        await self.start()
        name = f"{RUN}_{len(self.made)}"
        await _clone(self.server, self.template, name)
        self.made.append(name)
        return _url(self.server, embedded.APP_ROLE, name)


@pytest_asyncio.fixture(scope="session")
async def databases():
    made = Databases()
    yield made
    for name in made.made:
        await _drop(made.server, name)


@pytest_asyncio.fixture(scope="session")
async def static_files():
    """The built files, without which no page can be drawn: a fresh checkout has none, and no test may build for another."""
    from foundation.assets import build

    build()


@pytest_asyncio.fixture(scope="session")
async def run_database(databases: Databases, static_files):
    """The run's main database, with the application's engine and pool on it."""
    url = await databases.new()
    os.environ["DATABASE_URL"] = url
    from foundation.database import engine
    from foundation.database.safe_engine import make_engine, parse_url
    from foundation.settings import settings

    settings.cache_clear()
    db = engine()
    db.config = make_engine(parse_url(url)).config  # piccolo_conf may have been imported before the database existed
    await db.start_connection_pool(min_size=1, max_size=30)
    yield db
    await close_pool(db)


@pytest_asyncio.fixture
async def db(run_database):
    """A transaction around the test, rolled back at its end. Nested transactions are savepoints, as in production."""
    transaction = run_database.transaction()
    await transaction.__aenter__()
    # A browser or a renderer of a busy machine may take its time while the test's transaction waits.
    await transaction.connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    try:
        yield run_database
    finally:
        try:
            await transaction.rollback()
        finally:  # whatever became of the connection, the next test begins with none
            await transaction.__aexit__(*sys.exc_info())


@pytest_asyncio.fixture
async def committed(databases: Databases, run_database):
    """A database of its own where everything commits; several connections may meet in it."""
    from foundation.database.safe_engine import parse_url

    url = await databases.new()
    main_pool, main_config = run_database.pool, run_database.config
    run_database.pool = None
    run_database.config = {**main_config, **parse_url(url)}
    await run_database.start_connection_pool(min_size=2, max_size=30)
    try:
        yield run_database
    finally:
        await close_pool(run_database)
        run_database.pool, run_database.config = main_pool, main_config
        await _drop(databases.server, databases.made[-1])


@pytest_asyncio.fixture(scope="session")
async def app(run_database):
    """The whole application; its pool is the run's."""
    from main import create_app

    application = create_app()
    started, stop = asyncio.Event(), asyncio.Event()

    async def live() -> None:  # a task of its own: a lifespan must end in the task that began it
        async with application.lifespan():
            started.set()
            await stop.wait()

    life = asyncio.create_task(live())
    waiting = asyncio.create_task(started.wait())
    await asyncio.wait({life, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if life.done():
        life.result()
    yield application
    stop.set()
    done, _pending = await asyncio.wait({life}, timeout=15)
    for task in done:
        task.result()
