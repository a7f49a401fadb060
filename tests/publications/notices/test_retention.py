"""P2: who objected is erased once the result was told and the time is over; what was decided and the trail stay."""

from __future__ import annotations

import io
from datetime import timedelta

import msgspec
import pytest
from PIL import Image

from foundation import clock
from foundation.database import fetch, fetchrow, fetchval
from foundation.errors import NotFound, Refusal
from foundation.forms import bind_tree
from foundation.settings import settings
from publications.notices import operations as notices
from publications.notices.objections import operations, queries, retention
from publications.notices.objections.schemas import ObjectionForm, StepForm
from tests.publications.notices.support_notices import at, calendar_2026, order, person

TOLD = "2026-05-12 09:00"


@pytest.fixture
async def qian(house):
    await calendar_2026()
    return await house.person("qian", "city_officer", at="city")


def scan() -> bytes:
    kept = io.BytesIO()
    Image.new("RGB", (60, 40), "white").save(kept, "PNG")
    return kept.getvalue()


async def objection(house, qian, *, told: bool = True, unit: bool = False):
    async with clock.moved_to(at("2026-04-27 08:30")):
        notice = await notices.open_notice(qian, order(house))
        asked = person(kind="unit", name="示例建设工程有限公司", person="康秋分") if unit else person()
        number = await operations.object_publicly(
            notice, bind_tree(asked, ObjectionForm).data, scan() if unit else None
        )
    made = await fetchval("SELECT id FROM notice_objection WHERE number = $1", number)
    steps = [
        ("2026-05-07 09:00", "accept", {}),
        ("2026-05-08 09:00", "verify", {}),
        ("2026-05-11 09:00", "dismiss", {}),
    ]
    steps += [(TOLD, "tell", {"how": "phone", "on_day": "2026-05-12"})] if told else []
    for when, action, more in steps:
        version = await fetchval("SELECT version FROM notice_objection WHERE id = $1", made)
        form = {"action": action, "version": version, "text": "经核实，依据不足。", "signed_by": "负责人甲", **more}
        async with clock.moved_to(at(when)):
            await operations.take_step(qian, made, msgspec.convert(form, StepForm))
    return made


async def erase_at(moment) -> int:
    async with clock.moved_to(moment):
        return await retention.erase_due()


async def test_erased_after_the_period_and_not_a_second_before(house, qian):
    made = await objection(house, qian)
    end = at(TOLD) + timedelta(days=settings().objection_days)
    assert await erase_at(end) == 0
    assert (await operations.unmask(qian, made, "核实")).name == "康秋分"
    assert await erase_at(end + timedelta(seconds=1)) == 1
    assert await erase_at(end + timedelta(days=900)) == 0  # once
    row = await fetchrow("SELECT * FROM notice_objection WHERE id = $1", made)
    assert row is not None
    assert (row["name_sealed"], row["contact_sealed"], row["attachment"]) == (b"", b"", None)
    with pytest.raises(Refusal) as refused:
        await operations.unmask(qian, made, "核实")
    assert refused.value.code == "objection_erased"


async def test_what_was_decided_and_the_trail_stay(house, qian):
    made = await objection(house, qian)
    before = await fetch("SELECT id, action, body FROM trail_entry WHERE subject = $1 ORDER BY id", made)
    await erase_at(at("2027-06-01 09:00"))
    shown = await queries.one(qian, made)
    assert (shown.outcome, shown.stage, shown.name_masked) == ("dismissed", "told", "")
    assert shown.matter.startswith("该工作室的成果")
    assert [step.action for step in shown.steps] == ["accept", "verify", "dismiss", "tell"]
    assert shown.steps[2].text == "经核实，依据不足。"
    after = await fetch("SELECT id, action, body FROM trail_entry WHERE subject = $1 ORDER BY id", made)
    assert after[: len(before)] == before
    assert [row["action"] for row in after[len(before) :]] == ["objection.erased"]
    assert "康秋分" not in after[-1]["body"]


async def test_a_scan_goes_with_its_file(house, qian):
    made = await objection(house, qian, unit=True)
    file = await fetchval("SELECT attachment FROM notice_objection WHERE id = $1", made)
    assert file is not None
    await erase_at(at("2027-06-01 09:00"))
    assert await fetchval("SELECT count(*) FROM stored_file WHERE id = $1", file) == 0
    with pytest.raises(NotFound):
        await operations.attachment(qian, made)


async def test_nobody_is_erased_before_being_told(house, qian):
    """Concluded years ago, never told: the contact is still needed."""
    made = await objection(house, qian, told=False)
    assert await erase_at(at("2030-06-01 09:00")) == 0
    assert (await operations.unmask(qian, made, "核实")).phone == "138-0000-1111"


async def test_the_pages_say_when(house, qian, browse):
    made = await objection(house, qian)
    officer = await browse(qian)
    page = (await officer.get(f"/publicity/objections/{made}")).text
    assert "2026-11-08" in page or "2026年11月8日" in page  # 12 May + 180 days
    assert f"保存 {settings().objection_days} 天" in page
    await erase_at(at("2026-11-09 09:00"))
    page = (await officer.get(f"/publicity/objections/{made}")).text
    assert "反映人信息已按保存期限销毁" in page
    assert "查看用途" not in page


async def test_the_form_tells_the_public(house, qian, browse):
    async with clock.moved_to(at("2026-04-27 08:30")):
        notice = await notices.open_notice(qian, order(house))
        text = (await (await browse(None)).get(f"/notices/{notice}/objection")).text
    assert f"结果告知您 {settings().objection_days} 天后" in text
