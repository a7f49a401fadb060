"""/livez without the database, /readyz with it, /metrics for Prometheus, and the static files."""

from __future__ import annotations

from typing import Any

from litestar import MediaType, Request, Response, get
from litestar.params import FromPath
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from foundation.assets import STATIC_ROOT
from foundation.errors import NotFound
from foundation.web.limits import client_address
from foundation.web.pages import ping_database
from foundation.web.policy import EVERYBODY

MEDIA = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "json": "application/json",
    "webmanifest": "application/manifest+json",
    "png": "image/png",
}


@get("/livez", opt={"policy": EVERYBODY}, name="livez", media_type=MediaType.TEXT, sync_to_thread=False)
def livez() -> str:
    """The process answers."""
    return "ok"


@get("/readyz", opt={"policy": EVERYBODY}, name="readyz", media_type=MediaType.TEXT)
async def readyz() -> Response[str]:
    """The database answers too."""
    try:
        ready = await ping_database()
    except Exception:  # whatever is wrong with the database, the answer is the same
        ready = False
    return Response("ok" if ready else "database", status_code=200 if ready else 503, media_type=MediaType.TEXT)


@get("/metrics", opt={"policy": EVERYBODY}, name="metrics")
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Prometheus' text, for callers on this machine only; never for what a proxy of this machine passes on."""
    forwarded = any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip", "via"))
    if forwarded or client_address(request) not in ("127.0.0.1", "::1"):
        raise NotFound
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@get("/static/{name:str}", opt={"policy": EVERYBODY}, name="static", sync_to_thread=False)
def static(name: FromPath[str], request: Request[Any, Any, Any]) -> Response[bytes]:
    """A built file: its name holds its hash, so it may be kept for a year."""
    folder = STATIC_ROOT / "built"
    path = folder / name
    if len(name) > 200 or "/" in name or name.startswith(".") or path.parent != folder or not path.is_file():
        raise NotFound
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    media_type = MEDIA.get(name.rsplit(".", 1)[-1], "application/octet-stream")
    if name.startswith("worker."):
        headers["Service-Worker-Allowed"] = "/"
    packed = path.with_name(path.name + ".gz")
    if "gzip" in request.headers.get("accept-encoding", "") and packed.is_file():
        return Response(packed.read_bytes(), media_type=media_type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(path.read_bytes(), media_type=media_type, headers=headers)


HANDLERS: list[Any] = [livez, readyz, metrics, static]
