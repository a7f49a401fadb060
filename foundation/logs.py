"""Logs: one JSON object a line on stderr, never a body, a query string or a local variable (SECURITY 11)."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import asyncpg
import structlog
from structlog.typing import EventDict

QUOTED = re.compile(r"""(: |["']).*""", re.DOTALL)


def _without_values(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """PostgreSQL's DETAIL quotes rows ("Failing row contains …"), asyncpg the refused argument: neither into a log."""
    seen: set[int] = set()
    why = event.get("exc_info")
    waiting = [why] if isinstance(why, BaseException) else []
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, (asyncpg.PostgresError, asyncpg.InterfaceError)):
            one.detail = None  # type: ignore[attr-defined]  # set from the server's message
            if one.args and (isinstance(one, ValueError) or str(getattr(one, "sqlstate", None) or "").startswith("22")):
                one.args = (
                    QUOTED.sub(" …", str(one.args[0])),
                )  # class 22, data exceptions: the message quotes the value
        waiting += [one.__cause__, one.__context__]
    return event


def configure() -> None:
    """Set structlog and the standard library's logging up; called once by each process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_values,
            structlog.processors.format_exc_info,  # the plain traceback: rich ones print variables, and so personal data
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    for name in ("httpx", "fontTools", "weasyprint", "pgqueuer", "piccolo"):
        logging.getLogger(name).setLevel(logging.WARNING)
