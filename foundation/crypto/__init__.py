"""Personal fields (SECURITY 11): AES-256-GCM with a key for each person, found again by a keyed blind index.

Deleting a person's :class:`~foundation.tables.SubjectKey` row makes that person's sealed fields unreadable for ever.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from functools import cache
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from foundation.database import fetchval
from foundation.settings import settings

NONCE = 12


@cache
def _master() -> bytes:
    return bytes.fromhex(settings().personal_data_key)


@cache
def _derived(purpose: bytes) -> bytes:
    return hmac.new(_master(), b"gongjiang/" + purpose, hashlib.sha256).digest()


def new_subject_key(subject: UUID) -> tuple[bytes, bytes]:
    """A person's data key and the same wrapped for the table: (key, wrapped)."""
    key, nonce = os.urandom(32), os.urandom(NONCE)
    return key, nonce + AESGCM(_derived(b"wrap")).encrypt(nonce, key, subject.bytes)


def unwrap(subject: UUID, wrapped: bytes) -> bytes:
    """The data key of ``subject``; raises ``cryptography.exceptions.InvalidTag`` for another person's."""
    return AESGCM(_derived(b"wrap")).decrypt(wrapped[:NONCE], wrapped[NONCE:], subject.bytes)


def seal(key: bytes, text: str, *, label: str) -> bytes:
    """``text`` under a person's key; ``label`` (the field's name) is bound in, so fields cannot be swapped."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, text.encode(), label.encode())


def unseal(key: bytes, sealed: bytes, *, label: str) -> str:
    """The text again; raises ``InvalidTag`` if anything was changed."""
    return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], label.encode()).decode()


def blind_index(text: str, *, label: str) -> bytes:
    """A keyed hash for equality look-ups of a sealed field (32 bytes)."""
    return hmac.new(_derived(b"index/" + label.encode()), text.encode(), hashlib.sha256).digest()


async def subject_key(subject: UUID) -> bytes:
    """A person's data key from the table; raises ``LookupError`` once it was dropped."""
    wrapped = await fetchval("SELECT wrapped FROM subject_key WHERE subject = $1", subject)
    if wrapped is None:
        raise LookupError("the key of this person was dropped")
    return unwrap(subject, wrapped)


def seal_secret(text: str, *, label: str) -> bytes:
    """A secret of the house itself (a TOTP seed, a check code), under a key of its own purpose."""
    return seal(_derived(b"secret"), text, label=label)


def unseal_secret(sealed: bytes, *, label: str) -> str:
    return unseal(_derived(b"secret"), sealed, label=label)


@cache
def _pseudonym_key() -> bytes:
    return hmac.new(bytes.fromhex(settings().secret_key), b"gongjiang/pseudonym", hashlib.sha256).digest()


def pseudonym(subject: UUID) -> UUID:
    """The name under which an account or person stands in the trail: the same each time, telling nothing."""
    return UUID(bytes=hmac.new(_pseudonym_key(), subject.bytes, hashlib.sha256).digest()[:16])
