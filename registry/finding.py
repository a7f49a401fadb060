"""What the registry adds to the search box and to everybody's first page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from foundation.i18n import gettext as _
from foundation.web.home import Hit, ToDo
from foundation.web.policy import Actor
from registry.merging import queries as merging
from registry.organisations import queries as organisations
from registry.organisations.rules import KINDS
from registry.permissions import Permission
from registry.workers import queries as workers


async def search(actor: Actor, q: str, most: int) -> Sequence[Hit]:
    """Workers and organisations by name, 拼音 and initials, within what the actor may see."""
    hits: list[Hit] = []
    if Permission.SEE_WORKERS.allows(actor):
        hits += [
            Hit(title=one.name, note=one.unit, href=f"/registry/workers/{one.id}", icon="user", kind=_("职工"))
            for one in await workers.pick_workers(actor, q, limit=most)
        ]
    if Permission.SEE_ORGANISATIONS.allows(actor):
        hits += [
            Hit(
                title=one.name, note=_(KINDS[one.kind]), href=f"/registry/organisations/{one.id}",
                icon="building-factory-2", kind=_("工会组织"),
            )
            for one in await organisations.pick(actor, q, Permission.SEE_ORGANISATIONS, limit=most)
        ]  # fmt: skip
    return hits


async def to_dos(actor: Actor, now: datetime) -> Sequence[ToDo]:
    """Merges wait for a second person, requests for our workers for an answer; ours wait for somebody else's."""
    if not Permission.KEEP_WORKERS.allows(actor):
        return []
    waiting = [
        ToDo(
            title=_("{other} 并入 {keep}").format(other=one.other_name, keep=one.keep_name), kind=_("合并申请"),
            href="/registry/merges", act=_("核对") if one.asked_by != actor.account else _("查看"), icon="arrow-merge",
            who=one.asked_name, note=one.reason, mine=one.asked_by != actor.account,
        )
        for one in await merging.listed(actor, decided=False)
    ]  # fmt: skip
    for one, ours, asked_by_us in await workers.transfers_for(actor):
        if one.decision or (ours and asked_by_us):
            continue
        waiting.append(
            ToDo(
                title=_("{unit} 申请调入 {name}").format(unit=one.to_unit, name=one.worker_name),
                kind=_("调动申请"),
                href="/registry/transfers",
                act=_("答复") if ours else _("查看"),
                icon="users",
                who=one.from_unit if ours else _("原单位"),
                mine=ours,
            )
        )
    return waiting
