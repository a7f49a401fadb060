"""Two people at once: the database decides, and the slower one is told why."""

from __future__ import annotations

import asyncio

from foundation.database import fetchval
from foundation.errors import Refusal, Refusals
from foundation.forms import bind_tree
from registry.workers.operations import register_worker
from registry.workers.schemas import WorkerForm
from tests.support.people import House
from tests.support.workers import typed


async def test_the_same_number_registered_twice_at_once_is_registered_once(committed):
    house = await House().build()
    li = await house.person("li", "enterprise_contact", at="jia")
    qian = await house.person("qian", "enterprise_contact", at="yi")

    async def attempt(actor, unit):
        form = bind_tree(typed(house.organisations[unit]), WorkerForm).data
        try:
            return await register_worker(actor, form)
        except (Refusal, Refusals) as refused:
            return refused

    tries = [(li, "jia"), (qian, "yi")] * 4
    answers = await asyncio.gather(*(attempt(actor, unit) for actor, unit in tries))
    made = [answer for answer in answers if not isinstance(answer, Exception)]
    refused = {answer.code for answer in answers if isinstance(answer, Refusal)}
    assert len(made) == 1
    assert len([answer for answer in answers if isinstance(answer, Refusal)]) == 7
    assert refused == {"worker_exists", "worker_elsewhere"}
    assert await fetchval("SELECT count(*) FROM worker") == 1
    assert await fetchval("SELECT count(*) FROM subject_key") == 1
    assert await fetchval("SELECT count(*) FROM employment") == 1
