from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import UUID
from piccolo.constraints import Check

ID = "2026-12-01T13:36:03:240504"
VERSION = "1.38.0"
DESCRIPTION = ""


async def forwards():
    manager = MigrationManager(
        migration_id=ID, app_name="studios", description=DESCRIPTION
    )

    manager.alter_column(
        table_class_name="LeaderChange",
        tablename="leader_change",
        column_name="honour",
        db_column_name="honour",
        params={"null": True},
        old_params={"null": False},
        column_class=UUID,
        old_column_class=UUID,
        schema=None,
    )

    manager.drop_constraint(
        table_class_name="StudioApplication",
        tablename="studio_application",
        constraint_name="studio_application_kind_ok",
        schema=None,
    )

    manager.add_constraint(
        table_class_name="StudioApplication",
        tablename="studio_application",
        constraint_name="studio_application_kind_is_ok",
        constraint_class=Check,
        params={"condition": "title_kind IN ('劳模', '工匠', '学院')"},
        schema=None,
    )

    return manager
