from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Varchar

ID = "2026-11-23T11:44:05:445011"
VERSION = "1.38.0"
DESCRIPTION = ""


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="studios", description=DESCRIPTION)

    manager.alter_column(
        table_class_name="Visit",
        tablename="visit",
        column_name="stage",
        db_column_name="stage",
        params={"length": 10},
        old_params={"length": 8},
        column_class=Varchar,
        old_column_class=Varchar,
        schema=None,
    )

    return manager
