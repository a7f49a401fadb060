"""The page of signing keys in Chromium: nothing for axe to find, wide and narrow, empty and full, in both languages."""

from __future__ import annotations

from foundation.database import fetchval
from foundation.settings import settings
from publications.certificates import keys
from publications.certificates.proof.signing import SignerProcess
from tests.publications.certificates.designs.test_in_browser import (
    browsing,
    build,
    faults_of,
    pytestmark,  # noqa: F401 - marks this module too
    shot,
)
from tests.support.people import House


async def test_the_page_of_keys(committed):
    build()
    house = await House().build()
    sun = await house.person("sun", "security_admin", at="city")
    async with browsing(house, "sun") as (open_page, address):
        page = await open_page(viewport={"width": 1440, "height": 1000})
        await page.goto(f"{address}/signing-keys")
        assert await faults_of(page) == []
        assert "现在没有可用的签名钥匙" in await page.inner_text("main")
        await shot(page, "keys-empty")
        async with SignerProcess(settings()) as signer:
            await keys.publish(signer.published)
        seal = await fetchval("SELECT id FROM certificate_key WHERE kind = 'seal'")
        await keys.retire(sun, seal, "到期更换（示例）")
        await page.goto(f"{address}/signing-keys")
        assert await faults_of(page) == []
        assert await page.locator("form[action$='/retirement']").count() == 1
        await shot(page, "keys-1440")
        phone = await open_page(viewport={"width": 390, "height": 844}, color_scheme="dark", locale="en-GB")
        for name in ("signing-keys", "verify/keys"):
            await phone.goto(f"{address}/{name}")
            assert await faults_of(phone) == []
            assert await phone.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), name
            await shot(phone, f"{name.replace('/', '-')}-390")
