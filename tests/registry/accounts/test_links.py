"""Invitations and resets: handed over once, good once, for seven days, and never written down in clear."""

from __future__ import annotations

import hashlib
import re

import pytest
import structlog

from foundation.database import fetch, fetchval
from foundation.errors import NotFound, Refusal
from registry.accounts import keeping, links, operations
from registry.accounts.schemas import Invitation
from tests.registry.accounts.conftest import PASSWORD, give_password, give_phone

NEW = "立冬之后河水渐寒 no.7"


@pytest.fixture
async def sun(house):
    """孙: security administrator."""
    return await house.person("sun", "security_admin", at="city")


@pytest.fixture
async def zhou(house):
    """周: officer of county 宣州."""
    return await house.person("zhou", "county_officer", at="xuanzhou")


def invitation(login: str, organisation, role="enterprise_contact", **more) -> Invitation:
    return Invitation(login=login, name="郑清明（示例）", organisation=organisation, role=role, **more)


def link_on(answer) -> str:
    return re.search(r"https://testserver\.local(/invitation/[\w-]+)", answer.text)[1]


async def test_from_invitation_to_first_sign_in(zhou, house, browse, sign_in):
    officer, visitor = await browse(zhou), await browse(None)
    form = {"name": "郑清明（示例）", "login": "zheng", "role": "enterprise_contact", "organisation": str(house.organisations["jia"])}  # fmt: skip
    answer = await officer.submit("/accounts", form)
    link = link_on(answer)
    page = await visitor.get(link)
    assert "郑清明" in page.text
    assert page.headers["cache-control"] == "no-store"
    done = await visitor.submit(link, {"password": NEW, "again": NEW})
    assert "zheng" in done.text
    assert (await sign_in("zheng", NEW))[1].status_code == 303
    gone = await visitor.get(link)
    assert gone.status_code == 404
    assert "链接已失效" in gone.text
    assert (await visitor.submit(link, {"password": PASSWORD, "again": PASSWORD})).status_code == 404
    assert (await sign_in("zheng", NEW))[1].status_code == 303


async def test_only_the_hash_is_kept(zhou, house):
    _, token = await operations.invite(zhou, invitation("zheng", house.organisations["jia"]))
    rows = await fetch("SELECT digest, purpose FROM account_token")
    assert [(row["digest"], row["purpose"]) for row in rows] == [
        (hashlib.sha256(token.encode()).digest(), "invitation")
    ]
    trail = await fetch("SELECT action, body FROM trail_entry")
    assert {row["action"] for row in trail} == {"account.created", "role.granted", "account.invitation_issued"}
    assert not any(token in row["body"] or "zheng" in row["body"] or "郑" in row["body"] for row in trail)


@pytest.mark.parametrize(("days", "good"), [(6.99, True), (7.01, False)])
async def test_a_link_is_good_for_seven_days(zhou, house, days, good):
    _, token = await operations.invite(zhou, invitation("zheng", house.organisations["jia"]))
    await fetch("UPDATE account_token SET expires_at = expires_at - $1 * interval '1 day'", days)
    if good:
        assert (await links.find_link(token)).login == "zheng"
    else:
        with pytest.raises(NotFound):
            await links.find_link(token)
        with pytest.raises(NotFound):
            await links.set_password_by_link(token, NEW, NEW)


async def test_a_newer_link_voids_the_older(zhou, house):
    account, first = await operations.invite(zhou, invitation("zheng", house.organisations["jia"]))
    second, purpose = await keeping.issue_link(zhou, account)
    assert purpose == "invitation"
    with pytest.raises(NotFound):
        await links.find_link(first)
    assert (await links.find_link(second)).account == account


async def test_every_fault_of_a_new_password_is_said_and_the_link_stays_good(zhou, house, browse):
    _, token = await operations.invite(zhou, invitation("zheng", house.organisations["jia"]))
    visitor = await browse(None)
    answer = await visitor.submit(f"/invitation/{token}", {"password": "zheng", "again": "other"})
    assert answer.status_code == 422
    for said in ("密码至少 12 个字符", "密码不能含有登录名或姓名", "两次输入的密码不一致"):
        assert said in answer.text
    assert (await visitor.submit(f"/invitation/{token}", {"password": NEW, "again": NEW})).status_code == 200


async def test_a_reset_ends_every_session_and_lifts_the_lock_but_keeps_the_phone(sun, house, sign_in):
    li = await give_password(await house.person("li", "enterprise_contact", at="jia"))
    browser, _ = await sign_in("li")
    await fetch("UPDATE account SET failures = 5, locked_until = clock_timestamp() + interval '10 minutes'")
    await give_phone(li)
    token, purpose = await keeping.issue_link(sun, li.account)
    assert purpose == "reset"
    await links.set_password_by_link(token, NEW, NEW)
    assert (await browser.get("/me")).status_code == 303
    assert "登录名或密码不正确" in (await sign_in("li", PASSWORD))[1].text
    _, answer = await sign_in("li", NEW)
    assert answer.headers["location"] == "/sign-in/second-factor"


async def test_a_closed_accounts_link_is_dead(sun, house):
    li = await house.person("li", "enterprise_contact", at="jia")
    token, _ = await keeping.issue_link(sun, li.account)
    await keeping.close_account(sun, li.account)
    with pytest.raises(NotFound):
        await links.find_link(token)
    with pytest.raises(Refusal, match="已停用"):
        await keeping.issue_link(sun, li.account)
    await keeping.reopen_account(sun, li.account)
    with pytest.raises(NotFound):
        await links.find_link(token)


async def test_a_login_is_somebodys_once(zhou, house):
    await operations.invite(zhou, invitation("zheng", house.organisations["jia"]))
    with pytest.raises(Refusal, match="已有人使用"):
        await operations.invite(zhou, invitation("ZHENG", house.organisations["jia"]))
    assert await fetchval("SELECT count(*) FROM account WHERE login = 'zheng'") == 1


async def test_a_refused_role_leaves_no_account_behind(zhou, house, browse):
    officer = await browse(zhou)
    form = {"name": "郑", "login": "zheng", "role": "city_officer", "organisation": str(house.organisations["xuanzhou"])}  # fmt: skip
    answer = await officer.submit("/accounts", form)
    assert answer.status_code == 422
    assert "超出了您可以授予的范围" in answer.text
    assert await fetchval("SELECT count(*) FROM account WHERE login = 'zheng'") == 0


@pytest.mark.parametrize("where", ["ningguo", "yi", "city", None])
async def test_zhou_invites_only_within_the_county(zhou, house, where):
    organisation = house.organisations[where] if where else None
    with pytest.raises(Refusal) as refused:
        await operations.invite(zhou, invitation("zheng", organisation, role=None))
    assert refused.value.field == "organisation"


async def test_all_faults_of_the_form_at_once(zhou, browse):
    officer = await browse(zhou)
    answer = await officer.submit("/accounts", {"name": "", "login": "", "role": "emperor", "organisation": "x"})
    assert answer.status_code == 422
    for field in ("name", "login", "role", "organisation"):
        assert f'href="#f-{field}"' in answer.text
    answer = await officer.submit("/accounts", {"name": "郑", "login": "Zh eng", "email": "zheng", "role": ""})
    assert "登录名须为" in answer.text
    assert "电子邮箱格式不对" in answer.text


async def test_the_find_button_works_without_scripts_and_keeps_what_was_typed(zhou, browse):
    officer = await browse(zhou)
    answer = await officer.submit("/accounts", {"name": "郑", "login": "", "organisation_query": "示例甲", "find": "1"})
    assert answer.status_code == 200
    assert 'value="郑"' in answer.text
    assert "必填" not in answer.text


async def test_tokens_never_reach_the_log(zhou, house, browse):
    _, token = await operations.invite(zhou, invitation("zheng", house.organisations["jia"]))
    visitor = await browse(None)
    with structlog.testing.capture_logs() as lines:
        await visitor.get(f"/invitation/{token}")
        await visitor.submit(f"/invitation/{token}", {"password": NEW, "again": NEW})
    assert len(lines) >= 2
    assert token not in repr(lines)
    assert NEW not in repr(lines)


async def test_the_api_invites_too(zhou, house, browse):
    officer = await browse(zhou)
    body = {"login": "zheng", "name": "郑", "organisation": str(house.organisations["jia"]), "role": "enterprise_contact"}  # fmt: skip
    answer = await officer.send_json("POST", "/api/v1/accounts", body)
    assert answer.status_code == 201
    token = answer.json()["link"].rpartition("/")[2]
    assert (await links.find_link(token)).login == "zheng"
    refused = await officer.send_json("POST", "/api/v1/accounts", {**body, "surprise": 1})
    assert refused.status_code == 422
    assert refused.json()["faults"][0]["field"] == "surprise"
    taken = await officer.send_json("POST", "/api/v1/accounts", body)
    assert [fault["code"] for fault in taken.json()["faults"]] == ["login_taken"]
