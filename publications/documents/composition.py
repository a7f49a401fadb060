"""Lines on the grid of GB/T 9704 (D1): 28 cells each, broken as Chinese type is broken (避头尾). Pure.

Widths are whole half cells: an ASCII character takes one, everything else two, so that two digits fill one cell. What may
not begin a line pulls its predecessor down with it (追出); the cells a line lost that way are told, and the setter spreads
them between its characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

MEASURE = 56
"""Half cells of a full line: 28 characters."""
STRETCH_MOST = 16
"""A line that lost more half cells than this is left ragged: spread wider, it would no longer read as a line."""
NOT_FIRST = frozenset("，。、；：？！）》〉」』】〕〗”’…—～·％‰℃,.;:?!)]}%")
NOT_LAST = frozenset("（《〈「『【〔〖“‘([{")
_UNIT = re.compile(r"[!-~]+ *|—+|…+| +|.", re.DOTALL)


class Line(Struct, frozen=True, kw_only=True):
    """One line: its text, the half cells left free before it, and those it lost to an early break."""

    text: str
    indent: int = 0
    lost: int = 0


def cells(text: str) -> int:
    """The width of a text in half cells."""
    return sum(1 if " " <= char <= "~" else 2 for char in text)


def units(text: str) -> list[str]:
    """What is never broken by itself: a number, a word with the spaces after it, a long dash; else single characters."""
    return _UNIT.findall(text)


def clusters(text: str) -> list[str]:
    """Units joined wherever a break is forbidden: after an opening mark, before a closing one."""
    joined: list[str] = []
    for unit in units(text):
        if joined and (unit[0] in NOT_FIRST or joined[-1][-1] in NOT_LAST):
            joined[-1] += unit
        else:
            joined.append(unit)
    return joined


def compose(text: str, *, measure: int = MEASURE, first: int = 0, hanging: int = 0) -> tuple[Line, ...]:
    """Break a paragraph into lines of ``measure`` half cells; ``first`` and ``hanging`` indent its first and other lines.

    Every character comes out once and in order. A cluster that is wider than a line is broken inside all the same.
    """
    lines: list[Line] = []
    held, width = "", 0
    for cluster in _fitting(text, measure - max(first, hanging)):
        room = measure - (hanging if lines else first)
        if held and width + cells(cluster) > room:
            lines.append(_line(held, hanging if lines else first, room - width))
            held, width = "", 0
        held, width = held + cluster, width + cells(cluster)
    if held or not lines:
        lines.append(Line(text=held, indent=hanging if lines else first))
    return tuple(lines)


def _line(text: str, indent: int, lost: int) -> Line:
    return Line(text=text, indent=indent, lost=lost if lost <= STRETCH_MOST else 0)


def _fitting(text: str, room: int) -> Iterator[str]:
    """Clusters, those wider than the line cut into pieces that fit."""
    for cluster in clusters(text):
        if cells(cluster) <= room:
            yield cluster
            continue
        piece = ""
        for char in cluster:
            if piece and cells(piece + char) > room:
                yield piece
                piece = ""
            piece += char
        yield piece


_WORDS = frozenset(
    [
        "赛项",
        "竞赛",
        "大赛",
        "比赛",
        "技能",
        "技术",
        "职工",
        "职业",
        "工人",
        "工会",
        "工作",
        "工匠",
        "劳动",
        "劳模",
        "模范",
        "先锋",
        "先进",
        "金牌",
        "奖章",
        "奖状",
        "创新",
        "推荐",
        "拟推",
        "人选",
        "对象",
        "候选",
        "名单",
        "公示",
        "决定",
        "表彰",
        "授予",
        "称号",
        "通知",
        "单位",
        "集体",
        "个人",
        "选手",
        "优胜",
        "命名",
        "评选",
        "审定",
        "承办",
        "举办",
        "开展",
        "项目",
        "活动",
        "会议",
        "安排",
        "产业",
        "行业",
        "企业",
        "有关",
        "同志",
    ]
)
"""Words of two characters that titles are made of: a line does not end between the two."""
_WEAK_AFTER = frozenset("和与及暨、的年省市县区会")
"""After these a title may break with ease."""


def balanced(title: str, most: int) -> tuple[str, ...]:
    """A title in centred lines of at most ``most`` half cells, kept in shape (梯形、菱形): broken after 和, the organ's
    name or before 关于 where it can be, and with no short last line. A line feed in it breaks where its author wants."""
    if "\n" in title:
        return tuple(part for line in title.split("\n") if line.strip() for part in balanced(line.strip(), most))
    if cells(title) <= most:
        return (title,)
    parts = [part for cluster in clusters(title) for part in _fitting(cluster, most)]
    best: dict[int, tuple[float, tuple[str, ...]]] = {0: (0.0, ())}
    fewest = -(-cells(title) // most)
    ideal = cells(title) / fewest
    for end in range(1, len(parts) + 1):
        choices = []
        for start in range(end):
            line = "".join(parts[start:end])
            if start in best and cells(line) <= most:
                cost, lines = best[start]
                ends = end == len(parts)
                choices.append((cost + _cost(line, "".join(parts[end:]), ideal, last=ends), (*lines, line)))
        if choices:
            best[end] = min(choices)
    return best[len(parts)][1]


def _cost(line: str, rest: str, ideal: float, *, last: bool) -> float:
    shape = ((cells(line) - ideal) / 2) ** 2 / 6 + 9  # every further line costs something
    if line[-1] + rest[:1] in _WORDS:
        shape += 24
    if last:
        return shape + (12 if cells(line) < 8 else 0)
    if rest.startswith("关于"):
        return shape - 40
    if line[-1] in "和与及暨、":
        return shape - 6
    return shape + (4 if line[-1] in _WEAK_AFTER else 8)
