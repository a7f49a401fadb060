"""Two languages: whoever asks for English gets it everywhere, and nobody's language follows into another's request."""

from __future__ import annotations

import asyncio

import pytest

from foundation.i18n import catalogue, current_locale, gettext
from foundation.web.sessions import LANGUAGE_COOKIE
from tests.support.people import browser_for


def spoken(html: str) -> str:
    return "en" if '<html lang="en"' in html else "zh" if '<html lang="zh-CN"' in html else "?"


@pytest.mark.parametrize(
    ("accept", "cookie", "asked", "language"),
    [
        ("", "", "", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "", "", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.5", "", "", "en"),
        ("fr-FR,fr;q=0.9", "", "", "zh"),
        ("en", "zh", "", "zh"),
        ("zh", "en", "", "en"),
        ("zh", "zh", "en", "en"),
        ("en", "xx", "", "zh"),
        ("zh", "", "xx", "zh"),
        ("zh", "", "../en", "zh"),
    ],
)
async def test_whose_word_counts(app, db, accept, cookie, asked, language):
    """A link's ``lang``, then the cookie, then the browser; an unknown one is Chinese."""
    async with browser_for(app) as browser:
        if cookie:
            browser.cookies.set(LANGUAGE_COOKIE, cookie)
        answer = await browser.get("/verify" + (f"?lang={asked}" if asked else ""), headers={"Accept-Language": accept})
        assert spoken(answer.text) == language


async def test_a_followed_link_is_remembered(app, db):
    async with browser_for(app) as browser:
        await browser.get("/verify?lang=en", headers={"Accept-Language": "zh"})
        assert browser.cookies.get(LANGUAGE_COOKIE) == "en"


async def test_requests_at_once_each_speak_their_own(app, db):
    async def ask(language: str) -> str:
        async with browser_for(app) as browser:
            return spoken((await browser.get("/sign-in", headers={"Accept-Language": language})).text)

    one_by_one = [await ask(language) for language in ("en", "zh", "en")]
    assert one_by_one == ["en", "zh", "en"]
    assert current_locale.get() == "zh"


async def test_a_language_set_in_one_task_stays_there():
    async def set_it() -> str:
        current_locale.set("en")
        return gettext("首页")

    assert await asyncio.create_task(set_it()) == "Home"
    assert gettext("首页") == "首页"


def test_a_text_without_english_stays_chinese():
    token = current_locale.set("en")
    try:
        assert gettext("没有译文的一句话") == "没有译文的一句话"
        assert gettext("剩 %(n)s 个工作日", n=3) == "3 working days left"
    finally:
        current_locale.reset(token)


def test_a_percent_sign_without_facts_is_only_text():
    assert gettext("前 30 % 全部复核") == "前 30 % 全部复核"


def test_chinese_needs_no_catalogue():
    assert catalogue("zh") == {}
    assert len(catalogue("en")) > 300
