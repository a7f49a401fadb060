"""What the pages of applications show: lists, one application with its checklist, who may do what now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from foundation import clock
from foundation.database import fetch
from foundation.drafts import Draft
from foundation.errors import Refusal, Refusals
from foundation.forms import Bound, values_of
from foundation.i18n import N_, gettext
from foundation.web.navigation import Count
from foundation.web.policy import Actor
from registry.workers import queries as workers
from studios.applications import access, checklist, drafts, honour_check, naming, visits
from studios.applications.schemas import SECTIONS, Dossier, dossier_of
from studios.applications.stages import CHIPS, LABELS, MOVES, PATH, SAID, WITH_UNIT, Step
from studios.permissions import Permission

GRADES = {"excellent": N_("优秀"), "qualified": N_("合格"), "rectify": N_("限期整改"), "failed": N_("不合格")}
COUNTS = (
    ("inventions", N_("发明专利（件）")), ("utility_models", N_("实用新型（件）")), ("improvements", N_("技改项目（项）")),
    ("methods", N_("操作法、工法（项）")), ("apprentices", N_("带徒（人）")), ("trained", N_("培训（人次）")),
    ("benefit", N_("经济效益（万元）")),
)  # fmt: skip


class Refused:
    """Around an operation of a page: what refuses lands in ``form``; ``status`` keeps 409 and 412 apart from 422."""

    def __init__(self, form: Bound[Any]) -> None:
        self.form, self.status = form, 422

    def __enter__(self) -> Refused:
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if isinstance(error, Refusal | Refusals):
            self.status = error.status
            self.form.refuse(error)
            return True
        return False


def words() -> dict[str, Any]:
    """Labels in the reader's language."""
    return {
        "step_labels": {key: gettext(text) for key, text in LABELS.items()}, "step_chips": CHIPS,
        "said": {key: gettext(text) for key, text in SAID.items()},
        "grades": {key: gettext(text) for key, text in GRADES.items()},
        "counts": [(key, gettext(text)) for key, text in COUNTS], "studio_name": naming.studio_name,
    }  # fmt: skip


async def open_calls(actor: Actor) -> list[Any]:
    """Calls that the actor's units may answer now."""
    return await fetch(
        "SELECT DISTINCT c.id, c.title, c.opens_on, c.closes_on, p.title AS programme, p.level FROM studio_call c"
        " JOIN programme p ON p.id = c.programme JOIN organisation s ON s.id = ANY($1::uuid[]) AND p.organisation = ANY(s.ancestors)"
        " WHERE c.stage = 'open' AND c.closes_on >= $2 ORDER BY c.closes_on, c.title",
        list(Permission.APPLY.scope(actor)), await clock.today(),
    )  # fmt: skip


async def listed(actor: Actor, stage: str, q: str) -> list[Any]:
    """Applications in the actor's reach, at most 300, the newest first; searched and of one step where asked."""
    from registry.search_keys import keys_for_query

    return await fetch(
        "SELECT a.id, a.number, a.leader_name, a.title_kind, a.stage, a.submitted_at, a.returned_due_on, c.title AS call,"
        f" {access.UNIT.format('o')} AS unit, g.name AS county,"
        " (SELECT x.opinion FROM application_opinion x WHERE x.application = a.id AND x.action = 'return' AND a.stage = 'returned'"
        f" ORDER BY x.made_at DESC LIMIT 1) AS returned_for FROM {access.SOURCE} WHERE {access.VISIBLE.format('$1')}"
        " AND ($2 = '' OR a.stage = $2) AND a.search_keys @> $3::varchar[] ORDER BY a.made_at DESC, a.id LIMIT 300",
        list(Permission.SEE_APPLICATIONS.scope(actor)), stage, keys_for_query(q) if q.strip() else [],
    )  # fmt: skip


def waiting(actor: Actor) -> Count:
    """How many applications wait for this officer, for the side-bar."""
    return Count(
        sql=f"SELECT count(*) FROM {access.SOURCE} WHERE a.stage = 'county' AND g.id = ANY($1::uuid[])"
        " OR a.stage IN ('city', 'meeting') AND r.id = ANY($1::uuid[])",
        values=(list(Permission.RECOMMEND.scope(actor)),),
    )


def returned(actor: Actor) -> Count:
    """How many of our own were returned, for the side-bar."""
    return Count(
        sql=f"SELECT count(*) FROM {access.SOURCE} WHERE a.stage = 'returned' AND o.ancestors && $1::uuid[]",
        values=(list(Permission.APPLY.scope(actor)),),
    )


async def context_of(actor: Actor, row: Any, typed: dict[str, Bound[Any]]) -> dict[str, Any]:
    """Everything that the page of one application shows to this reader."""
    dossier, rules = dossier_of(row["dossier"]), await access.rules_by(row["rule_set"])
    step = Step(row["stage"])
    editable = step in WITH_UNIT and Permission.APPLY.allows(actor) and access.may_act(actor, row, Permission.APPLY)
    kept = await drafts.of(actor, row["id"]) if editable else {}
    forms = {name: typed.get(name) or _form_of(dossier, name, kept) for name in SECTIONS}
    honour = await honour_check.leader_honour(row["leader"], rules.conditions)
    visit = await visits.open_visit_of(row["id"])
    if visit and visit["stage"] == "called_off":
        visit = None  # the record of what was done says so
    allowed = {
        action for (at, action), (_to, permission) in MOVES.items()
        if at is step and permission.allows(actor) and access.may_act(actor, row, permission)
    }  # fmt: skip
    officer = Permission.REVIEW_APPLICATIONS.allows(actor) and access.may_act(
        actor, row, Permission.REVIEW_APPLICATIONS
    )
    return {
        "a": row, "dossier": dossier, "kept": kept, "rules": rules, "forms": forms, "editable": editable, "allowed": allowed,
        "checks": await checklist.of(row) if step in WITH_UNIT or step in (Step.COUNTY, Step.CITY) else [],
        "honour": honour, "people": await _people(row["id"]), "papers": await _papers(row["id"]),
        "opinions": await _opinions(row["id"]), "visit": visit, "officer": officer,
        "panel": await visits.panel_of(visit["id"]) if visit and officer else [],
        "experts": await visits.candidates_for(row["organisation"], row["running"]) if "arrange_visit" in allowed else [],
        "workers": await workers.pick_workers(actor, "", row["organisation"], limit=50) if editable else [],
        "obstacles": await naming.obstacles(row) if step is Step.NOTICE and officer else [], "steps": steps_of(step),
        **words(),
    }  # fmt: skip


def _form_of(dossier: Dossier, section: str, kept: Mapping[str, Draft]) -> Bound[Any]:
    """A part's form: as drafted, else as saved."""
    if section in kept:
        return drafts.bound(section, kept[section].values)
    return Bound(values_of(getattr(dossier, section)))


def steps_of(step: Step) -> list[dict[str, str]]:
    """The stepper: where it stands on the straight way."""
    at = PATH.index(step) if step in PATH else 0
    ended = step in (Step.REJECTED, Step.WITHDRAWN, Step.ABANDONED)
    states = ["done" if n < at or step is Step.NAMED else "current" if n == at else "todo" for n in range(len(PATH))]
    if ended or step is Step.RETURNED:
        states[0] = "stopped"
    return [
        {"label": gettext(LABELS[one]), "state": state, "note": ""} for one, state in zip(PATH, states, strict=True)
    ]


async def _people(application: UUID) -> list[Any]:
    return await fetch("SELECT * FROM application_person WHERE application = $1 ORDER BY place", application)


async def _papers(application: UUID) -> list[Any]:
    return await fetch(
        "SELECT p.id, p.part, f.name FROM application_paper p JOIN stored_file f ON f.id = p.file WHERE p.application = $1"
        " AND p.removed_at IS NULL ORDER BY p.part, p.made_at",
        application,
    )


async def _opinions(application: UUID) -> list[Any]:
    return await fetch(
        "SELECT x.action, x.opinion, x.due_on, x.made_at, o.name AS organisation FROM application_opinion x"
        " LEFT JOIN organisation o ON o.id = x.organisation WHERE x.application = $1 ORDER BY x.made_at DESC, x.id DESC",
        application,
    )
