"""Every route has a policy, and lets in exactly whom the hand-written table says: by its policy, and over HTTP."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from uuid import UUID

import pytest

from foundation.web.policy import Actor, Grant, Policy

spec = importlib.util.spec_from_file_location("access", Path(__file__).with_name("access.py"))
assert spec is not None
assert spec.loader is not None
access = importlib.util.module_from_spec(spec)
spec.loader.exec_module(access)
EXPECTED, ROLES, VISITOR = access.EXPECTED, access.ROLES, access.VISITOR
NOBODYS = UUID(int=0)


def handlers(app) -> dict[str, tuple[str, str, object]]:
    """Route name → (method, path, policy); Litestar's own answers to OPTIONS and its schema aside."""
    found: dict[str, tuple[str, str, object]] = {}
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            methods = {str(method) for method in handler.http_methods} - {"OPTIONS", "HEAD"}
            if methods and not route.path.startswith("/api/schema"):
                for method in methods:
                    known = found.get(handler.name or "")
                    assert known is None or known[0] == method, f"two routes are called {handler.name!r}"
                    found[handler.name or f"?{route.path}"] = (method, route.path, handler.opt.get("policy"))
    return found


def somebody(role: str) -> Actor:
    return Actor(account=NOBODYS, login=role, name=role, grants=frozenset({Grant(role=role)}))


def test_every_route_is_named_and_in_the_table(app):
    assert sorted(handlers(app)) == sorted(EXPECTED)


def test_each_policy_admits_exactly_the_roles_of_the_table(app):
    wrong = []
    for name, (_method, _path, policy) in handlers(app).items():
        assert isinstance(policy, Policy), f"{name} names no policy"
        admitted = {role for role in ROLES if policy.allows(somebody(role))} | (
            {VISITOR} if policy.allows(None) else set()
        )
        if admitted != EXPECTED[name]:
            wrong.append((name, sorted(admitted ^ EXPECTED[name])))
    assert wrong == []


def fill(path: str) -> str:
    """A path with ids that nobody has."""
    path = re.sub(r"\{[^}]*:uuid\}", str(NOBODYS), path)
    path = re.sub(r"\{[^}]*:int\}", "2026", path)
    path = re.sub(r"\{[^}]*:path\}", "nothing", path)
    return re.sub(r"\{[^}]*\}", "nothing", path)


@pytest.mark.parametrize("role", [VISITOR, *ROLES])
async def test_over_http_a_stranger_to_a_route_stays_outside(db, house, browse, app, role):
    """Denied: 403, or for visitors the sign-in. Admitted: anything but these, and never a fault of ours."""
    event_roles = {"judge", "chief_judge", "scorekeeper", "code_keeper", "supervisor"}
    actor = None
    if role != VISITOR:
        actor = await house.person("zhang", role, at="city", event=NOBODYS if role in event_roles else None)
    browser = await browse(actor)
    wrong = []
    for name, (method, path, _policy) in sorted(handlers(app).items()):
        if name in SLOW:
            continue
        if method == "GET":
            answer = await browser.get(fill(path))
        elif path.startswith("/api/"):
            answer = await browser.send_json(method, fill(path), {})
        else:
            answer = await browser.submit(fill(path), {})
        to_sign_in = answer.headers.get("location", "").startswith("/sign-in")
        outside = answer.status_code in (401, 403) or (answer.status_code == 303 and to_sign_in and role == VISITOR)
        admitted = role in EXPECTED[name]
        if outside == admitted and not (admitted and name in SENDS_TO_SIGN_IN):
            wrong.append((name, answer.status_code, "admitted" if admitted else "outside"))
        if answer.status_code >= 500:
            wrong.append((name, answer.status_code, "a fault of ours"))
        if name == "accounts.sign_out" and actor is not None:
            browser = await browse(actor)
    assert wrong == []


SLOW = {"competitions.results.live.stream"}
"""A stream that does not end is tested over a real server."""
SENDS_TO_SIGN_IN = {
    "accounts.enrol", "accounts.enrol.submit", "accounts.second_factor", "accounts.second_factor.submit", "accounts.sign_out",
    "accounts.link.submit",
}  # fmt: skip
"""Steps of signing in send whoever is not at that step back to its beginning."""
