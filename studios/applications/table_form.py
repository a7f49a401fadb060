"""A scoring table as a form: sections with items, an item's checks, bonus, the panel and the lines between grades (T5, T8, T10)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from foundation.errors import Refusal, Refusals
from foundation.exact.quantities import is_quantity
from foundation.i18n import N_
from foundation.trees import Shape, Tree, clean
from studios.applications.table_rules import check_table
from studios.schemas import Bonus, Check, Item, PanelRule, ScoringTable, Section

CHECK = Shape(texts=("code", "label", "kind", "deduct", "target", "zero", "says"), most=12, new={"kind": "yes_no"})
ITEM = Shape(
    texts=("code", "label", "points", "kind", "evidence", "rule"), lists={"checks": CHECK}, most=40,
    new={"kind": "judged", "rule": "T5"},
)  # fmt: skip
SECTION = Shape(texts=("code", "label"), lists={"items": ITEM}, most=12)
BONUS = Shape(texts=("code", "label", "each", "cap", "rule"), most=20, new={"rule": "T10"})
NUMBERS = ("step", "places", "minimum", "drop_low", "drop_high", "excellent", "qualified", "rectify")
TABLE = Shape(
    texts=("title", "source", "method", *NUMBERS, "reason", "version"), lists={"sections": SECTION, "bonus": BONUS}
)

KINDS = {"judged": N_("评委打分"), "deducted": N_("按检查点扣分")}
CHECK_KINDS = {"yes_no": N_("有或无"), "count": N_("每少一个"), "note": N_("只记录")}
METHODS = {"mean": N_("平均"), "trimmed_mean": N_("去高去低后平均"), "median": N_("中位数")}


def tree_of(table: ScoringTable) -> Tree:
    """The form's tree of a table as it stands."""
    panel = table.panel
    return clean(
        {
            "title": table.title, "source": table.source, "step": table.step, "places": str(table.places),
            "method": panel.method, "minimum": str(panel.minimum), "drop_low": str(panel.drop_low),
            "drop_high": str(panel.drop_high), "excellent": table.excellent, "qualified": table.qualified,
            "rectify": table.rectify,
            "sections": [
                {"code": s.code, "label": s.label, "items": [_item_tree(item) for item in s.items]} for s in table.sections
            ],
            "bonus": [{"code": b.code, "label": b.label, "each": b.each, "cap": b.cap, "rule": b.rule} for b in table.bonus],
        },
        TABLE,
    )  # fmt: skip


def _item_tree(item: Item) -> Tree:
    return {
        "code": item.code, "label": item.label, "points": item.points, "kind": item.kind, "evidence": item.evidence,
        "rule": item.rule,
        "checks": [
            {
                "code": check.code, "label": check.label, "kind": check.kind, "deduct": check.deduct,
                "target": str(check.target or ""), "zero": "true" if check.code == item.zero_if else "",
                "says": "" if check.says == said_of(check) else check.says,
            }
            for check in item.checks
        ],
    }  # fmt: skip


def said_of(check: Check) -> str:
    """What a check costs, in words; the tablet shows it unless the officer wrote something else."""
    if check.kind == "yes_no":
        return f"无则扣 {check.deduct} 分"
    if check.kind == "count":
        return f"满 {check.target}；每少 1 扣 {check.deduct} 分"
    return "不符的记入整改，不扣分"


def table_in(tree: Tree) -> ScoringTable:
    """The table that the form says. Raises ``Refusals`` with every fault at its field."""
    faults: list[Refusal] = list(_faults_of_form(tree))
    table = _read(tree)
    known = {fault.field for fault in faults}
    faults += [fault for fault in check_table(table) if fault.field not in known]
    if faults:
        raise Refusals(faults)
    return table


def _faults_of_form(tree: Tree) -> Iterator[Refusal]:
    """What is lost on the way into the table's types: whole numbers, choices, lengths, more than one 'whole item 0'."""
    for field in ("places", "minimum", "drop_low", "drop_high"):
        if not re.fullmatch(r"\d{1,2}", tree[field], re.ASCII):
            yield Refusal("not_whole", "应为整数", field=field)
    if tree["method"] not in METHODS:
        yield Refusal("no_such_choice", "没有这个选项", field="method")
    for path, text in _texts(tree):
        most = 300 if path.endswith(("source", "evidence", "says")) else 60 if "-" in path else 200
        if len(text) > most:
            yield Refusal("too_long", "过长：最多 {max_length} 个字", field=path, max_length=most)
    for s, section in enumerate(tree["sections"]):
        for n, item in enumerate(section["items"]):
            yield from _faults_of_item(item, f"sections-{s}-items-{n}")


def _faults_of_item(item: Tree, at: str) -> Iterator[Refusal]:
    if item["kind"] not in KINDS:
        yield Refusal("no_such_choice", "没有这个选项", field=f"{at}-kind")
    if sum(1 for check in item["checks"] if check["zero"]) > 1:
        yield Refusal("zero_if", "“缺则本项 0 分”只用于有或无的检查点，每项最多一个", rule="T10", field=f"{at}-label")
    for c, check in enumerate(item["checks"]):
        if check["kind"] not in CHECK_KINDS:
            yield Refusal("no_such_choice", "没有这个选项", field=f"{at}-checks-{c}-kind")
        if check["target"] and not re.fullmatch(r"\d{1,6}", check["target"], re.ASCII):
            yield Refusal("not_whole", "应为整数", field=f"{at}-checks-{c}-target")


def _texts(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    from foundation.trees import leaves

    for name, text in leaves(tree, path):
        if name.rsplit("-", 1)[-1] in ("title", "source", "label", "evidence", "says", "rule", "code"):
            yield name, text


def _read(tree: Tree) -> ScoringTable:
    codes = _Codes(row["code"] for s in tree["sections"] for row in s["items"])
    sections = _Codes(row["code"] for row in tree["sections"])
    bonuses = _Codes(row["code"] for row in tree["bonus"])
    trims = tree["method"] == "trimmed_mean"
    return ScoringTable(
        title=tree["title"], source=tree["source"], step=tree["step"], places=_whole(tree["places"]),
        excellent=tree["excellent"], qualified=tree["qualified"], rectify=tree["rectify"],
        panel=PanelRule(
            method=tree["method"] if tree["method"] in METHODS else "mean", minimum=_whole(tree["minimum"]),
            drop_low=_whole(tree["drop_low"]) if trims else 1, drop_high=_whole(tree["drop_high"]) if trims else 1,
        ),
        sections=tuple(
            Section(code=sections.take(s["code"]), label=s["label"], items=tuple(_item(row, codes) for row in s["items"]))
            for s in tree["sections"]
        ),
        bonus=tuple(
            Bonus(code=bonuses.take(b["code"]), label=b["label"], each=b["each"], cap=b["cap"], rule=b["rule"] or "T10")
            for b in tree["bonus"]
        ),
    )  # fmt: skip


def _item(row: Tree, codes: _Codes) -> Item:
    own = _Codes(check["code"] for check in row["checks"])
    checks = tuple(_check(check, own) for check in row["checks"])
    zero = next((made.code for made, check in zip(checks, row["checks"], strict=True) if check["zero"]), "")
    return Item(
        code=codes.take(row["code"]), label=row["label"], points=row["points"], evidence=row["evidence"],
        kind=row["kind"] if row["kind"] in KINDS else "judged", rule=row["rule"] or "T5", checks=checks, zero_if=zero,
    )  # fmt: skip


def _check(row: Tree, codes: _Codes) -> Check:
    kind = row["kind"] if row["kind"] in CHECK_KINDS else "note"
    made = Check(
        code=codes.take(row["code"]), label=row["label"], kind=kind, says=row["says"],
        deduct=row["deduct"] or ("0" if kind == "note" else ""), target=_whole(row["target"]) if kind == "count" else 0,
    )  # fmt: skip
    if row["says"] or not is_quantity(made.deduct):
        return made
    return Check(
        code=made.code, label=made.label, kind=kind, deduct=made.deduct, target=made.target, says=said_of(made)
    )


class _Codes:
    """Codes are the rows' own and stay with them; a new row takes the next number that nobody has."""

    def __init__(self, given: Iterator[str] | Any) -> None:
        self._taken = {code for code in given if code}
        self._next = 1

    def take(self, code: str) -> str:
        if code:
            return code
        while f"n{self._next}" in self._taken:
            self._next += 1
        self._taken.add(f"n{self._next}")
        return f"n{self._next}"


def _whole(text: str) -> int:
    return int(text) if re.fullmatch(r"\d{1,6}", text, re.ASCII) else 0
