"""``make bench``: every benchmark, one JSON line each; ratios are measured side by side in the same run.

``python -m tests.benchmarks marks standings`` runs some of them; ``python -m tests.benchmarks certificates --long`` what takes minutes.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator

ALL = ("standings", "certificates", "marks", "registry", "composition", "board", "ledger")


def lines(names: list[str], functions: tuple[str, ...]) -> Iterator[dict]:
    for name in names:
        module = importlib.import_module(f"tests.benchmarks.{name}")
        for function in functions:
            if hasattr(module, function):
                found = getattr(module, function)()
                yield from found if isinstance(found, list) else [found]


if __name__ == "__main__":
    long = "--long" in sys.argv[1:]
    asked = [name for name in sys.argv[1:] if name != "--long"] or list(ALL)
    for line in lines(asked, ("run_long",) if long else ("run", "run_start_up")):
        print(json.dumps(line, ensure_ascii=False), flush=True)
