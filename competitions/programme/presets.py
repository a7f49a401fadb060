"""Rule sets to begin with (规则模板): what competitions of the city commonly use (C20, C21, C30, C40)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from foundation.i18n import N_


class Preset(Struct, frozen=True, kw_only=True):
    """A template: a msgid to show, and the JSON of its rules."""

    key: str
    title: str
    rules: Mapping[str, Any]


_TRIMMED = {"method": "trimmed_mean", "drop_high": 1, "drop_low": 1, "minimum": 5}
_MEAN = {"method": "mean", "minimum": 2}
_PLACES = {"panel": 2, "aspect": 2, "module": 2, "total": 2}
_LEVELS = ["不符合要求", "基本符合，有明显缺陷", "符合要求", "优于要求"]
_AWARDS = {
    "tiers": [
        {"name": "一等奖", "percent": "10", "at_least": 1},
        {"name": "二等奖", "percent": "20", "at_least": 1},
        {"name": "三等奖", "percent": "30", "at_least": 1},
    ],
    "ties": "extend",
}


def _points(code: str, title: str, most: str, *, step: str = "0.5", panel: Mapping[str, Any] = _MEAN) -> dict[str, Any]:
    return {"code": code, "title": title, "kind": "points", "max": most, "step": step, "panel": dict(panel)}


def _judged(code: str, title: str, most: str, panel: Mapping[str, Any] = _MEAN) -> dict[str, Any]:
    return {
        "code": code, "title": title, "kind": "judgement", "max": most, "step": "1", "levels": list(_LEVELS),
        "panel": dict(panel),
    }  # fmt: skip


def _module(code: str, title: str, weight: str, *aspects: dict[str, Any]) -> dict[str, Any]:
    return {"code": code, "title": title, "weight": weight, "aspects": list(aspects)}


_THEORY = _points("T1", "理论笔试", "100", panel={"method": "mean", "minimum": 1})
_PRACTICE = (
    _points("P1", "操作工艺", "40", panel=_TRIMMED),
    _points("P2", "尺寸与精度", "30"),
    _judged("J1", "成品质量", "20", _TRIMMED),
    _judged("J2", "安全与文明生产", "10", _TRIMMED),
)

PRESETS: Mapping[str, Preset] = {
    preset.key: preset
    for preset in (
        Preset(
            key="city-second",
            title=N_("市级二类竞赛（理论 30 + 实操 70）"),
            rules={
                "modules": [_module("theory", "理论", "0.3", _THEORY), _module("practical", "实操", "0.7", *_PRACTICE)],
                "places": _PLACES,
                "ranking": [{"by": "total"}, {"by": "module:practical"}, {"by": "module:theory"}],
                "ties": "share",
                "awards": _AWARDS,
            },
        ),
        Preset(
            key="lift",
            title=N_("电梯安装维修（理论 25 + 实操 55 + 答辩 20）"),
            rules={
                "modules": [
                    _module("theory", "理论", "0.25", _THEORY),
                    _module("practical", "实操", "0.55", *_PRACTICE),
                    _module(
                        "defence", "答辩", "0.2",
                        _points("D1", "方案与原理", "60", panel=_TRIMMED), _points("D2", "表达与应答", "40", panel=_TRIMMED),
                    ),
                ],
                "places": _PLACES,
                "ranking": [{"by": "total"}, {"by": "module:practical"}, {"by": "value:time", "order": "asc"}],
                "ties": "share",
                "awards": _AWARDS,
            },
        ),
        Preset(
            key="judged",
            title=N_("纯评判（作品、才艺类）"),
            rules={
                "modules": [
                    _module(
                        "work", "作品", "1", _judged("J1", "创意", "30", _TRIMMED), _judged("J2", "技艺", "40", _TRIMMED),
                        _judged("J3", "完成度", "30", _TRIMMED),
                    )
                ],
                "places": _PLACES,
                "ranking": [{"by": "total"}, {"by": "aspect:J2"}],
                "ties": "refuse",
                "awards": {
                    "tiers": [
                        {"name": "金奖", "count": 1}, {"name": "银奖", "count": 2}, {"name": "铜奖", "count": 3},
                    ],
                    "ties": "strict",
                },
            },
        ),
    )
}  # fmt: skip
