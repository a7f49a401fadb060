"""What a unit and the officers do with an application. One verb, one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock, storage, trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, Forbidden, NotFound, Refusal, Refusals
from foundation.web.policy import Actor
from publications.notices.objections.attachments import clean
from registry.search_keys import keys_for_organisation
from registry.workers.queries import workers_by_id
from studios.applications import access, checklist, drafts, honour_check, visits
from studios.applications.moving import move_application, next_number, require_version
from studios.applications.naming import name_in, studio_name
from studios.applications.schemas import SECTIONS, Dossier, Place, Results, StartForm, VisitForm, dossier_of
from studios.applications.stages import RUNNING, WITH_UNIT, Step
from studios.permissions import Permission
from studios.schemas import COLLEGE

SUFFIXES = {"application/pdf": ".pdf", "image/jpeg": ".jpg"}


async def start_application(actor: Actor, form: StartForm) -> UUID:
    """Begin a draft for a leader of one's own unit. Raises ``Refusal`` outside the call's days, ``Conflict`` where this leader
    has one under way, ``NotFound`` for a call or worker out of reach."""
    async with transaction():
        call = await fetchrow(
            "SELECT c.*, p.organisation AS running FROM studio_call c JOIN programme p ON p.id = c.programme WHERE c.id = $1"
            " AND c.stage = 'open' FOR SHARE OF c",
            form.call,
        )  # fmt: skip
        leader = (await workers_by_id(actor, [form.leader])).get(form.leader)
        if call is None or leader is None:
            raise NotFound
        today = await clock.today()
        if not call["opens_on"] <= today <= call["closes_on"]:
            raise Refusal(
                "call_not_open", "申报时间为 {opens} 至 {closes}", rule="T3", opens=call["opens_on"], closes=call["closes_on"]
            )  # fmt: skip
        home = await _home(actor, form.leader, call["running"])
        await fetch("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"studio_leader:{form.leader}")
        if await fetch(
            "SELECT 1 FROM studio_application WHERE leader = $1 AND call = $2 AND stage = ANY($3::varchar[])",
            form.leader, form.call, sorted(RUNNING),
        ):  # fmt: skip
            raise Conflict("leader_applied", "这位领衔人在本批次已有一件申报")
        return await _insert(actor, form, home, leader.name)


async def _home(actor: Actor, leader: UUID, running: UUID) -> Any:
    """The unit of the leader, within the actor's own, and the union that recommends it."""
    row = await fetchrow(
        "SELECT o.id, o.name, coalesce((SELECT a.id FROM organisation a WHERE a.id = ANY(o.ancestors)"
        " AND a.kind IN ('county', 'industry') ORDER BY cardinality(a.ancestors) DESC LIMIT 1), $3) AS county"
        " FROM worker w JOIN organisation o ON o.id = w.organisation"
        " WHERE w.id = $1 AND o.ancestors && $2::uuid[] AND $3 = ANY(o.ancestors)",
        leader, list(Permission.APPLY.scope(actor)), running,
    )  # fmt: skip
    if row is None:
        raise NotFound
    return row


async def _insert(actor: Actor, form: StartForm, home: Any, name: str) -> UUID:
    call = await fetchrow(
        "SELECT c.rule_set, p.kind FROM studio_call c JOIN programme p ON p.id = c.programme WHERE c.id = $1", form.call
    )
    assert call is not None
    rules, made = await access.rules_by(call["rule_set"]), new_id()
    honour = await honour_check.leader_honour(form.leader, rules.conditions)
    kind = (
        COLLEGE
        if call["kind"] == "college"
        else "工匠"
        if honour is not None and honour.facts.get("family") == "craftsman"
        else "劳模"
    )
    dossier = Dossier()
    dossier = msgspec.structs.replace(dossier, place=msgspec.structs.replace(dossier.place, title_kind=kind))
    await fetch(
        "INSERT INTO studio_application (id, call, organisation, county, leader, leader_name, leader_honour, upgrades,"
        " title_kind, stage, dossier, search_keys, version, made_by, made_at)"
        f" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'draft', $10::jsonb, $11, 1, $12, {NOW_SQL})",
        made, form.call, home["id"], home["county"], form.leader, name, honour.id if honour else None,
        await honour_check.lower_studio(form.leader, rules.conditions), kind, msgspec.json.encode(dossier).decode(),
        sorted({*keys_for_organisation(studio_name(name, kind, home["name"])), *keys_for_organisation(home["name"])}), actor.account,
    )  # fmt: skip
    await trail.record(actor, "studio_application.started", "studio_application", made, {"call": str(form.call)})
    return made


async def lock_own(actor: Actor, application: UUID, *, version: int | None = None) -> Any:
    """The unit's own row while the application is with the unit. Raises ``NotFound``, ``Stale``, ``Refusal`` ``not_with_unit``."""
    row = await access.row_for(actor, application, Permission.APPLY, lock=True)
    if not access.may_act(actor, row, Permission.APPLY):
        raise Forbidden
    if Step(row["stage"]) not in WITH_UNIT:
        raise Refusal("not_with_unit", "此件已提交，现在不能修改；需要修改的请联系审核单位退回", rule="T3")
    require_version(row, version)
    return row


async def save_section(actor: Actor, application: UUID, section: str, data: Any, *, version: int) -> int:
    """Keep one part as typed, complete or not; returns the new version. The actor's draft of it is done with.

    Raises ``Stale`` where somebody saved since.
    """
    if section not in SECTIONS or type(data) is not SECTIONS[section]:
        raise ValueError(f"no such section: {section}")
    async with transaction():
        row = await lock_own(actor, application, version=version)
        if isinstance(data, Place) and (data.title_kind == COLLEGE) != (row["programme_kind"] == "college"):
            raise Refusal(
                "title_kind", "工匠学院项目只命名学院，创新工作室项目只命名工作室", field="title_kind", rule="T7"
            )
        dossier = msgspec.structs.replace(dossier_of(row["dossier"]), **{section: data})
        await fetch(
            "UPDATE studio_application SET dossier = $2::jsonb, title_kind = $3, version = version + 1 WHERE id = $1",
            application, msgspec.json.encode(dossier).decode(), dossier.place.title_kind,
        )  # fmt: skip
        await drafts.drop(actor, application, section)
        await trail.record(actor, "studio_application.saved", "studio_application", application, {"part": section})
        return row["version"] + 1


async def keep_draft(actor: Actor, application: UUID, section: str, pairs: Sequence[tuple[str, str]]) -> datetime:
    """Keep what is being typed into a part, apart from what is saved; returns when. Raises what :func:`lock_own` raises."""
    async with transaction():
        await lock_own(actor, application)
        return await drafts.keep(actor, application, section, pairs)


async def discard_draft(actor: Actor, application: UUID, section: str) -> None:
    """Back to what is saved."""
    async with transaction():
        await lock_own(actor, application)
        await drafts.drop(actor, application, section)


async def _save_drafts(actor: Actor, row: Any) -> None:
    """Save the parts that were typed and not saved; one that cannot be kept as it stands is refused beside its field."""
    version = row["version"]
    for section, draft in (await drafts.of(actor, row["id"])).items():
        data = drafts.bound(section, draft.values).data
        version = await save_section(actor, row["id"], section, data, version=version)


async def add_person(actor: Actor, application: UUID, worker: UUID, duty: str, *, version: int) -> None:
    """Add a worker of the unit to the team; adding again changes the duty. Raises ``NotFound`` for another unit's worker."""
    async with transaction():
        row = await lock_own(actor, application, version=version)
        found = await fetchrow(
            "SELECT w.id, w.name, w.skill_level FROM worker w JOIN organisation o ON o.id = w.organisation WHERE w.id = $1"
            " AND w.left_at IS NULL AND w.merged_into IS NULL AND o.ancestors && $2::uuid[]",
            worker, list(Permission.APPLY.scope(actor)),
        )  # fmt: skip
        if found is None:
            raise NotFound
        if worker == row["leader"]:
            raise Refusal("leader_is_there", "领衔人已在团队中，不必再加", field="worker", rule="T6")
        await fetch(
            "INSERT INTO application_person (id, application, worker, name, skill_level, duty, place) VALUES ($1, $2, $3, $4,"
            " $5, $6, (SELECT coalesce(max(place), 0) + 1 FROM application_person WHERE application = $2))"
            " ON CONFLICT (application, worker) DO UPDATE SET duty = excluded.duty",
            new_id(), application, worker, found["name"], found["skill_level"], duty,
        )  # fmt: skip
        await _touched(actor, application, "person.added")


async def remove_person(actor: Actor, application: UUID, person: UUID, *, version: int) -> None:
    """Take somebody out of the team."""
    async with transaction():
        await lock_own(actor, application, version=version)
        await fetch("DELETE FROM application_person WHERE id = $1 AND application = $2", person, application)
        await _touched(actor, application, "person.removed")


async def add_paper(actor: Actor, application: UUID, part: int, body: bytes, name: str) -> UUID:
    """Add a file to one of the rules' parts (T5), written anew. Raises ``Refusal`` for kinds, sizes and unknown parts."""
    kept, media_type = await clean(body)
    async with transaction():
        row = await lock_own(actor, application)
        rules = await access.rules_by(row["rule_set"])
        if not 0 <= part < len(rules.papers):
            raise Refusal("part_unknown", "没有这一类材料", field="part", rule="T5")
        held = await fetch("SELECT count(*) AS n FROM application_paper WHERE application = $1 AND removed_at IS NULL", application)  # fmt: skip
        if held[0]["n"] >= 60:
            raise Refusal("papers_many", "一件申报最多 {most} 份材料", field="file", rule="T5", most=60)
        stem = name.replace("\\", "/").rsplit("/", 1)[-1].rsplit(".", 1)[0][:80].strip() or rules.papers[part]
        file = await storage.keep(kept, name=stem + SUFFIXES[media_type], media_type=media_type, made_by=actor.account)
        made = new_id()
        await fetch(
            "INSERT INTO application_paper (id, application, part, file, note, made_by, made_at)"
            f" VALUES ($1, $2, $3, $4, '', $5, {NOW_SQL})",
            made, application, part, file, actor.account,
        )  # fmt: skip
        await _touched(actor, application, "paper.added")
        return made


async def remove_paper(actor: Actor, application: UUID, paper: UUID) -> None:
    """Take a file out; it stays in the history."""
    async with transaction():
        await lock_own(actor, application)
        await fetch(
            f"UPDATE application_paper SET removed_at = {NOW_SQL} WHERE id = $1 AND application = $2 AND removed_at IS NULL",
            paper, application,
        )  # fmt: skip
        await _touched(actor, application, "paper.removed")


async def paper_for(actor: Actor, application: UUID, paper: UUID) -> tuple[bytes, str, str]:
    """(body, name, media type) of a file of an application that the actor sees."""
    await access.row_for(actor, application, Permission.SEE_APPLICATIONS)
    row = await fetchrow("SELECT file FROM application_paper WHERE id = $1 AND application = $2", paper, application)
    if row is None:
        raise NotFound
    return await storage.load(row["file"])


async def _touched(actor: Actor, application: UUID, what: str) -> None:
    await fetch("UPDATE studio_application SET version = version + 1 WHERE id = $1", application)
    await trail.record(actor, f"studio_application.{what}", "studio_application", application)


async def submit(actor: Actor, application: UUID, *, version: int) -> Step:
    """提交 (T2, T5, T6): everything that is missing is said at once. A county-less unit's goes to the naming union's own desk.

    Raises ``Refusals``, ``Stale``, ``Conflict`` where it was handed in before.
    """
    async with transaction():
        await _save_drafts(actor, await lock_own(actor, application, version=version))
        row = await access.row_of(application)
        refused = [one.refusal for one in await checklist.of(row) if one.refusal is not None]
        if refused:
            raise Refusals(refused)
        rules = await access.rules_by(row["rule_set"])
        honour = await honour_check.leader_honour(row["leader"], rules.conditions)
        number = row["number"] or await next_number(row)
        await fetch(
            f"UPDATE studio_application SET number = $2, leader_honour = $3, submitted_at = {NOW_SQL} WHERE id = $1",
            application, number, honour.id if honour else None,
        )  # fmt: skip
        return await move_application(actor, application, "submit")


async def decide(actor: Actor, application: UUID, action: str, *, opinion: str, version: int) -> Step:
    """An officer's step: recommend, return, reject, approve. Recommending asks the checklist again (H77: an honour revoked
    meanwhile); all that blocks is said at once. Other steps have verbs of their own."""
    if action not in ("recommend", "return", "reject", "approve"):
        raise NotFound
    async with transaction():
        row = await access.row_for(actor, application, Permission.SEE_APPLICATIONS, lock=True)
        if action in ("recommend", "approve"):
            rules = await access.rules_by(row["rule_set"])
            refused = await honour_check.leader_refusals(row["leader"], rules.conditions, upgrades=row["upgrades"])
            if refused:
                raise Refusals(refused)
        if action == "reject" and row["notice"] is not None and actor is not None and row["stage"] == Step.NOTICE:
            from studios.applications.notices import require_reason_to_reject

            await require_reason_to_reject(row)
        return await move_application(actor, application, action, opinion=opinion, version=version)


async def arrange_visit(actor: Actor, application: UUID, form: VisitForm) -> UUID:
    """材料审查 passed: a panel goes there (T3). Raises what ``visits.plan_visit`` raises, ``Stale``, ``Conflict``."""
    async with transaction():
        row = await access.row_for(actor, application, Permission.REVIEW_APPLICATIONS, lock=True)
        if form.planned_on < await clock.today():
            raise Refusal("visit_past", "走访日期应在今天或以后", field="planned_on")
        rules = await access.rules_by(row["rule_set"])
        results = dossier_of(row["dossier"]).results
        await move_application(actor, application, "arrange_visit", version=form.version)
        return await visits.plan_visit(
            actor,
            visits.VisitOrder(
                kind="application", subject=application, title=name_in(row),
                context=row["call_title"], organisation=row["organisation"], union=row["running"],
                table=rules.naming_table, planned_on=form.planned_on, experts=form.experts, outputs=outputs_of(results),
            ),
        )  # fmt: skip


def outputs_of(results: Results) -> tuple[visits.Output, ...]:
    """What the application claims, for the experts to compare with what they see (T11)."""
    labels = (
        ("发明专利", results.inventions), ("实用新型", results.utility_models), ("技改项目", results.improvements),
        ("操作法", results.methods), ("带徒人数", results.apprentices), ("培训人次", results.trained),
        ("效益（万元）", results.benefit),
    )  # fmt: skip
    return tuple(visits.Output(label=label, now=count) for label, count in labels)


async def end_visit(actor: Actor, application: UUID) -> visits.Closed:
    """Close the visit and hand the application to the meeting. Raises what ``visits.close_visit`` raises."""
    async with transaction():
        row = await access.row_for(actor, application, Permission.REVIEW_APPLICATIONS, lock=True)
        visit = await visits.open_visit_of(row["id"])
        if visit is None:
            raise NotFound
        closed = await visits.close_visit(actor, visit["id"])
        await move_application(actor, application, "close_visit", opinion=closed.total)
        return closed


async def call_off_visit(actor: Actor, application: UUID, *, reason: str, version: int) -> Step:
    """取消走访: nobody has signed yet; the application goes back to 材料审查, from where another panel can be sent.

    Raises what ``visits.call_off`` raises, ``Stale``, ``Conflict`` in any other step.
    """
    async with transaction():
        row = await access.row_for(actor, application, Permission.REVIEW_APPLICATIONS, lock=True)
        to = await move_application(actor, application, "call_off_visit", opinion=reason, version=version)
        visit = await visits.open_visit_of(row["id"])
        if visit is None:
            raise NotFound
        await visits.call_off(actor, visit["id"], reason)
        return to


async def abandon_late() -> int:
    """逾期未补正视为放弃: returned applications whose last day is over (T3). The clock's own act; returns how many."""
    rows = await fetch(
        "SELECT id FROM studio_application WHERE stage = 'returned' AND returned_due_on < $1 ORDER BY id LIMIT 500",
        await clock.today(),
    )
    done = 0
    for row in rows:
        async with transaction():
            held = await fetch(
                "SELECT 1 FROM studio_application WHERE id = $1 AND stage = 'returned' AND returned_due_on < $2"
                " FOR UPDATE SKIP LOCKED",
                row["id"], await clock.today(),
            )  # fmt: skip
            if held:
                await move_application(None, row["id"], "abandon", opinion="逾期未补正，视为放弃")
                done += 1
    return done
