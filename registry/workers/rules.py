"""What a worker must be: identity number (I1), codes (I5, I7), category and flags (H17). Pure; also used row by row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache

from foundation.errors import Conflict, Refusal, Refusals, gather
from registry.codes import id_card, phone
from registry.codes.education import EDUCATION_LEVELS
from registry.codes.ethnic_groups import ETHNIC_GROUPS
from registry.codes.job_categories import JOB_CATEGORIES
from registry.codes.nationalities import CHINA, NATIONALITIES
from registry.codes.occupations import OCCUPATIONS
from registry.codes.political_status import POLITICAL_STATUSES
from registry.codes.sex import SEXES
from registry.codes.skill_levels import SKILL_LEVELS
from registry.codes.table import CodeTable
from registry.codes.unit_types import NON_PUBLIC
from registry.workers.schemas import Checked, WorkerForm

OPEN_OWNERS = frozenset({"150", "160"})
"""Unit types whose owner decides whether they are non-public: there the declared flag counts."""

_TABLES = {
    table.name: table
    for table in (
        SEXES, ETHNIC_GROUPS, POLITICAL_STATUSES, EDUCATION_LEVELS, JOB_CATEGORIES, SKILL_LEVELS, OCCUPATIONS,
        NATIONALITIES,
    )
}  # fmt: skip

YOUNGEST = 16
"""C10 and labour law: nobody younger is employed."""

UNDO_LEAVING = timedelta(days=30)


def non_public(unit_type: str, declared: bool) -> bool:
    """非公 follows from the employer (H17); for 150 and 160, and where no type is known, what was declared counts."""
    if unit_type in NON_PUBLIC:
        return True
    return declared if unit_type in OPEN_OWNERS or not unit_type else False


@lru_cache(maxsize=8192)
def _find(table: str, text: str) -> str | None:
    """A roster writes the same few words a hundred thousand times."""
    return _TABLES[table].find(text)


def check(form: WorkerForm, *, today: date, unit_type: str = "", known: id_card.IdCard | None = None) -> Checked:
    """The form with codes for words and numbers normalised; raises every refusal at once, each beside its field.

    ``known`` is the card on record when somebody is edited without retyping the number.
    """
    refused: list[Refusal] = []

    def get(what: Callable[[], str]) -> str:
        try:
            return what()
        except Refusal as refusal:
            refused.append(refusal)
        except Refusals as several:
            refused.extend(several.refusals)
        return ""

    def code(table: CodeTable, field: str, *, required: bool = False) -> str:
        text = getattr(form, field)
        if not text:
            if required:
                raise Refusal("required", "必填", field=field, rule=table.rule)
            return ""
        return _find(table.name, text) or table.require(text, field=field)

    card = _card(form, today, known, refused)
    sex = get(lambda: code(SEXES, "sex"))
    nationality = get(lambda: code(NATIONALITIES, "nationality"))
    if card is not None:
        get(lambda: _agree(card, sex, form.born_on, nationality))
        sex = card.sex
    mobile = get(lambda: phone.parse(form.phone, field="phone")) if form.phone else ""
    values = {
        "ethnic_group": get(lambda: code(ETHNIC_GROUPS, "ethnic_group", required=True)),
        "political_status": get(lambda: code(POLITICAL_STATUSES, "political_status", required=True)),
        "education": get(lambda: code(EDUCATION_LEVELS, "education")),
        "job_category": get(lambda: code(JOB_CATEGORIES, "job_category", required=True)),
        "skill_level": get(lambda: code(SKILL_LEVELS, "skill_level")),
        "occupation": get(lambda: code(OCCUPATIONS, "occupation")),
    }
    born = card.birth if card else today
    get(lambda: _dates(form, card.birth if card else None, today))
    if refused:
        raise Refusals(refused)
    return Checked(
        name=form.name, id_number=card.number if card else "", phone=mobile, sex=sex or "0", born_on=born,
        nationality=card.nationality if card else CHINA,
        evidence=form.evidence, is_migrant=form.is_migrant, is_new_form=form.is_new_form,
        is_non_public=non_public(unit_type, form.is_non_public), post=form.post, employed_on=form.employed_on, **values,
    )  # fmt: skip


def _card(form: WorkerForm, today: date, known: id_card.IdCard | None, refused: list[Refusal]) -> id_card.IdCard | None:
    if not form.id_number:
        if known is None:
            refused.append(Refusal("required", "必填", field="id_number", rule="I1"))
        return known
    try:
        return id_card.parse(form.id_number, today=today, field="id_number")
    except Refusal as refusal:
        refused.append(refusal)
        return None


def _agree(card: id_card.IdCard, sex: str, born: date | None, nationality: str) -> str:
    """All disagreements at once; the form's field is called ``born_on``."""

    def birth() -> None:
        try:
            id_card.require_agreement(card, birth=born)
        except Refusal as refusal:
            raise refusal.at("born_on") from None

    gather(
        lambda: id_card.require_agreement(card, sex=sex),
        birth,
        lambda: id_card.require_agreement(card, nationality=nationality),
    )
    return ""


def _dates(form: WorkerForm, born: date | None, today: date) -> str:
    if form.employed_on is None:
        return ""
    if form.employed_on > today:
        raise Refusal("employed_in_future", "入职日期晚于今天", field="employed_on")
    if born is not None and form.employed_on < born.replace(year=born.year + YOUNGEST, day=min(born.day, 28)):
        raise Refusal(
            "employed_too_young", "入职时未满 {age} 周岁：请核对入职日期", field="employed_on", rule="C10", age=YOUNGEST
        )
    return ""


def require_present(left_at: datetime | None, merged: bool, erased: bool) -> None:
    """Somebody who is here: not left, not merged away, not erased."""
    if merged:
        raise Conflict("worker_merged", "这条记录已并入另一名职工")
    if erased:
        raise Conflict("worker_erased", "这名职工的个人信息已依规删除")
    if left_at is not None:
        raise Conflict("worker_left", "这名职工已离职：请先办理重新入职")


def require_erasable(left_at: datetime | None, *, achievements: int, entries: int) -> None:
    """P2, P5: only who has left, and nobody whose award or result has to be kept. Raises all reasons at once."""
    refused: list[Refusal] = []
    if left_at is None:
        refused.append(Conflict("erase_present", "在册职工不能删除：请先办理离职", rule="P2"))
    if achievements:
        refused.append(
            Conflict("erase_achievements", "有 {count} 条业绩须永久保存，不能删除", rule="P5", count=achievements)
        )
    if entries:
        refused.append(
            Conflict("erase_referred", "有 {count} 条报名、证书等记录仍在保存期内，不能删除", rule="P5", count=entries)
        )
    if refused:
        raise Refusals(refused)


def require_new_start(started: date, current_start: date | None, today: date) -> None:
    """A new stretch begins after the one before, and not in the future."""
    if started > today:
        raise Refusal("started_in_future", "日期晚于今天", field="started_on")
    if current_start is not None and started < current_start:
        raise Refusal(
            "started_before", "早于现单位的入职日期（{day}）", field="started_on", day=current_start.isoformat()
        )
