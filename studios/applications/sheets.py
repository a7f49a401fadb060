"""评分表: one expert's own sheet at one visit: its state, answers in versions, photos, the signature (T5, T8, T10).

The tablet sends sealed requests with a key: repeated, each is answered as the first time. Nobody sees another's marks.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from foundation import clock, storage, trail
from foundation.clock import NOW_SQL
from foundation.database import fetch, fetchrow, transaction
from foundation.database.columns import new_id
from foundation.errors import Conflict, NotFound, Refusal, Refusals, Stale
from foundation.exact.quantities import exact
from foundation.web.policy import Actor
from publications.notices.objections.attachments import clean
from studios.schemas import Item, ScoringTable
from studios.scoring import (
    Answer,
    bonus_points,
    full_points,
    item_result,
    items_of,
    require_answer,
    sheet_total,
)

MOST_PHOTOS = 60
DEGREES = re.compile(r"-?\d{1,3}(\.\d{1,8})?")


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """One answer on its way: ``base`` is the version it was made upon (0: the first). ``+code`` is a bonus, ``count`` its number."""

    item: Annotated[str, msgspec.Meta(max_length=40)]
    base: Annotated[int, msgspec.Meta(ge=0, le=10_000)]
    points: Annotated[str, msgspec.Meta(max_length=12)] | None = None
    checks: dict[str, bool | int] = {}
    count: Annotated[int, msgspec.Meta(ge=0, le=1000)] | None = None
    note: Annotated[str, msgspec.Meta(max_length=500)] = ""


class AnswersIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A sealed request."""

    key: UUID
    answers: Annotated[tuple[Given, ...], msgspec.Meta(min_length=1, max_length=100)]


class PhotoIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A picture: its id made by the device, base64 of PNG or JPEG, when it was taken, where only if the device told."""

    id: UUID
    item: Annotated[str, msgspec.Meta(max_length=40)]
    caption: Annotated[str, msgspec.Meta(max_length=100)] = ""
    taken_at: datetime
    latitude: Annotated[str, msgspec.Meta(max_length=14)] = ""
    longitude: Annotated[str, msgspec.Meta(max_length=14)] = ""
    data: Annotated[str, msgspec.Meta(max_length=9_000_000)]


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """An answer as the server holds it."""

    item: str
    version: int
    points: str | None
    checks: dict[str, bool | int]
    count: int | None
    note: str


class Photo(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    item: str
    caption: str
    taken_at: datetime
    placed: bool


class Colleague(msgspec.Struct, frozen=True, kw_only=True):
    """Another seat of the panel: never its marks, only how far it is."""

    place: int
    me: bool
    name: str
    standing: str


class SheetState(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the tablet needs to go on without a network."""

    visit: UUID
    title: str
    context: str
    unit: str
    table: ScoringTable
    full: str
    answers: tuple[Kept, ...]
    photos: tuple[Photo, ...]
    panel: tuple[Colleague, ...]
    outputs: tuple[dict[str, Any], ...]
    earlier: tuple[dict[str, Any], ...]
    signed: bool
    closed: bool
    csrf: str = ""


SEAT_SQL = """
SELECT e.*, v.title, v.context, v."table", v.stage, v.outputs, v.earlier, v.planned_on,
       coalesce(nullif(o.unit_name, ''), o.name) AS unit
FROM visit_expert e JOIN visit v ON v.id = e.visit JOIN organisation o ON o.id = v.organisation
WHERE e.visit = $1 AND e.account = $2 AND e.excused = '' AND v.stage <> 'called_off'
"""
NEWEST_SQL = "SELECT DISTINCT ON (item) item, number, answer, note FROM visit_answer WHERE expert = $1 ORDER BY item, number DESC"


async def seat_for(actor: Actor, visit: UUID, *, lock: bool = False) -> Any:
    """The actor's own seat at a visit; anybody else's, and an excused one, is not found."""
    row = await fetchrow(SEAT_SQL + (" FOR UPDATE OF e" if lock else ""), visit, actor.account)
    if row is None:
        raise NotFound
    return row


def table_of(row: Any) -> ScoringTable:
    return msgspec.json.decode(row["table"], type=ScoringTable)


async def my_visits(actor: Actor) -> list[Any]:
    """The actor's visits, the unsigned ones first."""
    return await fetch(
        "SELECT v.id, v.title, v.context, v.planned_on, v.stage, v.kind, e.signed_at, e.total,"
        " coalesce(nullif(o.unit_name, ''), o.name) AS unit FROM visit_expert e JOIN visit v ON v.id = e.visit"
        " JOIN organisation o ON o.id = v.organisation WHERE e.account = $1 AND e.excused = '' AND v.stage <> 'called_off'"
        " ORDER BY e.signed_at IS NOT NULL, v.planned_on, v.id LIMIT 200",
        actor.account,
    )


async def kept_answers(expert: UUID) -> tuple[Kept, ...]:
    """The newest version of each answer."""
    rows = await fetch(NEWEST_SQL, expert)
    return tuple(
        Kept(
            item=row["item"], version=row["number"], note=row["note"],
            **{"points": None, "checks": {}, "count": None, **msgspec.json.decode(row["answer"])},
        )
        for row in rows
    )  # fmt: skip


def answers_and_counts(kept: tuple[Kept, ...]) -> tuple[Mapping[str, Answer], Mapping[str, int]]:
    """As ``studios.scoring`` takes them."""
    answers = {one.item: Answer(points=one.points, checks=one.checks) for one in kept if not one.item.startswith("+")}
    return answers, {one.item[1:]: one.count or 0 for one in kept if one.item.startswith("+")}


async def state_for(actor: Actor, visit: UUID) -> SheetState:
    """The whole sheet of this expert."""
    row = await seat_for(actor, visit)
    table = table_of(row)
    photos = await fetch(
        "SELECT id, item, caption, taken_at, latitude <> '' AS placed FROM visit_photo WHERE expert = $1 ORDER BY taken_at, id",
        row["id"],
    )
    return SheetState(
        visit=visit, title=row["title"], context=row["context"], unit=row["unit"], table=table,
        full=str(full_points(table)), answers=await kept_answers(row["id"]),
        photos=tuple(Photo(**dict(one)) for one in photos), panel=await _panel(visit, row["id"]),
        outputs=tuple(msgspec.json.decode(row["outputs"])), earlier=tuple(msgspec.json.decode(row["earlier"])),
        signed=row["signed_at"] is not None, closed=row["stage"] != "open",
    )  # fmt: skip


async def _panel(visit: UUID, me: UUID) -> tuple[Colleague, ...]:
    rows = await fetch(
        "SELECT e.id, e.place, e.name, e.signed_at, EXISTS (SELECT 1 FROM visit_answer v WHERE v.expert = e.id) AS begun"
        " FROM visit_expert e WHERE e.visit = $1 AND e.excused = '' ORDER BY e.place",
        visit,
    )
    return tuple(
        Colleague(
            place=row["place"], me=row["id"] == me, name=row["name"] if row["id"] == me else "",
            standing="signed" if row["signed_at"] else "begun" if row["begun"] else "none",
        )
        for row in rows
    )  # fmt: skip


async def save_answers(actor: Actor, visit: UUID, given: AnswersIn) -> bytes:
    """Keep answers as new versions, all or nothing, once for each key (SECURITY 7); returns the answer's JSON.

    Raises ``Refusals`` beside ``answers-N`` for what the table does not take, ``Stale`` where an item has a newer version,
    ``Conflict`` once the sheet is signed or the visit closed, ``Refusal`` ``key_reused``, ``NotFound`` for another's visit.
    """
    body = msgspec.json.encode([visit, given.answers])
    digest = hashlib.sha256(body).digest()
    async with transaction():
        seat = await seat_for(actor, visit, lock=True)
        known = await fetchrow("SELECT account, digest, answer FROM idempotency_key WHERE id = $1", given.key)
        if known is not None:
            return _again(known, actor, digest)
        require_open(seat)
        table = table_of(seat)
        _require_answers(table, given.answers)
        versions = {row["item"]: row["number"] for row in await fetch(NEWEST_SQL, seat["id"])}
        _require_bases(versions, given.answers)
        await _append(seat["id"], given.answers)
        answer = msgspec.json.encode(
            {"answers": [{"item": one.item, "version": one.base + 1} for one in given.answers]}
        )
        await fetch(
            "INSERT INTO idempotency_key (id, account, digest, status, answer, made_at)"
            f" VALUES ($1, $2, $3, 200, $4, {NOW_SQL})",
            given.key, actor.account, digest, answer.decode(),
        )  # fmt: skip
        await trail.record(
            actor, "visit.answered", "visit", visit,
            {"answers": [[one.item, one.base + 1, one.points, one.checks, one.count] for one in given.answers]},
        )  # fmt: skip
        return answer


def _again(known: Any, actor: Actor, digest: bytes) -> bytes:
    if known["account"] != actor.account or bytes(known["digest"]) != digest:
        raise Refusal("key_reused", "这个请求编号已用于另一份内容，请换一个编号再发", field="key")
    return known["answer"].encode()


def require_open(seat: Any) -> None:
    """Refuse changes to a signed sheet and to a closed visit."""
    if seat["signed_at"] is not None:
        raise Conflict("sheet_signed", "评分表已签字，不能再改", rule="T8")
    if seat["stage"] != "open":
        raise Conflict("visit_closed", "走访已经结束")


def _require_answers(table: ScoringTable, given: tuple[Given, ...]) -> None:
    items: Mapping[str, Item] = {item.code: item for item in items_of(table)}
    refused = []
    if len({one.item for one in given}) < len(given):
        refused.append(Refusal("answer_twice", "同一项在一次请求中出现两次", field="answers"))
    for place, one in enumerate(given):
        try:
            if one.item.startswith("+"):
                bonus_points(table, {one.item[1:]: one.count or 0})
            elif one.item not in items:
                raise Refusal("no_such_item", "评分表没有“{item}”这一项", rule="T5", item=one.item)
            else:
                require_answer(table, items[one.item], Answer(points=one.points, checks=one.checks))
        except Refusal as why:
            refused.append(why.at(f"answers-{place}"))
    if refused:
        raise Refusals(refused)


def _require_bases(versions: Mapping[str, int], given: tuple[Given, ...]) -> None:
    for place, one in enumerate(given):
        current = versions.get(one.item, 0)
        if current != one.base:
            raise Stale(
                "stale_answer", "“{item}”已有第 {version} 版", field=f"answers-{place}", item=one.item, version=current
            )


async def _append(expert: UUID, given: tuple[Given, ...]) -> None:
    for one in given:
        answer = {"count": one.count} if one.item.startswith("+") else {"points": one.points, "checks": one.checks}
        await fetch(
            "INSERT INTO visit_answer (id, expert, item, number, answer, note, made_at)"
            f" VALUES ($1, $2, $3, $4, $5, $6, {NOW_SQL})",
            new_id(), expert, one.item, one.base + 1, msgspec.json.encode(answer).decode(), one.note,
        )  # fmt: skip


async def add_photo(actor: Actor, visit: UUID, given: PhotoIn) -> UUID:
    """Keep a picture: written anew (no EXIF, no hidden place), with the time and, where the device told one, the position.

    The same id again is the same picture. Raises ``Refusal`` for what is no picture, ``photo_many``, a position that is none.
    """
    try:
        body = base64.b64decode(given.data, validate=True)
    except (binascii.Error, ValueError):
        raise Refusal("attachment_broken", "照片打不开，请重拍", field="data") from None
    if body.startswith(b"%PDF-"):
        raise Refusal("photo_kind", "现场凭据只收照片", field="data", rule="T5")
    _require_position(given)
    seat = await seat_for(actor, visit)
    require_open(seat)
    kept, media_type = await clean(body)
    async with transaction():
        seat = await seat_for(actor, visit, lock=True)
        known = await fetchrow("SELECT expert FROM visit_photo WHERE id = $1", given.id)
        if known is not None:
            if known["expert"] != seat["id"]:
                raise NotFound
            return given.id
        require_open(seat)
        await _require_room(seat, given)
        now = await clock.now()
        file = await storage.keep(kept, name=f"{given.id}.jpg", media_type=media_type, made_by=actor.account)
        await fetch(
            "INSERT INTO visit_photo (id, expert, item, caption, file, taken_at, latitude, longitude, made_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            given.id, seat["id"], given.item, given.caption, file, min(given.taken_at, now), given.latitude,
            given.longitude, now,
        )  # fmt: skip
        await trail.record(actor, "visit.photographed", "visit", visit, {"photo": str(given.id), "item": given.item})
        return given.id


def _require_position(given: PhotoIn) -> None:
    told = [given.latitude, given.longitude]
    if told == ["", ""]:
        return
    if not all(DEGREES.fullmatch(one) for one in told) or abs(exact(told[0])) > 90 or abs(exact(told[1])) > 180:
        raise Refusal("photo_position", "照片的位置不是经纬度", field="latitude")


async def _require_room(seat: Any, given: PhotoIn) -> None:
    if given.item not in {item.code for item in items_of(table_of(seat))}:
        raise Refusal("no_such_item", "评分表没有“{item}”这一项", field="item", rule="T5", item=given.item)
    rows = await fetch("SELECT count(*) AS n FROM visit_photo WHERE expert = $1", seat["id"])
    if rows[0]["n"] >= MOST_PHOTOS:
        raise Refusal("photo_many", "一次走访每人最多 {most} 张照片", field="data", most=MOST_PHOTOS)


async def photo_for(actor: Actor, visit: UUID, photo: UUID) -> tuple[bytes, str, str]:
    """(body, name, media type) of the actor's own picture; for officers of the sending union, any of the visit's."""
    from studios.permissions import Permission

    row = await fetchrow(
        'SELECT p.file FROM visit_photo p JOIN visit_expert e ON e.id = p.expert JOIN visit v ON v.id = e.visit'
        ' WHERE p.id = $1 AND v.id = $2 AND (e.account = $3 OR v."union" = ANY($4::uuid[]))',
        photo, visit, actor.account, list(Permission.REVIEW_APPLICATIONS.scope(actor)),
    )  # fmt: skip
    if row is None:
        raise NotFound
    return await storage.load(row["file"])


async def sign_sheet(actor: Actor, visit: UUID) -> str:
    """签字交表: complete, then locked; returns its total. Raises ``sheet_incomplete`` naming what is missing (T8)."""
    async with transaction():
        seat = await seat_for(actor, visit, lock=True)
        require_open(seat)
        table = table_of(seat)
        answers, counts = answers_and_counts(await kept_answers(seat["id"]))
        total = as_text(sheet_total(table, answers, counts))
        await fetch(f"UPDATE visit_expert SET signed_at = {NOW_SQL}, total = $2 WHERE id = $1", seat["id"], total)
        await trail.record(actor, "visit.signed", "visit", visit, {"total": total})
        return total


def as_text(value: Any) -> str:
    """An exact sheet total: its steps are decimal, so two more places than any step wants hold it without rounding."""
    units = value * 10_000
    assert units.denominator == 1
    whole, part = divmod(int(units), 10_000)
    return f"{whole}.{part:04d}".rstrip("0").rstrip(".")


async def findings(visit: UUID) -> tuple[str, ...]:
    """What at least one expert found to be mended, in the table's words and order: checks that cost nothing, too."""
    rows = await fetch(
        "SELECT e.id, v.\"table\" FROM visit_expert e JOIN visit v ON v.id = e.visit WHERE v.id = $1 AND e.excused = ''",
        visit,
    )
    found: dict[str, None] = {}
    for row in rows:
        answers, _counts = answers_and_counts(await kept_answers(row["id"]))
        for item in items_of(table_of(row)):
            result = item_result(item, answers.get(item.code))
            lost = {loss.check for loss in result.losses if loss.points}
            for check in item.checks:
                if check.code in result.to_rectify or check.code in lost:
                    found[f"{item.label}：{check.label}"] = None
    return tuple(found)
