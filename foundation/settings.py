"""One typed struct from the environment. Read once; everything else is handed what it needs.

Variables are ``DATABASE_URL``, ``DATABASE_OWNER_URL`` and ``GONGJIANG_<FIELD>``.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from functools import cache
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[1]
SECRETS = ("secret_key", "personal_data_key", "trail_key")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How this installation is set up."""

    database_url: str | None = None
    """The application's role on a real server; without it the embedded server is used."""
    database_owner_url: str | None = None
    """The role that owns the tables, used by ``gongjiang migrate`` only."""
    database_role: str = "app"
    """``app`` or ``owner``: which of the two roles this process connects as."""
    data_dir: str = ""
    debug: bool = False
    demo: bool = False
    """Demonstration: the season's clock, the season's accounts on the sign-in page."""
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    """Allowed host names (SECURITY 4)."""
    trusted_proxies: tuple[str, ...] = ()
    secret_key: str = ""
    """64 hex digits: sessions, CSRF tokens, pseudonyms."""
    personal_data_key: str = ""
    """64 hex digits: wraps the per-person keys and keys the blind indexes."""
    trail_key: str = ""
    """64 hex digits: the Ed25519 seed that signs the trail's head."""
    certificate_key: str = ""
    """The file of the Ed25519 seed (64 hex digits) that signs certificates' statements and QR tokens. Only its path: the
    signer's process reads it, the site never does (SECURITY 14). Left out: a demonstration key made under ``data_dir``."""
    signing_pkcs12: str = ""
    """The PKCS#12 file of the key that seals PDFs (PAdES); left out: a self-signed demonstration key."""
    signing_passphrase_file: str = ""
    """A file that holds the passphrase of ``signing_pkcs12`` and nothing else."""
    render_processes: int = 0
    """Processes in which one job sets certificates; 0: as many as there are processors, at most 4. Each may take 1 GiB."""
    sample: bool | None = None
    """Whether paper (certificates, documents) is marked 示例 in its seal; left out: in a demonstration and on the embedded
    server. Frozen with each certificate when it is numbered."""
    storage_url: str = ""
    """Where files are kept: a ``file:///`` folder (default) or an S3-compatible ``s3://`` bucket."""
    objection_days: int = 180
    """Days for which an objection's name, contact and scan are kept after its result was told; then they are erased (P2)."""
    city: str = "宣城市"
    federation: str = "宣城市总工会"
    public_url: str = "http://127.0.0.1:8000"
    """Printed in QR codes."""
    pool_size: int = 20
    smtp_url: str = ""

    @property
    def data(self) -> Path:
        """The folder of everything this installation keeps outside PostgreSQL."""
        return Path(self.data_dir)

    @property
    def embedded(self) -> bool:
        return self.database_url is None

    @property
    def marks_samples(self) -> bool:
        """Whether what leaves the house is a specimen: a deployed city's paper is not."""
        return (self.demo or self.embedded) if self.sample is None else self.sample


def default_data_dir() -> Path:
    """``var/`` in the checkout; as root under /var/lib, since the embedded server then runs as another user."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        name = re.sub(r"[^A-Za-z0-9_-]", "-", str(ROOT).strip("/"))
        return Path("/var/lib/gongjiang") / name
    return ROOT / "var"


def _from_environment() -> dict[str, object]:
    raw: dict[str, object] = {}
    for field in msgspec.structs.fields(Settings):
        plain = field.name.upper()
        name = plain if plain in ("DATABASE_URL", "DATABASE_OWNER_URL") else f"GONGJIANG_{plain}"
        value = os.environ.get(name)
        if value is None or value == "":
            continue
        several = "tuple" in str(field.type)
        raw[field.name] = tuple(part.strip() for part in value.split(",") if part.strip()) if several else value
    return raw


def _generated_secrets(data: Path) -> dict[str, str]:
    """Secrets of an installation that names none: made once, kept beside its data, readable by its user only."""
    path = data / "secrets.json"
    if path.exists():
        return json.loads(path.read_text())
    data.mkdir(parents=True, exist_ok=True)
    made = {name: secrets.token_hex(32) for name in SECRETS}
    draft = path.with_name(f".secrets-{secrets.token_hex(8)}.json")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(made, file)
    try:
        os.link(draft, path)  # whole or not at all, and never over another's
    except FileExistsError:  # another process of the same start was first
        return json.loads(path.read_text())
    finally:
        draft.unlink()
    return made


def load(**overrides: object) -> Settings:
    """Settings from the environment; raises ``msgspec.ValidationError`` naming the variable's field."""
    raw = {**_from_environment(), **overrides}
    data = Path(str(raw.get("data_dir") or default_data_dir()))
    raw["data_dir"] = str(data)
    if not all(raw.get(name) for name in SECRETS):
        raw = {**_generated_secrets(data), **raw}
    if not raw.get("storage_url"):
        raw["storage_url"] = (data / "files").as_uri() if data.is_absolute() else str(data / "files")
    for name in SECRETS:
        if not re.fullmatch(r"[0-9a-f]{64}", str(raw[name])):  # said at the start, not at the first request
            raise ValueError(f"GONGJIANG_{name.upper()} must be 64 lower-case hex digits")
    return msgspec.convert(raw, Settings, strict=False)


@cache
def settings() -> Settings:
    """The process's settings."""
    return load()
