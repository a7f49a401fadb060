"""The wing's deeds in plain words: what the trail's codes say to whoever reads it. One line for each code that is recorded."""

from __future__ import annotations

from foundation.i18n import N_

DEEDS: dict[str, str] = {
    "calendar.amended": N_("工作日历改动一天"),
    "calendar.filled": N_("工作日历补入一年"),
    "sheet.abandoned": N_("放弃一份已上传的表格"),
    "sheet.confirmed": N_("确认导入表格"),
    "sheet.downloaded": N_("下载上传的原表"),
    "sheet.uploaded": N_("上传表格待核对"),
}
