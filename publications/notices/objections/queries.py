"""Reads about objections, for the officers of the organisation that handles them and for nobody else (H34)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from foundation import clock
from foundation.crypto import subject_key, unseal
from foundation.database import fetch, fetchrow
from foundation.errors import NotFound
from foundation.i18n import N_, gettext
from foundation.listing import Asked, Column, Filter, Found, Listing
from foundation.web.navigation import Count
from foundation.web.policy import Actor
from publications.notices.objections import rules
from publications.notices.objections.operations import MATTER, STEP
from publications.notices.objections.rules import CHANNELS, KINDS, OUTCOMES, STAGES, Stage
from publications.notices.objections.schemas import Objection, Step
from publications.notices.queries import is_overdue
from publications.permissions import Permission
from registry.search_keys import keys_for_query

CHIP = {
    Stage.RECEIVED: "warn", Stage.ACCEPTED: "info", Stage.VERIFYING: "info", Stage.CONCLUDED: "wait", Stage.DECLINED: "wait",
    Stage.TOLD: "ok",
}  # fmt: skip
TODAY = f"({clock.NOW_SQL} AT TIME ZONE 'Asia/Shanghai')::date"
OVERDUE = f"x.stage IN ('accepted', 'verifying') AND x.verify_by < {TODAY}"


def _options(labels: Any) -> Any:
    return lambda: [(str(value), gettext(text)) for value, text in labels.items() if value]


LIST = Listing(
    path="/publicity/objections",
    select="x.id, x.number, x.channel, x.kind, x.received_at, x.stage, x.outcome, x.verify_by, n.id AS notice, n.title,"
    f" n.number AS notice_number, s.cells AS cells, ({OVERDUE}) AS overdue",
    source="notice_objection x JOIN notice n ON n.id = x.notice LEFT JOIN notice_subject s ON s.id = x.subject",
    search=lambda q, bind: f"x.number = {bind(q.upper())} OR n.search_keys @> {bind(keys_for_query(q))}::varchar[]",
    columns=(
        Column(key="number", title=N_("受理编号"), sort="x.number"),
        Column(key="title", title=N_("公示")),
        Column(key="cells", title=N_("涉及对象"), show=lambda row: row["cells"][0] if row["cells"] else gettext("公示整体")),
        Column(key="channel", title=N_("反映方式"), show=lambda row: gettext(CHANNELS[row["channel"]])),
        Column(key="kind", title=N_("名义"), show=lambda row: gettext(KINDS[row["kind"]])),
        Column(key="received_at", title=N_("收到"), sort="x.received_at", show=lambda row: f"{clock.local(row['received_at']):%Y-%m-%d %H:%M}"),
        Column(key="verify_by", title=N_("核查期限"), sort="x.verify_by"),
        Column(key="stage", title=N_("状态"), sort="x.stage", show=lambda row: gettext(STAGES[Stage(row["stage"])])),
        Column(key="outcome", title=N_("结论"), show=lambda row: gettext(OUTCOMES[row["outcome"]]) if row["outcome"] else ""),
    ),
    filters=(
        Filter(
            key="state", title=N_("办理"), default="open", options=lambda: [("open", gettext("未办结")), ("overdue", gettext("逾期")), ("told", gettext("已告知")), ("all", gettext("全部"))],
            conditions={"open": "x.stage <> 'told'", "overdue": OVERDUE, "told": "x.stage = 'told'", "all": "true"},
        ),
        Filter(key="channel", title=N_("反映方式"), where="x.channel = {}", options=_options(CHANNELS)),
        Filter(key="notice", title=N_("公示"), where="x.notice = {}", convert=UUID),
    ),
    order="x.received_at DESC, x.id",
)  # fmt: skip
HANDLED_BY = "n.handling = ANY({}::uuid[])"


async def listed(actor: Actor, asked: Asked) -> Found:
    """The objections that the actor's own organisations handle. No name is in it."""
    return await LIST.fetch(asked, HANDLED_BY, list(Permission.HANDLE_OBJECTIONS.scope(actor)))


def waiting(actor: Actor) -> Count:
    """How many wait for this actor's organisation."""
    return Count(
        sql="SELECT count(*) FROM notice_objection x JOIN notice n ON n.id = x.notice"
        " WHERE x.stage <> 'told' AND n.handling = ANY($1::uuid[])",
        values=(list(Permission.HANDLE_OBJECTIONS.scope(actor)),),
    )


async def one(actor: Actor, objection: UUID) -> Objection:
    """An objection with its way so far; who objects is masked."""
    row = await fetchrow(
        "SELECT x.*, n.title, n.number AS notice_number, s.cells FROM notice_objection x JOIN notice n ON n.id = x.notice"
        " LEFT JOIN notice_subject s ON s.id = x.subject WHERE x.id = $1 AND n.handling = ANY($2::uuid[])",
        objection, list(Permission.HANDLE_OBJECTIONS.scope(actor)),
    )  # fmt: skip
    if row is None:
        raise NotFound
    try:
        key = await subject_key(objection)
    except LookupError:
        key = None
    steps = await fetch(
        "SELECT t.*, coalesce(a.name, '') AS by_name FROM notice_objection_step t LEFT JOIN account a ON a.id = t.made_by"
        " WHERE t.objection = $1 ORDER BY t.made_at, t.id",
        objection,
    )
    return Objection(
        id=row["id"], notice=row["notice"], notice_title=row["title"], notice_number=row["notice_number"],
        number=row["number"], subject=row["subject"], subject_cells=tuple(row["cells"] or ()), channel=row["channel"],
        kind=row["kind"], name_masked="***" if key is not None and row["erased_at"] is None else "", matter=_open(key, row["matter_sealed"], MATTER),
        has_attachment=row["attachment"] is not None, received_at=row["received_at"], postmark=row["postmark"],
        stage=Stage(row["stage"]), outcome=row["outcome"], verify_by=row["verify_by"],
        overdue=is_overdue(row, await clock.today()), erased_at=row["erased_at"],
        told_at=next((t["made_at"] for t in reversed(steps) if t["action"] == "tell"), None), version=row["version"],
        steps=tuple(
            Step(
                action=t["action"], text=_open(key, t["text_sealed"], STEP) if t["text_sealed"] else "",
                signed_by=t["signed_by"], on_day=t["on_day"], how=t["how"], by=t["by_name"], made_at=t["made_at"],
            )
            for t in steps
        ),
    )  # fmt: skip


def _open(key: bytes | None, sealed: bytes, label: str) -> str:
    return unseal(key, sealed, label=label) if key is not None else ""


def actions_from(stage: Stage) -> list[str]:
    """The steps that lead on from here."""
    return [action for (at, action) in rules.MOVES if at is stage]
