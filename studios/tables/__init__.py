"""The wing's tables, one module for each part of its work."""
