"""A job exists if and only if its write does; it ends in exactly one of three ways; a stranger does not see it."""

from __future__ import annotations

from uuid import UUID

import pytest

from foundation import jobs, outbox
from foundation.database import fetch, fetchrow, fetchval, transaction
from foundation.errors import NotFound, Refusal
from foundation.jobs import queries, worker

ran: list[UUID] = []


@jobs.handler("test.count")
async def count_up(job: jobs.JobContext) -> None:
    for step in range(3):
        await job.progress(step, 3, "数数")
    ran.append(job.id)
    job.result["href"] = "/somewhere"


@jobs.handler("test.refuse")
async def refuse(job: jobs.JobContext) -> None:
    raise Refusal("no", "不行：{why}", why="示例")


async def test_a_rolled_back_write_leaves_no_job(committed):
    with pytest.raises(ValueError, match="stop"):
        async with transaction():
            await jobs.enqueue("test.count", {}, None)
            raise ValueError("stop")
    assert await fetchval("SELECT count(*) FROM job") == 0
    assert await fetchval("SELECT count(*) FROM jobs.pgqueuer") == 0


async def test_the_worker_does_what_was_committed(committed):
    async with transaction():
        job = await jobs.enqueue("test.count", {"a": 1}, None)
    queued = await fetch("SELECT entrypoint, payload FROM jobs.pgqueuer")
    assert [(row["entrypoint"], row["payload"]) for row in queued] == [("job", job.bytes)]
    await worker.do_job(job)
    row = await fetchrow("SELECT state, done, total, result::text FROM job WHERE id = $1", job)
    assert (row["state"], row["done"], row["total"], row["result"]) == ("done", 2, 3, '{"href": "/somewhere"}')


async def test_a_finished_job_is_not_done_again(committed):
    async with transaction():
        job = await jobs.enqueue("test.count", {}, None)
    await worker.do_job(job)
    await worker.do_job(job)
    assert ran.count(job) == 1


async def test_a_refusal_is_told_to_the_person(committed):
    async with transaction():
        job = await jobs.enqueue("test.refuse", {}, None)
    await worker.do_job(job)
    row = await fetchrow("SELECT state, message FROM job WHERE id = $1", job)
    assert (row["state"], row["message"]) == ("failed", "不行：示例")


async def test_a_job_of_a_kind_nobody_handles_fails(committed):
    async with transaction():
        job = await jobs.enqueue("test.unknown", {}, None)
    await worker.do_job(job)
    assert await fetchval("SELECT state FROM job WHERE id = $1", job) == "failed"


async def test_cancelled_stops_at_the_next_step(db, house):
    qian = await house.person("qian", "city_officer", at="city")
    sun = await house.person("sun", "city_officer", at="city")
    job = await jobs.enqueue("test.count", {}, qian)
    with pytest.raises(NotFound):
        await queries.ask_to_cancel(sun, job)
    await queries.ask_to_cancel(qian, job)
    await worker.do_job(job)
    assert (await queries.job_for(qian, job)).state == "cancelled"
    assert job not in ran


async def test_progress_page_is_the_owners_alone(db, house, browse):
    qian = await house.person("qian", "city_officer", at="city")
    sun = await house.person("sun", "city_officer", at="city")
    job = await jobs.enqueue("test.count", {}, qian)
    mine = await (await browse(qian)).get(f"/jobs/{job}")
    assert 'hx-trigger="every 1s"' in mine.text
    assert (await (await browse(sun)).get(f"/jobs/{job}")).status_code == 404
    assert (await (await browse(None)).get(f"/jobs/{job}")).headers["location"].startswith("/sign-in?next=%2Fjobs%2F")


async def test_news_is_told_once_to_every_listener(db):
    heard: list[object] = []

    async def listen(body) -> None:
        heard.append(body["id"])

    outbox.on("test.news", listen)
    await outbox.emit("test.news", {"id": 5})
    job = await fetchval("SELECT id FROM job WHERE kind = 'outbox'")
    await worker.do_job(job)
    await fetch("UPDATE job SET state = 'waiting' WHERE id = $1", job)
    await worker.do_job(job)
    assert heard == [5]
