"""Objections: the window to the second, who must say what, the way step by step, who sees what (H34, P4)."""

from __future__ import annotations

import io
from datetime import date, timedelta

import pikepdf
import pytest
from PIL import Image

from foundation import clock
from foundation.database import fetch, fetchrow, fetchval
from foundation.errors import Conflict, NotFound, Refusal, Refusals, Stale
from foundation.forms import bind_tree
from publications.notices import operations as notices
from publications.notices import queries as notice_queries
from publications.notices.objections import attachments, operations, queries, rules
from publications.notices.objections.schemas import ObjectionForm, RecordForm, StepForm
from publications.notices.rules import Stage
from publications.notices.schemas import SubjectOrder
from tests.publications.notices.support_notices import at, calendar_2026, order, person

NAME, PHONE = "康秋分", "138-0000-1111"


def sent(**changes) -> ObjectionForm:
    return bind_tree(person(**changes), ObjectionForm).data


def entered(**changes) -> RecordForm:
    values = {**person(), "channel": "phone", "received_at": "2026-04-28T10:00", "original": "true", **changes}
    return bind_tree({k: v for k, v in values.items() if v is not None}, RecordForm).data


def codes(raised) -> list[str]:
    why = raised.value
    return sorted(r.code for r in why.refusals) if isinstance(why, Refusals) else [why.code]


@pytest.fixture
async def opened(house):
    """A notice of the city from Mon 27 April to Wed 6 May 2026."""
    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    async with clock.moved_to(at("2026-04-27 08:30")):
        made = await notices.open_notice(qian, order(house))
    return qian, made


@pytest.mark.parametrize(
    ("moment", "taken"),
    [("2026-04-27 08:29:59", False), ("2026-04-27 08:30:00", True), ("2026-05-06 23:59:59", True), ("2026-05-07 00:00:00", False)],
)  # fmt: skip
async def test_the_public_window_to_the_second(opened, moment, taken):
    _qian, made = opened
    async with clock.moved_to(at(moment)):
        if taken:
            assert (await operations.object_publicly(made, sent(), None)).startswith("YY2026-")
            return
        with pytest.raises(Refusal) as late:
            await operations.object_publicly(made, sent(), None)
        assert late.value.code == "objection_late"
    assert await fetchval("SELECT count(*) FROM notice_objection") == 0


@pytest.mark.parametrize(
    ("channel", "received", "postmark", "code"),
    [
        ("letter", "2026-05-09T09:00", "2026-05-06", None),  # posted on the last day, came after it
        ("letter", "2026-05-09T09:00", "2026-05-07", "objection_postmark_late"),
        ("letter", "2026-04-28T09:00", "2026-04-26", "objection_postmark_late"),
        ("letter", "2026-04-28T09:00", None, "objection_postmark"),
        ("letter", "2026-04-28T09:00", "2026-04-29", "objection_before_postmark"),
        ("phone", "2026-05-06T23:59", None, None),
        ("phone", "2026-05-07T00:00", None, "objection_outside"),
        ("visit", "2026-04-27T08:29", None, "objection_outside"),
        ("visit", "2026-04-27T08:30", None, None),
        ("phone", "2026-05-11T09:00", None, "objection_ahead"),
    ],
)
async def test_what_officers_enter_counts_by_postmark_or_minute(opened, channel, received, postmark, code):
    qian, made = opened
    form = entered(channel=channel, received_at=received, postmark=postmark)
    async with clock.moved_to(at("2026-05-10 10:00")):
        if code is None:
            await operations.record_objection(qian, made, form, None)
            return
        with pytest.raises(Refusals) as refused:
            await operations.record_objection(qian, made, form, None)
    assert codes(refused) == [code]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": "匿名"}, ["objection_name"]), ({"name": "李"}, ["objection_name"]), ({"name": "李4"}, ["objection_name"]),
        ({"phone": ""}, ["objection_contact"]), ({"phone": "打我电话"}, ["objection_phone"]),
        ({"phone": "", "email": "kang@example"}, ["objection_email"]), ({"phone": "", "email": "kang@example.com"}, []),
        ({"honest": ""}, ["objection_honest"]), ({"kind": "unit", "name": "示例建设工程有限公司"}, ["objection_seal"]),
        ({"name": "群众", "phone": "", "honest": ""}, ["objection_contact", "objection_honest", "objection_name"]),
    ],
)  # fmt: skip
async def test_real_name_contact_and_seal(opened, changes, expected):
    _qian, made = opened
    async with clock.moved_to(at("2026-04-28 10:00")):
        if not expected:
            await operations.object_publicly(made, sent(**changes), None)
            return
        with pytest.raises(Refusals) as refused:
            await operations.object_publicly(made, sent(**changes), None)
    assert codes(refused) == expected


async def test_a_unit_by_phone_a_letter_unsigned_and_a_strange_subject(opened, house):
    qian, made = opened
    async with clock.moved_to(at("2026-04-29 10:00")):
        other = await notices.open_notice(qian, order(house))
        theirs = (await notice_queries.one(qian, other)).subjects[0].id
        with pytest.raises(Refusal) as strange:
            await operations.record_objection(qian, made, entered(subject=str(theirs)), None)
        assert strange.value.code == "objection_subject"
        for changes, code in (
            ({"kind": "unit", "name": "示例建设工程有限公司"}, "objection_seal_phone"),
            (
                {"kind": "unit", "name": "示例建设工程有限公司", "channel": "visit", "original": ""},
                "objection_seal_original",
            ),
            ({"channel": "letter", "postmark": "2026-04-27", "original": ""}, "objection_signature"),
        ):
            with pytest.raises(Refusals) as refused:
                await operations.record_objection(qian, made, entered(**changes), None)
            assert codes(refused) == [code]


async def test_who_objects_and_what_about_lies_sealed_in_the_database(opened):
    qian, made = opened
    async with clock.moved_to(at("2026-04-28 10:00")):
        number = await operations.object_publicly(made, sent(person="", email="kang@example.com"), None)
    row = await fetchrow("SELECT * FROM notice_objection WHERE number = $1", number)
    assert row is not None
    raw = b"".join(value if isinstance(value, bytes) else str(value).encode() for value in dict(row).values())
    for secret in (NAME, PHONE, "kang@example.com", "成果另有归属"):
        assert secret.encode() not in raw
    trail = await fetchval("SELECT string_agg(body, '') FROM trail_entry")
    assert NAME not in trail
    assert PHONE not in trail
    await fetch("DELETE FROM subject_key WHERE subject = $1", row["id"])
    assert (await queries.one(qian, row["id"])).matter == ""
    with pytest.raises(Refusal) as erased:
        await operations.unmask(qian, row["id"], "核实")
    assert erased.value.code == "objection_erased"


async def test_confidentiality_matrix(house):
    """A county's notice: its own officers handle objections. Neither the unit, nor the neighbour county, nor the city
    above sees who objects or what about; the city sees that something is open."""
    await calendar_2026()
    wang = await house.person("wang", "county_officer", at="xuanzhou")
    others = [
        await house.person("qian", "city_officer", at="city"), await house.person("li", "county_officer", at="ningguo"),
        await house.person("lan", "enterprise_contact", at="jia"), await house.person("shi", "security_admin", at="city"),
        await house.person("ji", "audit_admin", at="city"),
    ]  # fmt: skip
    async with clock.moved_to(at("2026-04-27 08:30")):
        made = await notices.open_notice(wang, order(house, "xuanzhou"))
        await operations.object_publicly(made, sent(), None)
        objection = await fetchval("SELECT id FROM notice_objection")
        assert (await queries.one(wang, objection)).matter.startswith("该工作室")
        assert NAME not in str(await queries.one(wang, objection))
        assert PHONE not in str(await queries.one(wang, objection))
        for other in others:
            for attempt in (
                lambda o=other: queries.one(o, objection), lambda o=other: operations.unmask(o, objection, "看一看"),
                lambda o=other: operations.attachment(o, objection),
                lambda o=other: operations.take_step(o, objection, StepForm(action="accept", version=1)),
                lambda o=other: operations.record_objection(o, made, entered(), None),
            ):  # fmt: skip
                with pytest.raises(NotFound):
                    await attempt()
            assert (await queries.listed(other, queries.LIST.ask({"state": "all"}))).total == 0
        assert (await notice_queries.outcome_of(made)).open == 1
        assert (await queries.listed(wang, queries.LIST.ask({}))).total == 1


async def test_each_look_at_the_complainant_is_in_the_trail_first(opened):
    qian, made = opened
    async with clock.moved_to(at("2026-04-28 10:00")):
        await operations.object_publicly(made, sent(), None)
        objection = await fetchval("SELECT id FROM notice_objection")
        with pytest.raises(Refusal) as no_reason:
            await operations.unmask(qian, objection, " ")
        assert no_reason.value.code == "unmask_reason"
        seen = await operations.unmask(qian, objection, "电话核实")
        assert (seen.name, seen.phone) == (NAME, PHONE)
    looks = await fetch("SELECT body FROM trail_entry WHERE action = 'objection.unmasked' AND subject = $1", objection)
    assert len(looks) == 1
    assert "电话核实" in looks[0]["body"]


async def _objection(made, moment="2026-04-28 10:00", **changes):
    async with clock.moved_to(at(moment)):
        number = await operations.object_publicly(made, sent(**changes), None)
    return await fetchval("SELECT id FROM notice_objection WHERE number = $1", number)


def step(action, version, **fields) -> StepForm:
    return StepForm(action=action, version=version, **fields)


async def test_the_way_from_receipt_to_telling_and_the_gate_it_blocks(opened):
    qian, made = opened
    objection = await _objection(made)
    async with clock.moved_to(at("2026-05-07 09:00")):
        assert [r.code for r in await notice_queries.obstacles(made)] == ["objection_open"]
        with pytest.raises(Refusals):
            await notices.conclude(qian, made)
        await operations.take_step(qian, objection, step("accept", 1, days=10))
        # 7 May is a Thursday; the tenth working day after it: 8, 9 (worked), 11–15, 18, 19, 20
        assert (await queries.one(qian, objection)).verify_by == date(2026, 5, 20)
        await operations.take_step(qian, objection, step("verify", 2))
        with pytest.raises(Refusals) as bare:
            await operations.take_step(qian, objection, step("dismiss", 3, text="查无"))
        assert codes(bare) == ["objection_signed_by", "objection_text"]
        await operations.take_step(qian, objection, step("dismiss", 3, text="经查所反映情况不属实", signed_by="冯立夏"))
        assert [r.code for r in await notice_queries.obstacles(made)] == ["objection_open"], "not told yet"
        for how, on_day in (("post", date(2026, 5, 7)), ("phone", date(2026, 5, 8)), ("phone", date(2026, 4, 27)), ("phone", None)):  # fmt: skip
            with pytest.raises(Refusals):
                await operations.take_step(qian, objection, step("tell", 4, text="已电话答复", how=how, on_day=on_day))
        await operations.take_step(
            qian, objection, step("tell", 4, text="已电话答复", how="phone", on_day=date(2026, 5, 7))
        )
        assert await notice_queries.obstacles(made) == []
        await notices.conclude(qian, made)
        shown = await queries.one(qian, objection)
    assert [s.action for s in shown.steps] == ["accept", "verify", "dismiss", "tell"]
    assert shown.steps[2].signed_by == "冯立夏"
    assert shown.outcome == "dismissed"


async def test_every_other_move_is_a_conflict(opened):
    qian, made = opened
    ways = {
        rules.Stage.RECEIVED: [], rules.Stage.ACCEPTED: ["accept"], rules.Stage.VERIFYING: ["accept", "verify"],
        rules.Stage.CONCLUDED: ["accept", "verify", "uphold"], rules.Stage.DECLINED: ["decline"],
        rules.Stage.TOLD: ["decline", "tell"],
    }  # fmt: skip
    full = {"text": "示例依据充分可查", "signed_by": "冯立夏", "how": "written", "on_day": date(2026, 5, 7)}
    for stage, way in ways.items():
        objection = await _objection(made)
        async with clock.moved_to(at("2026-05-07 09:00")):
            for n, action in enumerate(way, 1):
                await operations.take_step(qian, objection, step(action, n, **full))
            version = len(way) + 1
            allowed = {action for (from_stage, action) in rules.MOVES if from_stage is stage}
            for action in set(rules.ACTIONS) - allowed:
                with pytest.raises(Conflict):
                    await operations.take_step(qian, objection, step(action, version, **full))
            with pytest.raises(Stale):
                await operations.take_step(qian, objection, step("accept", version + 1, **full))


async def test_upheld_blocks_its_own_subject_and_the_whole_only_where_it_is_about_the_whole(house):
    import uuid

    await calendar_2026()
    qian = await house.person("qian", "city_officer", at="city")
    mine, other = uuid.uuid4(), uuid.uuid4()
    subjects = (
        SubjectOrder(cells=("时小暑示例创新工作室", "旌德县示例砚雕工坊"), kind="studio", source=mine),
        SubjectOrder(cells=("傅大暑示例创新工作室", "宣州区示例压力容器有限公司"), kind="studio", source=other),
    )
    async with clock.moved_to(at("2026-04-27 08:30")):
        made = await notices.open_notice(qian, order(house, subjects=subjects))
    line = (await notice_queries.public_one(made)).subjects[0].id
    objection = await _objection(made, subject=str(line))
    async with clock.moved_to(at("2026-05-07 09:00")):
        assert [r.code for r in await notice_queries.obstacles(made, subject=mine)] == ["objection_open"]
        assert await notice_queries.obstacles(made, subject=other) == []
        for n, action in enumerate(("accept", "verify", "uphold", "tell"), 1):
            form = step(action, n, text="示例依据充分可查", signed_by="冯立夏", how="written", on_day=date(2026, 5, 7))
            await operations.take_step(qian, objection, form)
        assert [r.code for r in await notice_queries.obstacles(made, subject=mine)] == ["objection_upheld"]
        assert await notice_queries.obstacles(made, subject=other) == []
        assert [r.code for r in await notice_queries.obstacles(made, subject=line)] == ["objection_upheld"]
        assert await notice_queries.obstacles(made) == []
        outcome = await notice_queries.outcome_of(made)
        assert (outcome.upheld, outcome.upheld_whole, outcome.clear) == (frozenset({mine}), False, True)


async def test_an_overdue_verification_is_an_obstacle_of_its_own(opened):
    qian, made = opened
    objection = await _objection(made)
    async with clock.moved_to(at("2026-04-28 11:00")):
        await operations.take_step(qian, objection, step("accept", 1, days=3))
        assert (await queries.one(qian, objection)).verify_by == date(2026, 5, 6)  # 29, 30 April, then 6 May
    async with clock.moved_to(at("2026-05-06 23:59:59")):
        assert not (await queries.one(qian, objection)).overdue
    async with clock.moved_to(at("2026-05-07 00:00")):
        assert (await queries.one(qian, objection)).overdue
        assert [r.code for r in await notice_queries.obstacles(made)] == ["objection_open", "objection_overdue"]


async def test_an_upheld_objection_to_the_whole_stops_everything_but_a_new_notice(opened):
    qian, made = opened
    objection = await _objection(made)
    async with clock.moved_to(at("2026-05-07 09:00")):
        for n, action in enumerate(("accept", "verify", "uphold", "tell"), 1):
            form = step(action, n, text="示例依据充分可查", signed_by="冯立夏", how="written", on_day=date(2026, 5, 7))
            await operations.take_step(qian, objection, form)
        line = (await notice_queries.public_one(made)).subjects[0].id
        for subject in (None, line):
            codes_now = [r.code for r in await notice_queries.obstacles(made, subject=subject)]
            assert codes_now == ["objection_upheld_whole"]
        with pytest.raises(Refusals):
            await notices.conclude(qian, made)
        await notices.withdraw(qian, made, "示例：程序有误，重新公示")


async def test_a_letter_posted_in_time_opens_a_conclusion_again(opened):
    qian, made = opened
    async with clock.moved_to(at("2026-05-07 09:00")):
        await notices.conclude(qian, made)
    letter = entered(channel="letter", received_at="2026-05-08T09:00", postmark="2026-05-06")
    async with clock.moved_to(at("2026-05-08 10:00")):
        await operations.record_objection(qian, made, letter, None)
        assert (await notice_queries.one(qian, made)).stage is Stage.ENDED
        assert [r.code for r in await notice_queries.obstacles(made)] == ["objection_open"]


async def test_a_later_last_day_opens_the_window_too(opened):
    qian, made = opened
    async with clock.moved_to(at("2026-05-06 12:00")):
        await notices.extend(qian, made, days=6, reason="示例：媒体刊登推迟")
    async with clock.moved_to(at("2026-05-07 23:59:59")):
        await operations.object_publicly(made, sent(), None)
    async with clock.moved_to(at("2026-05-07 23:59:59") + timedelta(seconds=1)):
        with pytest.raises(Refusal):
            await operations.object_publicly(made, sent(), None)


def png(size=(60, 40), **options) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, "PNG", **options)
    return out.getvalue()


def pdf(*, script: bool = False, pages: int = 1) -> bytes:
    out = io.BytesIO()
    made = pikepdf.new()
    for _n in range(pages):
        made.add_blank_page()
    if script:
        made.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('x')")
        made.pages[0].obj.AA = pikepdf.Dictionary(O=pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('y')"))
        made.attachments["evil.exe"] = pikepdf.AttachedFileSpec(
            made, b"MZ\x90evil", description="", filename="evil.exe", mime_type="", creation_date="", mod_date=""
        )
    made.save(out)
    return out.getvalue()


async def test_scans_are_written_anew():
    from PIL.PngImagePlugin import PngInfo

    told = PngInfo()
    told.add_text("Comment", "secret-place")
    body, kind = await attachments.clean(png(pnginfo=told))
    assert kind == "image/jpeg"
    assert b"secret-place" not in body
    assert Image.open(io.BytesIO(body)).size == (60, 40)
    body, kind = await attachments.clean(pdf(script=True))
    assert kind == "application/pdf"
    for sign in (b"JavaScript", b"OpenAction", b"evil", b"/AA"):
        assert sign not in body
    opened = pikepdf.open(io.BytesIO(body))
    assert len(opened.pages) == 1
    assert len(opened.attachments) == 0
    assert "/OpenAction" not in opened.Root
    assert "/AA" not in opened.pages[0].obj


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "attachment_kind"), (b"PK\x03\x04zip", "attachment_kind"),
        (b"MZ\x90\x00", "attachment_kind"), (b"GIF89a" + b"0" * 40, "attachment_kind"), (b"\x89PNG\r\n\x1a\n" + b"0" * 90, "attachment_broken"),
        (b"%PDF-1.7\nnothing", "attachment_broken"), (pdf(pages=31), "attachment_broken"),
        (b"%PDF-" + b"0" * (10 * 1024 * 1024), "attachment_large"), (png()[:60], "attachment_broken"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
async def test_what_is_no_scan_is_refused(body, code):
    with pytest.raises(Refusal) as refused:
        await attachments.clean(body)
    assert refused.value.code == code


async def test_a_units_scan_is_kept_encrypted_and_given_back_to_its_officers(opened):
    import obstore

    from foundation import storage

    qian, made = opened
    scan = pdf()
    async with clock.moved_to(at("2026-04-28 10:00")):
        await operations.object_publicly(made, sent(kind="unit", name="宣城示例建设工程有限公司", person=NAME), scan)
        row = await fetchrow("SELECT id, attachment FROM notice_objection")
        assert row is not None
        kept = bytes(await (await obstore.get_async(storage.store(), storage._place(row["attachment"]))).bytes_async())
        assert b"%PDF" not in kept
        body, name, kind = await operations.attachment(qian, row["id"])
    assert body.startswith(b"%PDF-")
    assert name.endswith(".pdf")
    assert kind == "application/pdf"
    assert await fetchval("SELECT count(*) FROM trail_entry WHERE action = 'objection.unmasked'") == 1


async def test_half_a_scan_is_refused_even_where_a_library_would_have_it_shown(monkeypatch):
    from PIL import ImageFile

    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(Refusal) as refused:
        await attachments.clean(png()[:60])
    assert refused.value.code == "attachment_broken"
