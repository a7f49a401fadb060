"""How a document says things: dates, numbers of headings, the sentence of a decision, and whether it fits its annex (H70). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from foundation.errors import Refusal
from foundation.i18n import N_
from publications.documents.schemas import Annex, Block, Entry, Level, Of
from registry.strokes import is_known, stroke_sort_key

_DIGITS = "零一二三四五六七八九"
_NUMBERED = re.compile(r"(?P<first>[一二三四五六七八九十]{1,3}、)|(?P<second>（[一二三四五六七八九十]{1,3}）)|(?P<third>\d{1,2}[.．](?!\d))|(?P<fourth>（\d{1,2}）)")  # fmt: skip
_AWARD = re.compile(
    r"(?:授予|向)(?P<first>[^，；。：“”]{1,200}?)"
    r"(?:等(?P<count>\d+)(?P<measure>个单位|个集体|位同志|名同志|位|名|个)|(?P<one>同志)?)"
    r"(?:颁发)?“(?P<honour>[^”]{1,100})”"
)
_SENTENCE = re.compile(r"[^，。；：]*决定：授予.*?称号。")
MEASURE = {Of.UNITS: "个单位", Of.TEAMS: "个集体", Of.PEOPLE: "位同志"}
COUNTED = {Of.UNITS: "个", Of.TEAMS: "个", Of.PEOPLE: "名"}
DEEPEST = (Level.FIRST, Level.SECOND, Level.THIRD, Level.FOURTH)


def chinese(number: int) -> str:
    """1–99 as 一 … 九十九."""
    tens, ones = divmod(number, 10)
    if not 0 < number < 100:
        raise ValueError(number)
    return ("" if tens == 0 else "十" if tens == 1 else _DIGITS[tens] + "十") + (_DIGITS[ones] if ones else "")


def day_of(day: date) -> str:
    """2026年4月8日: Arabic, no zeros before (D2)."""
    return f"{day.year}年{day.month}月{day.day}日"


def number_of(code: str, year: int, count: int) -> str:
    """``宣工``, 2026 and 12 → ``宣工〔2026〕12号`` (D2: 六角括号, no 第, no zeros)."""
    return f"{code}〔{year}〕{count}号"


def heading_mark(level: Level, count: int) -> str:
    """The number before a heading."""
    marks = {Level.FIRST: f"{chinese(count)}、", Level.SECOND: f"（{chinese(count)}）", Level.THIRD: f"{count}．"}
    return marks.get(level) or (f"（{count}）" if level is Level.FOURTH else "")


def numbered(body: Iterable[Block]) -> list[tuple[Block, str]]:
    """Each block with its number; a level begins anew under every heading above it."""
    counts = dict.fromkeys(DEEPEST, 0)
    result = []
    for block in body:
        mark = ""
        if block.level in counts:
            counts[block.level] += 1
            for deeper in DEEPEST[DEEPEST.index(block.level) + 1 :]:
                counts[deeper] = 0
            mark = heading_mark(block.level, counts[block.level])
        result.append((block, mark))
    return result


def read_body(text: str) -> tuple[tuple[Block, ...], list[Refusal]]:
    """The body as typed, one paragraph a line, headings begun as on paper (一、 （一） 1. （1）).

    Returns the blocks and a refusal for each heading whose number is not the one that is due (D2).
    """
    blocks: list[Block] = []
    typed: list[tuple[int, str]] = []
    for place, line in enumerate(text.splitlines(), 1):
        if not (line := line.strip(" \t　")):
            continue
        found = _NUMBERED.match(line)
        rest = line[found.end() :].strip(" 　") if found else line
        level = Level(found.lastgroup) if found and found.lastgroup and rest else Level.PLAIN
        blocks.append(Block(text=(rest if level is not Level.PLAIN else line)[:6000], level=level))
        typed.append((place, found.group().replace(".", "．") if found and level is not Level.PLAIN else ""))
    refused = [
        Refusal(
            "heading_number", "第 {place} 行的序号是“{typed}”，按顺序应为“{due}”", field="body", rule="D2",
            place=place, typed=mark, due=due,
        )
        for (place, mark), (_, due) in zip(typed, numbered(blocks), strict=True)
        if mark != due
    ]  # fmt: skip
    return tuple(blocks), refused


def typed_body(body: Iterable[Block]) -> str:
    """The inverse of :func:`read_body`, for the form."""
    return "\n".join(mark + block.text for block, mark in numbered(body))


def ordered(entries: Sequence[Entry], *, people: bool) -> tuple[Entry, ...]:
    """H71: by county in the order of the codes, the city's own last, people by the strokes of their surnames within."""

    def rank(entry: Entry) -> tuple[bool, str, str]:
        return not entry.region, entry.region, stroke_sort_key(entry.name) if people else ""

    return tuple(sorted(entries, key=rank))


def unplaced(entries: Iterable[Entry]) -> list[str]:
    """Names whose surname is not in the list of strokes: they were put last, an officer has to look."""
    return [entry.name for entry in entries if not entry.heading and not is_known(entry.name)]


def clause(annex: Annex) -> str:
    """授予王示例等16位同志“宣城市五一劳动奖章”; one alone: 授予王示例同志“…”."""
    first, count = annex.roll[0].name, len(annex.roll)
    who = first + ("同志" if annex.of is Of.PEOPLE else "") if count == 1 else f"{first}等{count}{MEASURE[annex.of]}"
    return f"授予{who}“{annex.honour}”"


def decision(organ: str, annexes: Iterable[Annex]) -> str:
    """The sentence that confers (H70): every roll with its first name and its count."""
    rolls = [annex for annex in annexes if annex.honour and annex.roll]
    return f"{organ}决定：" + "，".join(clause(annex) for annex in rolls) + "称号。" if rolls else ""


def with_decision(body: Sequence[Block], organ: str, annexes: Sequence[Annex]) -> tuple[Block, ...]:
    """The body with the sentence that confers written anew from the rolls: in its place, or as a paragraph at the end."""
    sentence = decision(organ, annexes)
    if not sentence:
        return tuple(body)
    written = [Block(text=_SENTENCE.sub(lambda _: sentence, one.text), level=one.level) for one in body]
    if any(_SENTENCE.search(one.text) for one in body):
        return tuple(written)
    return (*body, Block(text=sentence))


def check_decision(body: Iterable[Block], annexes: Iterable[Annex]) -> list[Refusal]:
    """H70, A11: every clause of the text has its annex, every roll its clause; same count, same first name, same measure."""
    clauses: dict[str, list[re.Match[str]]] = {}
    for block in body:
        for found in _AWARD.finditer(block.text):
            clauses.setdefault(found["honour"], []).append(found)
    refused: list[Refusal] = []
    known: set[str] = set()
    for annex in annexes:
        if annex.of is Of.TEXT or not annex.honour:
            continue
        if annex.honour in known:
            refused.append(_refusal("decision_annex_twice", N_("有两个附件都是“{honour}”的名单"), annex.honour))
        known.add(annex.honour)
        said = clauses.get(annex.honour, [])
        if not said:
            refused.append(_refusal("decision_clause_absent", N_("正文没有写明授予“{honour}”：名单在附件里，正文缺这一句"), annex.honour))  # fmt: skip
        for found in said:
            refused += _compared(found, annex)
    for honour in clauses.keys() - known:
        refused.append(_refusal("decision_annex_absent", N_("正文授予“{honour}”，附件里没有这份名单"), honour))
    return refused


def _compared(found: re.Match[str], annex: Annex) -> list[Refusal]:
    refused = []
    said, count = int(found["count"] or 1), len(annex.roll)
    if said != count:
        refused.append(_refusal("decision_count", N_("正文写“{honour}”共 {said}，附件名单实有 {count}：请先改成一致"), annex.honour, said=said, count=count))  # fmt: skip
    first = annex.roll[0].name if annex.roll else ""
    if found["first"].removesuffix("同志") != first.removesuffix("同志"):
        refused.append(_refusal("decision_first", N_("正文“{honour}”写的首名是“{said}”，附件名单第一名是“{first}”"), annex.honour, said=found["first"], first=first))  # fmt: skip
    people = "同志" in found[0] or (found["measure"] or "") in ("位", "名")
    if (annex.of is Of.PEOPLE and not people) or (annex.of is not Of.PEOPLE and "同志" in (found["measure"] or "")):
        refused.append(_refusal("decision_measure", N_("正文“{honour}”的量词与附件名单不符"), annex.honour))
    return refused


def _refusal(code: str, message: str, honour: str, **facts: object) -> Refusal:
    return Refusal(code, message, field="body", rule="H70", honour=honour, **facts)
