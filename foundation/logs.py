"""Logs: one JSON object a line on stderr, never a body, a query string or a local variable (SECURITY 11)."""

from __future__ import annotations

import logging
import sys

import structlog


def configure() -> None:
    """Set structlog and the standard library's logging up; called once by each process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,  # the plain traceback: rich ones print variables, and so personal data
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    for name in ("httpx", "fontTools", "weasyprint", "pgqueuer"):
        logging.getLogger(name).setLevel(logging.WARNING)
