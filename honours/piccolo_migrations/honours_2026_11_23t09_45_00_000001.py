from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-23T09:45:00:000001"
VERSION = "1.38.0"
DESCRIPTION = "One nominee once per award among what is not ended; the lists of a unit and of a gate by index"

ENDED = "('withdrawn', 'rejected', 'abandoned', 'disqualified', 'not_conferred')"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="honours", description=DESCRIPTION)

    async def run():
        from honours.tables.nominations import Nomination

        for statement in (
            f"CREATE UNIQUE INDEX nomination_one_person ON nomination (award, worker)"
            f" WHERE worker IS NOT NULL AND stage NOT IN {ENDED}",
            f"CREATE UNIQUE INDEX nomination_one_unit ON nomination (award, unit)"
            f" WHERE kind = 'unit' AND stage NOT IN {ENDED}",
            f"CREATE UNIQUE INDEX nomination_one_team ON nomination (award, unit, name)"
            f" WHERE kind = 'team' AND stage NOT IN {ENDED}",
        ):
            await Nomination.raw(statement)

    async def back():
        from honours.tables.nominations import Nomination

        await Nomination.raw(
            "DROP INDEX nomination_one_person; DROP INDEX nomination_one_unit; DROP INDEX nomination_one_team"
        )

    manager.add_raw(run)
    manager.add_raw_backwards(back)
    return manager
