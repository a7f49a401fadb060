"""What an organisation must be: its place in the tree (I6), its two credit codes (I2, I3). Pure."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from foundation.errors import Conflict, Refusal, gather
from foundation.i18n import N_
from registry.codes import credit_code, regions
from registry.codes.industries import INDUSTRIES
from registry.codes.unit_types import UNIT_TYPES
from registry.organisations.schemas import OrganisationForm

KINDS: dict[str, str] = {
    "city": N_("市总工会"),
    "county": N_("县市区总工会"),
    "industry": N_("产业工会"),
    "town": N_("乡镇街道、开发区工会"),
    "grassroots": N_("基层工会"),
}

UNION_STATES: dict[str, str] = {
    "own": N_("已建工会"),
    "joint": N_("加入联合基层工会"),
    "none": N_("未组建工会"),
    "dissolved": N_("工会已撤销"),
}
"""Whether a unit has a union (I6, H50): a small one may share a joint one; the last two shut it out of nominations."""
WITH_UNION = frozenset({"own", "joint"})

ABOVE: dict[str, frozenset[str]] = {
    "city": frozenset(),
    "county": frozenset({"city"}),
    "industry": frozenset({"city", "county"}),
    "town": frozenset({"county"}),
    "grassroots": frozenset({"city", "county", "industry", "town"}),
}
"""I6: what each kind may stand under."""


def require_place(kind: str, above: str | None) -> None:
    """The parent's kind fits (I6); refuses with ``organisation_place``."""
    if above not in ABOVE[kind] and not (kind == "city" and above is None):
        raise Refusal(
            "organisation_place", "{kind}不能设在{above}之下", field="parent", rule="I6",
            kind=KINDS[kind], above=KINDS.get(above or "", above or "—"),
        )  # fmt: skip


def region_under(chosen: str, above: str) -> str:
    """The region of an organisation: the county's of its parent; under the city it is chosen.

    Refuses with ``region_unknown`` or ``region_differs``.
    """
    region = chosen or above
    if region not in (*regions.COUNTIES, regions.CITY, "341871"):
        raise Refusal("region_unknown", "请选择所在县市区", field="region", rule="I4")
    if above not in ("", regions.CITY) and region != above:
        raise Refusal(
            "region_differs", "所在地区应与上级工会一致（{above}）", field="region", rule="I6",
            above=regions.name_of(above),
        )  # fmt: skip
    return region


def union_code_of(text: str) -> str | None:
    """The union's own code, which begins with 81 (I3); None where none is given."""
    if not text:
        return None
    code = credit_code.parse(text, field="union_code")
    credit_code.require_union(code, field="union_code")
    return code.code


def unit_code_of(text: str) -> str | None:
    """The employer's code, which is not a union's (I3); None where none is given."""
    if not text:
        return None
    code = credit_code.parse(text, field="unit_code")
    credit_code.require_employer(code, field="unit_code")
    return code.code


def check(form: OrganisationForm) -> None:
    """Everything that a form alone can show, all at once."""

    def unit() -> None:
        if form.kind == "grassroots" and not form.unit_name:
            raise Refusal("unit_missing", "基层工会须填所在单位名称", field="unit_name", rule="I6")

    def codes_differ() -> None:
        if form.union_code and form.unit_code and form.union_code == form.unit_code:
            raise Refusal("codes_equal", "工会与所在单位的信用代码不能相同", field="unit_code", rule="I3")

    def union_stands() -> None:
        if form.kind != "grassroots" and form.union_state != "own":
            raise Refusal("union_state_above", "只有基层单位可以未建或撤销工会", field="union_state", rule="I6")
        if form.union_code and form.union_state in ("none", "joint"):
            raise Refusal(
                "union_code_without_union",
                "有工会信用代码的单位已建工会：请更正其中一项",
                field="union_state",
                rule="I3",
            )

    gather(
        lambda: union_code_of(form.union_code),
        lambda: unit_code_of(form.unit_code),
        lambda: form.unit_type and UNIT_TYPES.require(form.unit_type, field="unit_type"),
        lambda: form.industry and INDUSTRIES.require(form.industry, field="industry"),
        unit,
        codes_differ,
        union_stands,
    )


def require_movable(moved: UUID, to_ancestors: Sequence[UUID]) -> None:
    """An organisation cannot hang below itself; refuses with ``organisation_loop``."""
    if moved in to_ancestors:
        raise Refusal("organisation_loop", "不能移到自己或自己的下级之下", field="parent", rule="I6")


def require_closable(*, children: int, workers: int, accounts: int) -> None:
    """Nothing may be left hanging; names everything that still is, at once."""

    def empty(count: int, code: str, message: str) -> None:
        if count:
            raise Conflict(code, message, count=count)

    gather(
        lambda: empty(children, "organisation_has_children", "还有 {count} 个下级组织：请先移走、合并或关闭"),
        lambda: empty(workers, "organisation_has_workers", "还有 {count} 名在册职工：请先办理调动或离职"),
        lambda: empty(accounts, "organisation_has_accounts", "还有 {count} 个可登录的账号：请先停用"),
    )


def require_mergeable(keep: UUID, other: UUID, *, kind: str, other_kind: str, children: int) -> None:
    """Two rows of the same kind, the one that goes without organisations below it."""

    def different() -> None:
        if keep == other:
            raise Refusal("merge_same", "请选择另一个组织", field="other")

    def same_kind() -> None:
        if kind != other_kind:
            raise Refusal("merge_kinds", "只能合并同一类组织", field="other", rule="I6")

    def no_children() -> None:
        if children:
            raise Conflict("merge_children", "被合并的组织还有 {count} 个下级：请先移走", field="other", count=children)

    gather(different, same_kind, no_children)
