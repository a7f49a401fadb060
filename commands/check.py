"""``gongjiang check`` and ``gongjiang verify-trail``."""

from __future__ import annotations

import asyncio
import re
import sys
from ipaddress import ip_network
from urllib.parse import urlsplit

from foundation.settings import Settings, settings

DURABLE = {"fsync": "on", "full_page_writes": "on"}
COMMIT = frozenset({"on", "remote_write", "remote_apply", "local"})


def settings_faults(config: Settings) -> list[str]:
    """What must not stand in production, from the settings alone (SECURITY 9)."""
    faults = []
    if config.debug:
        faults.append("GONGJIANG_DEBUG is on: answers would show the inside")
    if config.demo:
        faults.append("GONGJIANG_DEMO is on: the accounts are public and the clock is moved")
    if config.embedded:
        faults.append("DATABASE_URL is not set: the embedded server is for trying out, name the city's own server")
    if not config.database_owner_url:
        faults.append("DATABASE_OWNER_URL is not set: the application would own its tables and could rewrite the trail")
    elif config.database_url and _role(config.database_owner_url) == _role(config.database_url):
        faults.append("DATABASE_OWNER_URL and DATABASE_URL name the same role: the application could rewrite the trail")
    for name in ("secret_key", "personal_data_key", "trail_key"):
        value = getattr(config, name)
        if not re.fullmatch(r"[0-9a-f]{64}", value) or len(set(value)) < 8:
            faults.append(f"GONGJIANG_{name.upper()} must be 64 random hex digits")
    if len({config.secret_key, config.personal_data_key, config.trail_key}) < 3:
        faults.append("the three secrets must differ from each other: whoever learns one must not have the others")
    if (config.data / "secrets.json").exists():
        faults.append(f"{config.data / 'secrets.json'} exists: these secrets were generated for trying out")
    for name, what in (("certificate_key", "statements and QR codes"), ("signing_pkcs12", "the seal on PDFs")):
        if not getattr(config, name):
            faults.append(f"GONGJIANG_{name.upper()} is not set: {what} would be signed with a demonstration key")
    if config.marks_samples and not config.demo and not config.embedded:
        faults.append("GONGJIANG_SAMPLE is on: every certificate and document would be marked 示例 in its seal")
    wild = [host for host in config.hosts if "*" in host]
    public = set(config.hosts) - {"127.0.0.1", "localhost", *wild}
    if not public or wild:
        faults.append("GONGJIANG_HOSTS must name the public host names, and no wildcard")
    if not config.public_url.startswith("https://"):
        faults.append("GONGJIANG_PUBLIC_URL must be https: session cookies are Secure, and it is printed in QR codes")
    elif public and urlsplit(config.public_url).hostname not in public:
        faults.append("GONGJIANG_PUBLIC_URL names a host that GONGJIANG_HOSTS does not")
    faults += [
        f"GONGJIANG_TRUSTED_PROXIES: {given} is no address or network, or trusts the whole world"
        for given in config.trusted_proxies
        if not _is_narrow(given)
    ]
    return faults


def _role(url: str) -> str | None:
    return urlsplit(url).username


def _is_narrow(network: str) -> bool:
    try:
        return ip_network(network, strict=False).prefixlen > 0
    except ValueError:
        return False


async def server_faults() -> list[str]:
    """What must not stand in the server, its roles and its migrations (SECURITY 8, 9, 10)."""
    import asyncpg

    from foundation.database.connect import address
    from foundation.database.migrate import is_current

    faults = []
    try:
        connection = await asyncpg.connect(**address(settings()), timeout=5)
    except (asyncpg.PostgresError, OSError, TimeoutError) as why:
        return [f"the database does not answer: {why}"]
    try:
        for name, wanted in DURABLE.items():
            value = await connection.fetchval("SELECT current_setting($1)", name)
            if value != wanted:
                faults.append(f"PostgreSQL has {name} = {value}, wanted {wanted}: committed marks could be lost")
        if (value := await connection.fetchval("SELECT current_setting('synchronous_commit')")) not in COMMIT:
            faults.append(f"PostgreSQL has synchronous_commit = {value}: acknowledged marks could be lost")
        if await connection.fetchval("SELECT current_setting('server_version_num')::int") < 150000:
            faults.append("PostgreSQL 15 or later is needed")
        if await connection.fetchval("SELECT has_table_privilege(current_user, 'mark', 'UPDATE')"):
            faults.append("the application's role may UPDATE marks: run gongjiang migrate as the owner role")
    except asyncpg.UndefinedTableError:
        faults.append("the database is empty: run gongjiang migrate")
    finally:
        await connection.close()
    if not await is_current(settings()):
        faults.append("migrations are due: run gongjiang migrate")
    return faults


def main(*, deploy: bool) -> int:
    """List every fault; exit status 1 if there is one."""
    from commands.serve import ensure_database

    ensure_database()
    faults = settings_faults(settings()) if deploy else []
    faults += asyncio.run(server_faults())
    for fault in faults:
        print(f"- {fault}", file=sys.stderr)
    print("ok" if not faults else f"{len(faults)} to mend")
    return 1 if faults else 0


def verify_trail(head: str | None) -> int:
    """Exit status 0 where the whole chain stands, 1 where anything was tampered with."""
    from foundation.trail.sealing import verify
    from foundation.web.application import open_pool

    async def run():
        from foundation.database import engine

        await open_pool(size=2)
        try:
            return await verify(head)
        finally:
            await engine().close_connection_pool()

    verdict = asyncio.run(run())
    for fault in verdict.faults:
        print(f"- {fault}", file=sys.stderr)
    print(f"{verdict.seals} seals, {verdict.rows} rows sealed, {verdict.unsealed} waiting; head {verdict.head}")
    return 1 if verdict.faults else 0
