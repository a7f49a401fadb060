"""Standings of 1,000 entries × 50 aspects × 7 judges from bytes, beside `json.loads` of the same bytes; and start-up.

Both sides read the same bytes in turn within one run, in one process; `ratio` is the median of the rounds' ratios. The
file is timed as `export` writes it, and once more with its marks shuffled, which is the worst order there is.
Run: ``python -m tests.benchmarks.standings``.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from competitions.scoring.canonical import canonical
from competitions.scoring.reading import parse
from competitions.scoring.standings import standings_from

ROOT = Path(__file__).resolve().parents[2]
ENTRIES, MODULES, ASPECTS, JUDGES = 1_000, 5, 10, 7
ROUNDS = 7


def event(entries: int = ENTRIES) -> dict[str, Any]:
    """A large event of plainly invented entries: trimmed panels, judgements, a time, awards, the 700 scale."""
    rng = Random(2026)
    modules, aspects = [], []
    for m in range(MODULES):
        held = [_aspect(f"M{m}-{a}", judged=a == 9) for a in range(ASPECTS)]
        modules.append({"code": f"M{m}", "weight": "0.2", "aspects": held})
        aspects += held
    marks = [
        {"entry": f"E{e:04}", "aspect": aspect["code"], "judge": f"J{j}", "value": _mark(rng, aspect)}
        for e in range(entries)
        for aspect in aspects
        for j in range(JUDGES)
    ]
    return {
        "format": "gongjiang.event/1",
        "event": {
            "code": "benchmark",
            "title": "基准测试",
            "rules": {
                "modules": modules,
                "ranking": [{"by": "total"}, {"by": "module:M1"}, {"by": "value:time", "order": "asc"}],
                "awards": {"tiers": [{"name": "一等奖", "percent": "10"}, {"name": "二等奖", "percent": "20"}]},
                "scale": {"method": "worldskills-700"},
            },
        },
        "entries": [
            {"code": f"E{e:04}", "name": f"选手{e}", "organisation": "示例单位", "values": {"time": str(60 + e % 90)}}
            for e in range(entries)
        ],
        "marks": marks,
    }


def run() -> dict[str, Any]:
    """Measure the engine: bytes → standings ÷ `json.loads`; target ≤ 6."""
    bundle = event()
    data = canonical(parse(json.dumps(bundle).encode()))
    Random(1).shuffle(bundle["marks"])
    shuffled = json.dumps(bundle, ensure_ascii=False).encode()
    marks = len(bundle["marks"])
    del bundle
    first = standings_from(data)
    assert len(first.rows) == ENTRIES
    assert first.settled
    assert standings_from(shuffled) == first
    in_order, worst = _compare(data), _compare(shuffled)
    return {
        "name": "standings",
        "ratio": in_order["ratio"],
        "target": "<= 6",
        "met": in_order["ratio"] <= 6,
        "marks": marks,
        "bytes": len(data),
        "seconds": in_order["seconds"],
        "json_seconds": in_order["json_seconds"],
        "ratio_shuffled": worst["ratio"],
        "rounds": ROUNDS,
    }


def run_start_up() -> dict[str, Any]:
    """Measure `gongjiang standings FILE` as a process, from start to exit, on a small event; target ≤ 0.5 s."""
    command = [str(Path(sys.executable).with_name("gongjiang")), "standings"]
    if not Path(command[0]).exists():
        command = [sys.executable, "-m", "commands.standings"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "event.json"
        path.write_text(json.dumps(event(2)), encoding="utf-8")
        times = []
        for _ in range(ROUNDS):
            start = time.perf_counter()
            subprocess.run([*command, str(path)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
            times.append(time.perf_counter() - start)
    seconds = statistics.median(times)
    bare = _bare_start()
    return {
        "name": "standings-start-up",
        "seconds": round(seconds, 3),
        "target": "<= 0.5",
        "met": seconds <= 0.5,
        "worst": round(max(times), 3),
        "ratio": round(seconds / bare, 2),
        "bare_python_seconds": round(bare, 3),
        "command": Path(command[0]).name,
        "rounds": ROUNDS,
    }


def _bare_start() -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", "pass"], cwd=ROOT, check=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def _compare(data: bytes) -> dict[str, float]:
    ratios, ours, theirs = [], [], []
    for _ in range(ROUNDS):
        theirs.append(_time(json.loads, data))
        ours.append(_time(standings_from, data))
        ratios.append(ours[-1] / theirs[-1])
    return {
        "ratio": round(statistics.median(ratios), 2),
        "seconds": round(statistics.median(ours), 3),
        "json_seconds": round(statistics.median(theirs), 3),
    }


def _time(work: Callable[[bytes], object], data: bytes) -> float:
    start = time.perf_counter()
    result = work(data)
    seconds = time.perf_counter() - start
    del result
    return seconds


def _aspect(code: str, *, judged: bool) -> dict[str, Any]:
    if judged:
        return {"code": code, "kind": "judgement", "max": "10", "step": "1", "panel": {"minimum": 3}}
    panel = {"method": "trimmed_mean", "drop_high": 1, "drop_low": 1, "minimum": 5}
    return {"code": code, "kind": "points", "max": "10", "step": "0.01", "panel": panel}


def _mark(rng: Random, aspect: dict[str, Any]) -> str:
    if aspect["kind"] == "judgement":
        return str(rng.randint(0, 3))
    hundredths = rng.randint(500, 1000)
    return f"{hundredths // 100}.{hundredths % 100:02}"


if __name__ == "__main__":
    for measure in (run, run_start_up):
        print(json.dumps(measure(), ensure_ascii=False))
