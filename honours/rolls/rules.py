"""When a roll may be published, in what order its names stand, and what may become of an honour afterwards. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from enum import StrEnum

import msgspec

from foundation.errors import Refusal, Refusals
from foundation.i18n import N_
from foundation.moves import Moves
from honours.permissions import Permission
from honours.rolls.schemas import Line
from registry.codes import regions
from registry.search_keys import fold
from registry.strokes import stroke_sort_key

SHOWN_NAMES = 5
"""How many names an obstacle lists before it says 等."""


def ordered(lines: Iterable[Line], order: str) -> tuple[Line, ...]:
    """The lines of every honour in H71's order, numbered from 1 in each: honours as in the catalogue; within one, counties by
    code, then systems, then the city's own; within a group by the strokes of the surname (people, ``strokes``), or as the
    review put them."""

    def rank(line: Line) -> tuple[int, str, str, str, int, str]:
        strokes = stroke_sort_key(line.name) if order == "strokes" and line.kind == "person" else ""
        return line.honour_place, str(line.honour), line.group, strokes, line.rank, str(line.nomination)

    counts: dict[str, int] = {}
    made = []
    for line in sorted(lines, key=rank):
        key = str(line.honour)
        counts[key] = counts.get(key, 0) + 1
        made.append(msgspec.structs.replace(line, place=counts[key]))
    return tuple(made)


def group_of(gate_kind: str, region: str, gate_sort: str) -> str:
    """The key by which a nominee's county or system stands in a list (H71)."""
    if gate_kind == "city":
        return "2"
    return f"1{gate_sort}" if gate_kind == "industry" else f"0{region}"


def group_name(gate_kind: str, region: str, name: str) -> str:
    """What a list calls that group: 宣州区, 宣城市教育工会, 市直."""
    return {"county": county_name(region), "city": "市直"}.get(gate_kind) or name


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """One honour of a decision: its lines in order."""

    honour: str
    title: str
    kind: str
    lines: tuple[Line, ...]


def grouped(lines: Sequence[Line]) -> tuple[Group, ...]:
    """The honours of ordered lines."""
    groups: dict[str, list[Line]] = {}
    for line in lines:
        groups.setdefault(str(line.honour), []).append(line)
    return tuple(
        Group(honour=key, title=held[0].honour_title, kind=held[0].kind, lines=tuple(held))
        for key, held in groups.items()
    )


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that publication looks at, read in one transaction."""

    issued: bool
    """The decision's document is issued and not withdrawn."""
    lines: tuple[Line, ...] = ()
    noticed: Mapping[str, str] = {}
    """Nominations of the cycle that are through its notice and wait for a decision: id → name."""
    annexes: tuple[tuple[str, int, str], ...] = ()
    """(honour's title, number of names, first name) of each roll in the issued document."""
    notices: tuple[Refusal, ...] = ()
    """What each notice says against going on (H32, H34)."""
    unnoticed: tuple[str, ...] = ()
    """Names that stand in no notice of the city."""
    upheld: tuple[str, ...] = ()
    composition: tuple[Refusal, ...] = ()
    no_consent: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    """Names beside whose words an identity or mobile number stands (P3)."""
    held: tuple[tuple[str, str], ...] = ()
    """(name, title) where the title is held already and nobody allowed it (H12)."""


def obstacles(facts: Facts) -> list[Refusal]:
    """Everything that forbids publication, all at once; empty: it may be published."""
    found: list[Refusal] = []
    if not facts.issued:
        found.append(Refusal("decision_not_issued", "表彰决定尚未印发：先起草并印发，取得发文字号", rule="H70"))
    found += _against_the_list(facts)
    if facts.issued:
        found += _against_the_annex(facts)
    if facts.unnoticed:
        found.append(_named("roll_unnoticed", N_("{n} 个对象没有经过市级公示：{names}"), "H30", facts.unnoticed))
    found += facts.notices
    if facts.upheld:
        found.append(_named("roll_objection_upheld", N_("{n} 个对象的异议已认定成立：{names}"), "H34", facts.upheld))
    found += facts.composition
    if facts.no_consent:
        found.append(_named("roll_consent_missing", N_("{n} 人没有公开同意书，或同意已撤回：{names}"), "P2", facts.no_consent))  # fmt: skip
    if facts.private:
        found.append(
            _named("roll_private", N_("{n} 个对象的公开文字含有身份证号或手机号：{names}"), "P3", facts.private)
        )
    found += [
        Refusal("honour_held", "“{name}”已获“{title}”，不重复授予；确需授予的须在推荐中写明理由", rule="H12", name=name, title=title)
        for name, title in facts.held
    ]  # fmt: skip
    return found


def _against_the_list(facts: Facts) -> list[Refusal]:
    found: list[Refusal] = []
    if not facts.lines:
        found.append(Refusal("roll_empty", "决定的名单是空的", rule="H70"))
    own = {str(line.nomination): line for line in facts.lines}
    moved = tuple(line.name for key, line in own.items() if key not in facts.noticed)
    if moved:
        found.append(_named("roll_moved", N_("名单中 {n} 个对象已不在“市级公示”：{names}"), "H36", moved))
    left_out = tuple(name for key, name in facts.noticed.items() if key not in own)
    if left_out:
        found.append(_named("roll_left_out", N_("公示过的 {n} 个对象不在决定的名单里：{names}"), "H70", left_out))
    return found


def _against_the_annex(facts: Facts) -> list[Refusal]:
    annexes = {title: (count, first) for title, count, first in facts.annexes}
    found: list[Refusal] = []
    for group in grouped(facts.lines):
        said, first = annexes.pop(group.title, (0, ""))
        if said != len(group.lines):
            found.append(
                Refusal(
                    "roll_count",
                    "“{title}”：决定附件 {said} 个，名单实有 {count} 个，须先改成一致",
                    rule="H70",
                    title=group.title,
                    said=said,
                    count=len(group.lines),
                )
            )
        elif first != group.lines[0].name:
            found.append(
                Refusal(
                    "roll_first",
                    "“{title}”：决定附件首名“{said}”，名单首名“{first}”",
                    rule="H70",
                    title=group.title,
                    said=first,
                    first=group.lines[0].name,
                )
            )
    found += [
        Refusal("roll_annex_extra", "决定附件有“{title}”，名单里没有", rule="H70", title=title) for title in annexes
    ]
    return found


def _named(code: str, message: str, rule: str, names: Sequence[str]) -> Refusal:
    shown = "、".join(names[:SHOWN_NAMES]) + ("……" if len(names) > SHOWN_NAMES else "")
    return Refusal(code, message, rule=rule, n=len(names), names=shown)


def require_publishable(facts: Facts) -> None:
    """Raises every obstacle together."""
    if found := obstacles(facts):
        raise Refusals(found)


def team_key(kind: str, name: str, unit_name: str) -> str | None:
    """What tells a unit's holdings apart (H12): "" the unit itself, a team's folded name; None for people."""
    if kind == "person":
        return None
    return "" if kind == "unit" else fold(name.removeprefix(unit_name) or name)[:200]


class Stage(StrEnum):
    """The life of a revocation (H76): the reverse of a nomination's path."""

    REPORTED = "reported"
    ENDORSED = "endorsed"
    """The county or industry union has given its opinion."""
    PROPOSED = "proposed"
    """An officer of the conferring city proposes; another one decides."""
    REFERRED = "referred"
    """Reported to the body above that conferred: it alone decides."""
    REVOKED = "revoked"
    KEPT = "kept"
    WITHDRAWN = "withdrawn"


STAGES: Mapping[str, str] = {
    Stage.REPORTED: N_("已上报，待县区意见"),
    Stage.ENDORSED: N_("待市总工会审理"),
    Stage.PROPOSED: N_("待第二人决定"),
    Stage.REFERRED: N_("已报授予机关"),
    Stage.REVOKED: N_("已撤销"),
    Stage.KEPT: N_("决定不予撤销"),
    Stage.WITHDRAWN: N_("报告已撤回"),
}
CHIPS: Mapping[str, str] = {
    Stage.REPORTED: "wait", Stage.ENDORSED: "info", Stage.PROPOSED: "warn", Stage.REFERRED: "wait", Stage.REVOKED: "bad",
    Stage.KEPT: "neutral", Stage.WITHDRAWN: "neutral",
}  # fmt: skip
REPORT, FIRST, LAST = Permission.REPORT_REVOCATION, Permission.REVIEW_FIRST, Permission.REVOKE
MOVES: Moves[Stage] = {
    (Stage.REPORTED, "endorse"): (Stage.ENDORSED, FIRST),
    (Stage.ENDORSED, "propose"): (Stage.PROPOSED, LAST),
    (Stage.ENDORSED, "refer"): (Stage.REFERRED, LAST),
    (Stage.PROPOSED, "decide"): (Stage.REVOKED, LAST),
    (Stage.PROPOSED, "keep"): (Stage.KEPT, LAST),
    (Stage.REFERRED, "decide"): (Stage.REVOKED, LAST),
    (Stage.REFERRED, "keep"): (Stage.KEPT, LAST),
    (Stage.REPORTED, "withdraw"): (Stage.WITHDRAWN, REPORT),
    (Stage.ENDORSED, "withdraw"): (Stage.WITHDRAWN, REPORT),
}


def require_power(action: str, *, conferred_here: bool, conferrer: str) -> None:
    """Only the conferring body decides (H76): city honours are proposed and decided here, the others referred to it."""
    if action == "propose" and not conferred_here:
        raise Refusal("revocation_not_ours", "“{conferrer}”授予的荣誉只能由其决定撤销：请上报", rule="H76", conferrer=conferrer)  # fmt: skip
    if action == "refer" and conferred_here:
        raise Refusal("revocation_ours", "这是本会授予的荣誉：由一人提出、另一人决定，不必上报", rule="H76")


def require_outcome(
    decided_on: date, today: date, conferred_on: date, *, conferred_here: bool, document: str, organ: str
) -> None:
    """A decision has its day, and one of the level above its document and body."""
    refused: list[Refusal] = []
    if decided_on > today:
        refused.append(Refusal("revocation_future", "决定日期不能晚于今天", field="decided_on", rule="H76"))
    if decided_on < conferred_on:
        refused.append(Refusal("revocation_before", "决定日期早于授予日期", field="decided_on", rule="H76"))
    if not conferred_here and not document.strip():
        refused.append(Refusal("required", "必填", field="document_number", rule="H76"))
    if not conferred_here and not organ.strip():
        refused.append(Refusal("required", "必填", field="decided_organ", rule="H76"))
    if refused:
        raise Refusals(refused)


def require_cause(cause: str, known: Iterable[str]) -> None:
    if cause not in known:
        raise Refusal("no_such_choice", "没有这个选项", field="cause", rule="H75")


def county_name(region: str) -> str:
    """341802 → 宣州区; the city's own: 市直."""
    found = regions.REGIONS.get(region)
    return "市直" if not found or region == regions.CITY else found.zh
