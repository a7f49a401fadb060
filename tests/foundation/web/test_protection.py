"""The walls, asked by somebody who means ill (SECURITY 1, 3, 4, 17, 18): a tiny application with three handlers inside."""

from __future__ import annotations

import asyncio
import re

import pytest
from litestar import Request, Response, get, post

from foundation.errors import Refusal
from foundation.forms import Line60, read_form, read_json
from foundation.web.application import Frame
from foundation.web.pages import page
from foundation.web.policy import EVERYBODY, SIGNED_IN, Actor
from foundation.web.sessions import COOKIE, open_session
from registry.accounts.queries import load_actor
from tests.support.people import Browser, browser_for

import msgspec  # isort: skip


class Note(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    text: Line60
    many: tuple[Line60, ...] = ()


@get("/forgotten")
async def forgotten() -> str:
    return "inside"


@post("/forgotten")
async def forgotten_write() -> str:
    return "inside"


@get("/half", opt={"policy": "everybody"})
async def half() -> str:
    return "inside"


@get("/members", opt={"policy": SIGNED_IN})
async def members(request: Request) -> str:
    return f"hello {request.user.login}"


@get("/page", opt={"policy": EVERYBODY})
async def a_page(request: Request) -> Response:
    return await page(request, "problem.html", problem=msgspec.structs.replace(PROBLEM))


@post("/notes", opt={"policy": EVERYBODY}, status_code=200)
async def write(request: Request) -> str:
    return (await read_form(request, Note)).data.text


@post("/api/notes", opt={"policy": EVERYBODY}, status_code=200)
async def write_json(request: Request) -> dict:
    return {"text": (await read_json(request, Note)).data.text}


@post("/files", opt={"policy": EVERYBODY}, status_code=200)
async def upload(request: Request) -> str:
    file = (await request.form()).get("file")
    if file is None or isinstance(file, str):
        raise Refusal("no_file", "请选择文件", field="file")
    return str(len(await file.read()))


@get("/broken", opt={"policy": EVERYBODY})
async def broken() -> str:
    raise RuntimeError("340203199001011234 must not be shown")


def _problem():
    from foundation.web.problems import Problem

    return Problem(title="t", status=404, code="c")


PROBLEM = _problem()
HANDLERS = [forgotten, forgotten_write, half, members, a_page, write, write_json, upload, broken]


@pytest.fixture
def small(db):
    return Frame(load_actor=load_actor).build(HANDLERS)


@pytest.fixture
async def visitor(small):
    async with browser_for(small) as browser:
        yield browser


async def signed_in(small, actor: Actor) -> Browser:
    browser = browser_for(small)
    browser.cookies.set(COOKIE, await open_session(actor.account, state="signed_in"))
    return browser


# -- default deny (SECURITY 1)


async def test_a_handler_without_a_policy_lets_nobody_in(small, visitor, house):
    officer = await signed_in(small, await house.person("qian", "city_officer", at="city"))
    for browser in (visitor, officer):
        for path in ("/forgotten", "/half"):
            answer = await browser.get(path)
            assert (answer.status_code, "inside" in answer.text) == (403, False), path
        answer = await browser.submit("/forgotten", {})
        assert (answer.status_code, "inside" in answer.text) == (403, False)


async def test_a_visitor_is_sent_to_sign_in_and_an_api_client_told_so(visitor):
    answer = await visitor.get("/members?secret=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fmembers")
    answer = await visitor.get("/members", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (401, "SignInRequired")


async def test_the_real_application_has_no_handler_without_policy(app):
    from foundation.web.policy import Policy

    handlers = {str(h): h for route in app.routes for h in getattr(route, "route_handlers", [])}
    assert len(handlers) > 20
    bare = [name for name, h in handlers.items() if not isinstance(h.opt.get("policy"), Policy)]
    assert [name for name in bare if "OPTIONS" not in name and "options" not in name.lower()] == []


# -- CSRF (SECURITY 3)


async def test_the_token_is_taken_from_field_or_header(visitor):
    token = await visitor.token()
    assert (await visitor.post("/notes", data={"text": "a", "_csrf_token": token})).text == "a"
    assert (await visitor.post("/notes", data={"text": "b"}, headers={"X-CSRF-Token": token})).text == "b"


@pytest.mark.parametrize("token", ["", "x", "证书", "\udce4", "a" * 5000, "\x00"])
async def test_a_wrong_token_is_refused_whatever_it_looks_like(visitor, token):
    body = b"text=a&_csrf_token=" + b"".join(b"%%%02X" % b for b in token.encode("utf-8", "surrogateescape"))
    answer = await visitor.post("/notes", content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 403
    answer = await visitor.post(
        "/notes", data={"text": "a"}, headers={b"X-CSRF-Token": token.encode("utf-8", "surrogateescape")}
    )
    assert answer.status_code == 403


async def test_no_token_at_all_is_refused_for_forms_json_and_strange_bodies(visitor):
    for kwargs in (
        {"data": {"text": "a"}},
        {"json": {"text": "a"}},
        {"content": b"text=a", "headers": {"Content-Type": "text/plain"}},
        {"content": b"", "headers": {}},
        {"content": b"--x", "headers": {"Content-Type": "multipart/form-data"}},
        {"content": b"--x\r\n\r\n", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
    ):
        answer = await visitor.post("/notes", **kwargs)
        assert answer.status_code in (400, 403), kwargs


async def test_another_sessions_token_is_refused(small, house):
    qian = await signed_in(small, await house.person("qian", "city_officer", at="city"))
    sun = await signed_in(small, await house.person("sun", "city_officer", at="city"))
    stranger = browser_for(small)
    stranger.cookies.set("__Host-visitor", "another-" + "y" * 24)
    for other in (sun, stranger):
        answer = await qian.post("/notes", data={"text": "a", "_csrf_token": await other.token()})
        assert answer.status_code == 403
    assert (await qian.submit("/notes", {"text": "a"})).status_code == 200


async def test_a_visitors_token_ends_with_signing_in(small, house):
    actor = await house.person("qian", "city_officer", at="city")
    browser = browser_for(small)
    before = await browser.token()
    browser.cookies.set(COOKIE, await open_session(actor.account, state="signed_in"))
    assert (await browser.post("/notes", data={"text": "a", "_csrf_token": before})).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": "https://testserver.local.evil.example"},
        {"Origin": "https://testserver.local:8443"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://testserver.local", "Sec-Fetch-Site": "cross-site"},
    ],
)
async def test_a_good_token_from_another_site_is_refused(visitor, headers):
    answer = await visitor.submit("/notes", {"text": "a"}, headers=headers)
    assert answer.status_code == 403


async def test_our_own_origin_is_accepted(visitor):
    headers = {"Origin": "https://testserver.local", "Sec-Fetch-Site": "same-origin"}
    assert (await visitor.submit("/notes", {"text": "a"}, headers=headers)).text == "a"


async def test_a_read_needs_no_token_and_a_link_from_elsewhere_still_opens(visitor):
    answer = await visitor.get("/page", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200


# -- hosts, headers (SECURITY 4)


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.local.evil.example", "[", "[::1", "", "testserver.local@evil.example", "主机"]
)
async def test_a_strange_host_never_comes_in(small, host):
    async with browser_for(small) as browser:
        answer = await browser.get("/page", headers={b"Host": host.encode()})
        assert (answer.status_code, answer.text) == (400, "unknown host")


async def test_each_answer_has_its_own_nonce_and_the_page_carries_it(visitor):
    nonces = []
    for _ in range(3):
        answer = await visitor.get("/page")
        policy = answer.headers["content-security-policy"]
        nonce = re.search(r"'nonce-([^']+)'", policy)[1]
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        scripts = re.findall(r"<script\b[^>]*>", answer.text)
        assert scripts
        for script in scripts:
            assert f'nonce="{nonce}"' in script or 'type="application/json"' in script, script
        nonces.append(nonce)
    assert len(set(nonces)) == 3
    assert all(len(nonce) >= 20 for nonce in nonces)


async def test_every_answer_is_stamped_even_an_error(visitor):
    for path in ("/page", "/nothing", "/forgotten", "/members", "/broken"):
        headers = (await visitor.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "same-origin", path
        assert "max-age" in headers["strict-transport-security"], path  # the tests' public address is https
        assert "content-security-policy" in headers, path


async def test_what_a_signed_in_person_sees_is_never_stored(small, house):
    browser = await signed_in(small, await house.person("qian", "city_officer", at="city"))
    for path in ("/page", "/members", "/nothing", "/forgotten"):
        assert (await browser.get(path)).headers["cache-control"] == "no-store", path


async def test_a_page_with_a_form_token_is_kept_by_no_cache_unasked(visitor):
    answer = await visitor.get("/page")
    assert await visitor.token() in answer.text
    assert answer.headers["cache-control"] == "no-cache"


async def test_a_page_that_caches_share_holds_no_token_and_sets_no_cookie(app, db, house):
    async with browser_for(app) as browser:
        browser.cookies.clear()
        answer = await browser.get("/about/trail")
        assert answer.headers["cache-control"] == "public, max-age=60"
        assert "Cookie" in answer.headers["vary"]
        assert "set-cookie" not in answer.headers
        assert not re.search(r"csrf[^>]*[A-Za-z0-9_-]{43}", answer.text, re.IGNORECASE)
        asked = await browser.get("/about/trail?lang=en")  # sets a cookie: not for sharing
        assert "public" not in asked.headers["cache-control"]
    officer = await signed_in(app, await house.person("qian", "city_officer", at="city"))
    assert (await officer.get("/about/trail")).headers["cache-control"] == "no-store"


# -- what an outsider can send never makes a 500 (SECURITY 17)

DEEP = [b"[" * 100_000, b'{"a":' * 50_000, b'{"text":' + b"[" * 20_000 + b"]" * 20_000 + b"}"]
ODD_JSON = [
    *DEEP, b"", b"null", b"[]", b'"text"', b"\xff\xfe", b'{"text": "\\ud800"}', b'{"text": NaN}', b'{"text": 1e999}',
    b'{"text": "a\\u0000b"}', b'{"text": {"a": 1}}', b'{"text": ["a"]}', b'{"text": "a", "text2": "b"}',
    b'{"text": "a", "many": "b\\u0000"}', b'{"text": "a", "many": {"0": "b"}}', b'{"text": "a", "many": [[["b"]]]}',
    b'{"text": ' + b"9" * 10_000 + b"}",
]  # fmt: skip


@pytest.mark.parametrize("body", ODD_JSON, ids=lambda b: repr(b[:24]))
async def test_odd_json_is_refused_by_name(visitor, body):
    headers = {"X-CSRF-Token": await visitor.token(), "Content-Type": "application/json"}
    answer = await visitor.post("/api/notes", content=body, headers=headers)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["faults"]


ODD_FORMS = [
    b"text=a%00b", b"text=%ED%A0%80", b"text=%FF%FE", b"text=a&text=b", b"text-0=a", b"text-0-x=a&text=b",
    b"many-%C2%B2=a&text=b", b"many-" + b"9" * 6000 + b"=a&text=b", b"many-0=a&many=b&many-0-x=c&text=d",
    b"-".join([b"a"] * 3000) + b"=x", b"&".join(b"f%d=x" % n for n in range(5000)), b"%", b"=", b"text=" + b"a" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("body", ODD_FORMS, ids=lambda b: repr(b[:24]))
async def test_odd_forms_are_refused_by_name(visitor, body):
    headers = {
        "X-CSRF-Token": await visitor.token(), "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
    }  # fmt: skip
    answer = await visitor.post("/notes", content=body, headers=headers)
    assert answer.status_code in (400, 422), (answer.status_code, answer.text[:300])


async def test_text_where_a_file_is_expected_is_refused(visitor):
    assert (await visitor.submit("/files", {"file": "not a file"})).status_code == 422
    assert (await visitor.submit("/files", {})).status_code == 422
    token = await visitor.token()
    answer = await visitor.post("/files", data={"_csrf_token": token}, files={"file": ("a", b"abc")})
    assert answer.text == "3"
    swapped = await visitor.post("/files", data={"file": "x"}, files={"_csrf_token": ("a", token.encode())})
    assert swapped.status_code == 403


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\na\r\n--x--\r\n"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\na'),
        ("multipart/form-data; boundary=x", b"\x00" * 1000),
        ("multipart/form-data; boundary=" + "x" * 5000, b"--x"),
        ("application/x-www-form-urlencoded; charset=nonsense", b"text=a"),
        ("application/json; charset=nonsense", b'{"text": "a"'),
        ("nonsense", b"text=a"),
        ("", b"text=a"),
    ],
)
async def test_broken_bodies_are_the_clients_fault(visitor, content_type, body):
    headers = {"X-CSRF-Token": await visitor.token(), "Content-Type": content_type}
    answer = await visitor.post("/notes", content=body, headers=headers)
    assert answer.status_code in (200, 400, 422), (answer.status_code, answer.text[:400])


async def test_a_body_over_the_limit_is_refused(visitor):
    headers = {"X-CSRF-Token": await visitor.token(), "Content-Type": "application/x-www-form-urlencoded"}
    answer = await visitor.post("/notes", content=b"text=" + b"a" * (12 * 1024 * 1024), headers=headers)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "path",
    ["/%00", "/%ff%fe", "/nothing?lang=%00", "/page?lang=xx&lang=en", "/members?" + "a=b&" * 2000, "/%2e%2e/etc"],
)
async def test_odd_addresses_are_answered(visitor, path):
    assert (await visitor.get(path)).status_code < 500


@pytest.mark.parametrize(
    "cookie", ["__Host-session=" + "x" * 5000, "__Host-session=%00", "language=<b>", "=;;=", "theme=é"]
)
async def test_odd_cookies_are_ignored(small, cookie):
    async with browser_for(small) as browser:
        browser.cookies.clear()
        answer = await browser.get("/page", headers={b"Cookie": cookie.encode()})
        assert answer.status_code == 200


async def test_a_fault_of_ours_says_nothing_of_the_inside(visitor, capsys):
    answer = await visitor.get("/broken")
    assert answer.status_code == 500
    assert "340203199001011234" not in answer.text
    assert "RuntimeError" not in answer.text
    answer = await visitor.get("/broken", headers={"Accept": "application/json"})
    assert (answer.status_code, len(answer.json()["reference"])) == (500, 12)


async def test_a_wrong_method_is_a_problem_of_the_house(visitor):
    answer = await visitor.get("/notes", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")


# -- load (SECURITY 18)


async def test_when_the_house_is_full_the_public_waits_first_and_judges_last(small, house, monkeypatch):
    from foundation.web import protection

    judge = await signed_in(small, await house.person("li", "judge", at="city"))
    officer = await signed_in(small, await house.person("qian", "city_officer", at="city"))
    public = browser_for(small)
    monkeypatch.setattr(protection, "IN_FLIGHT_LIMIT", {"judge": 1, "officer": 0, "public": 0})
    for browser in (officer, public):
        answer = await browser.get("/page")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert (await judge.get("/page")).status_code == 200
    monkeypatch.setattr(protection, "IN_FLIGHT_LIMIT", {"judge": 1, "officer": 1, "public": 1})
    assert (await public.get("/page")).status_code == 200


async def test_whoever_watches_a_stream_keeps_nobody_out(db, monkeypatch):
    """As many watchers as the house holds visitors: the next visitor still comes in, and afterwards all places are free."""
    from foundation.web import protection
    from foundation.web.protection import LoadMiddleware

    begun, end = asyncio.Event(), asyncio.Event()

    async def inner(scope, receive, send) -> None:
        kind = b"text/event-stream" if scope["path"] == "/stream" else b"text/plain"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
        if scope["path"] == "/stream":
            begun.set()
            await end.wait()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    monkeypatch.setattr(protection, "IN_FLIGHT_LIMIT", {"judge": 2, "officer": 2, "public": 2})
    wall = LoadMiddleware(inner)
    statuses: list[int] = []

    async def ask(path: str) -> None:
        async def send(message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        await wall({"type": "http", "path": path, "user": None}, None, send)  # type: ignore[arg-type]

    watchers = []
    for _ in range(5):
        begun.clear()
        watchers.append(asyncio.create_task(ask("/stream")))
        await begun.wait()
    await ask("/page")
    end.set()
    await asyncio.gather(*watchers)
    assert statuses == [200] * 6
    assert wall.in_flight == 0


async def test_what_fails_outside_the_application_is_still_an_answer(house, app):
    """A fault in loading the session's actor never reaches a handler."""

    async def broken_loader(account):
        raise RuntimeError("340203199001011234")

    made = Frame(load_actor=broken_loader).build(HANDLERS)
    browser = await signed_in(made, await house.person("qian", "city_officer", at="city"))
    answer = await browser.get("/page")
    assert (answer.status_code, answer.headers["x-content-type-options"]) == (500, "nosniff")
    assert "340203199001011234" not in answer.text
