"""The xlsx that is filled in: heads with comments, lists to choose from, an example; and the same with faults marked."""

from __future__ import annotations

import io
from collections.abc import Sequence

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from foundation.sheets.declaration import FAULTS_TITLE, Row, Sheet

CHOICES_SHEET = "选项"
EXAMPLE_SHEET = "示例与说明"


def template(sheet: Sheet) -> bytes:
    """An empty sheet: the first page is filled in, the second shows an example row and the rule of each column."""
    return _book(sheet, ())


def marked(sheet: Sheet, rows: Sequence[Row]) -> bytes:
    """What was uploaded, each faulty cell red, the faults of each row in a last column; it may be uploaded again."""
    return _book(sheet, rows)


def _book(sheet: Sheet, rows: Sequence[Row]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    text = book.add_format({"num_format": "@"})
    bad = book.add_format({"num_format": "@", "bg_color": "#FDEDED", "font_color": "#A61E1E", "border": 1})
    must = book.add_format({"bold": True, "bg_color": "#FFF4E2", "border": 1})
    head = book.add_format({"bold": True, "bg_color": "#F3F4F6", "border": 1})
    page = book.add_worksheet("填写")
    page.freeze_panes(1, 0)
    for place, field in enumerate(sheet.fields):
        page.set_column(place, place, field.width, text)
        page.write_string(0, place, field.title + ("*" if field.required else ""), must if field.required else head)
        if field.comment:
            page.write_comment(0, place, field.comment, {"x_scale": 2})
    if rows:
        page.set_column(len(sheet.fields), len(sheet.fields), 60, text)
        page.write_string(0, len(sheet.fields), FAULTS_TITLE, head)
    for line, row in enumerate(rows, 1):
        faulty = {fault.field for fault in row.faults}
        for place, field in enumerate(sheet.fields):
            value = row.cells.get(field.name, "")
            if value or field.name in faulty:
                page.write_string(line, place, value, bad if field.name in faulty else text)
        if row.faults:
            page.write_string(line, len(sheet.fields), _told(sheet, row), bad)
    _examples(book, sheet, head)
    _choices(book, page, sheet)
    book.close()
    return out.getvalue()


def _told(sheet: Sheet, row: Row) -> str:
    titles = {field.name: field.title for field in sheet.fields}
    return "；".join(f"{titles[f.field]}：{f.text}" if f.field in titles else f.text for f in row.faults)


def _examples(book: xlsxwriter.Workbook, sheet: Sheet, head: Format) -> None:
    page = book.add_worksheet(EXAMPLE_SHEET)
    page.set_column(0, 0, 24)
    page.set_column(1, 1, 28)
    page.set_column(2, 2, 80)
    for place, title in enumerate(("列", "示例", "说明")):
        page.write_string(0, place, title, head)
    for line, field in enumerate(sheet.fields, 1):
        page.write_string(line, 0, field.title + ("（必填）" if field.required else ""))
        page.write_string(line, 1, field.example)
        page.write_string(line, 2, field.comment)
    page.write_string(len(sheet.fields) + 2, 0, f"只读第一张表；最多 {sheet.most_rows} 行；有一行错就一行也不写入。")


def _choices(book: xlsxwriter.Workbook, page: Worksheet, sheet: Sheet) -> None:
    """Lists stand on a page of their own: a list in the cell itself holds no more than 255 characters."""
    chosen = [(place, field) for place, field in enumerate(sheet.fields) if field.choices]
    if not chosen:
        return
    lists = book.add_worksheet(CHOICES_SHEET)
    for column, (place, field) in enumerate(chosen):
        lists.write_string(0, column, field.title)
        for line, choice in enumerate(field.choices, 1):
            lists.write_string(line, column, choice)
        letter = xl_col_to_name(column)
        source = f"='{CHOICES_SHEET}'!${letter}$2:${letter}${len(field.choices) + 1}"
        rule = {"validate": "list", "source": source, "error_type": "warning", "error_message": "请从列表中选择"}
        page.data_validation(1, place, sheet.most_rows, place, rule)
