"""What documents are ordered with and typed into, and how the one becomes the other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from foundation.errors import Refusal, Refusals
from foundation.forms import Line60, Line100, Line200, Line300
from publications.documents import rules, wording
from publications.documents.schemas import Annex, Block, Entry, Kind, Of, Paper
from registry.codes import regions

Body = Annotated[str, msgspec.Meta(max_length=60_000, extra={"lines": True})]
Lines = Annotated[str, msgspec.Meta(max_length=400, extra={"lines": True})]
Rows = Annotated[str, msgspec.Meta(max_length=200_000, extra={"lines": True})]


class Roll(msgspec.Struct, frozen=True, kw_only=True):
    """A roll as another wing froze it: what its lines receive, what they are, the lines in their order.

    A line is ``Entry(name=…, detail="单位和职务", region="341802")``. ``title`` of the annex: 〈award〉名单 where left out.
    """

    award: str
    kind: Of
    lines: tuple[Entry, ...]
    title: str = ""

    def annex(self) -> Annex:
        """The annex that holds it, its order kept."""
        return Annex(title=self.title or f"{self.award}名单", of=self.kind, honour=self.award, entries=self.lines)


class DecisionOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that another wing asks for: the rolls, and the paragraphs before and after the sentence that confers.

    ``organs``: host first (D7). ``rolls`` stay in their order; ``annexes`` follow them, and with ``arranged`` are put in H71's
    order. ``reason`` leads into the sentence within its paragraph (为表彰先进，…，) and ends in a comma.
    """

    organisation: UUID
    organs: tuple[str, ...]
    series: str
    title: str
    rolls: tuple[Roll, ...] = ()
    annexes: tuple[Annex, ...] = ()
    opening: tuple[str, ...] = ()
    reason: str = ""
    closing: tuple[str, ...] = ()
    addressees: str = ""
    signed_on: date
    copies: str = ""
    printed_by: str = ""
    arranged: bool = True
    public: bool = True
    source_kind: str = ""
    source: UUID | None = None

    def paper(self) -> Paper:
        """The document it asks for, its sentence generated from the rolls (H70)."""
        others = (arranged(annex) if self.arranged else annex for annex in self.annexes)
        annexes = (*(roll.annex() for roll in self.rolls), *others)
        conferred = self.reason + wording.decision(self.organs[0], annexes)
        texts = (*self.opening, conferred, *self.closing)
        return Paper(
            kind=Kind.DECISION, organs=self.organs, title=self.title, signed_on=self.signed_on, addressees=self.addressees,
            body=tuple(Block(text=text) for text in texts if text), annexes=annexes, copies=self.copies,
            printed_by=self.printed_by,
        )  # fmt: skip


class AnnexForm(msgspec.Struct, frozen=True, kw_only=True):
    title: Line200 = ""
    of: Of = Of.PEOPLE
    honour: Line100 = ""
    arranged: bool = False
    rows: Rows = ""


class DocumentForm(msgspec.Struct, frozen=True, kw_only=True):
    """A document as typed: organs one a line, the body as it stands on paper, each annex's roll one line each."""

    organisation: UUID
    kind: Kind
    series: Line60
    title: Lines
    organs: Lines
    mark: Line60 = ""
    addressees: Line300 = ""
    body: Body
    annexes: tuple[AnnexForm, ...] = ()
    signed_on: date
    copies: Line300 = ""
    printed_by: Line60 = ""
    sealed: bool = False
    public: bool = False
    generate: bool = False
    version: int = 0

    def paper(self) -> Paper:
        """The document. Raises all faults of what was typed together, each beside its field."""
        body, refused = wording.read_body(self.body)
        annexes: list[Annex] = []
        for place, typed in enumerate(self.annexes):
            if not typed.title and not typed.rows:
                continue
            if not typed.title:
                refused.append(Refusal("required", "必填", field=f"annexes-{place}-title"))
            entries, faults = rules.read_rows(typed.rows, typed.of, region_code)
            refused += [fault.at(f"annexes-{place}-rows") for fault in faults]
            annex = Annex(title=typed.title or "—", of=typed.of, honour=typed.honour, entries=entries)
            annexes.append(arranged(annex) if typed.arranged else annex)
        if (length := len(self.title)) > 200:
            refused.append(
                Refusal("too_long", "过长：最多 {max_length} 个字", field="title", max_length=200, length=length)
            )
        if refused:
            raise Refusals(refused)
        organs = tuple(lines(self.organs))
        if self.generate:
            body = wording.with_decision(body, organs[0], annexes)
        return Paper(
            kind=self.kind, organs=organs, title=self.title, signed_on=self.signed_on, mark=self.mark,
            addressees=self.addressees.rstrip("：:"), body=body, annexes=tuple(annexes), copies=self.copies,
            printed_by=self.printed_by, sealed=self.sealed,
        )  # fmt: skip


class WithdrawForm(msgspec.Struct, frozen=True, kw_only=True):
    reason: Line300


class IssueForm(msgspec.Struct, frozen=True, kw_only=True):
    version: int


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A document with all that its page needs."""

    id: UUID
    organisation: UUID
    organisation_name: str
    kind: Kind
    series: str
    number: str | None
    title: str
    paper: Paper
    signed_on: date
    public: bool
    stage: rules.Stage
    issued_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_reason: str
    source_kind: str
    source: UUID | None
    version: int


def lines(text: str) -> Iterator[str]:
    """The lines that are not empty."""
    return (line.strip() for line in text.splitlines() if line.strip())


def region_code(typed: str) -> str | None:
    """宣州区 or 341802 → 341802; 市直 → the city's own (empty); None for what is not in Xuancheng."""
    if typed in ("市直", regions.CITY, "宣城市"):
        return ""
    found = (one.code for one in regions.REGIONS.values() if typed in (one.code, one.zh) and one.parent == regions.CITY)
    return next(found, None)


def region_name(code: str) -> str:
    """341802 → 宣州区; empty for the city's own."""
    found = regions.REGIONS.get(code)
    return found.zh if found else ""


def arranged(annex: Annex) -> Annex:
    """The annex in H71's order, heading by heading."""
    if annex.of is Of.TEXT:
        return annex
    parts: list[list[Entry]] = [[]]
    result: list[Entry] = []
    for entry in annex.entries:
        if entry.heading:
            parts.append([])
            parts[-1].append(entry)
        else:
            parts[-1].append(entry)
    for part in parts:
        heads = [entry for entry in part if entry.heading]
        body = [entry for entry in part if not entry.heading]
        result += [*heads, *wording.ordered(body, people=annex.of is Of.PEOPLE)]
    return msgspec.structs.replace(annex, entries=tuple(result))


def form_values(shown: Shown) -> dict[str, Any]:
    """The values of the form of a draft."""
    paper = shown.paper
    values: dict[str, Any] = {
        "organisation": str(shown.organisation), "kind": shown.kind.value, "series": shown.series, "title": paper.title,
        "organs": "\n".join(paper.organs), "mark": paper.mark, "addressees": paper.addressees,
        "body": wording.typed_body(paper.body), "signed_on": paper.signed_on.isoformat(), "copies": paper.copies,
        "printed_by": paper.printed_by, "sealed": "true" if paper.sealed else "", "public": "true" if shown.public else "",
    }  # fmt: skip
    for place, annex in enumerate(paper.annexes):
        rows = "\n".join(row_of(entry) for entry in annex.entries)
        values |= {
            f"annexes-{place}-title": annex.title, f"annexes-{place}-of": annex.of.value,
            f"annexes-{place}-honour": annex.honour, f"annexes-{place}-rows": rows,
        }  # fmt: skip
    return values


def row_of(entry: Entry) -> str:
    """An entry as it is typed."""
    return " | ".join([entry.name, entry.detail, region_name(entry.region)]).rstrip(" |")
