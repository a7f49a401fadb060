"""What a sheet is: its fields, its rows, what is wrong with them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

import msgspec

from foundation.errors import Refusal, Refusals
from foundation.forms import CONTROL
from foundation.i18n import gettext
from foundation.web.policy import Actor

LONG_NUMBER = re.compile(r"[0-9](\.[0-9]+)?E\+[0-9]+")
"""How the reader writes a number that Excel had no room for: its digits are lost."""


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A column. ``mask`` makes it personal; ``choices`` become a list in the template; ``most`` bounds its length."""

    name: str
    title: str
    required: bool = False
    width: int = 14
    choices: Sequence[str] = ()
    comment: str = ""
    example: str = ""
    mask: Callable[[str], str] | None = None
    most: int = 300


class RowFault(msgspec.Struct, frozen=True, kw_only=True):
    """One refusal of a row, kept so that it can be shown in either language."""

    field: str = ""
    code: str
    message: str
    rule: str = ""
    facts: dict[str, str] = {}

    @property
    def text(self) -> str:
        """In the reader's language."""
        return Refusal(self.code, self.message, **self.facts).text(gettext)


class Row:
    """One line of the sheet: ``number`` as Excel counts, ``cells`` as typed (by field name), ``data`` for the checker."""

    def __init__(self, number: int, cells: dict[str, str]) -> None:
        self.number, self.cells = number, cells
        self.faults: list[RowFault] = []
        self.data: Any = None

    def refuse(self, refusal: Refusal | Refusals) -> None:
        """Note what is wrong; facts are kept as text and must not be personal."""
        for one in refusal.refusals if isinstance(refusal, Refusals) else (refusal,):
            facts = {name: str(value) for name, value in one.facts.items()}
            self.faults.append(
                RowFault(field=one.field or "", code=one.code, message=one.message, rule=one.rule or "", facts=facts)
            )


Check = Callable[[Actor, UUID | None, list[Row]], Awaitable[None]]
Write = Callable[[Actor, UUID | None, list[Row]], Awaitable[int]]


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A declared sheet; see the package's docstring."""

    kind: str
    title: str
    fields: tuple[Field, ...]
    check: Check
    write: Write
    most_rows: int = 5_000

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)

    def places(self, head: Sequence[str]) -> dict[str, int]:
        """Where each field stands in a head row, in any order. Refuses ``sheet_columns``: missing, unknown, doubled."""
        by_title = {plain_title(field.title): field.name for field in self.fields}
        found: dict[str, int] = {}
        unknown: list[str] = []
        for place, title in enumerate(head):
            plain = plain_title(title)
            if not plain or plain == plain_title(FAULTS_TITLE):
                continue
            name = by_title.get(plain)
            if name is None or name in found:
                unknown.append(title[:20])
            else:
                found[name] = place
        missing = [field.title for field in self.fields if field.required and field.name not in found]
        if missing or unknown:
            raise Refusal(
                "sheet_columns", "表头与模板不符——缺少：{missing}；多余或重复：{unknown}。请用下载的模板填写", field="file",
                missing="、".join(missing) or "—", unknown="、".join(unknown[:10]) or "—",
            )  # fmt: skip
        return found

    async def examine(self, actor: Actor, scope: UUID | None, rows: list[Row]) -> int:
        """Check every row afresh; returns how many are faulty."""
        for row in rows:
            row.faults, row.data = [], None
            for field in self.fields:
                check_cell(field, row)
        await self.check(actor, scope, rows)
        return sum(1 for row in rows if row.faults)


FAULTS_TITLE = "错误说明"


def plain_title(text: str) -> str:
    """A heading without the mark of the required ones, spaces and width."""
    return re.sub(r"[\s*＊]", "", unicodedata.normalize("NFKC", text))


def check_cell(field: Field, row: Row) -> None:
    """What holds for every cell: required, length, no control characters, no number that lost its digits."""
    text = row.cells.get(field.name, "")
    if field.required and not text:
        row.refuse(Refusal("required", "必填", field=field.name))
    elif len(text) > field.most:
        row.refuse(Refusal("too_long", "过长：最多 {max_length} 个字", field=field.name, max_length=field.most))
    elif CONTROL.search(text) or "\n" in text:
        row.refuse(Refusal("control_characters", "含有不可见的控制字符，请删去后重填", field=field.name))
    elif LONG_NUMBER.fullmatch(text):
        row.refuse(
            Refusal("digits_lost", "这一格是数字格式，长号码已被截断：请把单元格设为文本后重新填写", field=field.name)
        )
