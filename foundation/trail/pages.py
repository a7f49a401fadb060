"""The trail on pages: for the auditor every row and a full verification; for everybody the published head."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromQuery

from foundation import jobs
from foundation.database import fetch, fetchval, transaction
from foundation.i18n import gettext as _
from foundation.jobs import JobContext
from foundation.permissions import Permission
from foundation.trail import sealing, words
from foundation.web.pages import HouseRequest, actor_of, page, see_other
from foundation.web.policy import EVERYBODY

PAGE = 50


@jobs.handler("trail.verify")
async def verify_all(job: JobContext) -> None:
    """Recompute the chain; the outcome is the job's message."""
    await job.progress(0, 1)
    verdict = await sealing.verify()
    outcome = f"{verdict.seals} 个封存块、{verdict.rows} 行；链首 {verdict.head[:16]}"
    await job.progress(
        1, 1, outcome + ("；全部相符" if not verdict.faults else "；不符：" + "；".join(verdict.faults[:5]))
    )


class TrailPages(Controller):
    """/trail"""

    path = "/trail"
    opt = {"policy": Permission.SEE_TRAIL}

    @get("/", name="trail.list")
    async def rows(
        self, request: HouseRequest, action: FromQuery[str] = "", before: FromQuery[int] = 0
    ) -> Response[Any]:
        """Rows, the newest first; actors and people stand under pseudonyms."""
        found = await fetch(
            "SELECT e.*, l.seal FROM trail_entry e LEFT JOIN trail_leaf l ON l.id = e.id"
            " WHERE ($1 = '' OR e.action LIKE $1 || '%' OR e.action = ANY($4::varchar[])) AND ($2 = 0 OR e.id < $2)"
            " ORDER BY e.id DESC LIMIT $3",
            action.strip()[:80].replace("\\", "").replace("%", "").replace("_", "\\_"), max(before, 0), PAGE + 1,
            words.saying(action[:80]),
        )  # fmt: skip
        context = {
            "rows": found[:PAGE],
            "more": found[PAGE - 1]["id"] if len(found) > PAGE else None,
            "action": action,
            "said": words.said,
            "head": await sealing.head(),
            "waiting": await fetchval("SELECT (SELECT count(*) FROM trail_entry) - (SELECT count(*) FROM trail_leaf)"),
            "seals": await fetchval("SELECT count(*) FROM trail_seal"),
            "crumbs": [{"label": _("留痕"), "href": None}],
        }
        return await page(request, "trail/list.html", **context)

    @post("/verifications", name="trail.verify", status_code=303)
    async def verify(self, request: HouseRequest) -> Response[Any]:
        """Verify the whole chain as a job."""
        async with transaction():
            job: UUID = await jobs.enqueue("trail.verify", {}, actor_of(request))
        return await see_other(request, f"/jobs/{job}")


@get("/about/trail", opt={"policy": EVERYBODY}, name="trail.about")
async def about_trail(request: HouseRequest) -> Response[Any]:
    """What the trail is, its newest signed head, and how anybody can compare."""
    return await page(request, "trail/about.html", head=await sealing.head(), section="", trail_head=None, cache_for=60)


HANDLERS: list[Any] = [TrailPages, about_trail]
