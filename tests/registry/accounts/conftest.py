"""Accounts that can really sign in: a password, a phone, a browser that goes through the door."""

from __future__ import annotations

import time
from functools import cache

import pytest
from argon2 import PasswordHasher
from pyotp.totp import TOTP

from foundation.crypto import seal_secret
from foundation.database import fetch, fetchrow
from foundation.web.policy import Actor

PASSWORD = "秋分时节稻谷黄-四十二"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@cache
def hashed(password: str = PASSWORD) -> str:
    return PasswordHasher().hash(password)


async def give_password(actor: Actor, password: str = PASSWORD) -> Actor:
    await fetch("UPDATE account SET password_hash = $2 WHERE id = $1", actor.account, hashed(password))
    return actor


async def give_phone(actor: Actor) -> TOTP:
    """A phone that was bound before; its clock can be asked with ``code_of``."""
    await fetch(
        "UPDATE account SET totp_sealed = $2, totp_enrolled_at = now(), totp_last_step = 0 WHERE id = $1",
        actor.account, seal_secret(SECRET, label="totp"),
    )  # fmt: skip
    return TOTP(SECRET)


def code_of(phone: TOTP, *, steps: int = 0) -> str:
    """The phone's code now, or some 30-second steps away."""
    return phone.at(int(time.time()) + 30 * steps)


def wrong_code(phone: TOTP) -> str:
    """A code of no step near now."""
    near = {code_of(phone, steps=step) for step in range(-3, 4)}
    return next(code for code in ("000000", "111111", "222222", "333333", "444444", "555555", "666666", "777777") if code not in near)  # fmt: skip


async def failures(actor: Actor) -> int:
    return (await fetchrow("SELECT failures FROM account WHERE id = $1", actor.account))["failures"]


async def is_locked(actor: Actor) -> bool:
    return (await fetchrow("SELECT locked_until > clock_timestamp() AS yes FROM account WHERE id = $1", actor.account))["yes"] is True  # fmt: skip


@pytest.fixture
def sign_in(browse):
    """``await sign_in("qian")``: (a browser, the answer) after the sign-in's form was sent."""

    async def through(login: str, password: str = PASSWORD, *, browser=None, next_path: str = ""):
        browser = browser or await browse(None)
        answer = await browser.submit("/sign-in", {"login": login, "password": password, "next": next_path})
        return browser, answer

    return through
