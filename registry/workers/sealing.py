"""Personal numbers of workers (SECURITY 11): sealed with a key of the person's own, found again by a blind index."""

from __future__ import annotations

from uuid import UUID

import msgspec

from foundation import crypto
from foundation.database import fetch
from registry.codes import id_card, phone

ID_LABEL = "worker.id_number"
PHONE_LABEL = "worker.phone"


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """What the tables hold of one person's numbers."""

    wrapped: bytes
    id_number: bytes
    id_index: bytes
    phone: bytes | None
    phone_index: bytes | None


def id_index(number: str) -> bytes:
    """The blind index of a normalised ID number."""
    return crypto.blind_index(number, label=ID_LABEL)


def phone_index(number: str) -> bytes:
    return crypto.blind_index(number, label=PHONE_LABEL)


def seal_new(worker: UUID, number: str, mobile: str) -> Sealed:
    """Seal a new person's numbers under a new key."""
    key, wrapped = crypto.new_subject_key(worker)
    return _sealed(key, wrapped, number, mobile)


def seal_again(worker: UUID, wrapped: bytes, number: str, mobile: str) -> Sealed:
    """Seal changed numbers under the person's own key."""
    return _sealed(crypto.unwrap(worker, wrapped), wrapped, number, mobile)


def _sealed(key: bytes, wrapped: bytes, number: str, mobile: str) -> Sealed:
    return Sealed(
        wrapped=wrapped,
        id_number=crypto.seal(key, number, label=ID_LABEL),
        id_index=id_index(number),
        phone=crypto.seal(key, mobile, label=PHONE_LABEL) if mobile else None,
        phone_index=phone_index(mobile) if mobile else None,
    )


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """A person's numbers in the clear; masked wherever they are shown."""

    id_number: str = ""
    phone: str = ""

    @property
    def id_masked(self) -> str:
        return id_card.mask(self.id_number)

    @property
    def phone_masked(self) -> str:
        return phone.mask(self.phone)

    def __repr__(self) -> str:  # never in a log
        return "Numbers(…)"


def unseal(worker: UUID, wrapped: bytes | None, id_number: bytes | None, mobile: bytes | None) -> Numbers:
    """The numbers of a row; empty once the person's key was dropped."""
    if wrapped is None:
        return Numbers()
    key = crypto.unwrap(worker, wrapped)
    return Numbers(
        id_number=crypto.unseal(key, id_number, label=ID_LABEL) if id_number else "",
        phone=crypto.unseal(key, mobile, label=PHONE_LABEL) if mobile else "",
    )


async def numbers_of(worker: UUID) -> Numbers:
    """A person's numbers, for an operation that may see them; empty once erased."""
    rows = await fetch(
        "SELECT w.id_number_sealed, w.phone_sealed, k.wrapped FROM worker w"
        " LEFT JOIN subject_key k ON k.subject = w.id WHERE w.id = $1",
        worker,
    )
    if not rows:
        return Numbers()
    return unseal(worker, rows[0]["wrapped"], rows[0]["id_number_sealed"], rows[0]["phone_sealed"])
