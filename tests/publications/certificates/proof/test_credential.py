"""The signed statement: Open Badges 3.0 in canonical JSON, any change of which is found."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from publications.certificates.proof.credential import canonical, number_of, sign_credential, verify_credential
from publications.certificates.proof.keys import (
    base58,
    document,
    from_base58,
    from_multikey,
    key_id,
    multikey,
    read_document,
)  # fmt: skip
from publications.certificates.proof.schemas import ProofRefused, Published

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
PUBLISHED = Published(keys={key_id(PUBLIC): PUBLIC})


@pytest.fixture(scope="module")
def text(claimed) -> str:
    return sign_credential(claimed(), key_id(PUBLIC), KEY.sign)


def test_it_says_what_the_paper_says(text, claimed):
    said = verify_credential(text, PUBLISHED)
    subject = said["credentialSubject"]
    assert number_of(said) == "XCJS-2026-HG-0001"
    assert [one["identityHash"] for one in subject["identifier"]] == ["赵立春"]
    assert subject["achievement"]["name"] == "一等奖"
    assert "焊工" in subject["achievement"]["criteria"]["narrative"]
    assert said["issuer"]["name"] == "宣城市总工会"
    assert said["validFrom"] == "2026-05-04T00:00:00+08:00"
    assert claimed().code not in text
    assert {"VerifiableCredential", "OpenBadgeCredential"} <= set(said["type"])


def test_a_team_names_its_members_and_a_reissue_its_old_number(claimed):
    claim = claimed(holder="示例代表队", members=("赵立春", "钱雨水"), replaces="XCJS-2026-HG-0007")
    said = verify_credential(sign_credential(claim, key_id(PUBLIC), KEY.sign), PUBLISHED)
    subject = said["credentialSubject"]
    assert [one["identityHash"] for one in subject["identifier"]] == ["示例代表队", "赵立春", "钱雨水"]
    assert "XCJS-2026-HG-0007" in subject["achievement"]["description"]


def test_the_proof_is_eddsa_jcs_2022_by_an_independent_reckoning(text):
    """Recomputed from the W3C recipe with the standard library's JSON: our documents hold no number and no odd key."""
    whole = json.loads(text)
    proof = whole.pop("proof")
    assert proof["cryptosuite"] == "eddsa-jcs-2022"
    options = {**{k: v for k, v in proof.items() if k != "proofValue"}, "@context": whole["@context"]}

    def jcs(value) -> bytes:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

    signed = hashlib.sha256(jcs(options)).digest() + hashlib.sha256(jcs(whole)).digest()
    Ed25519PublicKey.from_public_bytes(PUBLIC).verify(from_base58(proof["proofValue"]), signed)
    assert text.encode() == jcs({**whole, "proof": proof})


@given(data=st.data())
def test_no_changed_byte_verifies(text, data):
    raw = bytearray(text.encode())
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(ProofRefused):
        verify_credential(bytes(raw), PUBLISHED)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["credentialSubject"]["achievement"].update(name="特等奖"),
        lambda d: d["credentialSubject"]["identifier"][0].update(identityHash="钱雨水"),
        lambda d: d.update(validFrom="2020-05-04T00:00:00+08:00"),
        lambda d: d["proof"].update(created="2020-05-04T00:00:00+08:00"),
        lambda d: d["proof"].pop("created"),
        lambda d: d["proof"].update(cryptosuite="none"),
        lambda d: d.pop("proof"),
        lambda d: d.update(extra=1.5),
        lambda d: d.update({"@context": []}),
        lambda d: d["credentialSubject"].update(licenseNumber=None),
    ],
)
def test_a_change_written_canonically_is_found_too(text, change):
    changed = json.loads(text)
    change(changed)
    written = json.dumps(changed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    with pytest.raises(ProofRefused):
        verify_credential(written, PUBLISHED)


def test_idle_space_and_deep_nesting_are_refused(text):
    for wrong in (text + " ", " " + text, text.replace(":", ": ", 1), "[" * 40000, "{}", "", '{"a":NaN}'):
        with pytest.raises(ProofRefused):
            verify_credential(wrong, PUBLISHED)


def test_names_sort_by_utf16_units():
    """RFC 8785's own example of order: U+1F600 (surrogates D83D…) stands before U+FB33."""
    assert canonical({"\ufb33": 1, "\U0001f600": 2, "\u20ac": 3, "\r": 4}).decode() == (
        '{"\\r":4,"€":3,"😀":2,"\ufb33":1}'
    )
    with pytest.raises(TypeError):
        canonical({"a": 1.0})


@given(data=st.binary(max_size=80))
def test_base58_is_one_to_one(data):
    assert from_base58(base58(data)) == data


def test_published_keys_read_back():
    assert multikey(PUBLIC).startswith("z6Mk")
    assert from_multikey(multikey(PUBLIC)) == PUBLIC
    written = json.loads(json.dumps(document("https://testserver.local", "宣城市总工会", PUBLISHED)))
    assert read_document(written) == PUBLISHED
    assert written["verificationMethod"][0]["controller"] == written["id"]
    for wrong in ({}, [], {"verificationMethod": [{"publicKeyMultibase": "zzz"}]}, {"verificationMethod": 3}):
        with pytest.raises(ProofRefused):
            read_document(wrong)


def test_verification_loads_no_pdf_library_and_no_database():
    """It is what the offline command and every page of the site import."""
    code = (
        "import sys, publications.certificates.proof.token, publications.certificates.proof.credential;"
        "print([m for m in ('pyhanko', 'weasyprint', 'pikepdf', 'asyncpg') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"
