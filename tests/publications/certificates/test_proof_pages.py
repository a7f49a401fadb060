"""What a visitor is told of a token, a file, a wallet's credential; what officers may repair."""

from __future__ import annotations

import re
from uuid import UUID

import httpx
import msgspec
import pytest

from foundation import storage
from foundation.database import fetch, fetchrow, fetchval
from foundation.errors import Conflict, NotFound
from foundation.jobs import worker
from publications.certificates import keys, operations, papers, queries
from publications.certificates.proof.credential import verify_credential
from publications.certificates.proof.keys import read_document
from publications.certificates.proof.token import verify_token
from tests.publications.certificates.support import code_of, issue, order


@pytest.fixture
async def issued(db, house):
    """One certificate, signed, set and sealed by the job: (row, PDF, the QR's path)."""
    source, job = await issue(None, [order("a", organisation=house.organisations["jia"])])
    await worker.do_job(job)
    row = await fetchrow("SELECT * FROM certificate WHERE source = $1", source)
    assert (row["state"], row["fault"]) == ("valid", "")
    body, _name, _type = await storage.load(row["file"])
    token = await token_of(row)
    return row, body, f"/V/{token}"


async def token_of(row) -> str:
    """The QR's token as a scanner would read it: signed again by the same key, which gives the same signature."""
    from foundation.settings import settings
    from publications.certificates.proof.signing import SignerProcess

    async with SignerProcess(settings()) as signer:
        (statement,) = await signer.attest([papers.claim_of(row)])
    return statement.token


async def send_file(visitor, body: bytes, name: str = "certificate.pdf") -> httpx.Response:
    return await visitor.submit("/verify/file", {}, files={"file": (name, body, "application/pdf")})


async def test_the_qr_opens_the_verdict_and_says_what_was_signed(issued, browse):
    row, _body, path = issued
    claim = verify_token(path[3:], await keys.published())
    assert (claim.number, claim.award, claim.issued_on) == (row["number"], "一等奖", row["issued_on"])
    answer = await (await browse(None)).get(path)
    assert answer.status_code == 200
    assert "赵*春" in answer.text
    assert "赵立春" not in answer.text
    assert "二维码的签名有效" in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_a_changed_token_is_tampered_and_a_strange_one_unknown(issued, browse):
    _row, _body, path = issued
    visitor = await browse(None)
    forged = path[:-20] + ("0" if path[-20] != "0" else "1") + path[-19:]
    answer = await visitor.get(forged)
    assert (answer.status_code, "已被改动" in answer.text) == (422, True)
    for strange in ("/V/XCJS-2026-HG-0001", "/V/" + "0" * 148, path[:-1]):
        assert (await visitor.get(strange)).status_code == 404


async def test_the_file_is_verified_and_each_state_is_said_plainly(issued, browse, house):
    row, body, path = issued
    qian = await house.person("qian", "city_officer", at="city")
    visitor = await browse(None)
    answer = await send_file(visitor, body)
    assert answer.status_code == 200
    assert "签章有效，与签发时一字不差" in answer.text
    assert "赵*春" in answer.text
    assert "赵立春" not in answer.text
    await operations.reissue(qian, row["id"], "遗失")
    answer = await send_file(visitor, body)
    assert "这个编号已换发新证" in answer.text
    assert "XCJS-2026-HG-0002" in answer.text
    assert "这个编号已换发新证" in (await visitor.get(path)).text


async def test_a_revoked_file_still_proves_itself_but_no_longer_counts(issued, browse, house):
    row, body, path = issued
    qian = await house.person("qian", "city_officer", at="city")
    await operations.revoke(qian, row["id"], "成绩更正（示例）")
    visitor = await browse(None)
    for answer in (await send_file(visitor, body), await visitor.get(path)):
        assert "这份证书已被发证机关撤销" in answer.text
        assert "成绩更正（示例）" in answer.text
        assert "下载数字凭证" not in answer.text


async def test_a_changed_file_is_tampered(issued, browse):
    _row, body, _path = issued
    changed = bytearray(body)
    changed[len(body) // 3] ^= 1
    visitor = await browse(None)
    for wrong in (bytes(changed), body + b"\n"):
        answer = await send_file(visitor, wrong)
        assert (answer.status_code, "已被改动" in answer.text) == (422, True)
        assert "赵" not in re.sub(r"(?s)<head>.*?</head>", "", answer.text)


async def test_a_genuine_file_that_the_register_does_not_hold_is_tampered(issued, browse):
    """Sealed twice, say by a stolen copy of the key: only the filed bytes count."""
    row, body, _path = issued
    await fetch("UPDATE stored_file SET sha256 = $2 WHERE id = $1", row["file"], bytes(32))
    answer = await send_file(await browse(None), body)
    assert answer.status_code == 422


async def test_a_strangers_file_is_unknown_and_no_file_a_fault(issued, browse):
    visitor = await browse(None)
    answer = await send_file(visitor, b"%PDF-1.7\nnothing of ours")
    assert (answer.status_code, "没有查到" in answer.text) == (404, True)
    photo = await send_file(visitor, b"\xff\xd8\xff a photo")
    assert (photo.status_code, "这不是 PDF 文件" in photo.text) == (422, True)
    assert (await visitor.submit("/verify/file", {"file": "text"})).status_code == 422
    assert (await send_file(visitor, b"%PDF-" + bytes((10 << 20) + 1))).status_code in (413, 422)


async def test_uploads_are_slowed_down(db, browse):
    visitor = await browse(None)
    answers = [(await send_file(visitor, b"%PDF-1.4 no")).status_code for _ in range(12)]
    assert answers == [404] * 10 + [429] * 2


async def test_number_and_code_open_the_credential(issued, browse):
    row, _body, path = issued
    visitor = await browse(None)
    both = {"number": row["number"], "code": await code_of(row["number"]), "token": ""}
    answer = await visitor.submit("/verify/credential", both)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/vc")
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    said = verify_credential(answer.content, await keys.published())
    assert said["credentialSubject"]["identifier"][0]["identityHash"] == "赵立春"
    assert (await visitor.submit("/verify/credential", {"token": path[3:]})).content == answer.content
    for wrong in ({**both, "code": "0" * 16}, {**both, "code": ""}, {"token": path[3:-1]}, {}):
        assert (await visitor.submit("/verify/credential", wrong)).status_code == 404


async def test_the_holders_unit_downloads_the_credential_and_others_do_not(issued, browse, house):
    row, _body, _path = issued
    jia = await house.person("li", "enterprise_contact", at="jia")
    yi = await house.person("sun", "enterprise_contact", at="yi")
    answer = await (await browse(jia)).get(f"/certificates/{row['id']}/credential")
    assert answer.text == row["credential"]
    assert (await (await browse(yi)).get(f"/certificates/{row['id']}/credential")).status_code == 404
    with pytest.raises(NotFound):
        await queries.credential_of(yi, row["id"])


async def test_the_keys_are_published_for_people_and_programs(issued, browse, house):
    row, _body, _path = issued
    visitor = await browse(None)
    answer = await visitor.get("/.well-known/gongjiang-keys.json")
    published = read_document(msgspec.json.decode(answer.content))
    assert published == await keys.published()
    assert verify_credential(row["credential"], published)
    (name,) = published.keys
    shown = await visitor.get("/verify/keys")
    assert name in shown.text
    assert "只有联网查验才知道" in shown.text
    sun = await house.person("sun", "security_admin", at="city")
    await keys.retire(sun, await fetchval("SELECT id FROM certificate_key WHERE name = $1", name), "到期更换（示例）")
    document = (await visitor.get("/.well-known/gongjiang-keys.json")).json()
    assert document["retired"] == [name]
    assert "停用" in (await visitor.get("/verify/keys")).text
    assert verify_credential(row["credential"], read_document(document))


async def test_a_key_id_cannot_be_taken_over(issued):
    published = await keys.published()
    (name,) = published.keys
    with pytest.raises(Conflict):
        await keys.publish(msgspec.structs.replace(published, keys={name: bytes(32)}))


async def test_no_private_key_is_in_the_sites_settings():
    from pathlib import Path

    from foundation.settings import settings

    folder = Path(settings().data_dir) / "keys"
    secrets = [file.read_text("latin-1").strip() for file in folder.iterdir() if file.suffix != ".p12"]
    said = repr(msgspec.to_builtins(settings()))
    assert secrets
    assert not any(secret in said for secret in secrets)


async def test_a_faulty_certificate_is_made_again_under_its_own_number(db, house, browse):
    qian = await house.person("qian", "city_officer", at="city")
    source, job = await issue(qian, [order("a", "赵\U000e0041春"), order("b")])
    await worker.do_job(job)
    bad, good = await queries.of_source(source)
    assert (bad["state"], good["state"]) == ("faulty", "valid")
    with pytest.raises(Conflict):
        await operations.render_again(qian, good["id"])
    # the cause is put right: here, the name as the font can print it
    await fetch(
        "UPDATE certificate SET holder = '赵春', wording = jsonb_set(wording, '{recipients}', '[\"赵春\"]') WHERE id = $1",
        bad["id"],
    )
    officer = await browse(qian)
    assert "重新生成" in (await officer.get(f"/certificates/{bad['id']}")).text
    answer = await officer.submit(f"/certificates/{bad['id']}/rendering", {})
    assert answer.status_code == 303
    await worker.do_job(UUID(answer.headers["location"].rsplit("/", 1)[-1]))
    assert [(row["number"], row["state"]) for row in await queries.of_source(source)] == [
        (bad["number"], "valid"), (good["number"], "valid"),
    ]  # fmt: skip
    with pytest.raises(Conflict):
        await operations.render_source_again(qian, source)


async def test_making_again_is_for_officers_within_their_scope(db, house, browse):
    source, job = await issue(None, [order("a", "赵\U000e0041春", organisation=house.organisations["jia"])])
    await worker.do_job(job)
    (bad,) = await queries.of_source(source)
    contact = await house.person("li", "enterprise_contact", at="jia")
    assert (await (await browse(contact)).submit(f"/certificates/{bad['id']}/rendering", {})).status_code == 403
    assert await fetchval("SELECT state FROM certificate WHERE id = $1", bad["id"]) == "faulty"


async def test_a_reissue_prints_the_number_that_it_replaces(issued, house):
    row, _body, _path = issued
    qian = await house.person("qian", "city_officer", at="city")
    made = await operations.reissue(qian, row["id"], "遗失")
    again = await fetchrow("SELECT * FROM certificate WHERE id = $1", made)
    assert papers.sheet_of(again).replaces == row["number"]
    assert papers.claim_of(again).replaces == row["number"]
