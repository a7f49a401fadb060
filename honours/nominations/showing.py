"""What the templates of nominations need beside the views: forms with their faults, the checklist in words, steps, choices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from foundation import clock
from foundation.errors import Refusal, Refusals
from foundation.forms import Bound, values_of
from foundation.i18n import N_, current_locale, gettext
from foundation.web.policy import Actor
from foundation.web.problems import Fault
from honours.cycles.schemas import UNIT_CLASSES
from honours.nominations import access, changes, drafts, operations, papers, papers_kept, queries, rules, vetting
from honours.nominations.checklist import Checklist, checklist_of
from honours.nominations.choices import CHIPS, MEETINGS, ROLES, labelled, words
from honours.nominations.findings import PARTS, UNIT_GATE, Check, State
from honours.nominations.schemas import SECTIONS, Content, dossier_of
from honours.nominations.stages import LABELS, MOVES, WITH_UNIT, Stage
from honours.permissions import Permission
from registry.workers.sealing import Numbers, numbers_of


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


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A check as the list on the right shows it."""

    title: str
    detail: str
    rule: str
    href: str
    state: str

    @property
    def message(self) -> str:
        """The line as a refusal says it."""
        return f"{self.title}：{self.detail}" if self.detail else self.title


def in_words(refusal: Refusal) -> str:
    """A refusal in the reader's language, the names among its facts too."""
    facts = {
        name: gettext(value) if isinstance(value, str) and value else value for name, value in refusal.facts.items()
    }  # fmt: skip
    if current_locale.get() == "en" and "fraction" in facts:
        facts["share"] = facts["fraction"]  # 三分之二 is said as 2/3
    text = gettext(refusal.message)
    return text.format(**facts) if facts else text


def line_of(check: Check) -> Line:
    """One line, leading to its field."""
    target = f"f-{check.field}" if check.field and check.part in SECTIONS else f"part-{check.part}"
    detail = in_words(check.refusal) if check.refusal else ""
    return Line(title=gettext(check.title), detail=detail, rule=check.rule, href=f"#{target}", state=check.state.value)


def lines(checks: Sequence[Check]) -> list[Line]:
    return [line_of(check) for check in checks]


def form_of(section: str, values: Mapping[str, Any], checks: Sequence[Check], *, said: bool) -> Bound[Any]:
    """A part's form: what stands in it, and beside each field what is wrong with it; an empty field of a first draft is left in
    peace until somebody tries to hand in (``said``): the list beside it names it anyway."""
    form: Bound[Any] = Bound(values)
    for check in checks:
        if check.part != section or check.state is not State.BAD or check.refusal is None or not check.field:
            continue
        if not said and not str(values.get(check.field) or "").strip():
            continue
        fault = Fault(code=check.code, message=in_words(check.refusal), field=check.field, rule=check.rule)
        form.faults.setdefault(check.field, []).append(fault)
    return form


def forms_of(dossier: Any, found: Checklist, kept: Mapping[str, drafts.Draft], typed: Mapping[str, Bound[Any]], *, said: bool) -> dict[str, Bound[Any]]:  # fmt: skip
    """Every part's form: as it was sent where that failed, else as drafted, else as saved."""
    made: dict[str, Bound[Any]] = {}
    for section in SECTIONS:
        if section in typed:
            made[section] = typed[section]
            continue
        values = values_of(getattr(dossier, section))
        if section in kept:
            pairs = dict(kept[section].values)
            values = {
                name: value for name, value in values.items() if name not in pairs and not isinstance(value, bool)
            }
            values |= pairs
        made[section] = form_of(section, values, found.checks, said=said)
    return made


def steps(row: Any, found: Checklist) -> list[dict[str, str]]:
    """Where the nomination stands between the unit and the decision (H30, H33)."""
    stage = Stage(row["stage"])
    order = [
        (gettext("本单位推荐"), gettext("职代会、公示"), {Stage.DRAFT}),
        (gettext("补正重报") if stage is Stage.RETURNED else gettext("上报"), "", {Stage.RETURNED}),
        (gettext("%(union)s 初审", union=row["gate_name"]), "", {Stage.COUNTY, Stage.COUNTY_NOTICE}),
        (gettext("%(union)s 复审", union=row["running_name"]), "", {Stage.CITY, Stage.RESERVED}),
        (
            gettext("公示"),
            gettext("%(n)s 个工作日", n=found.facts.rules.gates.city_notice_days),
            {Stage.NOTICED, Stage.SELECTED},
        ),
        (gettext("表彰决定"), "", {Stage.FORWARDED, Stage.HONOURED}),
    ]
    at = next((n for n, (_, _, stages) in enumerate(order) if stage in stages), None)
    made = []
    for n, (label, note, _) in enumerate(order):
        state = "todo" if at is None or n > at else "done" if n < at or stage is Stage.HONOURED else "current"
        if n == at and stage is Stage.RETURNED:
            state = "stopped"
        made.append({"label": label, "note": note, "state": state})
    return made


async def dossier_context(
    actor: Actor,
    row: Any,
    *,
    typed: Mapping[str, Bound[Any]] | None = None,
    said: bool = False,
    other: Bound[Any] | None = None,
) -> dict[str, Any]:
    """Everything that the page of one nomination shows to this reader."""
    stage = Stage(row["stage"])
    mine = Permission.NOMINATE.allows(actor) and access.may_act(actor, row, Permission.NOMINATE)
    edits = mine and stage in WITH_UNIT
    kept = await drafts.of(actor, row["id"]) if edits else {}
    saved = dossier_of(row["dossier"])
    dossier = drafts.overlay(saved, kept)
    found = await checklist_of(row, dossier=dossier)
    said = said or stage is Stage.RETURNED
    opinions = await queries.opinions_of(row["id"])
    returned = next((one for one in reversed(opinions) if one["action"] == "return"), None)
    papers_by_kind: dict[str, list[Any]] = {}
    for one in await papers_kept.materials_of(row["id"]):
        papers_by_kind.setdefault(one["kind"], []).append(one)
    due = row["returned_due_at"] if stage is Stage.RETURNED else row["unit_due_at"] if stage is Stage.DRAFT else None
    return {
        "n": row, "stage_words": gettext(LABELS[stage]), "chip": CHIPS[stage.value], "edits": edits, "mine": mine,
        "officer": Permission.KEEP_CLEARANCES.allows(actor), "d": dossier, "found": found, "other": other,
        "forms": forms_of(saved, found, kept, typed or {}, said=said) if edits else {}, "kept": kept,
        "kept_at": max((one.saved_at for one in kept.values()), default=None), "steps": steps(row, found), "said": said,
        "opinions": opinions, "returned": returned if stage is Stage.RETURNED else None, "due": due,
        "days_left": await queries.days_left(due) if due else None, "papers": papers_by_kind,
        "wanted": [one for one in papers.wanted_materials(found.facts) if one.kind not in papers.CLEARANCE_KINDS],
        "held_here": {one.kind for one in papers.wanted_materials(found.facts) if papers.stands_already(one, found.facts)}, "clearings": papers.clearings(found.facts),
        "changed": await changes.since_return(row), "reading": reading(row, dossier) if not edits else {},
        "upload_kinds": [
            *((rule.kind, gettext(rule.label)) for rule in papers.wanted_materials(found.facts) if rule.upload),
            *labelled(papers.EXTRA_KINDS),
        ],
        "locked": lines([one for one in found.checks if one.blocks(UNIT_GATE)]) if edits else [],
        "notice_days": operations.notice_span(dossier, found.facts.rules.gates.unit_notice_days, found.facts.calendar),
        "notices_here": await operations.notices_of_unit(row["organisation"]) if edits else [],
        "may_withdraw": mine and (stage, "withdraw") in MOVES, "deed_bounds": rules.bounds(found.facts.rules.text.deeds_about, found.facts.rules.text.deeds_tolerance),
        "consents": await _consents(row), **await _person(row), **words(row["kind"]), **checklist_words(found),
        "waivers": await _waivers(row),
    }  # fmt: skip


def checklist_words(found: Checklist) -> dict[str, Any]:
    """The list on the right, also by itself when it is swapped in."""
    required = found.required
    order = sorted(required, key=lambda one: ("ok", "bad", "wait").index(one.state.value))
    return {
        "missing": lines(found.missing), "warnings": lines(found.warnings), "waiting": lines(found.waiting),
        "required": len(required), "done": found.done, "pips": [one.state.value for one in order],
        "counts": {part: {state.value: found.count(part, state) for state in State} for part in [*PARTS, "materials"]},
        "parts": [(part, gettext(label)) for part, label in PARTS.items()],
    }  # fmt: skip


async def _person(row: Any) -> dict[str, Any]:
    """What the registry tells, masked (P3): the sunken fields of part 1, and the ledger's prizes of part 4."""
    from foundation.database import fetchrow

    numbers = await numbers_of(row["worker"]) if row["worker"] else Numbers()
    worker = await fetchrow("SELECT sex, born_on FROM worker WHERE id = $1", row["worker"]) if row["worker"] else None
    unit = await fetchrow(
        "SELECT unit_type, industry, unit_code FROM organisation WHERE id = $1", row["unit"] or row["organisation"]
    )
    return {
        "id_masked": numbers.id_masked, "phone_masked": numbers.phone_masked, "worker": worker, "unit": unit,
        "held": await _held(row),
    }  # fmt: skip


async def _held(row: Any) -> list[Any]:
    from honours.rolls import ledger

    if row["worker"]:
        return (await ledger.held_by_workers([row["worker"]]))[row["worker"]]
    found = (await ledger.held_by_units([row["unit"]]))[row["unit"]]
    return [one for one in found if one.kind == row["kind"] and (one.kind != "team" or one.name == row["name"])]


async def _consents(row: Any) -> list[Any]:
    from foundation.database import fetch

    return await fetch(
        "SELECT given, covers, signed_on, wording, made_at FROM publication_consent WHERE nomination = $1"
        " ORDER BY made_at DESC, id DESC LIMIT 5",
        row["id"],
    )


async def _waivers(row: Any) -> list[Any]:
    from foundation.database import fetch

    return await fetch(
        "SELECT w.waived_rule, w.reason, w.made_at, coalesce(a.name, '') AS maker FROM waiver w LEFT JOIN account a"
        " ON a.id = w.made_by WHERE w.nomination = $1 ORDER BY w.made_at DESC",
        row["id"],
    )


def reading(row: Any, dossier: Any) -> dict[str, list[tuple[str, str]]]:
    """The typed parts as (label, words), for readers who do not edit; empty fields left out."""
    flat = changes.flat(Content(name=row["name"], post=row["post"], dossier=dossier))
    shown: dict[str, list[tuple[str, str]]] = {section: [] for section in SECTIONS}
    named = {
        "identity.role": ROLES, "identity.unit_class": UNIT_CLASSES, "procedure.meeting": MEETINGS,
        "identity.listing": {"regular": N_("常规"), "separate": N_("单列")},
    }  # fmt: skip
    for path, text in flat.items():
        section = path.split(".")[0]
        if section in SECTIONS and text and path not in ("procedure.notice", "identity.declared"):
            label = named.get(path, {}).get(text)
            shown[section].append((gettext(changes.LABELS[path]), gettext(label) if label else text))
    return shown


async def vetting_context(actor: Actor, row: Any, *, form: Bound[Any] | None = None) -> dict[str, Any]:
    """The officers' page of clearances and facts of one nomination."""
    found = await checklist_of(row)
    asked = await vetting.clearances_of(row["id"])
    newest: dict[str, Any] = {}
    for one in asked:
        newest.setdefault(one["department"], one)
    clearings = papers.clearings(found.facts)
    return {
        "n": row, "form": form, "clearings": clearings, "asked": asked, "newest": newest, "facts": await vetting.vetoes_of(row),
        "veto_kinds": [(veto.code, gettext(veto.label)) for veto in found.facts.rules.vetoes], "actor_id": actor.account,
        "veto_labels": {veto.code: gettext(veto.label) for veto in found.facts.rules.vetoes}, "waivers": await _waivers(row),
        "today": await clock.today(), "unasked": [one.department for one in clearings if one.standing in ("unasked", "expired")],
        "opinion_choices": labelled({"agree": N_("同意"), "reserved": N_("有保留"), "disagree": N_("不同意")}),
        "waivable": [one for one in found.checks if one.rule in ("H10", "H12") and one.state in (State.BAD, State.WARN)],
        "line_of": line_of, "stage_words": gettext(LABELS[row["stage"]]), "chip": CHIPS[row["stage"]], **words(row["kind"]),
    }  # fmt: skip
