"""A judge enters marks and signs the sheet (评分、签署)."""

from __future__ import annotations

import hashlib
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from competitions.judging import live_signal, rules, together
from competitions.judging.facts import SheetFacts, facts_of
from competitions.judging.queries import missing_of, sheet_checksum, sheet_for
from competitions.judging.schemas import MarkIn, MarkOut, MarksOut, SignedOut, SignIn
from competitions.judging.statements import ENTER_SQL
from foundation import clock, trail
from foundation.crypto import pseudonym
from foundation.database import fetchrow, fetchval, transaction
from foundation.errors import Conflict, NotFound, Refusal, Refusals, Stale
from foundation.i18n import gettext
from foundation.web.policy import Actor

TRIES = 4
_encode = msgspec.json.Encoder().encode


async def enter_marks(actor: Actor, seat_id: UUID, marks: tuple[MarkIn, ...], *, key: UUID) -> bytes:
    """Record marks of one sheet as new versions (C23, C24); all or nothing, once for each ``key``.

    Returns the JSON of :class:`MarksOut`; the same key and body give the same answer again. Raises ``Refusals`` beside
    ``marks-N-…`` (not a number, out of range, off step; unknown, absent or excused entry), ``Stale`` where a cell has a
    newer version than ``base``, ``Conflict`` on a signed sheet, ``Refusal`` for a key that was used otherwise,
    ``NotFound`` for a seat that is not the actor's.
    """
    facts = await facts_of(seat_id)
    for _attempt in range(TRIES):
        await _check(actor, seat_id, facts, marks)
        body, answer = _texts(seat_id, marks)
        digest = hashlib.sha256(body).digest()
        sent = _arguments(actor, seat_id, marks, key, facts, digest, answer, body)
        try:
            if len(marks) == 1 and await together.write_one(_single(sent)):
                live_signal.changed(facts.event)
                return answer
            row = await fetchrow(ENTER_SQL, *sent)
        except asyncpg.UniqueViolationError:  # another tab wrote the same cell while this statement ran
            continue
        if row is None:
            raise NotFound
        if row["written"]:
            live_signal.changed(facts.event)
            return answer
        if row["answer"] is not None:
            return _again(row, actor, digest)
        if not row["known"]:  # the rules or the panel changed since they were read
            facts = await facts_of(seat_id, fresh=True)
            continue
        rules.require_open(row["sheet_state"])
        rules.require_judging(row["stage"])
        if row["faults"]:
            raise Refusals(_cell_refusal(marks[fault[0] - 1], fault) for fault in row["faults"])
        # Otherwise the same key was being written at the same moment: it is there the next time.
    raise Conflict("busy", "刚才有另一处在保存同一项，请再试一次")


async def _check(actor: Actor, seat: UUID, facts: SheetFacts, marks: tuple[MarkIn, ...]) -> None:
    """The engine's checks; a stranger hears that there is no such seat, not what it marks."""
    try:
        rules.check_cells(facts.aspects, [(m.entry, m.aspect, m.value) for m in marks])
    except (Refusal, Refusals):
        if not await fetchval(
            "SELECT true FROM seat WHERE id = $1 AND account = $2 AND vacated_at IS NULL", seat, actor.account
        ):
            raise NotFound from None
        raise


def _texts(seat: UUID, marks: tuple[MarkIn, ...]) -> tuple[bytes, bytes]:
    """The request in one canonical form (for the digest and the trail) and its answer."""
    body = _encode({"marks": [(m.entry, m.aspect, m.base, m.value) for m in marks], "seat": seat})
    stored = tuple(MarkOut(entry=m.entry, aspect=m.aspect, version=m.base + 1, value=m.value) for m in marks)
    return body, _encode(MarksOut(seat=seat, marks=stored))


def _arguments(
    actor: Actor, seat: UUID, marks: tuple[MarkIn, ...], key: UUID, facts: SheetFacts, digest: bytes, answer: bytes,
    body: bytes,
) -> tuple[Any, ...]:  # fmt: skip
    return (
        seat, actor.account, key, digest, facts.rule_set, facts.codes,
        [m.entry for m in marks], [m.aspect for m in marks], [m.value for m in marks], [m.base for m in marks],
        answer.decode(), pseudonym(actor.account), body.decode(),
    )  # fmt: skip


def _single(sent: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments of ENTER_ONE_SQL: the lists of one cell as plain values."""
    return (*sent[:6], *(values[0] for values in sent[6:10]), *sent[10:])


def _again(row: Any, actor: Actor, digest: bytes) -> bytes:
    if row["account"] != actor.account or bytes(row["digest"]) != digest:
        raise Refusal("key_reused", "这个请求编号已用于另一份内容，请换一个编号再发", field="key")
    return row["answer"].encode()


def _cell_refusal(mark: MarkIn, fault: tuple[Any, ...]) -> Refusal:
    """Why one cell was refused, from (place, known, status, excused, version, value)."""
    place, known, status, excused, version, stands = fault
    at = f"marks-{place - 1}"
    if not known:
        return Refusal("no_such_entry", "本项目没有作品 {entry}", field=f"{at}-entry", entry=mark.entry)
    if excused:
        return Refusal("excused", "作品 {entry} 免评：本席不给分", field=f"{at}-entry", rule="C61", entry=mark.entry)
    if status != "competed":
        return Refusal("did_not_compete", "作品 {entry} 未参赛（缺考、弃赛或取消资格），不能给分，也不是 0 分", field=f"{at}-entry", rule="C25", entry=mark.entry)  # fmt: skip
    shown = gettext("空白") if stands is None else stands
    return Stale("stale_mark", "作品 {entry} 的 {aspect} 已有第 {version} 版：{value}", field=f"{at}-base", entry=mark.entry, aspect=mark.aspect, version=version, value=shown)  # fmt: skip


SIGN_SQL = """
UPDATE seat SET sheet_state = 'signed', sheet_version = sheet_version + 1, signed_at = $3, signature = $4, checksum = $5
WHERE id = $1 AND sheet_version = $2 AND sheet_state = 'open' RETURNING sheet_version
"""


async def sign_sheet(actor: Actor, seat_id: UUID, given: SignIn) -> SignedOut:
    """Sign and lock a sheet (C24). Raises ``Refusals`` for every entry with a missing mark and for a missing
    signature, ``Stale`` where the marks or the sheet are no longer what was shown, ``Conflict`` where it is signed.
    """
    async with transaction():
        held = await fetchrow(
            "SELECT s.sheet_state, s.sheet_version, s.event, e.stage FROM seat s JOIN event e ON e.id = s.event"
            " WHERE s.id = $1 AND s.account = $2 AND s.vacated_at IS NULL FOR UPDATE OF s",
            seat_id, actor.account,
        )  # fmt: skip
        if held is None:
            raise NotFound
        rules.require_open(held["sheet_state"])
        rules.require_judging(held["stage"])
        sheet = await sheet_for(actor, seat_id)
        rules.require_complete(missing_of(sheet))
        checksum = sheet_checksum(sheet)
        if checksum.hex() != given.checksum or sheet.version != given.version:
            raise Stale("sheet_changed", "分数在您查看之后有变动，请核对新的小计后再签", field="checksum", rule="C24")
        signature = _signature(actor, given)
        now = await clock.now()
        done = await fetchrow(SIGN_SQL, seat_id, given.version, now, signature, checksum)
        if done is None:
            raise Stale("sheet_changed", "分数在您查看之后有变动，请核对新的小计后再签", field="checksum", rule="C24")
        marked = sum(cell.value is not None for cell in sheet.marks)
        await trail.record(actor, "sheet.signed", "seat", seat_id, {"checksum": checksum.hex(), "marks": marked})
    live_signal.changed(held["event"])
    return SignedOut(seat=seat_id, state="signed", version=done["sheet_version"], signed_at=now)


def _signature(actor: Actor, given: SignIn) -> str:
    """The strokes; or, where no script runs, the judge's own typed name with the tick that it was read."""
    if given.strokes:
        try:
            strokes = msgspec.json.decode(given.strokes)
        except msgspec.DecodeError:
            strokes = None
        return rules.check_strokes(strokes)
    if not given.typed_name:
        raise Refusal("no_signature", "请先手写签名", field="signature", rule="C24")
    if given.typed_name != actor.name:
        raise Refusal("not_your_name", "请输入本人姓名“{name}”", field="typed_name", rule="C24", name=actor.name)
    if not given.read_it:
        raise Refusal("not_read", "请勾选“已核对全部小计”", field="read_it", rule="C24")
    return _encode({"typed": given.typed_name}).decode()
