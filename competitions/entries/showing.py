"""What the entry templates need beside the views: words, what the reader may do, findings by member, steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from competitions.entries import rules
from competitions.entries.rules import MOVES, EntryStage, Finding
from competitions.entries.schemas import EntryView
from competitions.permissions import Permission
from competitions.programme.rules import EventStage
from foundation import clock
from foundation.database import fetchval
from foundation.errors import Refusal, Refusals
from foundation.forms import Bound
from foundation.i18n import current_locale, gettext
from foundation.web.policy import Actor
from foundation.web.problems import Fault
from foundation.web.templates import show_minute
from registry.codes import regions
from registry.codes.skill_levels import SKILL_LEVELS


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What this reader may do with this entry now; the operations decide again."""

    ours: bool
    organiser: bool
    open: bool
    may_edit: bool
    may_withdraw: bool
    may_substitute: bool
    may_decide: bool
    may_strike: bool


async def standing(actor: Actor, view: EntryView) -> Standing:
    """Who is reading: the unit, the organiser, or both."""
    ours = bool(
        await fetchval(
            "SELECT 1 FROM organisation WHERE id = $1 AND ancestors && $2::uuid[]",
            view.organisation, list(Permission.REGISTER_ENTRY.scope(actor)),
        )
    )  # fmt: skip
    organiser = bool(
        await fetchval(
            "SELECT 1 FROM event e JOIN competition c ON c.id = e.competition JOIN organisation g ON g.id = c.organiser"
            " WHERE e.id = $1 AND g.ancestors && $2::uuid[]",
            view.event.id, list(Permission.DECIDE_ENTRY.scope(actor)),
        )
    )  # fmt: skip
    is_open = not rules.closed(view.event.occasion, await clock.now())
    stage = EntryStage(view.stage)
    live = view.event.stage in (EventStage.REGISTRATION, EventStage.JUDGING)
    accepted = stage is EntryStage.ACCEPTED and view.status == "competed"
    return Standing(
        ours=ours,
        organiser=organiser,
        open=is_open,
        may_edit=ours and is_open and stage in rules.EDITABLE,
        may_withdraw=ours and is_open and (stage, "withdraw") in MOVES,
        may_substitute=ours and is_open and stage in (EntryStage.SUBMITTED, EntryStage.ACCEPTED),
        may_decide=organiser and live and (stage, "accept") in MOVES,
        may_strike=organiser and live and (accepted or (stage, "strike") in MOVES),
    )


class Refused:
    """Around an operation of a page: what refuses lands in the form, and ``status`` is what to answer with.

    Unlike ``form.catching()`` it keeps a conflict (409) and a stale version (412) apart from a fault (422).
    """

    def __init__(self, form: Bound[Any]) -> None:
        self.form, self.status = form, 422

    def __enter__(self) -> Refused:
        return self

    def __exit__(self, kind: Any, why: BaseException | None, trace: Any) -> bool:
        if not isinstance(why, (Refusal, Refusals)):
            return False
        self.form.refuse(why)
        several = why.refusals if isinstance(why, Refusals) else (why,)
        self.status = several[0].status if len(several) == 1 else 422
        return True


class Findings:
    """Findings as a template asks for them, in the reader's language."""

    def __init__(self, found: Sequence[Finding]) -> None:
        self.found = found

    def _faults(self, severity: str, member: int | None, *, whole: bool = False) -> list[Fault]:
        return [
            fault_of(one)
            for one in self.found
            if one.severity == severity and (whole or one.member == member)
        ]  # fmt: skip

    def bad(self, member: int | None) -> list[Fault]:
        return self._faults("bad", member)

    def warn(self, member: int | None) -> list[Fault]:
        return self._faults("warn", member)

    @property
    def all_bad(self) -> list[Fault]:
        return self._faults("bad", None, whole=True)

    @property
    def all_warn(self) -> list[Fault]:
        return self._faults("warn", None, whole=True)


def fault_of(finding: Finding) -> Fault:
    """A finding in the reader's language."""
    one = finding.refusal
    return Fault(code=one.code, message=one.text(gettext), field=one.field, rule=one.rule)


def steps(view: EntryView) -> list[dict[str, Any]]:
    """The entry's way for the stepper: filled in, handed in, decided, numbered."""
    stage = view.stage
    handed = stage not in (EntryStage.DRAFT, EntryStage.RETURNED)
    decided = {EntryStage.ACCEPTED: "done", EntryStage.REJECTED: "stopped", EntryStage.SUBMITTED: "current"}
    return [
        {"label": gettext("填写名单"), "state": "done" if handed else "stopped" if stage == EntryStage.RETURNED else "current",
         "note": show_minute(view.made_at)},
        {"label": gettext("上报"), "state": "done" if handed else "todo", "note": _who(view.submitted_by_name, view.submitted_at)},
        {"label": gettext("主办方审核"), "state": decided.get(EntryStage(stage), "todo"),
         "note": _who(view.decided_by_name, view.decided_at) if stage in decided and stage != EntryStage.SUBMITTED else ""},
        {"label": gettext("参赛号"), "state": "done" if view.code else "todo", "note": view.code or ""},
    ]  # fmt: skip


def _who(name: str, when: Any) -> str:
    return f"{name} · {show_minute(when)}" if name and when else ""


def words() -> dict[str, Any]:
    """Labels of stages, roles and codes for the templates."""
    return {
        "stages": rules.STAGES,
        "stage_colours": rules.STAGE_COLOURS,
        "statuses": rules.STATUSES,
        "roles": rules.ROLES,
        "role_options": [(role, gettext(label)) for role, label in rules.ROLES.items()],
        "skill": skill_name,
        "county": county_name,
    }


def skill_name(code: str) -> str:
    """A skill level's name in the reader's language; a dash for none."""
    if not code:
        return "—"
    return SKILL_LEVELS.en(code) if current_locale.get() == "en" else SKILL_LEVELS.zh(code)


def county_name(code: str) -> str:
    """A county's name in the reader's language."""
    if not code:
        return ""
    return regions.name_en(code) if current_locale.get() == "en" else regions.name_of(code)
