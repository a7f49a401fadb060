"""PgQueuer, kept in its own schema: a job exists if and only if the write that made it was committed."""

from __future__ import annotations

from typing import Any

from foundation.database.migrate import JOBS_SCHEMA


def db_settings() -> Any:
    from pgqueuer.domain.settings import DBSettings

    return DBSettings(db_schema=JOBS_SCHEMA)


def queries_for(connection: Any) -> Any:
    """PgQueuer's queries over one asyncpg connection, in our schema."""
    from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
    from pgqueuer.adapters.persistence.qb import (
        QueryBuilderEnvironment,
        QueryQueueBuilder,
        QuerySchedulerBuilder,
    )
    from pgqueuer.queries import Queries

    named = db_settings()
    return Queries(
        AsyncpgDriver(connection),
        qbe=QueryBuilderEnvironment(named),
        qbq=QueryQueueBuilder(named),
        qbs=QuerySchedulerBuilder(named),
    )
