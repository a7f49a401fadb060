"""`gongjiang standings FILE…`: score event bundles with no database."""

import os
import sys
from pathlib import Path

import msgspec

from competitions.scoring.faults import FAULTS_FORMAT, BundleFaults, Fault
from competitions.scoring.standings import Standings, standings_from

USAGE = "usage: gongjiang standings FILE…"


def main(paths: list[str]) -> int:
    """Print the standings of each file as one line of JSON, and each fault as one line on standard error.

    Returns 0 where everything is complete, 1 where something is incomplete or a tie is open, 2 where a file is not a
    valid bundle (or none is named).
    """
    if not paths:
        print(USAGE, file=sys.stderr)
        return 2
    worst = 0
    for path in paths:
        outcome = _score(path)
        if isinstance(outcome, Standings):
            worst = max(worst, 0 if outcome.settled else 1)
            _print_line(outcome)
            continue
        worst = 2
        _print_line(
            {
                "format": FAULTS_FORMAT,
                "file": os.fsencode(path).decode(errors="replace"),
                "faults": [{"path": fault.path, "message": fault.message} for fault in outcome],
            }
        )
        sys.stdout.flush()
        place = f"{path}: " if len(paths) > 1 else ""
        for fault in outcome:
            print(f"{place}{fault.path}: {fault.message}", file=sys.stderr)
    sys.stdout.flush()
    return worst


def _score(path: str) -> Standings | tuple[Fault, ...]:
    try:
        return standings_from(Path(path).read_bytes())
    except BundleFaults as refused:
        return refused.faults
    except (OSError, ValueError) as error:
        what = f"the file cannot be read: {getattr(error, 'strerror', None) or error}"
        return (Fault(path="$", code="file", what=what, allowed="a file that this account may read"),)


def _print_line(answer: object) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
