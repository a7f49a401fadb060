"""Bundle files as people bring them: read, explained fault by fault, previewed, and stored once they say yes."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from msgspec import Struct

from competitions.permissions import Permission
from competitions.programme.bundles import bundle_of
from competitions.programme.storing import storable_faults, store_bundle
from competitions.scoring.bundle import Bundle
from competitions.scoring.canonical import bundle_sha256, canonical
from competitions.scoring.faults import BundleFaults, Fault
from competitions.scoring.reading import parse
from competitions.scoring.standings import Standings, standings
from foundation import storage
from foundation.database import fetch, fetchrow, transaction
from foundation.errors import NotFound, Refusal, Refusals
from foundation.forms import CONTROL
from foundation.i18n import N_
from foundation.web.policy import Actor

LIMIT = storage.UPLOAD_LIMIT
MEDIA = "application/vnd.gongjiang.event+json"
MOST_SHOWN = 300

WORDS: Mapping[str, str] = {
    "json": N_("不是有效的 JSON 文件"),
    "type": N_("类型不对"),
    "code": N_("代号格式不对"),
    "quantity": N_("不是十进制数字串"),
    "count": N_("应为 0 或更大的整数"),
    "places": N_("小数位数应为 0 到 6，或不取整"),
    "choice": N_("没有这个取值"),
    "length": N_("个数不对"),
    "unknown": N_("没有这个字段"),
    "missing": N_("缺少这个字段"),
    "double": N_("同一个键写了两次"),
    "duplicate": N_("重复"),
    "unknown-entry": N_("没有这个参赛号"),
    "unknown-aspect": N_("没有这个评分项"),
    "unknown-module": N_("没有这个模块"),
    "unknown-key": N_("没有这种排名依据"),
    "range": N_("超出范围"),
    "step": N_("不合步长"),
    "unfit": N_("与其他字段矛盾"),
    "text": N_("含有无法保存的字符"),
    "too-long": N_("文字过长"),
}
"""What each kind of fault is called; the checker's own English stands beside it."""


class Preview(Struct, frozen=True, kw_only=True):
    """What a file would bring. ``again``: its code is an event already; ``refused``: why it could not be stored."""

    bundle: Bundle
    sha256: str
    standings: Standings
    judges: int
    aspects: int
    again: bool


def read_bundle(body: bytes) -> Bundle:
    """The bundle of a file; raises ``Refusal`` for an oversized one and ``BundleFaults`` with every fault."""
    if len(body) > LIMIT:
        raise Refusal("too_large", "文件超过 {most} MB", field="file", most=LIMIT // 1024 // 1024)
    bundle = parse(body)
    if faults := storable_faults(bundle):
        raise BundleFaults(faults)
    return bundle


def refusals_of(faults: BundleFaults) -> Refusals:
    """The faults as refusals, for problem+json: ``field`` is the JSON path."""
    return Refusals(refusal_of(fault) for fault in faults.faults[:MOST_SHOWN])


def refusal_of(fault: Fault) -> Refusal:
    """One fault: what it is in the reader's language, then the checker's own words."""
    return Refusal(
        fault.code, "{kind}：{what}（允许：{allowed}）", field=fault.path, kind=WORDS.get(fault.code, fault.code),
        what=fault.what, allowed=fault.allowed,
    )  # fmt: skip


async def keep_upload(actor: Actor, body: bytes, name: str) -> UUID:
    """Keep a sound file between preview and confirmation."""
    read_bundle(body)
    name = CONTROL.sub("", name.encode("utf-8", "replace").decode("utf-8"))
    async with transaction():
        return await storage.keep(body, name=name or "bundle.json", media_type=MEDIA, made_by=actor.account)


async def uploaded(actor: Actor, file: UUID) -> Bundle:
    """The bundle of a file that this officer brought; another's is not found."""
    row = await fetchrow("SELECT made_by, media_type FROM stored_file WHERE id = $1", file)
    if row is None or row["made_by"] != actor.account or row["media_type"] != MEDIA:
        raise NotFound
    body, _name, _media = await storage.load(file)
    return read_bundle(body)


async def preview_of(bundle: Bundle) -> Preview:
    """Count and score a bundle before it is stored."""
    known = await fetch("SELECT 1 FROM event WHERE code = $1", bundle.event.code)
    return Preview(
        bundle=bundle, sha256=bundle_sha256(bundle), standings=standings(bundle),
        judges=len({mark.judge for mark in bundle.marks}), again=bool(known),
        aspects=sum(len(module.aspects) for module in bundle.event.rules.modules),
    )  # fmt: skip


async def import_bundles(actor: Actor, bundles: list[Bundle], *, competition_id: UUID | None = None) -> list[UUID]:
    """Store several bundles in one transaction: all of them or none."""
    async with transaction():
        return [await store_bundle(actor, bundle, competition_id=competition_id) for bundle in bundles]


async def exported(event_id: UUID) -> bytes:
    """An event's bundle in canonical form."""
    return canonical(await bundle_of(event_id))


async def open_competitions(actor: Actor) -> list[tuple[str, str]]:
    """The competitions that may take an imported event in, as (id, title)."""
    rows = await fetch(
        "SELECT c.id, c.title FROM competition c JOIN organisation o ON o.id = c.organiser"
        " WHERE o.ancestors && $1::uuid[] AND c.stage <> 'closed' ORDER BY c.starts_on DESC LIMIT 200",
        list(Permission.RUN_COMPETITION.scope(actor)),
    )
    return [(str(row["id"]), row["title"]) for row in rows]
