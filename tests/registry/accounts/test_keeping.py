"""Who sees and manages which account; closing, unlocking, the lost phone; lists, pickers, exports."""

from __future__ import annotations

import io
import uuid
from datetime import date

import openpyxl
import pytest

from competitions.tables import Competition, Event
from foundation.database import connection, fetch, fetchval
from foundation.errors import Conflict, NotFound, Refusal, Refusals
from registry.accounts import keeping, operations
from registry.accounts.queries import find_accounts
from registry.accounts.roles import Role
from tests.registry.accounts.conftest import give_password, give_phone, is_locked

EVENT = uuid.UUID(int=801)


@pytest.fixture
async def people(house):
    """孙 security, 陈 city officer, 周 and 吴 county officers, 李 and 王 contacts, 何 judge of 甲 in one event."""
    return {
        "sun": await house.person("sun", "security_admin", at="city"),
        "chen": await house.person("chen", "city_officer", at="city"),
        "zhou": await house.person("zhou", "county_officer", at="xuanzhou"),
        "wu": await house.person("wu", "county_officer", at="ningguo"),
        "li": await house.person("li", "enterprise_contact", at="jia"),
        "wang": await house.person("wang", "enterprise_contact", at="yi"),
        "he": await house.person("he", "judge", at="jia", event=EVENT),
    }


# who → whom they see, and of those, whom they manage. 何 judges in an event that 陈's city runs.
SEES = {
    "sun": {"sun", "chen", "zhou", "wu", "li", "wang", "he"},
    "chen": {"sun", "chen", "zhou", "wu", "li", "wang", "he"},
    "zhou": {"zhou", "li", "he"},
    "wu": {"wu", "wang"},
}
MANAGES = {
    "sun": {"chen", "zhou", "wu", "li", "wang", "he"},
    "chen": {"zhou", "wu", "li", "wang", "he"},
    "zhou": {"li"},
    "wu": {"wang"},
}


@pytest.mark.parametrize("who", sorted(SEES))
async def test_who_sees_whom(people, browse, who):
    browser = await browse(people[who])
    for login, actor in people.items():
        expected = 200 if login in SEES[who] else 404
        assert (await browser.get(f"/accounts/{actor.account}")).status_code == expected, login
        assert (await browser.get(f"/api/v1/accounts/{actor.account}")).status_code == expected, login
    listed = (await browser.get("/accounts")).text
    assert {login for login, actor in people.items() if f"/accounts/{actor.account}" in listed} == SEES[who]


@pytest.mark.parametrize("path", ["closing", "links", "unlocking"])
@pytest.mark.parametrize("who", sorted(SEES))
async def test_who_manages_whom(people, browse, who, path):
    """A link to set the password is as good as the account: nobody gets one for somebody above."""
    for login, actor in people.items():
        browser = await browse(people[who])
        answer = await browser.submit(f"/accounts/{actor.account}/{path}")
        if login in MANAGES[who]:
            assert answer.status_code in (200, 303), login
        else:
            assert answer.status_code == (422 if login in SEES[who] else 404), login
    links = await fetchval("SELECT count(*) FROM account_token")
    closed = {row["login"] for row in await fetch("SELECT login FROM account WHERE closed_at IS NOT NULL")}
    assert links == (len(MANAGES[who]) if path == "links" else 0)
    assert closed == (MANAGES[who] if path == "closing" else set())


@pytest.mark.parametrize("role", ["enterprise_contact", "judge", "chief_judge", "reviewer", "system_admin", "audit_admin"])  # fmt: skip
async def test_others_have_no_business_here(house, browse, people, role):
    outsider = await browse(await house.person("outsider", role, at="city"))
    for path in ("/accounts", "/accounts/new", "/accounts/organisations", f"/accounts/{people['li'].account}", "/api/v1/accounts"):  # fmt: skip
        assert (await outsider.get(path)).status_code == 403, path
    for path in ("/accounts", "/accounts/exports", f"/accounts/{people['li'].account}/closing", f"/accounts/{people['li'].account}/second-factor-reset"):  # fmt: skip
        assert (await outsider.submit(path)).status_code == 403, path
    assert "/accounts" not in (await outsider.get("/me")).text.replace("/registry/accounts", "")


async def test_a_closed_account_stops_at_once_and_comes_back_with_its_roles(people, browse, sign_in):
    await give_password(people["li"])
    li, _ = await sign_in("li")
    assert (await li.get("/me")).status_code == 200
    await keeping.close_account(people["zhou"], people["li"].account)
    assert (await li.get("/me")).status_code == 303
    assert "登录名或密码不正确" in (await sign_in("li"))[1].text
    with pytest.raises(Conflict):
        await keeping.close_account(people["zhou"], people["li"].account)
    await keeping.reopen_account(people["zhou"], people["li"].account)
    assert (await li.get("/me")).status_code == 303, "the old session does not come back"
    again, _ = await sign_in("li")
    assert "企业联络员" in (await again.get("/me")).text
    with pytest.raises(Conflict):
        await keeping.reopen_account(people["zhou"], people["li"].account)


async def test_even_a_session_left_in_the_table_is_nobody_once_closed(people, browse):
    li = await browse(people["li"])
    await fetch("UPDATE account SET closed_at = now() WHERE id = $1", people["li"].account)
    assert (await li.get("/me")).status_code == 303


async def test_roles_are_not_granted_to_the_closed(people, house):
    await keeping.close_account(people["sun"], people["li"].account)
    with pytest.raises(NotFound):
        await operations.grant_role(people["sun"], people["li"].account, Role.REVIEWER, organisation=house.organisations["jia"])  # fmt: skip


async def test_unlocking(people, browse):
    await fetch("UPDATE account SET failures = 5, locked_until = clock_timestamp() + interval '9 minutes' WHERE login = 'li'")  # fmt: skip
    zhou = await browse(people["zhou"])
    assert "已锁定" in (await zhou.get(f"/accounts/{people['li'].account}")).text
    await zhou.submit(f"/accounts/{people['li'].account}/unlocking")
    assert not await is_locked(people["li"])


async def test_only_security_resets_a_phone_and_sessions_end(people, browse, sign_in):
    await give_password(people["zhou"])
    await give_phone(people["zhou"])
    path = f"/accounts/{people['zhou'].account}/second-factor-reset"
    assert (await (await browse(people["chen"])).submit(path)).status_code == 403
    with pytest.raises(Refusal, match="只有安全管理员"):
        await keeping.reset_second_factor(people["chen"], people["zhou"].account)
    signed = await browse(people["zhou"])
    assert (await (await browse(people["sun"])).submit(path)).status_code == 303
    assert (await signed.get("/me")).status_code == 303
    _, answer = await sign_in("zhou")
    assert answer.headers["location"] == "/sign-in/enrol"
    with pytest.raises(Refusal, match="自己的账号"):
        await keeping.reset_second_factor(people["sun"], people["sun"].account)


async def test_every_act_leaves_a_row(people):
    sun, li = people["sun"], people["li"].account
    await keeping.issue_link(sun, li)
    await keeping.unlock_account(sun, li)
    await keeping.reset_second_factor(sun, li)
    await keeping.close_account(sun, li)
    await keeping.reopen_account(sun, li)
    rows = await fetch("SELECT action, actor, subject FROM trail_entry ORDER BY id")
    assert [row["action"] for row in rows] == [
        "account.invitation_issued", "account.unlocked", "account.second_factor_reset", "account.closed", "account.reopened",
    ]  # fmt: skip
    assert {row["actor"] for row in rows}.isdisjoint({sun.account, None})
    assert len({row["subject"] for row in rows}) == 1


async def named(login: str, name: str, organisation, role: str = "enterprise_contact"):
    account = await operations.create_account(None, login=login, name=name, organisation=organisation)
    await operations.grant_role(None, account, role, organisation=organisation)
    return account


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("张立春", {"zlc01"}), ("立春", {"zlc01", "lilichun"}), ("zhanglichun", {"zlc01"}), ("zlc", {"zlc01"}),
        ("lichun", {"zlc01", "lilichun"}), ("zlc01", {"zlc01"}), ("LILICHUN", {"lilichun"}), ("冬至", set()), ("%", set()),
    ],
)  # fmt: skip
async def test_search_by_name_pinyin_initials_and_login(people, house, browse, query, expected):
    await named("zlc01", "张立春", house.organisations["jia"])
    await named("lilichun", "李立春", house.organisations["jia"])
    assert {one.login for one in await find_accounts(query)} == expected
    zhou = await browse(people["zhou"])
    picked = await zhou.get("/api/v1/accounts", params={"q": query})
    assert {one["login"] for one in picked.json()} == expected
    listed = (await zhou.get("/accounts", params={"q": query})).text
    assert {login for login in ("zlc01", "lilichun") if f">{login}</a>" in listed} == expected


async def test_a_picker_reaches_only_as_far_as_its_user(people, house, browse):
    await named("zlc01", "张立春", house.organisations["yi"])
    assert (await (await browse(people["zhou"])).get("/api/v1/accounts?q=zlc")).json() == []
    found = (await (await browse(people["wu"])).get("/api/v1/accounts?q=zlc")).json()
    assert [(one["login"], one["roles"], one["organisation_name"]) for one in found] == [
        ("zlc01", ["enterprise_contact"], "宁国市示例乙汽车零部件有限公司")
    ]


async def test_a_picker_by_role_and_scope_leaves_the_closed_out(people, house):
    jia, yi = house.organisations["jia"], house.organisations["yi"]
    await named("zlc01", "张立春", jia, "reviewer")
    await named("zlc02", "张立春", yi, "reviewer")
    gone = await named("zlc03", "张立春", jia, "reviewer")
    await keeping.close_account(None, gone)
    assert [one.login for one in await find_accounts("zlc", Role.REVIEWER)] == ["zlc01", "zlc02"]
    assert [one.login for one in await find_accounts("zlc", Role.REVIEWER, [house.organisations["xuanzhou"]])] == ["zlc01"]  # fmt: skip
    assert await find_accounts("zlc", Role.JUDGE) == []
    assert await find_accounts("zlc", scope=[]) == []


async def test_filters_sorting_and_pages(people, browse):
    sun = await browse(people["sun"])
    await keeping.close_account(people["sun"], people["wang"].account)

    async def logins(query: str) -> list[str]:
        text = (await sun.get(f"/accounts?{query}")).text
        places = {login: text.find(f">{login}</a>") for login in people}
        return sorted((login for login, place in places.items() if place >= 0), key=places.__getitem__)

    assert await logins("role=county_officer") == ["wu", "zhou"]
    assert await logins("role=county_officer&sort=-login") == ["zhou", "wu"]
    assert await logins("state=closed") == ["wang"]
    assert await logins("state=invited") == ["chen", "he", "li", "sun", "wu", "zhou"]
    assert await logins("state=open") == []
    assert await logins("size=3&page=2") == ["sun", "wang", "wu"]


async def test_the_export_holds_what_the_list_shows_and_leaves_a_row(people, browse):
    zhou = await browse(people["zhou"])
    answer = await zhou.submit("/accounts/exports?role=enterprise_contact")
    assert "attachment" in answer.headers["content-disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert rows[0][:4] == ["登录名", "姓名", "所在组织", "角色"]
    assert [row[:4] for row in rows[1:] if row[0]] == [
        ["li", "li（示例）", "宣州区示例甲机械制造有限公司", "企业联络员"]
    ]
    assert await fetchval("SELECT count(*) FROM trail_entry WHERE action = 'accounts.exported'") == 1


async def test_organisations_offered_are_within_reach(people, browse):
    zhou = await browse(people["zhou"])
    text = (await zhou.get("/accounts/organisations?organisation_query=")).text
    assert "示例甲机械" in text
    assert "示例乙汽车" not in text
    assert "宣城市示例总工会" not in text


async def test_event_roles_are_shown_with_the_events_name(people, house, browse):
    competition = Competition(
        code="gj-2026",
        title="示例大赛",
        organiser=house.organisations["city"],
        region="341800",
        year=2026,
        starts_on=date(2026, 4, 1),
        ends_on=date(2026, 4, 30),
    )
    await competition.save()
    event = Event(competition=competition.id, code="cnc", title="数控车工（示例）")
    await event.save()
    sun, he = await browse(people["sun"]), people["he"].account
    assert "某一赛项" in (await sun.get(f"/accounts/{he}")).text, "an event that nobody knows"
    await operations.grant_role(people["sun"], he, Role.SCOREKEEPER, event=event.id)
    page = (await sun.get(f"/accounts/{he}")).text
    assert "示例大赛 · 数控车工（示例）" in page


async def test_the_last_security_administrator_stays(people):
    with pytest.raises(Refusal, match="最后一位安全管理员"):
        await keeping.close_account(None, people["sun"].account)
    grant = await fetchval("SELECT id FROM role_grant WHERE account = $1", people["sun"].account)
    with pytest.raises(Refusal, match="最后一位安全管理员"):
        await operations.end_grant(None, grant)
    await operations.grant_role(people["sun"], people["wang"].account, Role.SECURITY_ADMIN)
    await operations.end_grant(None, grant)


@pytest.mark.parametrize("query", ["%00", "%C3%28", "%ED%A0%80", "a" * 3000, "'; DROP TABLE account; --", "%25", "％", "_"])  # fmt: skip
async def test_no_search_breaks_the_page(people, browse, query):
    sun = await browse(people["sun"])
    for path in (f"/accounts?q={query}", f"/api/v1/accounts?q={query}", f"/accounts/organisations?organisation_query={query}", f"/accounts?page={query}&sort={query}&role={query}"):  # fmt: skip
        assert (await sun.get(path)).status_code == 200, path


async def test_no_role_at_a_closed_organisation(people, house):
    await fetch("UPDATE organisation SET closed_at = now() WHERE id = $1", house.organisations["jia"])
    with pytest.raises(Refusals, match="已关闭"):
        await operations.grant_role(people["zhou"], people["li"].account, Role.REVIEWER, organisation=house.organisations["jia"])  # fmt: skip
    await operations.end_role(people["zhou"], people["li"].account, "enterprise_contact", organisation=house.organisations["jia"])  # fmt: skip


async def queries_of(browser, path: str) -> int:
    asked: list[str] = []
    with connection().query_logger(lambda record: asked.append(record.query)):
        assert (await browser.get(path)).status_code == 200
    return len(asked)


async def test_pages_ask_as_often_for_many_as_for_few(people, house, browse):
    sun = await browse(people["sun"])
    li = f"/accounts/{people['li'].account}"
    await operations.grant_role(None, people["li"].account, Role.JUDGE, event=EVENT)
    few = {path: await queries_of(sun, path) for path in ("/accounts", li, "/me", "/api/v1/accounts?q=l")}
    for n in range(9):
        await named(f"lichun{n}", "李立春", house.organisations["jia"])
        await operations.grant_role(None, people["li"].account, Role.JUDGE, event=uuid.UUID(int=900 + n))
    assert {path: await queries_of(sun, path) for path in few} == few
    assert max(few.values()) <= 9, few
