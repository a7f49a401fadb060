"""The database and its apps; nothing else."""

from piccolo.conf.apps import AppRegistry

from foundation.database.connect import engine_from_settings
from foundation.settings import settings

DB = engine_from_settings(settings())

APP_REGISTRY = AppRegistry(
    apps=[
        "foundation.piccolo_app",
        "registry.piccolo_app",
        "publications.piccolo_app",
        "competitions.piccolo_app",
        "honours.piccolo_app",
        "studios.piccolo_app",
    ]
)
