"""Ed25519 keys of statements: their short ids, and how they are published."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from publications.certificates.proof.schemas import ProofRefused, Published

DOCUMENT = "/.well-known/gongjiang-keys.json"
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519 = b"\xed\x01"  # the multicodec of an Ed25519 public key


def key_id(public: bytes) -> str:
    """Eight hex digits: the head of the public key's SHA-256. Two keys of a house that share one are refused on entry."""
    return hashlib.sha256(public).hexdigest()[:8]


def base58(data: bytes) -> str:
    """Multibase's ``z``: base 58 with the letter before it."""
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _BASE58[digit] + text
    return "z" + "1" * (len(data) - len(data.lstrip(b"\0"))) + text


def from_base58(text: str) -> bytes:
    """The bytes again; raises ``ProofRefused`` for anything else than the one way to write them."""
    number = 0
    for letter in text[1:]:
        place = _BASE58.find(letter)
        if place < 0:
            break
        number = number * 58 + place
    body = text[1:]
    data = b"\0" * (len(body) - len(body.lstrip("1"))) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    if base58(data) != text:
        raise ProofRefused("proof.form", "签名值不是规范的 base58")
    return data


def multikey(public: bytes) -> str:
    """``z6Mk…``: the key as Data Integrity documents carry it."""
    return base58(_ED25519 + public)


def from_multikey(text: str) -> bytes:
    data = from_base58(text)
    if data[:2] != _ED25519 or len(data) != 34:
        raise ProofRefused("proof.form", "不是 Ed25519 公钥")
    return data[2:]


def method_of(home: str, id: str) -> str:
    """The address under which a key is named in a proof."""
    return f"{home}{DOCUMENT}#{id}"


class Period(Struct, frozen=True, kw_only=True):
    """When a key was in use: statement keys by their id, seal certificates by their SHA-256. ``until`` once it is retired."""

    key: str
    since: datetime
    until: datetime | None = None


def document(home: str, issuer: str, published: Published, periods: Iterable[Period] = ()) -> dict[str, Any]:
    """What ``/.well-known/gongjiang-keys.json`` says: a controlled-identifier document, and the PDF certificates.

    A retired key still verifies what it signed; it is listed under ``retired``, its method bears ``revoked`` and
    ``periods`` says from when until when each was in use.
    """
    import base64

    url, known = home + DOCUMENT, {period.key: period for period in periods}
    retired = {name: period.until for name, period in known.items() if period.until}
    methods = [
        {"id": method_of(home, id), "type": "Multikey", "controller": url, "publicKeyMultibase": multikey(public)}
        | ({"revoked": _moment(retired[id])} if id in retired else {})
        for id, public in sorted(published.keys.items())
    ]
    return {
        "@context": ["https://www.w3.org/ns/cid/v1"],
        "id": url,
        "name": issuer,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
        "retired": sorted(set(retired) & set(published.keys)),
        "periods": [
            {"key": one.key, "from": _moment(one.since), "until": _moment(one.until) if one.until else None}
            for one in known.values()
        ],
        "pdfCertificates": [base64.b64encode(one).decode() for one in published.certificates],
    }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def retired_on(data: Mapping[str, Any], id: str) -> str:
    """Of a key document: the moment a statement key was retired; empty while it is in use."""
    for period in data.get("periods", ()):
        if isinstance(period, Mapping) and period.get("key") == id:
            return str(period.get("until") or "")
    return ""


def read_document(data: Any) -> Published:
    """The keys of such a document; raises ``ProofRefused``."""
    import base64

    try:
        keys = [from_multikey(str(one["publicKeyMultibase"])) for one in data["verificationMethod"]]
        certificates = tuple(base64.b64decode(one, validate=True) for one in data.get("pdfCertificates", []))
    except (KeyError, TypeError, ValueError, AttributeError) as why:
        raise ProofRefused("proof.form", "不是公钥文件") from why
    return Published(keys={key_id(key): key for key in keys}, certificates=certificates)
