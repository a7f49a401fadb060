"""What is wrong with a bundle: each fault names its place, what stands there and what would be allowed."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final

from msgspec import Struct

FAULTS_FORMAT: Final = "gongjiang.faults/1"

_plain_key = re.compile(r"[A-Za-z_][A-Za-z0-9_]*").fullmatch


class Fault(Struct, frozen=True, kw_only=True):
    """One fault. `code` is stable, for translation; `what` and `allowed` are plain English on one line."""

    path: str
    code: str
    what: str
    allowed: str

    @property
    def message(self) -> str:
        """What is wrong and what is allowed, in one sentence."""
        return f"{self.what}; allowed: {self.allowed}"


class BundleFaults(ValueError):
    """A file is not a valid bundle. `faults` lists everything that is wrong with it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(f"{fault.path}: {fault.message}" for fault in faults[:3]))
        self.faults = tuple(faults)


class Doubled(dict[str, object]):
    """A JSON object that named some keys twice; holds the last value of each and remembers which."""

    doubles: tuple[str, ...] = ()


class Fraught:
    """A JSON number that no field of a bundle takes: with a point or an exponent, or too long to read."""

    def __init__(self, text: str) -> None:
        self.text = text


class Findings:
    """Collects faults in the order in which they are found."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def add(self, path: str, code: str, what: str, allowed: str) -> None:
        self.faults.append(Fault(path=path, code=code, what=what, allowed=allowed))


def step_into(path: str, key: str) -> str:
    """Extend a JSON path by a key: `$.event` + `code` → `$.event.code`; odd keys are bracketed and quoted."""
    return f"{path}.{key}" if _plain_key(key) else f"{path}[{json.dumps(key)}]"


def show(raw: object) -> str:
    """Describe a JSON value on one line, shortened."""
    if isinstance(raw, Fraught):
        text = raw.text
    elif isinstance(raw, Mapping):
        return "an object"
    elif isinstance(raw, list | tuple):
        return "a list"
    else:
        text = json.dumps(raw)
        if isinstance(raw, str) and raw.isprintable():
            text = json.dumps(raw, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"


def listed(values: Iterable[str], limit: int = 12) -> str:
    """Name what is allowed: all of a short list, the beginning of a long one."""
    names = list(islice(values, limit + 1))
    shown = ", ".join(names[:limit])
    return f"{shown}, …" if len(names) > limit else shown or "nothing is defined"
