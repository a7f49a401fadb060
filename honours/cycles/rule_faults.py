"""What is wrong with a cycle's rules: every fault at once beside its field; and what is only odd, as warnings. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import msgspec

from foundation.errors import Refusal, Refusals
from foundation.forms import CONTROL
from honours.cycles import words
from honours.cycles.rule_form import Tree, leaves
from honours.cycles.schemas import (
    CANDIDATE_CLASSES,
    DEPARTMENTS,
    FLAGS,
    UNIT_CLASSES,
    AwardRules,
    Condition,
    Constraint,
    CycleRules,
    Predicate,
    Surplus,
)
from registry.codes.job_categories import JOB_CATEGORIES
from registry.codes.regions import REGIONS

_PERCENT = re.compile(r"(0|[1-9]\d{0,2})(\.\d{1,4})?", re.ASCII)
_SHARE = re.compile(r"(\d{1,4})/(\d{1,4})", re.ASCII)
_RULE = re.compile(r"[A-Z]\d{1,3}", re.ASCII)
LONGEST = {"title": 200, "source": 300, "reason": 300, "subset": 200, "base": 200}
KNOWN: dict[str, Collection[str]] = {
    "category": JOB_CATEGORIES, "flag": FLAGS, "unit_class": UNIT_CLASSES, "kind": words.KINDS, "county": REGIONS,
}  # fmt: skip
WHOLE = {
    "places": (0, 99_999), "separate_places": (0, 99_999), "basis_levels_below": (0, 3), "basis_years": (0, 60),
    "window_years": (0, 20), "substitutes_per_unit": (0, 20), "years": (0, 60), "valid_days": (1, 3660), "copies": (1, 99),
    "summary_max": (50, 5000), "deeds_about": (100, 20_000), "deeds_tolerance": (0, 100), "unit_notice_days": (1, 60),
    "county_notice_days": (1, 60), "city_notice_days": (1, 60), "return_days": (1, 60), "complaint_verify_days": (1, 60),
}  # fmt: skip
"""Whole numbers of the form and their range."""


def decode(tree: Tree) -> CycleRules:
    """The rules that the form says; raises ``Refusals`` with everything that is wrong, each beside its field."""
    reading = _Reading(tree)
    rules = reading.rules()
    places = {one.field for one in reading.found}
    found = reading.found + [one for one in (faults(rules) if rules else []) if one.field not in places]
    if found or rules is None:
        raise Refusals(found)
    return rules


class _Reading:
    """Reads a tree into the JSON of ``CycleRules``, noting faults as it goes."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.found: list[Refusal] = []

    def rules(self) -> CycleRules | None:
        self._texts()
        tree = self.tree
        said: dict[str, Any] = {
            "title": tree["title"], "source": tree["source"],
            "awards": [self._award(n, row) for n, row in enumerate(tree["awards"])],
            "vetoes": [self._row(f"vetoes-{n}", row) for n, row in enumerate(tree["vetoes"])],
            "clearances": [self._row(f"clearances-{n}", row) for n, row in enumerate(tree["clearances"])],
            "materials": [
                {**self._row(f"materials-{n}", row), "upload": row["upload"] == "true"} for n, row in enumerate(tree["materials"])
            ],
            "vote": self._vote(), "text": self._row("text", tree["text"]), "gates": self._gates(),
        }  # fmt: skip
        try:  # also where something is wrong already: everything shall be said at once
            return msgspec.convert(said, CycleRules)
        except msgspec.ValidationError as why:
            self.found.append(Refusal("wrong_form", "格式不对", field=_field(str(why))))
            return None

    def _texts(self) -> None:
        for name, value in leaves(self.tree):
            if not isinstance(value, str):
                continue
            most = LONGEST.get(name.rpartition("-")[2], 100)
            if CONTROL.search(value) or "\n" in value:
                self.found.append(Refusal("control_characters", "含有不可见的控制字符，请删去后重填", field=name))
            elif len(value) > most:
                self.found.append(Refusal("too_long", "过长：最多 {max_length} 个字", field=name, max_length=most))
        for name in ("title", "source"):
            if not self.tree[name]:
                self.found.append(Refusal("required", "必填", field=name))

    def _award(self, n: int, row: Tree) -> dict[str, Any]:
        path = f"awards-{n}"
        head = self._row(path, {k: row[k] for k in ("honour", "places", "separate_places")})
        rule = self._row(f"{path}-eligibility", row["eligibility"])
        for name in ("foreigners", "leader_needs_worker", "warn_retired"):
            rule[name] = row["eligibility"][name] == "true"
        if row["surplus"]:
            head["surplus"] = self._surplus(f"{path}-surplus", row)
        lines = [self._line(f"{path}-composition-{m}", line) for m, line in enumerate(row["composition"])]
        return {**head, "eligibility": rule, "composition": lines}

    def _surplus(self, path: str, row: Tree) -> dict[str, Any]:
        for name, known in (("unit", ("percent", "count")), ("rounding", ("up", "down"))):
            if row[f"surplus_{name}"] not in known:
                self.found.append(Refusal("no_such_choice", "没有这个选项", field=f"{path}_{name}"))
        if row["surplus_unit"] == "count":
            return {"count": self._whole(path, row["surplus"], 0, 999)}
        rounding = "down" if row["surplus_rounding"] == "down" else "up"
        return {"percent": row["surplus"], "rounding": rounding}

    def _line(self, path: str, row: Tree) -> dict[str, Any]:
        taken = [one["code"] for award in self.tree["awards"] for one in award["composition"]]
        made: dict[str, Any] = {"label": row["label"], "op": row["op"], "rule": row["rule"]}
        if row["op"] not in ("min", "max"):
            self.found.append(Refusal("no_such_choice", "没有这个选项", field=f"{path}-op"))
            made["op"] = "min"
        made["code"] = row["code"] or next(f"line{n}" for n in range(1, 999) if f"line{n}" not in taken)
        row["code"] = made["code"]
        if not row["label"]:
            self.found.append(Refusal("required", "必填", field=f"{path}-label"))
        for name in ("subset", "base"):
            try:
                made[name] = words.read(row[name], field=f"{path}-{name}")
            except Refusal as why:
                self.found.append(why)
                made[name] = Predicate()
        if row["unit"] == "count":
            made["count"] = self._whole(f"{path}-amount", row["amount"], 0, 99_999)
        else:
            made["percent"] = row["amount"]
        return {k: msgspec.to_builtins(v) for k, v in made.items()}

    def _row(self, path: str, row: Tree) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, value in row.items():
            if name in WHOLE:
                made[name] = self._whole(f"{path}-{name}", value, *WHOLE[name])
            elif value == "" and name in ("label", "kind", "candidate", "honour"):
                self.found.append(Refusal("required", "必填", field=f"{path}-{name}"))
            elif name == "code" and value == "":
                made[name] = row["code"] = f"v{path.rpartition('-')[2]}"
            else:
                made[name] = value
        return made

    def _vote(self) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for name, text in self.tree["vote"].items():
            found = _SHARE.fullmatch(text)
            if name == "leader_agree" and not text:
                continue
            if found is None or not 0 < int(found[1]) <= int(found[2]):
                self.found.append(
                    Refusal("not_a_fraction", "应为分数，如 2/3，且不大于 1", field=f"vote-{name}", rule="H31")
                )
            else:
                made[name] = [int(found[1]), int(found[2])]
        return made

    def _gates(self) -> dict[str, Any]:
        gates = self.tree["gates"]
        made = self._row("gates", {k: v for k, v in gates.items() if k.endswith("_days")})
        modes = {gate: gates[f"compose_{gate}"] for gate in words.GATES}
        self.found += [
            Refusal("no_such_choice", "没有这个选项", field=f"gates-compose_{gate}")
            for gate, mode in modes.items() if mode not in ("warn", "block")
        ]  # fmt: skip
        known = {gate: mode if mode in ("warn", "block") else "warn" for gate, mode in modes.items()}
        return {**made, "county_notice": gates["county_notice"] == "true", "compose_at": known}

    def _whole(self, field: str, text: str, least: int, most: int) -> int:
        if not re.fullmatch(r"\d{1,6}", text, re.ASCII) or not least <= int(text) <= most:
            self.found.append(
                Refusal("not_whole", "应为 {least} 到 {most} 的整数", field=field, least=least, most=most)
            )
            return least
        return int(text)


def _field(why: str) -> str:
    """The form's field for msgspec's ``$.awards[0].composition[1].op``."""
    path = why.partition("`$.")[2].rstrip("`")
    return re.sub(r"[\[\].]+", "-", path).strip("-")


def faults(rules: CycleRules) -> list[Refusal]:
    """Everything that is wrong with a rule set, whoever wrote it, beside the form's fields."""
    found: list[Refusal] = []
    for n, award in enumerate(rules.awards):
        found += _award_faults(f"awards-{n}", award)
    for name, key, known in (
        ("vetoes", "code", None),
        ("clearances", "candidate", CANDIDATE_CLASSES),
        ("materials", "kind", None),
    ):
        found += _twice(name, [getattr(row, key) for row in getattr(rules, name)], key)
        found += [
            Refusal("no_such_choice", "没有这个选项", field=f"{name}-{n}-{key}")
            for n, row in enumerate(getattr(rules, name)) if known is not None and getattr(row, key) not in known
        ]  # fmt: skip
    found += _twice("awards", [award.honour for award in rules.awards], "honour")
    for n, clearance in enumerate(rules.clearances):
        if not clearance.departments or not set(clearance.departments) <= set(DEPARTMENTS):
            found.append(
                Refusal(
                    "departments_missing",
                    "请至少选一个部门",
                    field=f"clearances-{n}-departments",
                    rule=clearance.rule or "H40",
                )
            )
    for n, paper in enumerate(rules.materials):
        if paper.when_flag and paper.when_flag not in FLAGS:
            found.append(
                Refusal("unknown_flag", "没有“{flag}”这种身份", field=f"materials-{n}-when_flag", flag=paper.when_flag)
            )
    if rules.gates.unit_notice_days < 5:
        found.append(
            Refusal("notice_too_short", "单位公示不少于 5 个工作日", field="gates-unit_notice_days", rule="H32")
        )
    if rules.gates.city_notice_days < 5:
        found.append(
            Refusal("notice_too_short", "市级公示不少于 5 个工作日", field="gates-city_notice_days", rule="H32")
        )
    return found


def _award_faults(path: str, award: AwardRules) -> Iterator[Refusal]:
    for flag in award.eligibility.excluded_flags:
        if flag not in FLAGS:
            yield Refusal(
                "unknown_flag",
                "没有“{flag}”这种身份",
                field=f"{path}-eligibility-excluded_flags",
                rule="H13",
                flag=flag,
            )
    for category in award.eligibility.excluded_categories:
        if category not in JOB_CATEGORIES:
            yield Refusal("unknown_word", "没有“{word}”这一类人选，请从词表中选", field=f"{path}-eligibility-excluded_categories", rule="H17", word=category)  # fmt: skip
    if award.surplus is not None:
        yield from _surplus_faults(f"{path}-surplus", award.surplus)
    yield from _twice(f"{path}-composition", [line.code for line in award.composition], "label")
    for n, line in enumerate(award.composition):
        yield from _line_faults(f"{path}-composition-{n}", line)


def _surplus_faults(field: str, surplus: Surplus) -> Iterator[Refusal]:
    if (surplus.percent is None) == (surplus.count is None):
        yield Refusal("percent_or_count", "比例和人数只能填一项", field=field, rule="H29")
    elif surplus.percent is not None and (not _PERCENT.fullmatch(surplus.percent) or Decimal(surplus.percent) > 100):
        yield Refusal("percent_range", "比例应为 0 到 100 的数字，最多 4 位小数", field=field, rule="H29")
    elif surplus.count is not None and surplus.count < 0:
        yield Refusal("count_negative", "人数不能为负数", field=field, rule="H29")


def _line_faults(path: str, line: Constraint) -> Iterator[Refusal]:
    if (line.percent is None) == (line.count is None):
        yield Refusal("percent_or_count", "比例和人数只能填一项", field=f"{path}-amount", rule="H28")
    elif line.percent is not None and (not _PERCENT.fullmatch(line.percent) or Decimal(line.percent) > 100):
        yield Refusal("percent_range", "比例应为 0 到 100 的数字，最多 4 位小数", field=f"{path}-amount", rule="H28")
    elif line.count is not None and line.count < 0:
        yield Refusal("count_negative", "人数不能为负数", field=f"{path}-amount", rule="H28")
    if line.rule and not _RULE.fullmatch(line.rule):
        yield Refusal("rule_number", "规则编号形如 H20", field=f"{path}-rule")
    if not line.subset.all:
        yield Refusal("subset_missing", "请写明限制的是哪一类人选", field=f"{path}-subset", rule="H28")
    for name, predicate in (("subset", line.subset), ("base", line.base)):
        for condition in predicate.all:
            yield from _condition_faults(f"{path}-{name}", condition)


def _condition_faults(field: str, condition: Condition) -> Iterator[Refusal]:
    known = KNOWN.get(condition.field)
    for value in condition.values:
        if known is None or value not in known:
            flag = condition.field == "flag"
            yield Refusal("unknown_flag", "没有“{flag}”这种身份", field=field, rule="H17", flag=value) if flag else Refusal("unknown_word", "没有“{word}”这一类人选，请从词表中选", field=field, rule="H17", word=value)  # fmt: skip
    if not condition.values:
        yield Refusal("subset_missing", "请写明限制的是哪一类人选", field=field, rule="H28")


def _twice(name: str, codes: list[str], field: str) -> list[Refusal]:
    return [
        Refusal("twice", "与前面一行重复", field=f"{name}-{n}-{field}")
        for n, code in enumerate(codes) if code in codes[:n]
    ]  # fmt: skip


def warnings(rules: CycleRules) -> list[Refusal]:
    """What is odd and may stand: floors over one primary category that make more than 100 %, floors above ceilings (H28)."""
    found: list[Refusal] = []
    for n, award in enumerate(rules.awards):
        path = f"awards-{n}-composition"
        floors = [(m, line) for m, line in enumerate(award.composition) if line.op == "min" and line.percent]
        apart = [(m, line) for m, line in floors if _one_category(line.subset) and not line.base.all]
        best = _disjoint(line for _m, line in apart)
        if best > 100:
            found.append(
                Refusal(
                    "floors_over_100", "各类人选的下限合计 {total}%，超过 100%，无法同时满足", field=f"{path}-{apart[-1][0]}-amount",
                    rule="H28", total=str(best) if best.denominator == 1 else f"{Decimal(best.numerator) / best.denominator:f}",
                )
            )  # fmt: skip
        found += [
            Refusal("floor_above_ceiling", "“{label}”的下限高于上限，无法同时满足", field=f"{path}-{m}-amount", rule="H28", label=line.label)
            for m, line in floors
            for other in award.composition
            if other.op == "max" and other.percent and (other.subset, other.base) == (line.subset, line.base)
            and Fraction(other.percent) < Fraction(line.percent or "0")
        ]  # fmt: skip
    return found


def _one_category(predicate: Predicate) -> bool:
    return len(predicate.all) == 1 and predicate.all[0].field == "category"


def _disjoint(lines: Iterator[Constraint]) -> Fraction:
    """The largest sum of floors over categories that share no member: each wants persons of its own."""
    held: list[tuple[frozenset[str], Fraction]] = [(frozenset(), Fraction(0))]
    for line in lines:
        mine = frozenset(line.subset.all[0].values)
        held += [(taken | mine, total + Fraction(line.percent or "0")) for taken, total in held if not taken & mine]
        held = held[:4096]
    return max(total for _taken, total in held)
