"""命名: an application becomes a studio — in one transaction with its document, plaque, certificate and achievements (T3, T7)."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from foundation import trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, Forbidden, NotFound, Refusal, Refusals
from foundation.settings import settings
from foundation.web.policy import Actor
from publications.certificates.requests import Line, request_certificates
from publications.documents.operations import issue_decision
from publications.documents.orders import DecisionOrder, Roll
from publications.documents.schemas import Entry, Of
from publications.notices import queries as notices
from registry.achievements.operations import record
from registry.achievements.schemas import Achieved
from registry.search_keys import keys_for_organisation, sort_key
from studios.applications import access, honour_check
from studios.applications.moving import move_application
from studios.applications.schemas import NamingForm, dossier_of
from studios.applications.stages import Step
from studios.permissions import Permission
from studios.schemas import COLLEGE, ProgrammeRules

SOURCE = "studio_call"
LEVEL_WORDS = {"national": "国家级", "province": "省级", "city": "市级", "county": "县级", "enterprise": "企业级"}


def studio_name(leader: str, title_kind: str, unit: str = "") -> str:
    """T7: 领衔人姓名 + （劳模/工匠）创新工作室; a college (学院) is its unit's: 单位名称 + 工匠学院."""
    return f"{unit}工匠学院" if title_kind == COLLEGE else f"{leader}{title_kind}创新工作室"


def name_in(row: Any) -> str:
    """The name that an application's row leads to."""
    return studio_name(row["leader_name"], row["title_kind"], row["organisation_name"])


def years_later(day: date, years: int) -> date:
    """The same day some years on; 29 February becomes the 28th where there is none."""
    last = calendar.monthrange(day.year + years, day.month)[1]
    return date(day.year + years, day.month, min(day.day, last))


async def obstacles(row: Any) -> list[Refusal]:
    """Everything that stands between an approved application and its naming (H32, H34, H77, T2), each with its rule."""
    if row["stage"] != Step.NOTICE:
        return [Refusal("not_approved", "会议尚未审定通过，不能命名", rule="T3")]
    name = name_in(row)
    if row["notice"] is None:
        refused = [Refusal("notice_missing", "“{studio}”尚未公示", rule="H30", studio=name)]
    else:
        refused = await notices.obstacles(row["notice"], subject=row["id"])
    rules = await access.rules_by(row["rule_set"])
    return [*refused, *await honour_check.leader_refusals(row["leader"], rules.conditions, upgrades=row["upgrades"])]


async def name_studio(
    actor: Actor, application_id: UUID, *, document: UUID, document_number: str, named_on: date
) -> UUID:
    """Name one studio by an issued document; returns its id. Two officers at once name it once: the second has ``Conflict``.

    Makes the studio (or lets the lower one rise, T9), its naming, members and event, the achievements of leader and unit
    (kind "studio"), and asks for certificate and plaque — all in the caller's transaction. Raises ``Refusals`` with every
    obstacle, ``NotFound`` out of reach, ``Forbidden`` for another union's officer.
    """
    async with transaction():
        row = await access.row_for(actor, application_id, Permission.SEE_APPLICATIONS, lock=True)
        if not access.may_act(actor, row, Permission.DECIDE_STUDIOS):
            raise Forbidden
        if row["stage"] == Step.NAMED:
            raise Conflict("already_named", "这家工作室已经命名")
        if refused := await obstacles(row):
            raise Refusals(refused)
        rules = await access.rules_by(row["rule_set"])
        if row["upgrades"] is None:
            studio = await _make(actor, row, rules, named_on)
        else:
            studio = await _raise(row, rules, named_on)
        naming = await _write_naming(actor, row, studio, document_number, named_on)
        await _achieved(actor, row, naming, named_on, document_number)
        await _certificates(actor, row, studio, naming, rules, named_on, document_number)
        await fetch(
            "UPDATE studio_application SET studio = $2, document = $3 WHERE id = $1", row["id"], studio, document
        )
        await move_application(actor, application_id, "name", opinion=document_number)
        await trail.record(actor, "studio.named", "studio", studio, {"application": str(application_id)})
        return studio


async def _make(actor: Actor, row: Any, rules: ProgrammeRules, named_on: date) -> UUID:
    made, place = new_id(), dossier_of(row["dossier"]).place
    name = name_in(row)
    await fetch(
        "INSERT INTO studio (id, code, name, title_kind, field_of_work, programme, level, organisation, county, region,"
        " leader, leader_name, leader_honour, named_on, cycle_ends_on, address, search_keys, sort_key, made_by, made_at,"
        " stage, last_grade, profile, facts, version)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,"
        f" {NOW_SQL}, 'active', '', '', '{{}}', 1)",
        made, f"GZS-{row['number']}"[:40], name, row["title_kind"], place.field_of_work, row["programme"], row["level"],
        row["organisation"], row["county"], row["region"], row["leader"], row["leader_name"], row["leader_honour"],
        named_on, years_later(named_on, rules.terms.cycle_years), place.address, _keys(row, name), sort_key(name),
        actor.account,
    )  # fmt: skip
    await fetch(
        "INSERT INTO studio_member (id, studio, worker, name, role, skill_level, joined_on)"
        " SELECT gen_random_uuid(), $2::uuid, w.id, w.name, 'leader', w.skill_level, $3::date FROM worker w WHERE w.id = $4"
        " UNION ALL SELECT gen_random_uuid(), $2::uuid, worker, name, 'member', skill_level, $3::date FROM application_person"
        " WHERE application = $1 AND worker <> $4",
        row["id"], made, named_on, row["leader"],
    )  # fmt: skip
    return made


def _keys(row: Any, name: str) -> list[str]:
    return sorted({*keys_for_organisation(name), *keys_for_organisation(row["organisation_name"])})


async def _raise(row: Any, rules: ProgrammeRules, named_on: date) -> UUID:
    """T9: the studio rises; its lower naming stays in the history."""
    raised = await fetchval(
        "UPDATE studio SET programme = $2, level = $3, cycle_ends_on = $4, leader_honour = $5, version = version + 1"
        " WHERE id = $1 AND stage = 'active' AND leader = $6 RETURNING id",
        row["upgrades"], row["programme"], row["level"], years_later(named_on, rules.terms.cycle_years),
        row["leader_honour"], row["leader"],
    )  # fmt: skip
    if raised is None:
        raise Conflict("studio_not_active", "原级别的工作室已不在册或已更换领衔人，不能升级", rule="T9")
    return raised


async def _write_naming(actor: Actor, row: Any, studio: UUID, number: str, named_on: date) -> UUID:
    made = new_id()
    await fetch(
        "INSERT INTO studio_naming (id, studio, programme, level, named_on, document_number, plaque_number, made_by, made_at)"
        f" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, {NOW_SQL})",
        made, studio, row["programme"], row["level"], named_on, number, row["number"] or "", actor.account,
    )  # fmt: skip
    kind = "upgraded" if row["upgrades"] else "named"
    await fetch(
        "INSERT INTO studio_event (id, studio, kind, happened_on, public_text, facts, made_by, made_at)"
        f" VALUES ($1, $2, $3, $4, $5, $6::jsonb, $7, {NOW_SQL})",
        new_id(), studio, kind, named_on, f"命名为{row['programme_title']}（{number}）"[:200],
        msgspec.json.encode({"level": row["level"], "document": number}).decode(), actor.account,
    )  # fmt: skip
    return made


async def _achieved(actor: Actor, row: Any, naming: UUID, named_on: date, number: str) -> None:
    """For the leader and for the unit: honours read this as a basis, and hear of a withdrawal."""
    level = "unit" if row["level"] == "enterprise" else row["level"]
    name = name_in(row)
    facts = {"studio": name, "document": number}
    for worker, organisation, holder in (
        (row["leader"], None, row["leader_name"]),
        (None, row["organisation"], row["organisation_name"]),
    ):
        await record(
            actor,
            Achieved(
                holder_name=holder, kind="studio", title=f"{row['programme_title']}{'负责人' if row['title_kind'] == COLLEGE else '领衔人'}" if worker else row["programme_title"],
                level=level, achieved_on=named_on, source_kind="studio_naming", source=naming, worker=worker,
                organisation=organisation, facts=facts,
            ),
        )  # fmt: skip


async def _certificates(
    actor: Actor, row: Any, studio: UUID, naming: UUID, rules: ProgrammeRules, named_on: date, number: str
) -> None:
    name, place = name_in(row), dossier_of(row["dossier"]).place
    series = f"XCGZS-{named_on.year}"
    line = Line(
        subject=naming, recipient=name, kind="studio", award=row["programme_title"], issued_on=named_on, series=series,
        design="naming", organisation=row["organisation"], worker=row["leader"],
        words={
            "level": LEVEL_WORDS[row["level"]], "leader": row["leader_name"], "unit": row["organisation_name"],
            "direction": place.field_of_work, "document": number,
            "valid_until": f"{years_later(named_on, rules.terms.cycle_years):%Y-%m-%d}",
        },
    )  # fmt: skip
    plaque = msgspec.structs.replace(line, design="plaque", words={}, series=f"XCGZSP-{named_on.year}")
    await request_certificates(actor, [line, plaque], source_kind="studio", source=naming)


async def name_call(actor: Actor, call: UUID, form: NamingForm) -> tuple[str, list[UUID]]:
    """Issue the naming document over everything that a call's meeting approved and name each of it; all or nothing.

    Returns the document's number and the studios. Raises ``Refusals`` with every obstacle of every application at once
    (H32, H34, H70, H77), ``Refusal`` ``nobody_approved``; asked again, nothing is left to name.
    """
    async with transaction():
        programme = await fetchrow(
            "SELECT c.id, p.title, p.organisation FROM studio_call c JOIN programme p ON p.id = c.programme"
            " WHERE c.id = $1 AND p.organisation = ANY($2::uuid[]) FOR UPDATE OF c",
            call, list(Permission.DECIDE_STUDIOS.scope(actor)),
        )  # fmt: skip
        if programme is None:
            raise NotFound
        rows = await approved(call)
        refused = [refusal for row in rows for refusal in await obstacles(row)]
        if not rows:
            refused = [Refusal("nobody_approved", "没有待命名的工作室", rule="T3")]
        if refused:
            raise Refusals(refused)
        document, number = await issue_decision(actor, _order(programme, rows, form))
        studios = [
            await name_studio(
                actor, row["id"], document=document, document_number=number, named_on=form.named_on
            )
            for row in rows
        ]  # fmt: skip
        return number, studios


async def approved(call: UUID) -> list[Any]:
    """What the meeting approved and what is not named yet, locked, in the order of numbers."""
    ids = await fetch(
        "SELECT id FROM studio_application WHERE call = $1 AND stage = 'notice' ORDER BY number FOR UPDATE", call
    )
    return [await access.row_of(one["id"]) for one in ids]


def _order(programme: Any, rows: Sequence[Any], form: NamingForm) -> DecisionOrder:
    lines = tuple(
        Entry(
            name=name_in(row),
            detail=row["organisation_name"],
            region=row["region"],
        )
        for row in rows
    )
    # A call may be named in several documents: the applications that this one names are its source.
    return DecisionOrder(
        organisation=programme["organisation"], organs=(settings().federation,), series=form.series, title=form.title,
        rolls=(Roll(award=programme["title"], kind=Of.TEAMS, lines=lines),), reason=form.reason, signed_on=form.named_on,
        source_kind="studio_naming", source=rows[0]["id"],
    )  # fmt: skip
