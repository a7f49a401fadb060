from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-12-01T14:01:00:000001"
VERSION = "1.38.0"
DESCRIPTION = "The workers' order by name, bytewise whatever the database's collation, in an index of its own"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="registry", description=DESCRIPTION)

    async def run():
        from registry.tables import Worker

        await Worker.raw('CREATE INDEX worker_in_order ON worker (sort_key COLLATE "C", id)')

    async def back():
        from registry.tables import Worker

        await Worker.raw("DROP INDEX worker_in_order")

    manager.add_raw(run)
    manager.add_raw_backwards(back)
    return manager
