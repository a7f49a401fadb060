"""Objections and withdrawn notices, from the act in the notices' own pages through the outbox's job to the nomination (H30, H34)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from foundation.clock import moved_to
from foundation.database import fetch, fetchval
from foundation.database.columns import new_id
from foundation.forms import bind_tree
from foundation.jobs import JobContext
from foundation.jobs.worker import do_job
from foundation.outbox import deliver
from honours.review import notices
from publications.notices import operations
from publications.notices.objections import operations as objections
from publications.notices.objections.schemas import ObjectionForm, StepForm
from tests.honours.nominations.support import NOW
from tests.honours.review.conftest import Panel
from tests.honours.review.test_notices import form, select_all
from tests.publications.notices.support_notices import person


@pytest.fixture(autouse=True)
def listening():
    """As the wing's registration does; twice is once."""
    notices.listen()


async def run_jobs(*, times: int = 1) -> None:
    """The outbox's jobs as the worker does them; ``times`` more deliveries of the same event, as after a crash, change nothing."""
    for row in await fetch("SELECT id, args->>'event' AS event FROM job WHERE kind = 'outbox' ORDER BY id"):
        await do_job(row["id"])
        assert await fetchval("SELECT state FROM job WHERE id = $1", row["id"]) == "done"
        for _ in range(times - 1):
            await fetch("UPDATE outbox_event SET handled_at = NULL WHERE id = $1", UUID(row["event"]))
            await deliver(JobContext(new_id(), "outbox", {"event": row["event"]}, None))


async def object_to(notice: UUID, nomination: UUID) -> UUID:
    line = await fetchval("SELECT id FROM notice_subject WHERE notice = $1 AND source = $2", notice, nomination)
    number = await objections.object_publicly(notice, bind_tree(person(subject=str(line)), ObjectionForm).data, None)
    return await fetchval("SELECT id FROM notice_objection WHERE number = $1", number)


async def step(panel: Panel, objection: UUID, action: str, **values) -> None:
    version = await fetchval("SELECT version FROM notice_objection WHERE id = $1", objection)
    asked = {"action": action, "version": version, "text": "依据示例材料核实。", "signed_by": "负责人甲", **values}
    await objections.take_step(panel.city, objection, msgspec.convert(asked, StepForm))


async def stages(panel: Panel) -> dict[str, str]:
    rows = await fetch("SELECT name, stage FROM nomination WHERE award = $1", panel.award)
    return {row["name"]: row["stage"] for row in rows}


@pytest.mark.parametrize(("action", "stage"), [("uphold", "rejected"), ("dismiss", "noticed")])
async def test_what_the_verification_finds_reaches_the_nomination(panel: Panel, action, stage):
    await select_all(panel)
    notice = await notices.open_city(panel.city, panel.award, form())
    async with moved_to(NOW + timedelta(hours=1)):
        objection = await object_to(notice, panel.nominees["冯壬和"])
        await step(panel, objection, "accept")
        await step(panel, objection, "verify")
        await run_jobs()
        assert (await stages(panel))["冯壬和"] == "noticed", "nothing is decided by a complaint alone"
        await step(panel, objection, action)
        await run_jobs(times=2)
    assert await stages(panel) == {"冯壬和": stage, "何乙宁": "noticed", "吴己明": "noticed"}
    said = await fetchval("SELECT count(*) FROM gate_opinion WHERE nomination = $1 AND action = 'reject'", panel.nominees["冯壬和"])  # fmt: skip
    assert said == (1 if action == "uphold" else 0)


async def test_a_withdrawn_notice_gives_its_nominees_back_and_is_opened_anew(panel: Panel):
    await select_all(panel)
    notice = await notices.open_city(panel.city, panel.award, form())
    await operations.withdraw(panel.city, notice, "名单有误，另行公示")
    assert set((await stages(panel)).values()) == {"noticed"}, "only the job moves them"
    await run_jobs(times=2)
    assert set((await stages(panel)).values()) == {"selected"}
    again = await notices.open_city(panel.city, panel.award, form(title="关于更正后名单的公示"))
    assert again != notice
    assert set((await stages(panel)).values()) == {"noticed"}
    await run_jobs()
    assert set((await stages(panel)).values()) == {"noticed"}, "the old news is not heard again"


async def test_who_was_struck_does_not_come_back_with_the_withdrawal(panel: Panel):
    await select_all(panel)
    notice = await notices.open_city(panel.city, panel.award, form())
    async with moved_to(NOW + timedelta(hours=1)):
        objection = await object_to(notice, panel.nominees["冯壬和"])
        for action in ("accept", "verify", "uphold"):
            await step(panel, objection, action)
        await operations.withdraw(panel.city, notice, "名单有误，另行公示")
        await run_jobs()
    assert await stages(panel) == {"冯壬和": "rejected", "何乙宁": "selected", "吴己明": "selected"}
