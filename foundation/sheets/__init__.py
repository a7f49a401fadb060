"""表格导入: template → upload → preview with row-by-row faults → confirm. Nothing is half-imported.

A feature declares its sheet once and mounts the pages::

    SHEET = Sheet(
        kind="registry.workers", title=N_("职工"), most_rows=5000, check=check_rows, write=write_rows,
        fields=(
            Field(name="name", title="姓名", required=True, example="王示例"),
            Field(name="id_number", title="身份证号", required=True, width=22, mask=id_card.mask, comment="18 位 …（I1）"),
            Field(name="sex", title="性别", choices=("男", "女")),
        ),
    )
    HANDLERS = [import_pages(SHEET, path="/registry/workers/import", name="registry.workers.import",
                             policy=Permission.KEEP_WORKERS, scope=scope_of_request, done="/registry/workers")]

``check(actor, scope, rows)`` looks at all rows, with the database where it must, and calls ``row.refuse(Refusal(…,
field="id_number"))``: every fault of every row. What it works out it may leave in ``row.data``. It runs at the upload, at
each repair, and again inside the transaction of the confirmation, where ``write(actor, scope, rows)`` then writes all rows
(one faulty row and none is written) and returns how many. ``scope`` is the id that the request's ``scope`` function gave (a
unit, an event) or None; both functions must check the actor against it themselves.

Titles, comments, examples and choices are Chinese only: a template is an official form. Cells whose field has a ``mask``
are personal: sealed in the table, masked on the page, gone once the import is confirmed or abandoned.
"""

from __future__ import annotations

from foundation.sheets.declaration import Field, Row, RowFault, Sheet
from foundation.sheets.pages import import_pages

__all__ = ["Field", "Row", "RowFault", "Sheet", "import_pages"]
