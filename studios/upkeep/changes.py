"""续认定、晋级、变更领衔人、合并、迁址 (T2, T4, T8, T9)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from foundation import clock, trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal
from foundation.web.policy import Actor
from registry.search_keys import keys_for_name, keys_for_organisation, sort_key
from studios.permissions import Permission
from studios.stages import LISTED, Stage
from studios.upkeep import rules
from studios.upkeep.access import (
    LISTED_WORDS,
    move,
    require_listed,
    require_version,
    rules_of,
    studio_for,
    studio_of,
    tell,
)
from studios.upkeep.endings import leave_register
from studios.upkeep.rereview import close_rereviews, held_by, open_rereview
from studios.upkeep.schemas import LeaderForm, MergeForm, MoveForm, RenewForm, UpgradeForm

DECIDE = Permission.DECIDE_STUDIOS
GRADES_SQL = """
SELECT CASE WHEN a.grade = 'rectify' AND EXISTS (SELECT FROM rectification r WHERE r.assessment = a.id AND r.outcome = 'cleared')
            THEN 'qualified' ELSE a.grade END AS grade
FROM assessment a WHERE a.studio = $1 AND a.decided_at IS NOT NULL
AND a.year >= coalesce((SELECT extract(year FROM max(from_on))::int FROM renewal WHERE studio = $1), 0) ORDER BY a.year
"""


async def _locked(actor: Actor, studio: UUID, version: int) -> Any:
    row = await studio_for(actor, studio, DECIDE, lock=True)
    require_version(row, version)
    require_listed(row)
    return row


async def lapse_due() -> int:
    """Terms that are over lapse by themselves (T4); returns how many. For the worker's tick, safe twice."""
    async with transaction():
        today = await clock.today()
        due = await fetch(
            "SELECT id FROM studio WHERE stage = 'active' AND cycle_ends_on < $1 ORDER BY id LIMIT 500", today
        )
        lapsed = 0
        for one in due:
            row = await studio_of(one["id"], lock=True)
            if row["stage"] == Stage.ACTIVE and row["cycle_ends_on"] and row["cycle_ends_on"] < today:
                await move(None, row, "lapse")
                await tell(None, row["id"], "lapsed", on=today)
                lapsed += 1
        return lapsed


async def renew(actor: Actor, studio: UUID, form: RenewForm) -> None:
    """续认定 by a document: a term more (T4). Raises ``NotFound``, ``Stale``, ``Conflict``, Refusals of the rule."""
    async with transaction():
        row = await _locked(actor, studio, form.version)
        today = await clock.today()
        grades = [one["grade"] for one in await fetch(GRADES_SQL, studio)]
        rules.require_renewable(grades, row["cycle_ends_on"], today)
        if not form.document_number.strip():
            raise Refusal("document_missing", "请填写文号", field="document_number", rule="T4")
        start, until = rules.next_term(row["cycle_ends_on"], today, (await rules_of(row["programme"])).terms)
        await move(actor, row, "renew")
        await fetch(
            f"INSERT INTO renewal (id, studio, from_on, until_on, document_number, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, {NOW_SQL})",
            new_id(), studio, start, until, form.document_number.strip(), actor.account,
        )  # fmt: skip
        await fetch("UPDATE studio SET cycle_ends_on = $2 WHERE id = $1", studio, until)
        await tell(actor, studio, "renewed", on=today, public="续认定", facts={"until": until.isoformat()})


async def upgrade(actor: Actor, studio: UUID, form: UpgradeForm) -> None:
    """晋级 (T9): one current level, and the lower naming stays. The leader qualifies at the higher level (T2)."""
    async with transaction():
        row = await _locked(actor, studio, form.version)
        if row["stage"] != Stage.ACTIVE:
            raise Conflict("upgrade_active", "只有在册的工作室可以晋级", rule="T9")
        to = await fetchrow("SELECT * FROM programme WHERE id = $1", form.programme)
        if to is None:
            raise Refusal("programme_unknown", "没有这个项目", field="programme", rule="T1")
        terms, today = await rules_of(to["id"]), await clock.today()
        since = await fetchval(
            "SELECT min(named_on) FROM studio_naming WHERE studio = $1 AND level = $2", studio, row["level"]
        )
        if not (since or row["named_on"]) <= form.named_on <= today:
            raise Refusal("named_on_range", "命名日期应在上次命名之后、今天以前", field="named_on", rule="T9")
        years = rules.full_years(since or row["named_on"], form.named_on)
        rules.require_upgrade(terms.conditions, level=row["level"], to_level=to["level"], years=years)
        honour = rules.qualifying(terms.conditions, await held_by(row["leader"])) if row["leader"] else None
        if not rules.leads(terms.conditions, honour):
            raise Refusal("leader_unqualified", "领衔人没有有效的相应级别荣誉", field="programme", rule="T2")
        until = rules.years_after(form.named_on, terms.terms.cycle_years)
        if row["cycle_ends_on"] is not None:
            until = max(until, row["cycle_ends_on"])
        await fetch(
            "INSERT INTO studio_naming (id, studio, programme, level, named_on, document_number, plaque_number, made_by,"
            f" made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, {NOW_SQL})",
            new_id(), studio, to["id"], to["level"], form.named_on, form.document_number, form.plaque_number, actor.account,
        )  # fmt: skip
        await fetch(
            "INSERT INTO studio_upgrade (id, studio, from_programme, to_programme, upgraded_on, document_number, made_by,"
            f" made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, {NOW_SQL})",
            new_id(), studio, row["programme"], to["id"], form.named_on, form.document_number, actor.account,
        )  # fmt: skip
        await fetch(
            "UPDATE studio SET programme = $2, level = $3, leader_honour = $4, cycle_ends_on = $5, version = version + 1"
            " WHERE id = $1",
            studio, to["id"], to["level"], honour, until,
        )  # fmt: skip
        await trail.record(actor, "studio.upgraded", "studio", studio, {"from": row["level"], "to": to["level"]})
        await tell(actor, studio, "upgraded", on=form.named_on, public="晋级命名", facts={"level": to["level"]})


async def change_leader(actor: Actor, studio: UUID, form: LeaderForm) -> None:
    """变更领衔人 (T8): somebody of the enterprise with a valid honour who leads no other studio; a re-review ends by it."""
    async with transaction():
        row = await _locked(actor, studio, form.version)
        worker = await fetchrow("SELECT * FROM worker WHERE id = $1 FOR UPDATE", form.worker)
        if worker is None or worker["organisation"] != row["organisation"] or worker["left_at"] or worker["erased_at"]:
            raise Refusal("leader_elsewhere", "新领衔人应是本单位在职职工", field="worker", rule="T8")
        if worker["id"] == row["leader"]:
            raise Refusal("leader_same", "现在的领衔人就是此人", field="worker", rule="T8")
        conditions = (await rules_of(row["programme"])).conditions
        honour = rules.qualifying(conditions, await held_by(worker["id"]))
        if not rules.leads(conditions, honour):
            raise Refusal("leader_unqualified", "领衔人没有有效的相应级别荣誉", field="worker", rule="T2")
        other = await fetchval("SELECT name FROM studio WHERE leader = $1 AND stage = ANY($2::varchar[]) AND id <> $3", worker["id"], LISTED_WORDS, studio)  # fmt: skip
        if conditions.leader_one_studio and other:
            raise Refusal(
                "leader_has_studio", "此人已领衔“{studio}”，不再重复授予", field="worker", rule="T2", studio=other
            )
        if not form.reason.strip():
            raise Refusal("reason_missing", "请写明理由", field="reason", rule="T8")
        await _hand_over(actor, row, worker, honour, form.reason)
        await close_rereviews(actor, row, "leader", form.reason)


async def _hand_over(actor: Actor, row: Any, worker: Any, honour: UUID | None, reason: str) -> None:
    studio, today = row["id"], await clock.today()
    name = rules.named_after(row["name"], worker["name"], row["title_kind"])
    await fetch(
        "INSERT INTO leader_change (id, studio, before, after, honour, name_before, name_after, changed_on, reason, made_by,"
        f" made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, {NOW_SQL})",
        new_id(), studio, row["leader"], worker["id"], honour, row["name"], name, today, reason.strip(), actor.account,
    )  # fmt: skip
    await fetch("UPDATE studio_member SET left_on = greatest(joined_on, $2) WHERE studio = $1 AND role = 'leader' AND left_on IS NULL", studio, today)  # fmt: skip
    await fetch("UPDATE studio_member SET left_on = greatest(joined_on, $3) WHERE studio = $1 AND worker = $2 AND left_on IS NULL", studio, worker["id"], today)  # fmt: skip
    await fetch(
        "INSERT INTO studio_member (id, studio, worker, name, role, skill_level, joined_on) VALUES ($1, $2, $3, $4, 'leader', $5, $6)",
        new_id(), studio, worker["id"], worker["name"], worker["skill_level"], today,
    )  # fmt: skip
    keys = sorted(
        {*keys_for_organisation(name), *keys_for_name(worker["name"]), *keys_for_organisation(row["organisation_name"])}
    )
    await fetch(
        "UPDATE studio SET leader = $2, leader_name = $3, leader_honour = $4, name = $5, search_keys = $6, sort_key = $7,"
        " version = version + 1 WHERE id = $1",
        studio, worker["id"], worker["name"], honour, name, keys, sort_key(name)[:300],
    )  # fmt: skip
    await trail.record(actor, "studio.leader_changed", "studio", studio)
    await tell(
        actor, studio, "leader_changed", on=today, public="变更领衔人", facts={"before": row["name"], "after": name}
    )


async def merge_studio(actor: Actor, studio: UUID, form: MergeForm) -> None:
    """合并: this studio goes into another of the register; outputs stay counted where they were (T11)."""
    async with transaction():
        if form.into == studio:
            raise Refusal("merge_same", "请选择另一个工作室", field="into", rule="T8")
        for one in sorted((studio, form.into)):  # always in one order, so that two mergers cannot lock each other out
            await fetch("SELECT 1 FROM studio WHERE id = $1 FOR UPDATE", one)
        row = await _locked(actor, studio, form.version)
        try:
            into = await studio_for(actor, form.into, DECIDE)
        except NotFound:
            raise Refusal("studio_unknown", "没有这个工作室", field="into", rule="T8") from None
        if Stage(into["stage"]) not in LISTED:
            raise Refusal("studio_unknown", "没有这个工作室", field="into", rule="T8")
        if not form.reason.strip():
            raise Refusal("reason_missing", "请写明理由", field="reason", rule="T8")
        today = await clock.today()
        await fetch(
            f"INSERT INTO studio_merger (id, studio, into_studio, merged_on, reason, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, {NOW_SQL})",
            new_id(), studio, form.into, today, form.reason.strip(), actor.account,
        )  # fmt: skip
        await leave_register(actor, row, "merge", form.reason)
        await tell(actor, form.into, "merged_in", on=today, public="并入另一工作室", facts={"studio": row["name"]})


COUNTY_SQL = """
SELECT a.id FROM organisation o, organisation a WHERE o.id = $1 AND a.id = ANY(o.ancestors) AND a.kind IN ('county', 'industry')
ORDER BY array_length(a.ancestors, 1) LIMIT 1
"""


async def relocate(actor: Actor, studio: UUID, form: MoveForm) -> None:
    """迁址: another address, and where the enterprise itself changed, another unit (with its county) within the actor's reach."""
    async with transaction():
        row = await _locked(actor, studio, form.version)
        if not form.address.strip() or not form.reason.strip():
            raise Refusal("reason_missing", "请写明新地址和理由", field="address", rule="T8")
        unit = form.organisation or row["organisation"]
        place = await fetchrow(
            "SELECT id, region FROM organisation WHERE id = $1 AND ancestors && $2::uuid[] AND closed_at IS NULL",
            unit, list(DECIDE.scope(actor)),
        )  # fmt: skip
        if place is None:
            raise Refusal("unit_unknown", "没有这个单位", field="organisation", rule="T8")
        county, today = await fetchval(COUNTY_SQL, unit) or row["county"], await clock.today()
        await fetch(
            "INSERT INTO studio_move (id, studio, from_organisation, to_organisation, address_before, address_after, moved_on,"
            f" reason, made_by, made_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, {NOW_SQL})",
            new_id(), studio, row["organisation"], unit, row["address"], form.address.strip(), today, form.reason.strip(), actor.account,
        )  # fmt: skip
        await fetch(
            "UPDATE studio SET organisation = $2, county = $3, region = $4, address = $5, version = version + 1 WHERE id = $1",
            studio, unit, county, place["region"], form.address.strip(),
        )  # fmt: skip
        await trail.record(actor, "studio.moved", "studio", studio, {"to": str(unit)})
        await tell(actor, studio, "moved", on=today, public="迁址", facts={"address": form.address.strip()})
        if row["leader"] and unit != row["organisation"] and not await fetchval("SELECT 1 FROM worker WHERE id = $1 AND organisation = $2", row["leader"], unit):  # fmt: skip
            await open_rereview(studio, "moved", row["leader"])
