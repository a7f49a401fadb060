"""A file in somebody's hands against the one that was issued: the same, another of ours, or neither; a certificate's form
knows documents too."""

from __future__ import annotations

from uuid import uuid4

from foundation import clock
from publications.documents import comparing, operations, queries
from publications.documents.schemas import Block, Kind, Paper


async def issued(house, *, title: str, public: bool = True):
    qian = await house.person(f"qian-{uuid4().hex[:6]}", "city_officer", at="city")
    paper = Paper(
        kind=Kind.NOTICE, organs=("宣城市示例总工会",), title=title, addressees="各县区总工会", body=(Block(text="照办。"),),
        signed_on=await clock.today(),
    )  # fmt: skip
    document = await operations.draft(qian, house.organisations["city"], "宣工", paper, public=public)
    number = await operations.issue(qian, document, version=1)
    return qian, document, number, bytes((await queries.copy_of(document))["pdf"])


async def send(client, path: str, action: str, body: bytes):
    form = (await client.get(path)).text
    token = form.split('name="_csrf_token" value="')[1].split('"')[0]
    return await client.post(action, data={"_csrf_token": token}, files={"file": ("x.pdf", body, "application/pdf")})


async def test_the_same_another_and_neither(house, browse):
    _qian, _document, number, pdf = await issued(house, title="关于召开会议的通知")
    _qian, _other, second, other = await issued(house, title="关于开展活动的通知")
    visitor, href = await browse(None), f"/documents/{number}"
    same = await send(visitor, f"{href}/comparison", f"{href}/comparison", pdf)
    assert (same.status_code, "就是印发的原件" in same.text) == (200, True)
    wrong = await send(visitor, f"{href}/comparison", f"{href}/comparison", other)
    assert (wrong.status_code, "不是这一份" in wrong.text, second in wrong.text) == (422, True, True)
    changed = pdf[:-1] + bytes([pdf[-1] ^ 1])
    differs = await send(visitor, f"{href}/comparison", f"{href}/comparison", changed)
    assert (differs.status_code, "不一致" in differs.text, "原件" in differs.text) == (422, True, False)


async def test_a_withdrawn_document_is_genuine_and_void(house, browse):
    qian, document, number, pdf = await issued(house, title="关于召开会议的通知")
    await operations.withdraw(qian, document, "时间有误")
    href = f"/documents/{number}/comparison"
    answer = await send(await browse(None), href, href, pdf)
    assert "就是印发的原件" in answer.text
    assert "已经撤回" in answer.text


async def test_an_internal_document_is_unknown_to_the_public(house, browse):
    _qian, _document, number, pdf = await issued(house, title="内部通知", public=False)
    assert (await (await browse(None)).get(f"/documents/{number}/comparison")).status_code == 404
    _qian, _other, second, _pdf = await issued(house, title="关于召开会议的通知")
    href = f"/documents/{second}/comparison"
    answer = await send(await browse(None), href, href, pdf)
    assert "不一致" in answer.text
    assert number not in answer.text


async def test_the_certificates_form_says_what_a_document_is(house, browse):
    """A genuine document is not called a tampered certificate."""
    _qian, _document, number, pdf = await issued(house, title="关于召开会议的通知")
    answer = await send(await browse(None), "/verify", "/verify/file", pdf)
    assert (answer.status_code, "就是印发的原件" in answer.text, number in answer.text) == (200, True, True)


async def test_tries_are_counted(house, browse):
    _qian, _document, number, _pdf = await issued(house, title="关于召开会议的通知")
    visitor, href = await browse(None), f"/documents/{number}/comparison"
    token = (await visitor.get(href)).text.split('name="_csrf_token" value="')[1].split('"')[0]
    codes = [
        (
            await visitor.post(
                href, data={"_csrf_token": token}, files={"file": ("x.pdf", b"%PDF-1.7", "application/pdf")}
            )
        ).status_code
        for _ in range(comparing.TRIES + 1)
    ]
    assert codes == [422] * comparing.TRIES + [429]
