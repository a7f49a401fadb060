"""``gongjiang check --deploy`` names every fault, and the same ones each time it is asked."""

from __future__ import annotations

import msgspec
import pytest

from commands import check
from commands.check import server_faults, settings_faults
from foundation.settings import Settings

GOOD = Settings(
    database_url="postgresql://app@db.example/city", database_owner_url="postgresql://owner@db.example/city",
    data_dir="/nowhere/at/all", hosts=("gongjiang.example",), public_url="https://gongjiang.example",
    secret_key="0123456789abcdef" * 4, personal_data_key="123456789abcdef0" * 4, trail_key="23456789abcdef01" * 4,
    certificate_key="/etc/gongjiang/certificate-key", signing_pkcs12="/etc/gongjiang/seal.p12",
)  # fmt: skip


def test_a_good_installation_has_no_fault():
    assert settings_faults(GOOD) == []


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"debug": True}, "GONGJIANG_DEBUG"),
        ({"demo": True}, "GONGJIANG_DEMO"),
        ({"certificate_key": ""}, "GONGJIANG_CERTIFICATE_KEY"),
        ({"signing_pkcs12": ""}, "GONGJIANG_SIGNING_PKCS12"),
        ({"sample": True}, "GONGJIANG_SAMPLE"),
        ({"database_url": None}, "DATABASE_URL is not set"),
        ({"database_owner_url": None}, "DATABASE_OWNER_URL is not set"),
        ({"database_owner_url": "postgresql://app@db.example/city"}, "same role"),
        ({"database_owner_url": "postgresql://app:other@db.example:5432/city"}, "same role"),
        ({"secret_key": "11" * 32}, "GONGJIANG_SECRET_KEY"),
        ({"personal_data_key": "0" * 64}, "GONGJIANG_PERSONAL_DATA_KEY"),
        ({"trail_key": "short"}, "GONGJIANG_TRAIL_KEY"),
        ({"trail_key": "0123456789abcdef" * 4}, "differ"),
        ({"hosts": ("127.0.0.1", "localhost")}, "GONGJIANG_HOSTS"),
        ({"hosts": ()}, "GONGJIANG_HOSTS"),
        ({"hosts": ("*",)}, "GONGJIANG_HOSTS"),
        ({"hosts": ("gongjiang.example", "*")}, "GONGJIANG_HOSTS"),
        ({"public_url": "http://gongjiang.example"}, "GONGJIANG_PUBLIC_URL"),
        ({"public_url": "https://elsewhere.example"}, "GONGJIANG_PUBLIC_URL"),
        ({"trusted_proxies": ("not-an-address",)}, "GONGJIANG_TRUSTED_PROXIES"),
        ({"trusted_proxies": ("0.0.0.0/0",)}, "GONGJIANG_TRUSTED_PROXIES"),
    ],
)
def test_each_fault_is_named(changes, word):
    faults = settings_faults(msgspec.structs.replace(GOOD, **changes))
    assert [fault for fault in faults if word in fault] == faults
    assert len(faults) == 1


def test_made_secrets_are_not_for_production(tmp_path):
    (tmp_path / "secrets.json").write_text("{}")
    assert "secrets.json" in settings_faults(msgspec.structs.replace(GOOD, data_dir=str(tmp_path)))[0]


def test_all_faults_come_at_once_and_no_secret_is_repeated():
    bad = Settings(
        data_dir="/nowhere", debug=True, demo=True, secret_key="11" * 32, personal_data_key="x", trail_key=""
    )
    faults = settings_faults(bad)
    assert len(faults) >= 8
    assert faults == settings_faults(bad)
    assert "11" * 32 not in "\n".join(faults)


async def test_a_server_that_could_lose_marks_is_named(run_database, databases):
    """The tests' server runs without fsync, for speed: exactly what must be found."""
    import asyncpg

    server = await asyncpg.connect(**databases.server, database="postgres")
    try:
        off = {
            name: await server.fetchval(f"SHOW {name}") for name in ("fsync", "full_page_writes", "synchronous_commit")
        }
    finally:
        await server.close()
    faults = await server_faults()
    for name, value in off.items():
        assert any(name in fault for fault in faults) == (value == "off"), name
    assert [f for f in faults if "UPDATE marks" in f or "migrations" in f or "empty" in f] == []


async def test_a_server_that_does_not_answer_is_one_fault_without_a_password(monkeypatch):
    config = msgspec.structs.replace(GOOD, database_url="postgresql://app:geheim@127.0.0.1:1/city")
    monkeypatch.setattr(check, "settings", lambda: config)
    faults = await server_faults()
    assert len(faults) == 1
    assert "does not answer" in faults[0]
    assert "geheim" not in faults[0]
