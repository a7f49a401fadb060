"""Settings from the environment: each variable by its name, nothing half understood, secrets made once."""

from __future__ import annotations

import json
import stat
import threading

import msgspec
import pytest

from foundation import settings as module
from foundation.settings import Settings, load


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch):
    import os

    for name in list(os.environ):
        if name.startswith("GONGJIANG_") or name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
            monkeypatch.delenv(name)


def test_without_any_variable_it_is_the_trial_installation(tmp_path):
    found = load(data_dir=str(tmp_path))
    assert found.embedded
    assert (found.debug, found.demo, found.host, found.port) == (False, False, "127.0.0.1", 8000)
    assert found.storage_url == (tmp_path / "files").as_uri()
    assert found.hosts == ("127.0.0.1", "localhost")


@pytest.mark.parametrize(
    ("name", "given", "field", "value"),
    [
        ("DATABASE_URL", "postgresql://a@b/c", "database_url", "postgresql://a@b/c"),
        ("DATABASE_OWNER_URL", "postgresql://o@b/c", "database_owner_url", "postgresql://o@b/c"),
        ("GONGJIANG_PORT", "9000", "port", 9000),
        ("GONGJIANG_WORKERS", "4", "workers", 4),
        ("GONGJIANG_DEBUG", "1", "debug", True),
        ("GONGJIANG_DEMO", "false", "demo", False),
        ("GONGJIANG_HOSTS", "a.example, b.example ,", "hosts", ("a.example", "b.example")),
        ("GONGJIANG_TRUSTED_PROXIES", "10.0.0.0/8,", "trusted_proxies", ("10.0.0.0/8",)),
        ("GONGJIANG_FEDERATION", "示例市总工会", "federation", "示例市总工会"),
        ("GONGJIANG_STORAGE_URL", "s3://bucket/x", "storage_url", "s3://bucket/x"),
        ("GONGJIANG_PORT", "", "port", 8000),
    ],
)
def test_each_variable_reaches_its_field(monkeypatch, tmp_path, name, given, field, value):
    monkeypatch.setenv(name, given)
    assert getattr(load(data_dir=str(tmp_path)), field) == value


def test_every_field_can_be_set_from_the_environment(monkeypatch, tmp_path):
    samples = {"bool": "true", "int": "7", "str": "x", "tuple": "x"}
    secret = "0123456789abcdef" * 4
    for field in msgspec.structs.fields(Settings):
        plain = field.name.upper()
        name = plain if plain.startswith("DATABASE_") and plain.endswith("URL") else f"GONGJIANG_{plain}"
        kind = next(k for k in samples if k in str(field.type))
        monkeypatch.setenv(name, secret if field.name.endswith("_key") else samples[kind])
    monkeypatch.setenv("GONGJIANG_DATA_DIR", str(tmp_path))
    found = load()
    defaults = Settings()
    unchanged = [
        f.name for f in msgspec.structs.fields(Settings) if getattr(found, f.name) == getattr(defaults, f.name)
    ]
    assert unchanged == []


@pytest.mark.parametrize(("name", "given"), [("PORT", "eight"), ("DEBUG", "perhaps"), ("WORKERS", "1.5")])
def test_what_is_not_understood_is_refused_by_name(monkeypatch, tmp_path, name, given):
    monkeypatch.setenv(f"GONGJIANG_{name}", given)
    with pytest.raises(msgspec.ValidationError, match=name.lower()):
        load(data_dir=str(tmp_path))


@pytest.mark.parametrize("name", ["SECRET_KEY", "PERSONAL_DATA_KEY", "TRAIL_KEY"])
@pytest.mark.parametrize("given", ["x" * 64, "ab" * 31, "ab" * 33, "short", "AB" * 32 + "\n"])
def test_a_broken_secret_stops_the_start_and_is_not_repeated(monkeypatch, tmp_path, name, given):
    monkeypatch.setenv(f"GONGJIANG_{name}", given)
    with pytest.raises(ValueError, match=f"GONGJIANG_{name}") as refused:
        load(data_dir=str(tmp_path))
    assert given not in str(refused.value)


def test_secrets_are_made_once_for_their_owner_only(tmp_path):
    first, second = load(data_dir=str(tmp_path)), load(data_dir=str(tmp_path))
    names = ("secret_key", "personal_data_key", "trail_key")
    assert [getattr(first, n) for n in names] == [getattr(second, n) for n in names]
    assert len({getattr(first, n) for n in names}) == 3
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    assert load(data_dir=str(tmp_path / "other")).secret_key != first.secret_key


def test_processes_that_start_together_agree_on_the_secrets(tmp_path):
    found: list[str] = []
    start = threading.Barrier(8)

    def one() -> None:
        start.wait()
        found.append(load(data_dir=str(tmp_path)).secret_key)

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert set(found) == {json.loads((tmp_path / "secrets.json").read_text())["secret_key"]}


def test_named_secrets_leave_no_file(monkeypatch, tmp_path):
    for n, name in enumerate(("SECRET_KEY", "PERSONAL_DATA_KEY", "TRAIL_KEY")):
        monkeypatch.setenv(f"GONGJIANG_{name}", f"{n + 1}a" * 32)
    load(data_dir=str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_one_named_secret_wins_over_the_made_ones(monkeypatch, tmp_path):
    monkeypatch.setenv("GONGJIANG_TRAIL_KEY", "9b" * 32)
    assert load(data_dir=str(tmp_path)).trail_key == "9b" * 32


def test_as_root_the_data_stands_where_the_servers_user_can_reach_it(monkeypatch):
    monkeypatch.setattr(module.os, "geteuid", lambda: 0, raising=False)
    assert str(module.default_data_dir()).startswith("/var/lib/gongjiang/")
    monkeypatch.setattr(module.os, "geteuid", lambda: 1000, raising=False)
    assert module.default_data_dir() == module.ROOT / "var"


def test_the_handbook_names_every_variable():
    handbook = (module.ROOT / "docs" / "operations.md").read_text("utf-8")
    names = [field.name.upper() for field in msgspec.structs.fields(Settings)]
    plain = ("DATABASE_URL", "DATABASE_OWNER_URL")
    missing = [name for name in names if f"`{name if name in plain else 'GONGJIANG_' + name}`" not in handbook]
    assert missing == []
