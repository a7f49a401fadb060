from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-23T07:00:00:000001"
VERSION = "1.38.0"
DESCRIPTION = "C13: one person, one event of a competition; the newest mark of each cell by index"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="competitions", description=DESCRIPTION)

    async def run():
        from competitions.tables import Entry

        await Entry.raw(
            "CREATE UNIQUE INDEX entry_member_one_event ON entry_member (competition, worker)"
            " WHERE worker IS NOT NULL AND role = 'competitor' AND active"
        )
        await Entry.raw("CREATE INDEX mark_of_event ON mark (event, seat, entry, aspect, version DESC)")
        await Entry.raw("CREATE UNIQUE INDEX seat_one_judge ON seat (panel, account) WHERE account IS NOT NULL AND vacated_at IS NULL")

    async def back():
        from competitions.tables import Entry

        await Entry.raw("DROP INDEX entry_member_one_event; DROP INDEX mark_of_event; DROP INDEX seat_one_judge")

    manager.add_raw(run)
    manager.add_raw_backwards(back)
    return manager
