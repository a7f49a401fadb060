"""What is wrong with a scoring table, each fault at its field (T5, T8, T10). Pure."""

from __future__ import annotations

from collections.abc import Iterator

from foundation.errors import Refusal
from foundation.exact.quantities import exact, is_quantity
from studios.schemas import Bonus, Check, Item, ScoringTable
from studios.scoring import full_points, items_of


def check_table(table: ScoringTable) -> list[Refusal]:
    """Every fault; ``field`` names the place as the form does: ``sections-0-items-1-checks-0-deduct``."""
    return [*_frame(table), *_sections(table), *_bonuses(table), *_lines(table)]


def _positive(text: str) -> bool:
    return is_quantity(text) and exact(text) > 0


def _frame(table: ScoringTable) -> Iterator[Refusal]:
    for field in ("title", "source"):
        if not getattr(table, field).strip():
            yield Refusal("required", "必填", rule="T5", field=field)
    if not _positive(table.step):
        yield Refusal("table_step", "每档分值应为正数", rule="T5", field="step")
    if not 0 <= table.places <= 6:
        yield Refusal("table_places", "评审组结果的小数位应在 0–6 之间", rule="C22", field="places")
    panel = table.panel
    if not 1 <= panel.minimum <= 30:
        yield Refusal("panel_minimum", "评审组人数应在 1–30 之间", rule="T3", field="minimum")
    dropped = panel.lows + panel.highs
    if not (0 <= panel.drop_low <= 3 and 0 <= panel.drop_high <= 3):
        yield Refusal("panel_drops", "去掉的最高、最低份数应在 0–3 之间", rule="C21", field="drop_low")
    elif dropped and panel.minimum < max(dropped + 1, 4):
        yield Refusal(
            "panel_too_few_to_drop", "去高去低后至少留一份，且不少于 {least} 人时才能去", rule="C21", field="minimum",
            least=max(dropped + 1, 4),
        )  # fmt: skip


def _sections(table: ScoringTable) -> Iterator[Refusal]:
    codes = [item.code for item in items_of(table)]
    if len(set(codes)) < len(codes) or not codes:
        yield Refusal("item_codes", "评分表没有项目，或有重复的项目代码", rule="T5", field="sections")
    for s, section in enumerate(table.sections):
        if not section.label.strip():
            yield Refusal("required", "必填", rule="T5", field=f"sections-{s}-label")
        if not section.items:
            yield Refusal(
                "section_empty", "这一部分没有项目：加一项，或删去这一部分", rule="T5", field=f"sections-{s}-label"
            )
        for n, item in enumerate(section.items):
            yield from _item(table, item, f"sections-{s}-items-{n}")


def _item(table: ScoringTable, item: Item, at: str) -> Iterator[Refusal]:
    if not item.label.strip():
        yield Refusal("required", "必填", rule="T5", field=f"{at}-label")
    if not _positive(item.points):
        yield Refusal("item_points", "“{item}”的分值应为正数", rule="T5", field=f"{at}-points", item=item.label)
    elif _positive(table.step) and (exact(item.points) / exact(table.step)).denominator != 1:
        yield Refusal(
            "item_step", "“{item}”的分值不是 {step} 的整数倍", rule="T5", field=f"{at}-points", item=item.label, step=table.step,
        )  # fmt: skip
    counting = [check for check in item.checks if check.kind != "note"]
    if item.kind == "deducted" and not counting:
        yield Refusal("item_without_checks", "“{item}”按检查点扣分，至少要有一个扣分的检查点", rule="T10", field=f"{at}-kind", item=item.label)  # fmt: skip
    if item.kind == "judged" and counting:
        yield Refusal("item_judged_checks", "“{item}”由评委打分，检查点只能是“只记录”", rule="T10", field=f"{at}-kind", item=item.label)  # fmt: skip
    codes = [check.code for check in item.checks]
    if len(set(codes)) < len(codes):
        yield Refusal("check_codes", "“{item}”有重复的检查点代码", rule="T10", field=f"{at}-label", item=item.label)
    if item.zero_if and item.zero_if not in {check.code for check in item.checks if check.kind == "yes_no"}:
        yield Refusal("zero_if", "“缺则本项 0 分”只用于有或无的检查点，每项最多一个", rule="T10", field=f"{at}-label")
    for c, check in enumerate(item.checks):
        yield from _check(item, check, f"{at}-checks-{c}")


def _check(item: Item, check: Check, at: str) -> Iterator[Refusal]:
    if not check.label.strip():
        yield Refusal("required", "必填", rule="T10", field=f"{at}-label")
    if check.kind == "note":
        if not is_quantity(check.deduct) or exact(check.deduct) != 0:
            yield Refusal("note_deducts", "只记录的检查点不扣分", rule="T10", field=f"{at}-deduct")
        return
    if not _positive(check.deduct):
        yield Refusal("check_deduct", "“{check}”扣多少分应为正数", rule="T10", field=f"{at}-deduct", check=check.label)
    elif _positive(item.points) and exact(check.deduct) > exact(item.points):
        yield Refusal(
            "check_deducts_more", "“{check}”扣 {deduct} 分，多于本项的 {points} 分", rule="T10", field=f"{at}-deduct",
            check=check.label, deduct=check.deduct, points=item.points,
        )  # fmt: skip
    if check.kind == "count" and not 1 <= check.target <= 100_000:
        yield Refusal("check_target", "“{check}”应写明要达到的数目（1–100000）", rule="T10", field=f"{at}-target", check=check.label)  # fmt: skip


def _bonuses(table: ScoringTable) -> Iterator[Refusal]:
    codes = [bonus.code for bonus in table.bonus]
    if len(set(codes)) < len(codes):
        yield Refusal("bonus_codes", "有重复的加分项代码", rule="T10", field="bonus")
    for n, bonus in enumerate(table.bonus):
        yield from _bonus(bonus, f"bonus-{n}")


def _bonus(bonus: Bonus, at: str) -> Iterator[Refusal]:
    if not bonus.label.strip():
        yield Refusal("required", "必填", rule="T10", field=f"{at}-label")
    if not _positive(bonus.each):
        yield Refusal("bonus_each", "每件加多少分应为正数", rule="T10", field=f"{at}-each")
    elif not _positive(bonus.cap) or exact(bonus.cap) < exact(bonus.each):
        yield Refusal("bonus_cap", "加分上限应不低于每件的 {each} 分", rule="T10", field=f"{at}-cap", each=bonus.each)


def _lines(table: ScoringTable) -> Iterator[Refusal]:
    lines = [table.excellent, table.qualified, table.rectify]
    wrong = [name for name in ("excellent", "qualified", "rectify") if not is_quantity(getattr(table, name))]
    for name in wrong:
        yield Refusal("grade_lines", "等次分数线应为数字", rule="T8", field=name)
    if wrong or not all(is_quantity(item.points) for item in items_of(table)):
        return
    full = full_points(table)
    if not full >= exact(lines[0]) > exact(lines[1]) > exact(lines[2]) >= 0:
        yield Refusal(
            "grade_order", "等次分数线应依次降低，且不高于满分 {full}", rule="T8", field="excellent", full=str(full)
        )
