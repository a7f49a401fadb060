"""Private keys, read from their files by the signer's process and nobody else (SECURITY 14).

Where the settings name none, a demonstration key is made once, readable by its user only; several signers may start at
the same moment: the first one's file stays.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from publications.certificates.proof.schemas import ProofRefused

SEED, STORE, PASSPHRASE = "certificate-key", "demonstration.p12", "demonstration.passphrase"
_YEARS = 10


def statement_key(path: str, folder: Path) -> Ed25519PrivateKey:
    """The key of statements: ``path``, or the folder's own, made at need. Raises ``ProofRefused`` ``proof.signer``."""
    raw = _secret(path, folder / SEED, lambda: secrets.token_hex(32).encode())
    try:
        return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(raw.decode().strip()))
    except ValueError:
        raise ProofRefused("proof.signer", "签名钥匙文件应为 64 位十六进制") from None


def seal_store(path: str, passphrase_path: str, folder: Path) -> tuple[bytes, bytes | None]:
    """(PKCS#12, passphrase) of the key that seals PDFs; the demonstration's where ``path`` is empty."""
    if path:
        return _secret(path), _secret(passphrase_path).rstrip(b"\r\n") if passphrase_path else None
    passphrase = _secret("", folder / PASSPHRASE, lambda: secrets.token_urlsafe(24).encode())
    return _secret("", folder / STORE, lambda: _self_signed(passphrase)), passphrase


def _secret(path: str, default: Path | None = None, make: Callable[[], bytes] | None = None) -> bytes:
    file = Path(path) if path else default
    assert file is not None
    try:
        if not path and make is not None and not file.exists():
            _make_once(file, make())
        if file.stat().st_mode & 0o077:
            raise ProofRefused("proof.signer", "签名钥匙文件可被其他用户读取，请改为 0600：{file}", file=file.name)
        return file.read_bytes()
    except OSError as why:
        raise ProofRefused("proof.signer", "签名钥匙文件无法读取：{file}", file=file.name) from why


def _make_once(file: Path, content: bytes) -> None:
    """Write it whole and give it its name only where nobody was first."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)


def _self_signed(passphrase: bytes) -> bytes:
    """A PKCS#12 with a P-256 key and a certificate that says of itself that it is for demonstration."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "示例签章（演示用，自签名）")])
    start = datetime.now(UTC) - timedelta(days=400)  # the demonstration's season began in the past
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=366 * _YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(), critical=True)
        .sign(key, hashes.SHA256())
    )
    locked = serialization.BestAvailableEncryption(passphrase)
    return pkcs12.serialize_key_and_certificates(b"seal", key, certificate, None, locked)


def _usage() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
