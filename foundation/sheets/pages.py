"""The pages of an import, the same for every sheet; a feature mounts them with :func:`import_pages`."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile

from foundation import trail
from foundation.database import transaction
from foundation.errors import Refusal
from foundation.forms import Bound
from foundation.i18n import gettext as _
from foundation.listing import XLSX
from foundation.sheets import uploads
from foundation.sheets.declaration import Row, Sheet
from foundation.sheets.opening import MOST_BYTES
from foundation.sheets.template import marked, template
from foundation.web.pages import HouseRequest, actor_of, download, page, parse_id, see_other
from foundation.web.policy import Policy

ROWS_A_PAGE = 200
Scope = Callable[[HouseRequest], Awaitable[tuple[UUID | None, str]]]
Crumbs = Callable[[HouseRequest], Awaitable[Sequence[dict[str, Any]]]]


async def no_scope(request: HouseRequest) -> tuple[UUID | None, str]:
    """For a sheet that belongs to no one thing."""
    return None, ""


def import_pages(
    sheet: Sheet, *, path: str, name: str, policy: Policy, done: str, scope: Scope = no_scope, crumbs: Crumbs | None = None
) -> type[Controller]:  # fmt: skip
    """The controller of one import.

    ``path`` may hold path parameters (``/events/{event:uuid}/import``). ``scope(request)`` gives (id, label) of what is
    imported into, and raises ``NotFound`` where the actor has no business there; its query string is carried along.
    ``done`` is where the reader goes afterwards, with the path's parameters filled in. Names of handlers begin with ``name``.
    """
    mount = path

    def base(request: HouseRequest) -> str:
        return filled(mount, request)

    async def context(request: HouseRequest) -> dict[str, Any]:
        ident, label = await scope(request)
        keep = {key: value for key, value in request.query_params.items() if key not in ("show", "page")}
        steps = await crumbs(request) if crumbs else [{"label": _(sheet.title), "href": filled(done, request)}]
        return {
            "sheet": sheet, "base": base(request), "scope_id": ident, "scope_label": label, "done": filled(done, request),
            "keep": ("?" + urlencode(keep)) if keep else "", "crumbs": [*steps, {"label": _("表格导入"), "href": None}],
        }  # fmt: skip

    def upload_of(request: HouseRequest) -> UUID:
        return parse_id(str(request.path_params["upload"]))

    async def start(request: HouseRequest, form: Bound[Any] | None = None, status: int = 200) -> Response[Any]:
        waiting = await uploads.open_uploads(actor_of(request), sheet)
        return await page(
            request, "sheets/start.html", status_code=status, form=form, waiting=waiting,
            most_mb=MOST_BYTES // 1024 // 1024, **await context(request),
        )  # fmt: skip

    async def preview(request: HouseRequest, refused: Any = None, status: int = 200) -> Response[Any]:
        found = await uploads.find_for(actor_of(request), sheet, upload_of(request))
        return await page(
            request, "sheets/preview.html", status_code=status, u=found, refused=refused,
            **shown(sheet, found.rows, request), **await context(request),
        )  # fmt: skip

    class ImportPages(Controller):
        """Download → upload → preview → confirm."""

        path = mount
        opt = {"policy": policy}

        @get("/", name=f"{name}.start")
        async def begin(self, request: HouseRequest) -> Response[Any]:
            """Download the template, upload it filled in."""
            return await start(request)

        @get("/template", name=f"{name}.template")
        async def blank(self, request: HouseRequest) -> Response[Any]:
            """The template."""
            return download(template(sheet), f"{_(sheet.title)}-{_('模板')}.xlsx", XLSX)

        @post("/", name=f"{name}.upload", status_code=303)
        async def upload(self, request: HouseRequest) -> Response[Any]:
            """Read a file and show its rows."""
            form: Bound[Any] = Bound()
            with form.catching():
                ident, _label = await scope(request)
                body, file_name = await uploaded(request)
                made = await uploads.receive(actor_of(request), sheet, body, file_name=file_name, scope=ident)
                query = urlencode(list(request.query_params.items()))
                return await see_other(request, f"{base(request)}/{made}" + (f"?{query}" if query else ""))
            return await start(request, form, 422)

        @get("/{upload:str}", name=f"{name}.preview")
        async def look(self, request: HouseRequest) -> Response[Any]:
            """Row by row."""
            return await preview(request)

        @get("/{upload:str}/marked", name=f"{name}.marked")
        async def with_marks(self, request: HouseRequest) -> Response[Any]:
            """The uploaded sheet with its faults marked; it holds what was uploaded, so it leaves a trail."""
            actor = actor_of(request)
            found = await uploads.find_for(actor, sheet, upload_of(request))
            async with transaction():
                await trail.record(actor, "sheet.downloaded", "sheet", found.id, {"kind": sheet.kind})
            return download(marked(sheet, found.rows), f"{_(sheet.title)}-{_('标错')}.xlsx", XLSX)

        @post("/{upload:str}/rows", name=f"{name}.repair", status_code=303)
        async def repair(self, request: HouseRequest) -> Response[Any]:
            """Correct one cell."""
            data = await request.form()
            number = str(data.get("row", ""))
            await uploads.repair(
                actor_of(request), sheet, upload_of(request), number=int(number) if number.isdecimal() else 0,
                field=str(data.get("field", "")), value=str(data.get("value", ""))[:400],
            )  # fmt: skip
            query = urlencode(list(request.query_params.items()))
            return await see_other(request, f"{base(request)}/{upload_of(request)}" + (f"?{query}" if query else ""))

        @post("/{upload:str}/confirmation", name=f"{name}.confirm", status_code=303)
        async def confirm(self, request: HouseRequest) -> Response[Any]:
            """Write all rows, or none."""
            try:
                written = await uploads.confirm(actor_of(request), sheet, upload_of(request))
            except Refusal as refused:
                told = [{"message": refused.text(_), "rule": refused.rule}]
                return await preview(request, told, refused.status)
            return await see_other(request, filled(done, request), flash=_("已导入 {n} 行").format(n=written))

        @post("/{upload:str}/abandonment", name=f"{name}.abandon", status_code=303)
        async def abandon(self, request: HouseRequest) -> Response[Any]:
            """Throw it away."""
            await uploads.abandon(actor_of(request), sheet, upload_of(request))
            return await see_other(request, base(request), flash=_("已放弃这次导入"))

    return ImportPages


def filled(path: str, request: HouseRequest) -> str:
    """A path with its parameters as this request has them."""
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda found: str(request.path_params[found.group(1)]), path)


async def uploaded(request: HouseRequest, *, field: str = "file", most: int = MOST_BYTES) -> tuple[bytes, str]:
    """(bytes, name) of the file of a multipart form; refuses text where a file is expected, nothing, and too much."""
    given = (await request.form()).get(field)
    if not isinstance(given, UploadFile) or not given.filename:
        raise Refusal("sheet_missing", "请选择要上传的 xlsx 文件", field="file")
    body = await given.read(most + 1)
    if len(body) > most:
        raise Refusal("sheet_too_large", "文件超过 {most} MB：请分成几份", field="file", most=most // 1024 // 1024)
    return body, given.filename


def shown(sheet: Sheet, rows: Sequence[Row], request: HouseRequest) -> dict[str, Any]:
    """What the preview shows: the rows of the chosen tab and page, personal cells masked."""
    tab = str(request.query_params.get("show", "all"))
    faulty = [row for row in rows if row.faults]
    chosen = faulty if tab == "faulty" else [row for row in rows if not row.faults] if tab == "ok" else list(rows)
    asked = str(request.query_params.get("page", "1"))
    pages = max(1, -(-len(chosen) // ROWS_A_PAGE))
    at = min(int(asked), pages) if asked.isdecimal() and 0 < len(asked) < 6 else 1
    used = [f for f in sheet.fields if f.required or any(row.cells.get(f.name) for row in rows) or any(x.field == f.name for row in faulty for x in row.faults)]  # fmt: skip
    return {
        "tab": tab if tab in ("faulty", "ok") else "all", "page_at": max(at, 1), "pages": pages, "columns": used,
        "counts": {"all": len(rows), "faulty": len(faulty), "ok": len(rows) - len(faulty)},
        "lines": [line_of(sheet, row) for row in chosen[(max(at, 1) - 1) * ROWS_A_PAGE : max(at, 1) * ROWS_A_PAGE]],
    }  # fmt: skip


def line_of(sheet: Sheet, row: Row) -> dict[str, Any]:
    """One row as the page may have it: masked."""
    cells = {f.name: masked(f, row.cells.get(f.name, "")) for f in sheet.fields}
    return {
        "number": row.number, "cells": cells, "faults": row.faults, "bad": {fault.field for fault in row.faults},
        "secret": {f.name for f in sheet.fields if f.mask}, "titles": {f.name: f.title for f in sheet.fields},
    }  # fmt: skip


def masked(field: Any, text: str) -> str:
    return field.mask(text) if field.mask else text
