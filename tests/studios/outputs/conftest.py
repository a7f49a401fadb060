"""The world of the stories, for the fixtures."""

from tests.studios.upkeep.world import world

__all__ = ["world"]
