"""Plumbing that knows nothing of the union's work."""
