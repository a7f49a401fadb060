"""The migrations make exactly what the tables say: columns, defaults' absence, constraints; and nothing is due."""

from __future__ import annotations

import re

import pytest
from piccolo.apps.migrations.commands.new import AutoMigrationManager
from piccolo.constraints import Check, Unique

from foundation.database import fetch
from foundation.database.migrate import WINGS, is_current, wanted_migrations
from foundation.settings import settings
from piccolo_conf import APP_REGISTRY


def every_table() -> list:
    return [table for app in APP_REGISTRY.app_configs.values() for table in app.table_classes]


@pytest.mark.parametrize("wing", WINGS)
async def test_no_migration_is_due(run_database, wing):
    config = APP_REGISTRY.get_app_config(wing)
    due = [s.statements for s in await AutoMigrationManager().get_alter_statements(config) if s.statements]
    assert due == []


async def test_a_fresh_database_is_current(db):
    assert len(wanted_migrations()) >= len(WINGS)
    assert await is_current(settings())


async def test_columns_equal_the_tables(db):
    rows = await fetch(
        "SELECT table_name, column_name, is_nullable FROM information_schema.columns WHERE table_schema = 'public'"
    )
    built = {(row["table_name"], row["column_name"], row["is_nullable"] == "YES") for row in rows}
    declared = {
        (table._meta.tablename, column._meta.db_column_name, bool(column._meta.null))
        for table in every_table()
        for column in table._meta.columns
    }
    assert {b for b in built if b[0] != "migration"} == declared


async def test_constraints_equal_the_tables(db):
    rows = await fetch(
        "SELECT conname, contype::text, pg_get_constraintdef(oid) AS definition FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace AND contype IN ('c', 'u')"
    )
    checks = {row["conname"]: row["definition"] for row in rows if row["contype"] == "c"}
    uniques = {row["conname"] for row in rows if row["contype"] == "u"}
    for table in every_table():
        for constraint in table._meta.constraints:
            name = constraint._meta.name
            if isinstance(constraint, Unique):
                assert name in uniques, f"{table.__name__}: {name}"
            elif isinstance(constraint, Check):
                words = set(re.findall(r"'([^']*)'", constraint.get_condition_str()))
                built = set(re.findall(r"'([^']*)'", checks[name]))
                assert words == built, f"{table.__name__}: {name} says {words}, the database {built}"


async def test_append_only_tables_cannot_be_rewritten_by_the_application(db):
    names = [table._meta.tablename for table in every_table() if "append-only" in table._meta.tags]
    assert {"mark", "trail_entry", "trail_seal", "trail_leaf", "rule_set", "adjustment"} <= set(names)
    for name in names:
        rights = (
            await fetch(
                "SELECT has_table_privilege(current_user, $1, 'INSERT') AS may_insert,"
                " has_table_privilege(current_user, $1, 'UPDATE, DELETE, TRUNCATE') AS may_rewrite",
                name,
            )
        )[0]
        assert (rights["may_insert"], rights["may_rewrite"]) == (True, False), name


async def test_every_growing_table_has_time_zones_and_no_naive_time(db):
    naive = await fetch(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND data_type IN ('timestamp without time zone', 'real', 'double precision') AND table_name <> 'migration'"
    )
    assert [tuple(row) for row in naive] == []
