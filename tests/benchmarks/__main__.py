"""``make bench``: every benchmark, one JSON line each; ratios are measured side by side in the same run.

``python -m tests.benchmarks marks standings`` runs some of them.
"""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator

ALL = ("standings", "certificates", "marks", "registry", "composition", "board")


def lines(names: list[str]) -> Iterator[dict]:
    for name in names:
        module = importlib.import_module(f"tests.benchmarks.{name}")
        for function in ("run", "run_start_up"):
            if hasattr(module, function):
                found = getattr(module, function)()
                yield from found if isinstance(found, list) else [found]


if __name__ == "__main__":
    for line in lines(sys.argv[1:] or list(ALL)):
        print(json.dumps(line, ensure_ascii=False), flush=True)
