"""Random valid events for tests: small numbers, so that ties, boundaries, gaps and odd roundings are common."""

from decimal import Decimal
from random import Random
from typing import Any

NAMES = "赵钱孙李周吴郑王冯陈褚卫"
FEW = ("0", "0.5", "1", "1.5", "2", "2.25", "3", "0.1", "0.3333333333", "2.005", "-0")


def event(rng: Random) -> dict[str, Any]:
    """A valid bundle as plain JSON; most are complete."""
    modules, aspects = [], []
    for number in range(rng.randint(1, 3)):
        held = [_aspect(rng, f"P{len(aspects) + i}") for i in range(rng.randint(1, 3))]
        aspects += held
        module = {"code": f"m{number}", "aspects": held}
        _maybe(rng, module, "title", rng.choice(["理论", "实操", 'a"b\\c', "\u2028:"]))
        _maybe(rng, module, "weight", rng.choice(["0.3", "0.7", "1", "0.3333333333", "-1", "0"]))
        modules.append(module)
    entries = [_entry(rng, code) for code in rng.sample([f"A{i:02}" for i in range(20)], rng.randint(0, 9))]
    rules: dict[str, Any] = {"modules": modules, "ranking": _ranking(rng, modules, aspects)}
    if rng.random() < 0.6:
        levels = rng.sample(["panel", "aspect", "module", "total"], rng.randint(0, 4))
        rules["places"] = {level: rng.choice([None, 0, 1, 2, 3, 6]) for level in levels}
    _maybe(rng, rules, "ties", rng.choice(["share", "refuse"]))
    _maybe(rng, rules, "scale", {"method": "worldskills-700"})
    if rng.random() < 0.7:
        rules["awards"] = _awards(rng)
    bundle: dict[str, Any] = {
        "format": "gongjiang.event/1",
        "event": {"code": "2026-x", "title": rng.choice(["汽车装调工", "焊:工", ""]), "rules": rules},
        "entries": entries,
        "marks": _marks(rng, entries, aspects),
    }
    if rng.random() < 0.5:
        bundle["adjustments"] = [_adjustment(rng, entry["code"]) for entry in entries if rng.random() < 0.3]
    if rng.random() < 0.4:
        _make_twins(rng, bundle)
    return bundle


def _make_twins(rng: Random, bundle: dict[str, Any]) -> None:
    """Give some entries the marks and values of another, so that they tie on every key."""
    for entry in bundle["entries"]:
        model = rng.choice(bundle["entries"])
        if entry is model or rng.random() < 0.5:
            continue
        entry.pop("values", None)
        entry |= {"values": dict(model["values"])} if "values" in model else {}
        kept = [mark for mark in bundle["marks"] if mark["entry"] != entry["code"]]
        bundle["marks"] = kept + [mark | {"entry": entry["code"]} for mark in kept if mark["entry"] == model["code"]]
        if "adjustments" in bundle:
            bundle["adjustments"] = [
                c for c in bundle["adjustments"] if c["entry"] not in (entry["code"], model["code"])
            ]


def _maybe(rng: Random, part: dict[str, Any], name: str, value: Any) -> None:
    if rng.random() < 0.5:
        part[name] = value


def _aspect(rng: Random, code: str) -> dict[str, Any]:
    kind = rng.choice(["points", "points", "judgement"])
    aspect: dict[str, Any] = {"code": code, "kind": kind, "max": rng.choice(["3", "4", "7.5", "100"])}
    _maybe(rng, aspect, "factor", rng.choice(["1.2", "0.8", "1", "-1", "0.0000000001"]))
    if kind == "points":
        _maybe(rng, aspect, "min", rng.choice(["0", "-2", "0.25"]))
    else:
        _maybe(rng, aspect, "levels", ["不符合", "基本符合", "符合", "优秀"])
    _maybe(rng, aspect, "step", rng.choice(["0.5", "1", "0.25"]))
    if rng.random() < 0.8:
        panel: dict[str, Any] = {}
        _maybe(rng, panel, "method", rng.choice(["mean", "trimmed_mean", "trimmed_mean", "median", "sum"]))
        _maybe(rng, panel, "minimum", rng.randint(0, 4))
        if panel.get("method") == "trimmed_mean":
            _maybe(rng, panel, "drop_high", rng.randint(0, 2))
            _maybe(rng, panel, "drop_low", rng.randint(0, 2))
        aspect["panel"] = panel
    return aspect


def _entry(rng: Random, code: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"code": code, "name": rng.choice(NAMES) + "立春", "organisation": "示例单位"}
    if rng.random() < 0.2:
        entry["status"] = rng.choice(["competed", "absent", "withdrawn", "disqualified"])
    if rng.random() < 0.3:
        entry["guest"] = rng.random() < 0.5
    _maybe(rng, entry, "members", ["甲", "乙"][: rng.randint(0, 2)])
    if rng.random() < 0.97:
        entry["values"] = {"time": rng.choice(["118.5", "118.50", "120", "-1"]), "用时 x": rng.choice(FEW)}
    return entry


def _ranking(rng: Random, modules: list[Any], aspects: list[Any]) -> list[dict[str, str]]:
    options = ["total", "value:time", "value:用时 x"]
    options += ["module:" + module["code"] for module in modules] + ["aspect:" + aspect["code"] for aspect in aspects]
    keys: list[dict[str, str]] = [{"by": "total"}] if rng.random() < 0.7 else []
    for _ in range(rng.randint(0 if keys else 1, 3)):
        keys.append({"by": rng.choice(options)})
    for key in keys:
        _maybe(rng, key, "order", rng.choice(["asc", "desc"]))
    return keys


def _awards(rng: Random) -> dict[str, Any]:
    tiers = []
    for name in ("一等奖", "二等奖", "三等奖")[: rng.randint(0, 3)]:
        tier: dict[str, Any] = {"name": name}
        tier |= (
            {"count": rng.randint(0, 3)} if rng.random() < 0.5 else {"percent": rng.choice(["10", "20", "33.3", "50"])}
        )
        _maybe(rng, tier, "at_least", rng.randint(0, 2))
        tiers.append(tier)
    awards: dict[str, Any] = {"tiers": tiers}
    if rng.random() < 0.8:
        awards["ties"] = rng.choice(["extend", "strict", "strict"])
    return awards


def _marks(rng: Random, entries: list[Any], aspects: list[Any]) -> list[dict[str, str]]:
    marks = []
    gap = 0.02 if rng.random() < 0.2 else 0
    for entry in entries:
        for aspect in aspects:
            panel = aspect.get("panel", {})
            dropped = (
                panel.get("drop_high", 1) + panel.get("drop_low", 1) if panel.get("method") == "trimmed_mean" else 0
            )
            least = max(panel.get("minimum", 1), dropped + 1, 1)
            judges = rng.sample(["J1", "J2", "J3", "J10", "K-1", "k.2", "_"], min(7, least + rng.randint(0, 2)))
            for judge in judges[: 0 if rng.random() < gap else None]:
                value = _mark(rng, aspect)
                marks.append({"entry": entry["code"], "aspect": aspect["code"], "judge": judge, "value": value})
    if rng.random() < 0.5:
        rng.shuffle(marks)
    return marks


def _mark(rng: Random, aspect: dict[str, Any]) -> str:
    low, high = ("0", "3") if aspect["kind"] == "judgement" else (aspect.get("min", "0"), aspect["max"])
    step = Decimal(aspect.get("step", rng.choice(["0.5", "0.01", "0.0000000001"])))
    most = int((Decimal(high) - Decimal(low)) / step)
    value = Decimal(low) + step * (rng.randint(0, min(most, 6)) if rng.random() < 0.8 else rng.randint(0, most))
    text = format(value, "f")
    return "0" if text in ("-0", "-0.0", "-0.00") else text


def _adjustment(rng: Random, entry: str) -> dict[str, str]:
    kind = rng.choice(["deduction", "bonus"])
    return {"entry": entry, "kind": kind, "value": rng.choice(["0.5", "2", "1.00", "0", "100"]), "reason": "安全:违规"}
