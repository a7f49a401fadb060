"""What review templates need beside their views: words, colours, working days, the awards in reach."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from foundation import clock
from foundation.database import fetch
from foundation.errors import Refusal
from foundation.i18n import N_, current_locale, gettext
from foundation.web.policy import Actor
from foundation.working_days import working_days_between
from honours.cycles.schemas import DEPARTMENTS, FLAGS
from honours.nominations import stages
from honours.nominations.stages import Stage
from honours.permissions import Permission
from honours.review.methods import CHOICES, METHODS
from registry.codes.job_categories import JOB_CATEGORIES

ROLES = {"chosen": N_("正选"), "reserve": N_("递补"), "separate": N_("单列")}
STAGE_CHIPS: dict[str, str] = {
    Stage.DRAFT: "neutral", Stage.COUNTY: "wait", Stage.COUNTY_NOTICE: "info", Stage.RETURNED: "warn", Stage.CITY: "wait",
    Stage.SELECTED: "ok", Stage.RESERVED: "neutral", Stage.NOTICED: "info", Stage.FORWARDED: "info", Stage.HONOURED: "ok",
    Stage.NOT_CONFERRED: "neutral", Stage.REJECTED: "bad", Stage.WITHDRAWN: "neutral", Stage.ABANDONED: "neutral",
    Stage.DISQUALIFIED: "bad",
}  # fmt: skip
ACTIONS: dict[str, str] = {
    "submit": N_("上报"), "withdraw": N_("撤回"), "accept": N_("通过"), "open_notice": N_("列入公示"), "return": N_("退回补正"),
    "reject": N_("不通过"), "reserve": N_("转递补"), "promote": N_("递补"), "honour": N_("授予"), "forward": N_("推荐上级"),
    "not_conferred": N_("上级未授予"), "abandon": N_("逾期放弃"), "disqualify": N_("取消资格"), "take_back": N_("公示撤回"),
}  # fmt: skip
GATES = {"unit": N_("单位"), "county": N_("县级"), "city": N_("市级"), "upper": N_("上级")}
ROUND_STAGES = {"draft": N_("筹备"), "open": N_("投票中"), "closed": N_("已结束"), "void": N_("无效")}
ROUND_CHIPS = {"draft": "neutral", "open": "info", "closed": "ok", "void": "bad"}
PLAN_STAGES = {
    "saved": N_("已保存"),
    "submitted": N_("复议中"),
    "adopted": N_("已采用"),
    "refused": N_("未采用"),
    "dropped": N_("已搁置"),
}
PLAN_CHIPS = {"saved": "neutral", "submitted": "wait", "adopted": "ok", "refused": "bad", "dropped": "neutral"}
RECUSALS = {"self": N_("本人"), "unit": N_("本单位"), "above": N_("上级工会"), "declared": N_("自行申报")}
SHORT_FLAGS = {
    "woman": N_("女"), "migrant_worker": N_("农"), "non_public": N_("非公"), "ethnic_minority": N_("少"),
    "new_employment": N_("新业态"), "county_head": N_("县处"), "unit_head": N_("负责人"), "grassroots_team": N_("班组"),
    "state_owned": N_("国企"),
}  # fmt: skip
NUMBERING = (N_("递"), N_("单"))


def category(code: str) -> str:
    """A category's name in the reader's language."""
    if not code:
        return ""
    return JOB_CATEGORIES.en(code) if current_locale.get() == "en" else JOB_CATEGORIES.zh(code)


SHORT_CATEGORIES = {"other_frontline": N_("其他一线和专技"), "other": N_("其他人员")}


def short_category(code: str) -> str:
    """The same as narrow columns have it."""
    return gettext(SHORT_CATEGORIES[code]) if code in SHORT_CATEGORIES else category(code)


def flag(code: str) -> str:
    return gettext(FLAGS.get(code, code))


def stage(value: Any) -> str:
    return gettext(stages.LABELS[Stage(value)])


def place(name: str) -> str:
    """宁国市总工会 → 宁国: a county as narrow columns have it."""
    short = name
    for end in ("（示例）", "总工会", "示例", "工会"):
        short = short.removesuffix(end)
    return short.removesuffix("市").removesuffix("区").removesuffix("县") if len(short) > 2 else short


def said(refusal: Refusal) -> str:
    """A refusal in the reader's language, the label that it quotes too."""
    label = refusal.facts.get("label")
    facts = {**refusal.facts, "label": gettext(str(label))} if label else refusal.facts
    return gettext(refusal.message).format(**facts) if facts else gettext(refusal.message)


def gate_of(at: Stage) -> str:
    """At whose gate a stage is: county, city, upper, or the unit's own."""
    if at in (Stage.COUNTY, Stage.COUNTY_NOTICE):
        return "county"
    return "unit" if at in stages.WITH_UNIT else "upper" if at is Stage.FORWARDED else "city"


def words() -> dict[str, Any]:
    """Labels and helpers for the templates."""
    return {
        "category": category, "short_category": short_category, "flag": flag, "stage": stage, "place": place, "stage_chips": STAGE_CHIPS, "roles": ROLES,
        "actions": ACTIONS, "gates": GATES, "round_stages": ROUND_STAGES, "round_chips": ROUND_CHIPS, "plan_stages": PLAN_STAGES,
        "plan_chips": PLAN_CHIPS, "methods": METHODS, "ballot_choices": CHOICES, "recusals": RECUSALS, "short_flags": SHORT_FLAGS,
        "departments": DEPARTMENTS, "said": said,
    }  # fmt: skip


async def days_left(due: datetime | None) -> int | None:
    """Working days until ``due``, today not counted; 0 once it is past; None without a day or a calendar of its year."""
    return (await days_left_of([due]))[0]


async def days_left_of(dues: list[datetime | None]) -> list[int | None]:
    """The same for a page's rows, the calendar read once."""
    known = [clock.local(due).date() for due in dues if due is not None]
    if not known:
        return [None] * len(dues)
    today = await clock.today()
    years = {today.year} | {day.year for day in known}
    try:
        calendar = await clock.calendar(years)
    except Refusal:  # without a calendar the day stands as a date, never as a guess
        return [None] * len(dues)

    def left(day: date) -> int:
        return max(working_days_between(today, day, calendar, years=years) - 1, 0)

    return [None if due is None else left(clock.local(due).date()) for due in dues]


AWARDS_SQL = """
SELECT a.id, a.cycle, a.places, h.title, h.title_en, h.kind, c.title AS cycle_title, c.stage AS cycle_stage, c.county_due_at,
       run.ancestors && $1::uuid[] AS runs,
       count(n.id) FILTER (WHERE n.stage IN ('county', 'county_notice')) AS county,
       count(n.id) FILTER (WHERE n.stage = 'city') AS city, count(n.id) FILTER (WHERE n.stage = 'selected') AS selected,
       count(n.id) FILTER (WHERE n.stage = 'reserved') AS reserved, count(n.id) FILTER (WHERE n.stage = 'noticed') AS noticed
FROM cycle_award a JOIN honour h ON h.id = a.honour JOIN cycle c ON c.id = a.cycle JOIN organisation run ON run.id = c.organisation
LEFT JOIN (nomination n JOIN organisation g ON g.id = n.first_gate)
  ON n.award = a.id AND (run.ancestors && $1 OR g.ancestors && $1)
WHERE c.stage NOT IN ('draft', 'cancelled') AND (run.ancestors && $1 OR EXISTS (
  SELECT 1 FROM organisation o WHERE o.id = ANY($1) AND c.organisation = ANY(o.ancestors)))
GROUP BY a.id, h.id, c.id, run.id ORDER BY c.year DESC, c.code, a.place, h.code LIMIT 100
"""


async def awards_in_review(actor: Actor) -> list[Any]:
    """The awards of the cycles in reach, with how many stand where; a county counts its own."""
    return await fetch(AWARDS_SQL, list(Permission.SEE_COMPOSITION.scope(actor)))
