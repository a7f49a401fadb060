from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Varchar

ID = "2026-11-23T07:10:00:000001"
VERSION = "1.38.0"
DESCRIPTION = "An event code of up to 128 characters"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="competitions", description=DESCRIPTION)

    manager.alter_column(
        table_class_name="Event",
        tablename="event",
        column_name="code",
        db_column_name="code",
        params={"length": 128},
        old_params={"length": 64},
        column_class=Varchar,
        old_column_class=Varchar,
        schema=None,
    )

    return manager
