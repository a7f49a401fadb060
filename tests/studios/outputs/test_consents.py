"""Consent to be named (P2, P3): written down by who keeps the studio, taken back at any time, followed at once in public."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from foundation import clock
from foundation.database import fetch, fetchval
from foundation.errors import NotFound, Refusal
from studios.outputs import consents, operations
from studios.outputs.schemas import AgreementForm, ConsentForm
from tests.studios.upkeep.world import at, of, world

__all__ = ["world"]
TODAY = date(2026, 3, 3)


@pytest.fixture
async def contact(house):
    return await house.person("li", "enterprise_contact", at="jia")


@pytest.fixture
async def pair(world, contact):
    """A studio of 甲厂 and an apprentice of its leader."""
    studio = await world.studio()
    apprentice = await world.worker("jia", "贺徒示例")
    async with at(TODAY):
        agreement = AgreementForm(
            master=(await of(studio))["leader"],
            apprentice=apprentice,
            goals="焊缝返修",
            agreed_on=TODAY,
            ends_on=date(2027, 3, 3),
        )
        await operations.agree(contact, studio, agreement)
    return studio, apprentice


async def shown(browse, studio) -> str:
    code = await fetchval("SELECT code FROM studio WHERE id = $1", studio)
    return (await (await browse(None)).get(f"/studios-directory/{code}")).text


async def test_only_who_consents_is_named_in_public_and_a_withdrawal_follows_at_once(pair, contact, browse):
    studio, apprentice = pair
    assert "贺徒示例" not in await shown(browse, studio)
    async with at(TODAY):
        await consents.keep_consent(contact, apprentice, ConsentForm(studio=studio, given=True, said_on=TODAY))
    assert "贺徒示例" in await shown(browse, studio)
    async with at(TODAY + timedelta(days=1)):
        await consents.keep_consent(contact, apprentice, ConsentForm(studio=studio, given=False, said_on=TODAY))
    assert "贺徒示例" not in await shown(browse, studio)
    assert await fetchval("SELECT count(*) FROM naming_consent") == 2, "what was said stays known"


async def test_a_word_counts_in_its_own_studio_alone(pair, contact, world):
    studio, apprentice = pair
    other = await world.studio("yi")
    async with at(TODAY):
        await consents.keep_consent(contact, apprentice, ConsentForm(studio=studio, given=True, said_on=TODAY))
        assert await consents.named_in(studio) == {apprentice}
        assert await consents.named_in(other) == frozenset()


async def test_who_may_not_and_what_cannot_be(pair, contact, world, house):
    studio, apprentice = pair
    outsider = await house.person("sun", "enterprise_contact", at="yi")
    stranger = await world.worker("jia", "旁人示例")
    form = ConsentForm(studio=studio, given=True, said_on=TODAY)
    async with at(TODAY):
        with pytest.raises(NotFound):
            await consents.keep_consent(outsider, apprentice, form)
        with pytest.raises(NotFound):
            await consents.keep_consent(contact, stranger, form)
        with pytest.raises(Refusal) as refused:
            await consents.keep_consent(
                contact, apprentice, ConsentForm(studio=studio, given=True, said_on=date(2026, 3, 4))
            )
        assert refused.value.code == "consent_day"
    assert not await fetch("SELECT 1 FROM naming_consent")


async def test_the_contact_does_it_on_the_page(pair, contact, browse):
    studio, apprentice = pair
    page, path = await browse(contact), f"/studio-register/{studio}"
    assert "未表态，公开页只写“学徒”和等级" in (await page.get(f"{path}/outputs")).text
    today = (await clock.today()).isoformat()
    fields = {"studio": str(studio), "said_on": today, "given": "yes"}
    assert (await page.submit(f"{path}/keeping/consent/{apprentice}", fields)).status_code == 303
    assert "同意公开姓名（" in (await page.get(f"{path}/outputs")).text
    empty = await page.submit(f"{path}/keeping/consent/{apprentice}", {"studio": str(studio), "said_on": ""})
    assert empty.status_code == 422
    assert "必填" in empty.text
