"""Opening what somebody uploaded: an xlsx within bounds, else a refusal that says what it is instead (SECURITY 15)."""

from __future__ import annotations

import asyncio
import io
import sys
import zipfile
from collections.abc import Sequence
from typing import Any

import msgspec

from foundation.errors import Refusal
from foundation.settings import ROOT
from foundation.sheets import reader

MOST_BYTES = 10 * 1024 * 1024
MOST_PARTS = 200
MOST_UNZIPPED = 30 * 1024 * 1024
MOST_RATIO = 100
MOST_COLUMNS = 200
SECONDS = 30
READERS = asyncio.Semaphore(2)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _refuse(code: str, message: str, **facts: Any) -> Refusal:
    return Refusal(code, message, field="file", **facts)


def check_container(file: Any, size: int, *, most_bytes: int = MOST_BYTES, most_unzipped: int = MOST_UNZIPPED) -> None:
    """Look at the beginning and the zip directory, without unpacking anything.

    Refuses by name: ``sheet_empty_file``, ``sheet_too_large``, ``sheet_encrypted``, ``sheet_old_format``,
    ``sheet_is_text``, ``sheet_broken``, ``sheet_not_workbook``, ``sheet_macros``, ``sheet_parts``, ``sheet_bomb``.
    """
    if size == 0:
        raise _refuse("sheet_empty_file", "文件是空的：请选择填好的 xlsx 表格")
    if size > most_bytes:
        raise _refuse("sheet_too_large", "文件超过 {most} MB：请分成几份", most=most_bytes // 1024 // 1024)
    head = file.read(4096)
    if head.startswith(OLE):
        file.seek(0)
        if "EncryptedPackage".encode("utf-16-le") in file.read():
            raise _refuse("sheet_encrypted", "表格设了打开密码：请取消密码后再上传")
        raise _refuse("sheet_old_format", "这是旧版 xls 或其他 Office 文件：请另存为 xlsx 后再上传")
    if not head.startswith(b"PK"):
        if b"\x00" not in head:
            raise _refuse("sheet_is_text", "这是文本文件（如 csv），不是 xlsx：请把内容填进模板后再上传")
        raise _refuse("sheet_not_xlsx", "这不是 xlsx 表格")
    try:
        with zipfile.ZipFile(file) as pack:
            _check_directory(pack.infolist(), size, most_unzipped)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError, OSError):
        raise _refuse("sheet_broken", "文件已损坏，无法打开：请用 Excel 或 WPS 打开后另存为 xlsx") from None


def _check_directory(parts: Sequence[zipfile.ZipInfo], size: int, most_unzipped: int) -> None:
    names = {part.filename for part in parts}
    unzipped = sum(part.file_size for part in parts)
    if len(parts) > MOST_PARTS:
        raise _refuse(
            "sheet_parts", "文件内部有 {parts} 个部件，超过 {most} 个，已拒绝", parts=len(parts), most=MOST_PARTS
        )
    if unzipped > most_unzipped or unzipped > max(size, 1) * MOST_RATIO:
        raise _refuse("sheet_bomb", "文件解压后过大（{size} MB）或压缩率异常，已拒绝", size=unzipped // 1024 // 1024)
    if any(part.flag_bits & 1 for part in parts):
        raise _refuse("sheet_encrypted", "表格设了打开密码：请取消密码后再上传")
    if "xl/workbook.xml" not in names:
        raise _refuse("sheet_not_workbook", "这个压缩包里没有工作簿：请上传 xlsx 表格")
    if any(name.endswith("vbaProject.bin") for name in names):
        raise _refuse("sheet_macros", "表格含有宏：请另存为不带宏的 xlsx 后再上传")


async def read_rows(body: bytes, *, most_rows: int) -> list[list[str]]:
    """All rows of the first sheet as text, read in a process of its own with its memory, CPU and time limited.

    Refuses as :func:`check_container`, and ``sheet_too_long``, ``sheet_too_heavy``.
    """
    check_container(io.BytesIO(body), len(body))
    async with READERS:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "foundation.sheets.reader", str(most_rows + 10), str(MOST_COLUMNS), str(MOST_BYTES),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, cwd=ROOT,
        )  # fmt: skip
        try:
            answer, _ = await asyncio.wait_for(process.communicate(body), SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise _refuse("sheet_too_heavy", "表格过于复杂，读取超时：请只保留数据，另存为新的 xlsx") from None
    if process.returncode == reader.LOCKED:
        raise _refuse("sheet_encrypted", "表格设了打开密码：请取消密码后再上传")
    if process.returncode == reader.BROKEN:
        raise _refuse("sheet_broken", "文件已损坏，无法打开：请用 Excel 或 WPS 打开后另存为 xlsx")
    if process.returncode != 0:
        raise _refuse("sheet_too_long", "表格超过 {most} 行或内容过多：请分成几份", most=most_rows)
    return msgspec.json.decode(answer, type=list[list[str]])
