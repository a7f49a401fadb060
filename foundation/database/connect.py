"""Which server, which role: from settings to an engine."""

from __future__ import annotations

from typing import Any

from foundation.database import embedded
from foundation.database.safe_engine import SafeEngine, make_engine, parse_url
from foundation.settings import Settings


def address(settings: Settings, role: str | None = None) -> dict[str, Any]:
    """asyncpg's arguments for this installation's database, as role ``app`` or ``owner``."""
    role = role or settings.database_role
    if settings.database_url is not None:
        url = settings.database_owner_url if role == "owner" else None
        return parse_url(url or settings.database_url)
    user = embedded.OWNER_ROLE if role == "owner" else embedded.APP_ROLE
    folder = settings.data / "postgres"
    base = embedded.address(folder) if embedded.is_running(folder) else {"host": str(folder), "port": 5432}
    return {**base, "user": user, "database": embedded.DATABASE}


def app_role(settings: Settings) -> str:
    """The name of the role that serves requests, to which ``migrate`` grants what it may do."""
    return address(settings, "app").get("user") or embedded.APP_ROLE


def engine_from_settings(settings: Settings) -> SafeEngine:
    return make_engine(address(settings))
