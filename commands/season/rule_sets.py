"""The season's rule sets: what the city's contests of these trades commonly use (C20 to C22, C30, C40)."""

from __future__ import annotations

from typing import Any

TRIMMED = {"method": "trimmed_mean", "drop_high": 1, "drop_low": 1, "minimum": 5}
ONE = {"method": "mean", "minimum": 1}
AWARDS = {
    "tiers": [
        {"name": "一等奖", "percent": "10"},
        {"name": "二等奖", "percent": "20"},
        {"name": "三等奖", "percent": "30"},
    ],
    "ties": "extend",
}
RANKING = [{"by": "total"}, {"by": "module:practical"}, {"by": "module:theory"}]


def _points(code: str, title: str, most: str, panel: dict[str, Any] = TRIMMED) -> dict[str, Any]:
    return {"code": code, "title": title, "kind": "points", "max": most, "step": "0.5", "panel": panel}


def _judged(code: str, title: str, most: str, *levels: str) -> dict[str, Any]:
    return {
        "code": code,
        "title": title,
        "kind": "judgement",
        "max": most,
        "step": "1",
        "levels": list(levels),
        "panel": TRIMMED,
    }


def _rules(*practice: dict[str, Any]) -> dict[str, Any]:
    theory = {"code": "theory", "title": "理论", "weight": "0.3", "aspects": [_points("T1", "理论笔试", "100", ONE)]}
    practical = {"code": "practical", "title": "实操", "weight": "0.7", "aspects": list(practice)}
    return {"modules": [theory, practical], "ranking": RANKING, "ties": "share", "awards": AWARDS}


AUTO = _rules(
    _points("P1", "发动机总成拆装工艺", "15"),
    _points("P2", "气门间隙测量与调整", "10"),
    _points("P3", "制动系统装配", "12"),
    _points("P4", "电气线路检测与排故", "20"),
    _points("P5", "扭矩规范执行", "8"),
    _judged(
        "J1",
        "作业规范与条理",
        "10",
        "工序混乱，漏项两处以上",
        "工序基本清楚，漏项一处",
        "工序清楚，工具归位，偶有返回取件",
        "工序流畅，一次到位",
    ),
    _judged("J2", "安全与文明生产", "10", "有危险动作", "经提醒后改正", "符合规范", "规范且有示范作用"),
    _judged("J3", "最终装配质量", "15", "不能运转", "可运转，有缺陷", "达标", "优于标准"),
)
WELDER = _rules(
    _points("P1", "焊接质量", "60"),
    _judged("P2", "工艺与安全", "40", "不符合", "基本符合", "符合", "优秀"),
)
LATHE = _rules(
    _points("P1", "尺寸精度", "50"),
    _points("P2", "形位公差", "20"),
    _points("P3", "表面质量", "15"),
    _judged("J1", "安全与文明生产", "15", "有危险动作", "经提醒后改正", "符合规范", "规范且有示范作用"),
)
ELECTRICIAN = _rules(
    _points("P1", "线路安装与工艺", "40"),
    _points("P2", "故障诊断与排除", "40"),
    _judged("J1", "安全操作", "20", "有危险动作", "经提醒后改正", "符合规范", "规范且有示范作用"),
)
