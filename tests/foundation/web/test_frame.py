"""The walls around every handler."""

from __future__ import annotations


async def test_livez_answers_with_the_house_headers(db, browse):
    visitor = await browse(None)
    answer = await visitor.get("/livez")
    assert answer.text == "ok"
    assert "nonce-" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_readyz_asks_the_database(db, browse):
    visitor = await browse(None)
    assert (await visitor.get("/readyz")).text == "ok"


async def test_a_strange_host_is_refused(db, browse):
    visitor = await browse(None)
    answer = await visitor.get("/livez", headers={"Host": "evil.example"})
    assert answer.status_code == 400


async def test_an_unknown_path_is_a_problem_in_json_where_json_is_asked(db, browse):
    visitor = await browse(None)
    answer = await visitor.get("/api/nothing", headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 404


async def test_nested_transactions_are_savepoints(db):
    from foundation.database import fetch, fetchval, transaction

    async with transaction():
        await fetch("INSERT INTO rate_count (bucket) VALUES ('outer')")
        try:
            async with transaction():
                await fetch("INSERT INTO rate_count (bucket) VALUES ('inner')")
                raise ValueError
        except ValueError:
            pass
        assert await fetchval("SELECT count(*) FROM rate_count WHERE bucket IN ('outer', 'inner')") == 1
