"""Personal fields (SECURITY 11): only whoever has the right person's key, for the right field, reads them."""

from __future__ import annotations

from uuid import uuid4

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from foundation import crypto
from foundation.database import fetch

QIAN, SUN = uuid4(), uuid4()


@given(st.text(max_size=200))
def test_what_was_sealed_is_read_again(text):
    key, _wrapped = crypto.new_subject_key(QIAN)
    assert crypto.unseal(key, crypto.seal(key, text, label="worker.phone"), label="worker.phone") == text


def test_the_same_number_is_sealed_differently_each_time():
    key, _wrapped = crypto.new_subject_key(QIAN)
    assert len({crypto.seal(key, "13800000000", label="phone") for _ in range(50)}) == 50


def test_a_field_cannot_be_moved_to_another_field():
    key, _wrapped = crypto.new_subject_key(QIAN)
    sealed = crypto.seal(key, "341899199001011234", label="worker.id_number")
    with pytest.raises(InvalidTag):
        crypto.unseal(key, sealed, label="worker.phone")


def test_a_field_cannot_be_moved_to_another_person():
    mine, _ = crypto.new_subject_key(QIAN)
    theirs, _ = crypto.new_subject_key(SUN)
    with pytest.raises(InvalidTag):
        crypto.unseal(theirs, crypto.seal(mine, "x", label="phone"), label="phone")


def test_a_wrapped_key_cannot_be_moved_to_another_person():
    key, wrapped = crypto.new_subject_key(QIAN)
    assert crypto.unwrap(QIAN, wrapped) == key
    with pytest.raises(InvalidTag):
        crypto.unwrap(SUN, wrapped)


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_one_changed_bit_is_noticed(place, mask):
    key, _wrapped = crypto.new_subject_key(QIAN)
    sealed = bytearray(crypto.seal(key, "13800000000", label="phone"))
    sealed[place % len(sealed)] ^= mask
    with pytest.raises(InvalidTag):
        crypto.unseal(key, bytes(sealed), label="phone")


@pytest.mark.parametrize("length", [0, 5, 12, 20])
def test_a_cut_value_is_noticed(length):
    key, _wrapped = crypto.new_subject_key(QIAN)
    with pytest.raises((InvalidTag, ValueError)):
        crypto.unseal(key, crypto.seal(key, "13800000000", label="phone")[:length], label="phone")


async def test_a_dropped_key_makes_the_person_unreadable_for_ever(db):
    key, wrapped = crypto.new_subject_key(QIAN)
    sealed = crypto.seal(key, "13800000000", label="phone")
    await fetch("INSERT INTO subject_key (subject, wrapped) VALUES ($1, $2)", QIAN, wrapped)
    assert crypto.unseal(await crypto.subject_key(QIAN), sealed, label="phone") == "13800000000"
    await fetch("DELETE FROM subject_key WHERE subject = $1", QIAN)
    with pytest.raises(LookupError):
        await crypto.subject_key(QIAN)
    again, _ = crypto.new_subject_key(QIAN)  # a new key for the same person opens nothing of old
    with pytest.raises(InvalidTag):
        crypto.unseal(again, sealed, label="phone")


def test_the_blind_index_finds_equals_only_within_its_field():
    index = crypto.blind_index("13800000000", label="phone")
    assert len(index) == 32
    assert index == crypto.blind_index("13800000000", label="phone")
    assert index != crypto.blind_index("13800000001", label="phone")
    assert index != crypto.blind_index("13800000000", label="id_number")


def test_the_blind_index_needs_the_key():
    import hashlib
    import hmac

    from foundation.settings import settings

    text = b"13800000000"
    guesses = {hashlib.sha256(text).digest(), hashlib.sha256(b"phone" + text).digest()}
    for known in (settings().secret_key, settings().trail_key, "00" * 32):  # not even from the other secrets
        guesses.add(hmac.new(bytes.fromhex(known), text, hashlib.sha256).digest())
    assert crypto.blind_index("13800000000", label="phone") not in guesses


def test_a_pseudonym_is_steady_and_tells_nothing():
    assert crypto.pseudonym(QIAN) == crypto.pseudonym(QIAN)
    assert crypto.pseudonym(QIAN) not in (QIAN, crypto.pseudonym(SUN))


def test_a_house_secret_is_not_a_persons_and_keeps_to_its_purpose():
    sealed = crypto.seal_secret("JBSWY3DPEHPK3PXP", label="totp")
    assert crypto.unseal_secret(sealed, label="totp") == "JBSWY3DPEHPK3PXP"
    with pytest.raises(InvalidTag):
        crypto.unseal_secret(sealed, label="check-code")
    key, _ = crypto.new_subject_key(QIAN)
    with pytest.raises(InvalidTag):
        crypto.unseal(key, sealed, label="totp")
