"""What another wing may rely on: its list frozen with its references, the answer at a time, the news of each objection."""

from __future__ import annotations

from uuid import UUID, uuid4

import msgspec
import pytest

from foundation import clock, outbox
from foundation.database import fetch, fetchval, transaction
from foundation.errors import NotFound, Refusals
from foundation.forms import bind_tree
from foundation.jobs import JobContext
from publications.notices import operations, queries, standing
from publications.notices.objections import operations as objections
from publications.notices.objections.schemas import ObjectionForm, RecordForm, StepForm
from publications.notices.rules import Stage
from publications.notices.schemas import SubjectOrder
from tests.publications.notices.support_notices import at, calendar_2026, order, person

ROUND, FIRST, SECOND = uuid4(), uuid4(), uuid4()


@pytest.fixture
async def opened(house):
    """A round of two nominations, published by the city from Mon 27 April to Wed 6 May 2026."""
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    subjects = (
        SubjectOrder(cells=("赵立春", "示例机械厂"), kind="nomination", source=FIRST),
        SubjectOrder(cells=("丁大寒", "示例机械厂"), kind="nomination", source=SECOND),
    )
    asked = order(house, subjects=subjects, headings=("姓名", "单位"), source_kind="round", source=ROUND)
    async with clock.moved_to(at("2026-04-27 08:30")):
        return qian, await operations.open_notice(qian, asked)


async def line_of(notice: UUID, source: UUID) -> UUID:
    return await fetchval("SELECT id FROM notice_subject WHERE notice = $1 AND source = $2", notice, source)


async def object_to(notice: UUID, when: str, source: UUID | None) -> UUID:
    subject = "" if source is None else str(await line_of(notice, source))
    async with clock.moved_to(at(when)):
        form = bind_tree(person(subject=subject), ObjectionForm).data
        number = await objections.object_publicly(notice, form, None)
    return await fetchval("SELECT id FROM notice_objection WHERE number = $1", number)


async def step(actor, objection: UUID, when: str, action: str, **values) -> None:
    version = await fetchval("SELECT version FROM notice_objection WHERE id = $1", objection)
    asked = {"action": action, "version": version, "text": "依据示例材料核实。", "signed_by": "负责人甲", **values}
    async with clock.moved_to(at(when)):
        await objections.take_step(actor, objection, msgspec.convert(asked, StepForm))


async def events(prefix: str) -> list[tuple[str, dict]]:
    rows = await fetch("SELECT name, body FROM outbox_event WHERE name LIKE $1 ORDER BY made_at, id", f"{prefix}.%")
    return [(row["name"], msgspec.json.decode(row["body"])) for row in rows]


async def test_the_list_keeps_its_order_and_its_references(opened):
    qian, made = opened
    found = await queries.one(qian, made)
    assert [(s.place, s.kind, s.source, s.cells[0]) for s in found.subjects] == [
        (1, "nomination", FIRST, "赵立春"),
        (2, "nomination", SECOND, "丁大寒"),
    ]
    assert [one.id for one in await standing.of_source("round", ROUND)] == [made]
    assert [one.id for one in await standing.of_subject(SECOND)] == [made]
    assert await standing.of_source("naming", ROUND) == []
    assert await standing.of_subject(uuid4()) == []


async def test_settled_at_a_time_to_the_second(opened):
    _qian, made = opened
    for when, settled in (
        ("2026-04-27 08:30", False),
        ("2026-05-06 23:59:59", False),
        ("2026-05-07 00:00", True),
        ("2026-06-01 09:00", True),
    ):
        assert await standing.is_settled(made, at=at(when)) is settled, when
        async with clock.moved_to(at(when)):
            assert await standing.is_settled(made) is settled, when
    with pytest.raises(NotFound):
        await standing.is_settled(uuid4())


async def test_an_objection_is_open_from_its_receipt_until_its_result_was_told(opened):
    """About the first nominee: it blocks the first and the whole, never the second."""
    qian, made = opened
    objection = await object_to(made, "2026-05-06 10:00", FIRST)
    for when, action, more in (
        ("2026-05-07 09:00", "accept", {}),
        ("2026-05-08 09:00", "verify", {}),
        ("2026-05-11 09:00", "dismiss", {}),
        ("2026-05-12 09:00", "tell", {"how": "phone", "on_day": "2026-05-12"}),
    ):
        await step(qian, objection, when, action, **more)
    asked = (("2026-05-07 00:00", False), ("2026-05-11 12:00", False), ("2026-05-12 09:00", True))
    for when, settled in asked:
        assert await standing.is_settled(made, at=at(when)) is settled, when
        assert await standing.is_settled(made, at=at(when), subject=FIRST) is settled, when
        assert await standing.is_settled(made, at=at(when), subject=SECOND) is True, when


async def test_an_objection_to_the_whole_blocks_every_line(opened):
    _qian, made = opened
    await object_to(made, "2026-04-28 10:00", None)
    for subject in (None, FIRST, SECOND, await line_of(made, SECOND)):
        assert await standing.is_settled(made, at=at("2026-05-07 00:00"), subject=subject) is False
    assert (await events("objection"))[0][1]["subject"] is None


async def test_what_was_withdrawn_never_settles_and_a_draft_neither(opened, house):
    qian, made = opened
    async with clock.moved_to(at("2026-05-08 09:00")):
        await operations.withdraw(qian, made, "单位名称有误")
        draft = await operations.draft_notice(qian, order(house))
    assert await standing.is_settled(made, at=at("2026-05-07 12:00")) is True  # it was, before it was taken back
    assert await standing.is_settled(made, at=at("2026-05-08 09:00")) is False
    assert await standing.is_settled(draft, at=at("2030-01-01 09:00")) is False
    assert [one.stage for one in await standing.of_source("round", ROUND)] == [Stage.WITHDRAWN]


async def test_the_wing_hears_of_receipt_conclusion_and_telling_and_of_nobody_who_objects(opened):
    qian, made = opened
    objection = await object_to(made, "2026-04-28 10:00", SECOND)
    await step(qian, objection, "2026-04-29 09:00", "accept")
    await step(qian, objection, "2026-04-29 10:00", "verify")
    await step(qian, objection, "2026-04-30 09:00", "uphold")
    await step(qian, objection, "2026-04-30 10:00", "tell", how="written", on_day="2026-04-30")
    told = await events("objection")
    about = {
        "notice": str(made), "source_kind": "round", "source": str(ROUND), "objection": str(objection),
        "line": str(await line_of(made, SECOND)), "subject": str(SECOND), "subject_kind": "nomination",
    }  # fmt: skip
    assert told == [
        ("objection.received", {**about, "outcome": ""}),
        ("objection.concluded", {**about, "outcome": "upheld"}),
        ("objection.told", {**about, "outcome": "upheld"}),
    ]
    raw = await fetchval("SELECT string_agg(body::text, '') FROM outbox_event")
    assert "康秋分" not in raw
    assert "0000-1111" not in raw
    assert (await queries.outcome_of(made)).upheld == frozenset({SECOND})


async def test_not_accepted_is_a_conclusion_too(opened):
    qian, made = opened
    objection = await object_to(made, "2026-04-28 10:00", FIRST)
    await step(qian, objection, "2026-04-29 09:00", "decline")
    assert [(name, body["outcome"]) for name, body in await events("objection")] == [
        ("objection.received", ""), ("objection.concluded", "declined"),
    ]  # fmt: skip


async def test_news_goes_with_the_write_or_not_at_all(opened):
    qian, made = opened
    objection = await object_to(made, "2026-04-28 10:00", FIRST)
    with pytest.raises(Refusals):
        await step(qian, objection, "2026-04-29 09:00", "decline", text="无")  # too short: refused
    with pytest.raises(ZeroDivisionError):
        async with transaction():
            await step(qian, objection, "2026-04-29 09:00", "decline")
            raise ZeroDivisionError
    assert [name for name, _body in await events("objection")] == ["objection.received"]


async def test_a_letter_after_the_conclusion_is_told_as_a_reopening(opened):
    qian, made = opened
    async with clock.moved_to(at("2026-05-07 09:00")):
        await operations.conclude(qian, made)
    async with clock.moved_to(at("2026-05-09 09:00")):
        assert await standing.is_settled(made) is True
        values = person(channel="letter", received_at="2026-05-08T15:00", postmark="2026-05-06", original="true")
        await objections.record_objection(qian, made, bind_tree(values, RecordForm).data, None)
        assert await standing.is_settled(made) is False
    names = [name for name, _body in await events("notice")]
    assert names == ["notice.opened", "notice.ended", "notice.concluded", "notice.reopened"]


async def test_a_listener_is_called_with_the_conclusion_once(opened):
    """The whole way: take the step, deliver the event's job twice, the wing's handler ran once."""
    qian, made = opened
    heard: list[dict] = []

    async def listener(body) -> None:
        heard.append(dict(body))

    objection = await object_to(made, "2026-04-28 10:00", FIRST)
    await step(qian, objection, "2026-04-29 09:00", "decline")
    outbox.on("objection.concluded", listener)
    try:
        event = await fetchval("SELECT id FROM outbox_event WHERE name = 'objection.concluded'")
        for _ in range(2):
            await outbox.deliver(JobContext(uuid4(), "outbox", {"event": str(event)}, None))
    finally:
        outbox._listeners["objection.concluded"].remove(listener)
    assert [(one["subject"], one["outcome"]) for one in heard] == [(str(FIRST), "declined")]
