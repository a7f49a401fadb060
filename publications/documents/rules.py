"""What a document must be before it may be issued (D2, D7, H70, P3). Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from enum import StrEnum

from foundation.errors import Refusal, Refusals
from foundation.i18n import N_
from foundation.moves import Moves
from publications.documents.composition import MEASURE, cells
from publications.documents.schemas import Annex, Entry, Kind, Of, Paper
from publications.documents.wording import check_decision

SERIES = re.compile(r"[一-鿿]{2,12}")
PRIVATE = re.compile(r"(?<![0-9])(?:[1-9][0-9]{16}[0-9Xx]|1[3-9][0-9]{9})(?![0-9])")
"""An identity number or a mobile number (P3)."""
_SEPARATED = re.compile(r"\s*[|｜\t]\s*")
_HEADING = re.compile(r"[一二三四五六七八九十]{1,3}、.+")


class Stage(StrEnum):
    """The life of a document. An issued one is never edited, a withdrawn one keeps its number for ever."""

    DRAFT = "draft"
    ISSUED = "issued"
    WITHDRAWN = "withdrawn"


MOVES: Moves[Stage] = {
    (Stage.DRAFT, "issue"): (Stage.ISSUED, "issue"),
    (Stage.ISSUED, "withdraw"): (Stage.WITHDRAWN, "withdraw"),
}


def require_series(code: str) -> None:
    """发文代字 is two to twelve Chinese characters: 宣工."""
    if not SERIES.fullmatch(code):
        raise Refusal("document_series_form", "发文代字为 2 至 12 个汉字，如“宣工”", field="series", rule="D2")


def require_date(signed_on: date, today: date) -> None:
    """成文日期 is the day of signature: never later than the issue, and of the year whose number is taken."""
    if signed_on > today:
        raise Refusal("document_date_future", "成文日期 {day} 晚于今天", field="signed_on", rule="D2", day=signed_on)
    if signed_on.year != today.year:
        raise Refusal(
            "document_date_year",
            "成文日期应在今年：发文字号按 {year} 年编",
            field="signed_on",
            rule="D2",
            year=today.year,
        )


def read_rows(text: str, of: Of, regions: Callable[[str], str | None]) -> tuple[tuple[Entry, ...], list[Refusal]]:
    """The lines of an annex as typed: ``姓名 | 单位和职务 | 县市区`` (parted by ``|`` or a tabulator), a heading as 一、….

    A text annex takes each line as a paragraph. Every line that cannot stand is refused with its number.
    """
    entries: list[Entry] = []
    refused: list[Refusal] = []
    for place, line in enumerate(text.splitlines(), 1):
        if not (line := line.strip(" 　\t")):
            continue
        if of is Of.TEXT or _HEADING.fullmatch(line):
            entries += _paragraph(line, place, refused, heading=of is not Of.TEXT)
            continue
        name, detail, region, *rest = [*_SEPARATED.split(line), "", "", ""][: max(4, len(_SEPARATED.split(line)))]
        code = regions(region) if region else ""
        if any(rest):
            refused.append(_at(place, "roll_columns", N_("名单第 {place} 行多于三栏：姓名 | 单位和职务 | 县市区")))
        elif not name or len(name) > 200 or len(detail) > 300:
            refused.append(_at(place, "roll_name", N_("名单第 {place} 行没有名称，或者太长")))
        elif code is None:
            refused.append(_at(place, "roll_region", N_("名单第 {place} 行的县市区“{region}”不在宣城"), region=region))
        else:
            entries.append(Entry(name=name, detail=detail, region=code))
    return tuple(entries), refused


def _paragraph(line: str, place: int, refused: list[Refusal], *, heading: bool) -> list[Entry]:
    if len(line) > 200:
        refused.append(_at(place, "roll_long", N_("附件第 {place} 行超过 200 字，请分段")))
        return []
    return [Entry(name=line, heading=heading)]


def _at(place: int, code: str, message: str, **facts: object) -> Refusal:
    return Refusal(code, message, field="rows", rule="H71", place=place, **facts)


def check_paper(paper: Paper) -> list[Refusal]:
    """Everything that forbids the issue: all at once."""
    refused: list[Refusal] = []
    if not paper.body:
        refused.append(Refusal("document_empty", "正文还没有内容", field="body", rule="D2"))
    if paper.kind in (Kind.NOTICE, Kind.LETTER) and not paper.addressees:
        refused.append(Refusal("document_addressees", "通知和函须写明主送机关", field="addressees", rule="D2"))
    if len(set(paper.organs)) != len(paper.organs):
        refused.append(Refusal("document_organs_twice", "发文机关重复", field="organs", rule="D7"))
    for organ in paper.organs:
        if cells(organ) > MEASURE:
            refused.append(
                Refusal("document_organ_long", "发文机关“{organ}”超过 28 字，一行排不下：请用规范化简称", field="organs", rule="D2", organ=organ)
            )  # fmt: skip
    for field, text in _written(paper):
        if PRIVATE.search(text):
            refused.append(Refusal("document_private", "含有身份证号或手机号：公文只写姓名、单位和职务", field=field, rule="P3"))  # fmt: skip
    for place, annex in enumerate(paper.annexes):
        refused += _check_annex(annex, place)
    if paper.kind is Kind.DECISION:
        refused += check_decision(paper.body, paper.annexes)
    return refused


def _check_annex(annex: Annex, place: int) -> list[Refusal]:
    field, refused = f"annexes-{place}-rows", []
    if not annex.roll:
        refused.append(Refusal("annex_empty", "附件“{title}”没有内容", field=field, rule="H71", title=annex.title))
    seen: set[tuple[str, str]] = set()
    for entry in annex.roll if annex.of is not Of.TEXT else ():
        if (entry.name, entry.detail) in seen:
            refused.append(Refusal("annex_twice", "附件“{title}”里“{name}”列了两次", field=field, rule="H71", title=annex.title, name=entry.name))  # fmt: skip
        seen.add((entry.name, entry.detail))
    return refused


def _written(paper: Paper) -> Iterable[tuple[str, str]]:
    yield "title", paper.title
    yield "addressees", paper.addressees
    for block in paper.body:
        yield "body", block.text
    for place, annex in enumerate(paper.annexes):
        for entry in annex.entries:
            yield f"annexes-{place}-rows", f"{entry.name} {entry.detail}"


def require(paper: Paper) -> None:
    """Raises all of :func:`check_paper` together."""
    if refused := check_paper(paper):
        raise Refusals(refused)


def require_same_rolls(paper: Paper, asked: Paper) -> None:
    """A draft whose prose officers polished still holds the very rolls that were decided: award, lines and order (H70)."""
    kept, wanted = (
        [(annex.honour, annex.of, annex.title, annex.entries) for annex in one.annexes if annex.honour]
        for one in (paper, asked)
    )
    if kept != wanted:
        raise Refusal(
            "decision_roll_changed", "草稿附件的名单已与审定的名单不同：请改回，或删去草稿重新起草", field="annexes-0-rows", rule="H70"
        )  # fmt: skip
