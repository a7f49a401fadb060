from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-12-01T13:40:00:000001"
VERSION = "1.38.0"
DESCRIPTION = "Units that were taken for units without a union by their name are so by record (H50)"

MARK = (
    "UPDATE organisation SET union_state = 'none'"
    " WHERE kind = 'grassroots' AND union_code IS NULL AND name NOT LIKE '%工会%'"
)


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run():
        from registry.tables import Organisation

        await Organisation.raw(MARK)

    async def back():
        """The column goes with the migration before."""

    manager.add_raw(run)
    manager.add_raw_backwards(back)
    return manager
