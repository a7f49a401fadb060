"""The demonstration's accounts: one for each role, and what is printed of them."""

from __future__ import annotations

import hashlib
from uuid import UUID

import msgspec

from foundation.database import engine, fetch, fetchrow, fetchval
from foundation.i18n import gettext as _
from foundation.settings import settings
from foundation.web.application import open_pool
from foundation.web.policy import Actor
from registry.accounts import operations, passwords, second_factor
from registry.accounts.queries import load_actor
from registry.accounts.roles import LABELS, SECOND_FACTOR_ROLES, Role


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the season. ``at`` names an organisation of the city (see ``city``); None: of no unit."""

    login: str
    name: str
    role: Role
    at: str | None


PEOPLE = (
    Person(login="shizong", name="周戊行", role=Role.CITY_OFFICER, at="city"),
    Person(login="xuanzhou", name="吴己明", role=Role.COUNTY_OFFICER, at="county"),
    Person(login="lianluo", name="李乙二", role=Role.ENTERPRISE_CONTACT, at="unit"),
    Person(login="caipanzhang", name="钱乙宁", role=Role.CHIEF_JUDGE, at="college"),
    Person(login="caipan", name="孙丁安", role=Role.JUDGE, at="college"),
    Person(login="jifen", name="郑庚来", role=Role.SCOREKEEPER, at="college"),
    Person(login="jiami", name="冯甲安", role=Role.CODE_KEEPER, at="college"),
    Person(login="jiandu", name="陈癸成", role=Role.SUPERVISOR, at="city"),
    Person(login="pingwei", name="褚甲宁", role=Role.REVIEWER, at="city"),
    Person(login="zhuanjia", name="卫大暑", role=Role.STUDIO_EXPERT, at="city"),
    Person(login="xitong", name="蒋谷雨", role=Role.SYSTEM_ADMIN, at="city"),
    Person(login="anquan", name="沈小满", role=Role.SECURITY_ADMIN, at="city"),
    Person(login="shenji", name="韩白露", role=Role.AUDIT_ADMIN, at="city"),
)
EVENT_ROLES = frozenset({Role.JUDGE, Role.CHIEF_JUDGE, Role.SCOREKEEPER, Role.CODE_KEEPER, Role.SUPERVISOR})


def password_of(login: str) -> str:
    """The password of a demonstration account: its own, the same at each start of this installation."""
    digest = hashlib.sha256(f"{settings().secret_key}/season/{login}".encode()).hexdigest()
    return f"gj-{digest[:4]}-{digest[4:8]}-{digest[8:12]}"


async def open_account(person: Person, organisation: UUID | None, *, may_sign_in: bool = True) -> Actor:
    """Make the account with its role (event roles are granted where an event needs them)."""
    account = await operations.create_account(None, login=person.login, name=person.name, organisation=organisation)
    if person.role not in EVENT_ROLES - {Role.JUDGE}:
        await operations.grant_role(None, account, person.role, organisation=organisation)
    if may_sign_in:
        hashed = await passwords.hash_password(password_of(person.login))
        sealed = second_factor.new_secret() if person.role in SECOND_FACTOR_ROLES else None
        await fetch(
            "UPDATE account SET password_hash = $2, totp_sealed = $3,"
            " totp_enrolled_at = CASE WHEN $3::bytea IS NULL THEN NULL ELSE now() END WHERE id = $1",
            account, hashed, sealed,
        )  # fmt: skip
    return await actor_of(person.login)


async def actor_of(login: str) -> Actor:
    """An account of the season as an actor, with its grants of now."""
    actor = await load_actor(await fetchval("SELECT id FROM account WHERE login = $1", login))
    assert actor is not None
    return actor


async def show() -> None:
    """Print the accounts."""
    await open_pool(size=2)
    try:
        print("\n  演示账号（登录名 · 口令 · 角色）　Demonstration accounts (login · password · role)")
        for person in PEOPLE:
            row = await fetchrow("SELECT totp_sealed, failures FROM account WHERE login = $1", person.login)
            if row is None:
                continue
            factor = ""
            if row["totp_sealed"] is not None:
                seed = second_factor.open_secret(row["totp_sealed"])
                factor = (
                    f"  动态码 {second_factor.current_code(row['totp_sealed'])}  密钥 {second_factor.grouped(seed)}"
                )
            print(f"  {person.login:<12}{password_of(person.login):<20}{_(LABELS[person.role])} {person.name}{factor}")
        print(
            "  动态码 30 秒一换：`gongjiang demo --accounts` 打印当前的；或在手机验证器里“手动输入密钥”绑定。\n"
            "  Codes change every 30 s: `gongjiang demo --accounts` prints the current ones; or type the key into an\n"
            "  authenticator app (time-based, 6 digits) to enrol a phone."
        )
    finally:
        await engine().close_connection_pool()
