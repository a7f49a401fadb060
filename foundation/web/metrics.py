"""What Prometheus is told: how many answers, of which kind, how long they took. Each worker process counts its own."""

from __future__ import annotations

from prometheus_client import Counter, Histogram

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
REQUESTS = Counter("gongjiang_requests_total", "Answered requests", ["method", "status"])
SECONDS = Histogram("gongjiang_request_seconds", "Time to answer", ["kind"])


def count(scope, status: int, seconds: float) -> None:
    """Note one answer. The labels are few and ours: a stranger's method or path never becomes one."""
    REQUESTS.labels(scope["method"] if scope["method"] in METHODS else "other", f"{status // 100}xx").inc()
    kind = "static" if scope["path"].startswith("/static/") else "api" if scope["path"].startswith("/api/") else "page"
    SECONDS.labels(kind).observe(seconds)
