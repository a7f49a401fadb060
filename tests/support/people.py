"""Named people and a client: the owner, the neighbour, the outsider of each story. All plainly synthetic."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio

from foundation.database import fetch
from foundation.web.policy import Actor
from foundation.web.sessions import COOKIE, open_session
from registry.accounts.queries import load_actor
from registry.tables import Account, Organisation, RoleGrant

BASE = "https://testserver.local"


class House:
    """A small federation: a city, two counties, two enterprises in different counties; people join as they are named."""

    def __init__(self) -> None:
        self.organisations: dict[str, UUID] = {}
        self.actors: dict[str, Actor] = {}

    async def build(self) -> House:
        """The tree: city → xuanzhou → jiaxing (示例甲厂); city → ningguo → yifang (示例乙厂)."""
        city = await self.organisation("city", "宣城市示例总工会", kind="city", region="341800")
        xuanzhou = await self.organisation("xuanzhou", "宣州区示例总工会", kind="county", region="341802", parent=city)
        ningguo = await self.organisation("ningguo", "宁国市示例总工会", kind="county", region="341881", parent=city)
        await self.organisation(
            "jia",
            "宣州区示例甲机械制造有限公司工会委员会",
            region="341802",
            parent=xuanzhou,
            unit="宣州区示例甲机械制造有限公司",
        )
        await self.organisation(
            "yi",
            "宁国市示例乙汽车零部件有限公司工会委员会",
            region="341881",
            parent=ningguo,
            unit="宁国市示例乙汽车零部件有限公司",
        )
        return self

    async def organisation(
        self,
        key: str,
        name: str,
        *,
        kind: str = "grassroots",
        region: str = "341802",
        parent: UUID | None = None,
        unit: str = "",
    ) -> UUID:
        """One organisation, known in the test by ``key``."""
        above: list[UUID] = []
        if parent is not None:
            rows = await fetch("SELECT ancestors FROM organisation WHERE id = $1", parent)
            above = list(rows[0]["ancestors"])
        made = Organisation(name=name, kind=kind, region=region, parent=parent, unit_name=unit)
        made.ancestors = [*above, made.id]
        await made.save()
        self.organisations[key] = made.id
        return made.id

    async def person(self, login: str, role: str, *, at: str | None = None, event: UUID | None = None) -> Actor:
        """An account with one role: within organisation ``at`` (a key), or within one ``event``."""
        organisation = self.organisations[at] if at else None
        account = Account(login=login, name=f"{login}（示例）", organisation=organisation)
        await account.save()
        scope = None if event is not None else organisation
        await RoleGrant(account=account.id, role=role, organisation=scope, event=event).save()
        actor = await load_actor(account.id)
        assert actor is not None
        self.actors[login] = actor
        return actor

    async def refresh(self, actor: Actor) -> Actor:
        """The actor as now granted."""
        again = await load_actor(actor.account)
        assert again is not None
        return again


class Browser(httpx.AsyncClient):
    """A client that is signed in and carries the CSRF token, as a page's forms do."""

    async def token(self) -> str:
        """The CSRF token of this browser, computed as the server does."""
        import base64
        import hashlib
        import hmac

        from foundation.web.sessions import _key, digest

        cookie = self.cookies.get(COOKIE)
        basis = digest(cookie) if cookie else (self.cookies.get("__Host-visitor") or "").encode()
        return base64.urlsafe_b64encode(hmac.new(_key(), basis, hashlib.sha256).digest()).decode().rstrip("=")

    async def submit(self, path: str, data: dict[str, Any] | None = None, **kwargs: Any) -> httpx.Response:
        """POST a form the way a page does."""
        return await self.post(path, data={**(data or {}), "_csrf_token": await self.token()}, **kwargs)

    async def send_json(self, method: str, path: str, body: Any, **kwargs: Any) -> httpx.Response:
        """An API call from our own pages."""
        headers = {"X-CSRF-Token": await self.token(), "Accept": "application/json", **kwargs.pop("headers", {})}
        return await self.request(method, path, json=body, headers=headers, **kwargs)


def browser_for(app: Any) -> Browser:
    """A visitor's browser."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    browser = Browser(transport=transport, base_url=BASE, follow_redirects=False)
    browser.cookies.set("__Host-visitor", "visitor-" + "x" * 24)
    return browser


@pytest_asyncio.fixture
async def house(db) -> House:
    """The small federation, inside the test's transaction."""
    return await House().build()


@pytest_asyncio.fixture
async def browse(app):
    """``await browse(actor)``: a browser signed in as actor; ``await browse(None)``: a visitor's."""
    opened: list[Browser] = []

    async def make(actor: Actor | None) -> Browser:
        browser = browser_for(app)
        if actor is not None:
            browser.cookies.set(COOKIE, await open_session(actor.account, state="signed_in"))
        opened.append(browser)
        return browser

    yield make
    for browser in opened:
        await browser.aclose()
