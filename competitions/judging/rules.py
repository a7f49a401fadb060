"""What judging refuses: marks that the aspect does not allow, seats that would break a panel, sheets not yet complete.

Pure: facts are arguments. The checks of a mark are the engine's own arithmetic (``competitions.scoring``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from uuid import UUID

import msgspec

from competitions.scoring.bundle import Rules
from competitions.scoring.plan import AspectPlan, plan_of
from foundation.errors import Conflict, Refusal, Refusals
from foundation.exact.panels import wanted
from foundation.exact.quantities import SCALE, is_quantity, scaled
from foundation.i18n import gettext

MOST_MARKS = 2000
"""Marks in one request: more is a fault of the client, not a sheet."""
SAMPLE = 10
"""Below so many entries no leniency of a judge is shown (advisory figures need a sample)."""
SPREAD_PERCENT = 30
LEVELS_APART = 2
"""Alarms: a mark further than 30 % of the maximum from the panel's median, or a judgement 2 levels and more apart."""

STATUSES = ("competed", "absent", "withdrawn", "disqualified")
SEPARATED = frozenset({"code_keeper", "supervisor"})
"""C60: whoever keeps the blind codes or supervises holds no judging role in the same event."""
JUDGING_ROLES = frozenset({"judge", "chief_judge"})


def check_mark(aspect: AspectPlan, value: str | None) -> Refusal | None:
    """Whether a mark may stand (C23): a decimal as the format writes it, in range, on step; None is a blank."""
    if value is None:
        return None
    if not is_quantity(value):
        return Refusal("not_a_quantity", "“{value}”不是有效的分数，应为十进制数，如 13.5", rule="C23", value=value[:24])
    units = scaled(value)
    low, high = aspect.rules.lowest, aspect.rules.highest
    if not aspect.low <= units <= aspect.high:
        return Refusal("out_of_range", "{value} 超出范围，应在 {low} 到 {high} 之间", rule="C23", value=value, low=low, high=high)  # fmt: skip
    step = SCALE if aspect.kind == "judgement" and aspect.step is None else aspect.step  # the desk offers whole levels
    if step is not None and (units - aspect.low) % step:
        return Refusal(
            "off_step", "{value} 不合步长：应为 {low} 加 {step} 的整数倍，至多 {high}", rule="C23",
            value=value, low=low, high=high, step=aspect.rules.step or "1",
        )  # fmt: skip
    return None


def check_cells(aspects: Mapping[str, AspectPlan], cells: Sequence[tuple[str, str, str | None]]) -> None:
    """Check the marks of one request, given as (entry, aspect, value); raises all faults, each at ``marks-N-…``."""
    if not cells:
        raise Refusal("no_marks", "没有要保存的分数", field="marks")
    if len(cells) > MOST_MARKS:
        raise Refusal("too_many_marks", "一次最多保存 {most} 个分数", field="marks", most=MOST_MARKS)
    faults: list[Refusal] = []
    seen: set[tuple[str, str]] = set()
    for n, (entry, code, value) in enumerate(cells):
        if (entry, code) in seen:
            faults.append(Refusal("twice", "同一件作品的同一项在一次请求里出现了两次", field=f"marks-{n}-aspect"))
        seen.add((entry, code))
        aspect = aspects.get(code)
        if aspect is None:
            faults.append(
                Refusal("no_such_aspect", "本席不评“{aspect}”这一项", field=f"marks-{n}-aspect", aspect=code[:64])
            )
        elif fault := check_mark(aspect, value):
            faults.append(fault.at(f"marks-{n}-value"))
    if faults:
        raise Refusals(faults)


def aspects_of(rules: Rules, codes: Iterable[str]) -> dict[str, AspectPlan]:
    """The aspects that a panel marks, in the order of the rules; codes that the rules no longer have are left out."""
    wanted_codes = frozenset(codes)
    return {aspect.code: aspect for aspect in plan_of(rules).aspects if aspect.code in wanted_codes}


def require_judging(stage: str) -> None:
    """Marks, statuses and adjustments move only while the event is being judged."""
    if stage != "judging":
        raise Conflict("not_judging", "该项目不在评分阶段，不能改动评分", rule="C54")


def require_open(sheet_state: str) -> None:
    """A signed sheet is locked; what follows is a correction (C57)."""
    if sheet_state != "open":
        raise Conflict("sheet_signed", "评分表已签署锁定；再要改分须写明理由、保留旧值、两人签字", rule="C57")


def same_unit(judge: Collection[UUID], entry: Collection[UUID]) -> bool:
    """C61: whether a judge's unit or its group is the entry's; both sides as the enterprises from the unit upwards."""
    return not frozenset(judge).isdisjoint(entry)


class Need(msgspec.Struct, frozen=True, kw_only=True):
    """How many judges an aspect of a panel needs at least."""

    aspect: str
    heading: str
    minimum: int


def needs(rules: Rules, codes: Iterable[str]) -> list[Need]:
    """The least number of marks each aspect of a panel needs to make a value."""
    return [
        Need(aspect=code, heading=plan.heading, minimum=wanted(plan.panel))
        for code, plan in aspects_of(rules, codes).items()
    ]


def require_enough(seats: int, excused: Mapping[str, int], needed: Sequence[Need]) -> None:
    """C61: refuse where the judges left for an entry would fall below what an aspect of the panel needs.

    ``seats`` counts the judges of the panel, ``excused`` those of them who are excused from an entry (entry code → count).
    """
    if not needed:
        return
    need = max(needed, key=lambda one: one.minimum)
    short = sorted(entry for entry, count in excused.items() if count and seats - count < need.minimum)
    if short:
        worst = max(excused[entry] for entry in short)
        raise Refusal(
            "panel_too_small",
            "回避后人数不足：作品 {entries} 在席 {seats} 人 − 免评 {excused} 人 = {left} 人，少于 {aspect} 要求的 {minimum} 人；"
            "请先安排至少 {more} 名无关联的裁判",
            rule="C61", entries="、".join(short[:8]), seats=seats, excused=worst, left=seats - worst,
            aspect=f"{need.aspect} {need.heading}", minimum=need.minimum, more=need.minimum - (seats - worst),
        )  # fmt: skip


def require_separate(role: str, held: Collection[str]) -> None:
    """C60: nobody both judges and keeps codes or supervises in one event."""
    if role in JUDGING_ROLES and (clash := SEPARATED.intersection(held)):
        raise Refusal("roles_not_separate", "此人在本项目担任{other}，不得兼任裁判", rule="C60", field="account", other=gettext(ROLE_NAMES[min(clash)]))  # fmt: skip
    if role in SEPARATED and (clash := JUDGING_ROLES.intersection(held)):
        raise Refusal("roles_not_separate_reverse", "此人在本项目担任{other}，不得兼任加密裁判或监督仲裁", rule="C60", field="account", other=gettext(ROLE_NAMES[min(clash)]))  # fmt: skip


ROLE_NAMES = {"judge": "裁判员", "chief_judge": "裁判长", "code_keeper": "加密裁判", "supervisor": "监督仲裁"}


def require_complete(missing: Mapping[str, Sequence[str]]) -> None:
    """C24: a sheet is signed only when no mark is missing; ``missing`` is entry → aspects."""
    short = {entry: aspects for entry, aspects in missing.items() if aspects}
    if not short:
        return
    raise Refusals(
        Refusal("mark_missing", "作品 {entry} 缺 {count} 项：{aspects}", rule="C24", entry=entry, count=len(aspects), aspects="、".join(aspects))
        for entry, aspects in short.items()
    )  # fmt: skip


def check_strokes(strokes: object) -> str:
    """A handwritten signature: 1 to 60 strokes of whole-number points in 0..2000, at least 12 points in all; as JSON."""
    fault = Refusal("no_signature", "请先手写签名", field="signature", rule="C24")
    if not isinstance(strokes, list) or not 1 <= len(strokes) <= 60:
        raise fault
    points = 0
    for stroke in strokes:
        if not isinstance(stroke, list) or not 1 <= len(stroke) <= 1500:
            raise fault
        for point in stroke:
            good = isinstance(point, list) and len(point) == 2 and all(type(n) is int and 0 <= n <= 2000 for n in point)
            if not good:
                raise fault
        points += len(stroke)
    if not 12 <= points <= 6000:
        raise fault
    return msgspec.json.encode(strokes).decode()


def require_second(
    asked_by: UUID, decider: UUID, *, judge: UUID | None, chiefs: Collection[UUID], supervisors: Collection[UUID]
) -> None:
    """C57: the second signature is another person's: the judge under the chief's request, the chief under the judge's.

    Where the chief judge sits in that very seat, a supervisor signs second.
    """
    if decider == asked_by:
        raise Refusal("same_person", "更正须由另一人签字：不能批准自己提出的更正", rule="C57")
    others = {judge, *chiefs} - {asked_by, None}
    if decider in (others or set(supervisors)):
        return
    raise Refusal("not_the_second", "这项更正须由该席裁判与裁判长两人签字", rule="C57")
