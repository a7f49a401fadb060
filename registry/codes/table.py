"""One shape for all code tables: code → (Chinese, English)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

from foundation.errors import Refusal


class CodeTable(Mapping[str, tuple[str, str]]):
    """A code list (代码表) that can be read both ways.

    ``table["01"]`` is ``("汉族", "Han")``. ``aliases`` are other Chinese words that people write for a code; they are
    found, never shown.
    """

    def __init__(
        self,
        name: str,
        rule: str,
        entries: Mapping[str, tuple[str, str]],
        aliases: Mapping[str, str] | None = None,
    ) -> None:
        self.name, self.rule = name, rule
        self._entries = dict(entries)
        self._codes = {_key(code): code for code in entries}
        self._codes |= {_key(zh): code for code, (zh, _) in entries.items()}
        self._codes |= {_key(word): code for word, code in (aliases or {}).items()}

    def __getitem__(self, code: str) -> tuple[str, str]:
        return self._entries[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def zh(self, code: str) -> str:
        """The Chinese name of a code; the code itself where the table does not hold it (old data is still shown)."""
        return self._entries[code][0] if code in self._entries else code

    def en(self, code: str) -> str:
        """The English name of a code; the code itself where the table does not hold it."""
        return self._entries[code][1] if code in self._entries else code

    def find(self, text: str) -> str | None:
        """The code for a code, a Chinese name or a known other word for it; ``None`` where there is none."""
        return self._codes.get(_key(text))

    def require(self, text: str, *, field: str | None = None) -> str:
        """As :meth:`find`, but refuses with ``code_unknown`` and an example of what would do."""
        code = self.find(text)
        if code is None:
            first, (zh, _) = next(iter(self._entries.items()))
            raise Refusal(
                "code_unknown",
                "“{value}”不在{table}代码表中：请填代码或名称，例如 {sample} 或 {example}",
                field=field,
                rule=self.rule,
                value=text[:40],
                table=self.name,
                sample=first,
                example=zh,
            )
        return code

    def options(self, *, english: bool = False) -> list[tuple[str, str]]:
        """``(code, name)`` pairs in table order, for a select element."""
        return [(code, names[1] if english else names[0]) for code, names in self._entries.items()]


def _key(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()
