"""A signing key's life: published before it signs, retired by the security administrator, verifying for ever what it signed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from commands import verify_certificate
from foundation.clock import local
from foundation.database import fetch, fetchrow, fetchval
from foundation.errors import Conflict, NotFound, Refusal
from foundation.jobs import worker
from foundation.settings import settings
from publications.certificates import keys, verification
from publications.certificates.papers import claim_of
from publications.certificates.proof import keyring
from publications.certificates.proof.keys import read_document
from publications.certificates.proof.schemas import Statement
from publications.certificates.proof.signing import SignerProcess, key_folder
from tests.publications.certificates.support import code_of, issue, order


async def signed(source) -> Any:
    return await fetchrow("SELECT * FROM certificate WHERE source = $1", source)


def secrets_of(folder: Path) -> list[str]:
    return [file.read_text("latin-1").strip() for file in folder.iterdir() if file.suffix != ".p12"]


async def token_of(row) -> str:
    async with SignerProcess(settings()) as signer:
        (statement,) = await signer.attest([claim_of(row)])
    assert isinstance(statement, Statement)
    return statement.token


@pytest.fixture
def another_key(tmp_path):
    """A second seed, as an administrator would put it beside the first; taken away again after the test."""
    folder = key_folder(settings())
    keyring.statement_key("", folder)
    first = (folder / keyring.SEED).read_bytes()

    def put() -> None:
        (folder / keyring.SEED).write_text("c0ffee" * 10 + "1234")

    yield put
    (folder / keyring.SEED).write_bytes(first)


async def in_use() -> list[str]:
    rows = await fetch("SELECT name FROM certificate_key WHERE kind = 'statement' AND retired_at IS NULL")
    return [row["name"] for row in rows]


async def retire(actor, name: str, reason: str = "到期更换（示例）") -> None:
    await keys.retire(actor, await fetchval("SELECT id FROM certificate_key WHERE name = $1", name), reason)


async def test_from_one_key_to_the_next(db, house, browse, another_key, tmp_path, capsys):
    sun = await house.person("sun", "security_admin", at="city")
    first, job = await issue(None, [order("a")])
    assert job is not None
    await worker.do_job(job)
    (old,) = await in_use()
    token = await token_of(await signed(first))
    admin = await browse(sun)
    page = (await admin.get("/signing-keys")).text
    assert old in page
    another_key()
    answer = await admin.submit("/signing-keys/introduction", {})
    await worker.do_job(UUID(answer.headers["location"].rsplit("/", 1)[-1]))
    assert len(await in_use()) == 2
    key = await fetchval("SELECT id FROM certificate_key WHERE name = $1", old)
    assert (await admin.submit(f"/signing-keys/{key}/retirement", {"reason": ""})).status_code == 422
    assert old in await in_use()
    assert (await admin.submit(f"/signing-keys/{key}/retirement", {"reason": "到期更换（示例）"})).status_code == 303
    (new,) = await in_use()
    second, job = await issue(None, [order("b")])
    assert job is not None
    await worker.do_job(job)
    assert f"#{new}" in (await signed(second))["credential"]
    assert f"#{old}" in (await signed(first))["credential"]

    retired_at = await fetchval("SELECT retired_at FROM certificate_key WHERE name = $1", old)
    told = await verification.by_token(token)
    assert (told.verdict, told.key_retired_at) == ("valid", retired_at)
    other = await signed(second)
    assert (await verification.by_token(await token_of(other))).key_retired_at is None
    assert (await verification.by_code(other["number"], await code_of(other["number"]))).key_retired_at is None
    visitor = await browse(None)
    shown = (await visitor.get(f"/V/{token}")).text
    assert "由已停用的钥匙签署" in shown
    assert f"{local(retired_at).year}" in shown
    listed = (await visitor.get("/verify/keys")).text
    assert old in listed
    assert new in listed
    assert "此前所签仍然有效" in listed

    document = (await visitor.get("/.well-known/gongjiang-keys.json")).json()
    assert set(read_document(document).keys) == {old, new}
    assert document["retired"] == [old]
    methods = {one["id"].rpartition("#")[2]: one for one in document["verificationMethod"]}
    stamp = retired_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert methods[old]["revoked"] == stamp
    assert "revoked" not in methods[new]
    periods = {one["key"]: one["until"] for one in document["periods"]}
    assert (periods[old], periods[new]) == (stamp, None)
    kept = tmp_path / "keys.json"
    await asyncio.to_thread(kept.write_text, json.dumps(document))
    assert verify_certificate.main(token, keys=str(kept)) == 0
    assert f"retired {stamp[:10]}" in capsys.readouterr().out
    credential = tmp_path / "one.json"
    await asyncio.to_thread(credential.write_text, other["credential"])
    assert verify_certificate.main(str(credential), keys=str(kept)) == 0
    assert "retired" not in capsys.readouterr().out


async def test_a_retired_key_signs_nothing_more(db, house):
    sun = await house.person("sun", "security_admin", at="city")
    first, job = await issue(None, [order("a")])
    assert job is not None
    await worker.do_job(job)
    (name,) = await in_use()
    await retire(sun, name)
    source, job = await issue(None, [order("b")])
    assert job is not None
    await worker.do_job(job)
    assert (await signed(source))["state"] == "numbered"
    row = await fetchrow("SELECT state, message FROM job WHERE id = $1", job)
    assert row is not None
    assert row["state"] == "failed"
    assert f"签名钥匙 {name} 已经停用" in row["message"]
    assert (await signed(first))["state"] == "valid"


async def test_a_seal_that_is_retired_seals_nothing_more(db, house):
    sun = await house.person("sun", "security_admin", at="city")
    async with SignerProcess(settings()) as signer:
        await keys.publish(signer.published)
        seal = await fetchval("SELECT name FROM certificate_key WHERE kind = 'seal'")
        await retire(sun, seal)
        with pytest.raises(Conflict, match="停用"):
            await keys.publish(signer.published)
    assert (await keys.published()).certificates, "it stays published"


async def test_retiring_is_once_with_a_reason_and_leaves_a_trail(db, house):
    sun = await house.person("sun", "security_admin", at="city")
    async with SignerProcess(settings()) as signer:
        await keys.publish(signer.published)
    (name,) = await in_use()
    with pytest.raises(Refusal):
        await retire(sun, name, "  ")
    await retire(sun, name)
    with pytest.raises(Conflict):
        await retire(sun, name)
    with pytest.raises(NotFound):
        await keys.retire(sun, UUID(int=7), "没有")
    bodies = await fetch("SELECT body FROM trail_entry WHERE action = 'certificate_key.retired'")
    assert len(bodies) == 1
    assert "到期更换" in str(bodies[0]["body"])


async def test_only_the_security_administrator_comes_here(db, house, browse):
    async with SignerProcess(settings()) as signer:
        await keys.publish(signer.published)
    key = await fetchval("SELECT id FROM certificate_key WHERE kind = 'statement'")
    for role in ("city_officer", "system_admin", "audit_admin"):
        client = await browse(await house.person(role, role, at="city"))
        assert (await client.get("/signing-keys")).status_code == 403
        assert (await client.submit(f"/signing-keys/{key}/retirement", {"reason": "x"})).status_code == 403
        assert (await client.submit("/signing-keys/introduction", {})).status_code == 403
    assert await in_use()


async def test_no_private_key_is_on_the_page(db, house, browse):
    async with SignerProcess(settings()) as signer:
        await keys.publish(signer.published)
    page = (await (await browse(await house.person("sun", "security_admin", at="city"))).get("/signing-keys")).text
    assert (await in_use())[0] in page
    held = await asyncio.to_thread(secrets_of, key_folder(settings()))
    assert len(held) >= 2
    assert not [secret for secret in held if secret in page]
