"""Rate limits in PostgreSQL, so that every process counts together (SECURITY 20): sign-in, verification, public forms."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from litestar import Request

from foundation.database import fetchrow
from foundation.errors import TooMany
from foundation.settings import settings

COUNT_SQL = """
INSERT INTO rate_count (bucket, window_start, count) VALUES ($1, clock_timestamp(), 1)
ON CONFLICT (bucket) DO UPDATE SET
  count = CASE WHEN rate_count.window_start < clock_timestamp() - $2::interval THEN 1 ELSE rate_count.count + 1 END,
  window_start = CASE WHEN rate_count.window_start < clock_timestamp() - $2::interval
                      THEN clock_timestamp() ELSE rate_count.window_start END
RETURNING count, ceil(extract(epoch FROM window_start + $2::interval - clock_timestamp()))::int AS seconds
"""


def client_address(request: Request[Any, Any, Any]) -> str:
    """The client's address; ``X-Forwarded-For`` counts only where the peer is a trusted proxy."""
    peer = request.client.host if request.client else "127.0.0.1"
    trusted = [ip_network(net, strict=False) for net in settings().trusted_proxies]

    def is_trusted(address: str) -> bool:
        try:
            return any(ip_address(address) in net for net in trusted)
        except ValueError:
            return False

    if not is_trusted(peer):
        return peer
    hops = ",".join(request.headers.getall("x-forwarded-for", [])).split(",")
    for hop in reversed([part.strip() for part in hops if part.strip()]):
        if not is_trusted(hop):
            return hop[:64]
    return peer


async def limit(kind: str, who: str, *, most: int, window: timedelta) -> None:
    """Count one try of ``kind`` by ``who``; raises ``TooMany`` beyond ``most`` in ``window``."""
    bucket = f"{kind}:{hashlib.sha256(who.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
    row = await fetchrow(COUNT_SQL, bucket, window)
    if row is not None and row["count"] > most:
        raise TooMany(max(row["seconds"], 1))
