"""报名: enterprise registration."""
