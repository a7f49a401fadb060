"""The wing's tables, for Piccolo."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

APP_CONFIG = AppConfig(
    app_name="honours",
    migrations_folder_path=str(Path(__file__).parent / "piccolo_migrations"),
    table_classes=table_finder(
        modules=[
            f"honours.tables.{part}"
            for part in ("catalogue", "nominations", "rolls", "review", "dossiers", "laureates", "trips")
        ],
        exclude_imported=True,
    ),
    migration_dependencies=["foundation.piccolo_app", "registry.piccolo_app", "publications.piccolo_app"],
    commands=[],
)
