"""QR tokens: what was packed comes out, nothing else verifies, and it fits the paper."""

from __future__ import annotations

import hashlib
import io
import shutil
import subprocess
from datetime import date

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from publications.certificates import rules
from publications.certificates.proof.keys import key_id
from publications.certificates.proof.schemas import ProofRefused, Published
from publications.certificates.proof.token import (
    AWARDS,
    base32,
    from_base32,
    holder_hash,
    read_token,
    sign_token,
    token_in,
    verify_token,
)  # fmt: skip
from publications.certificates.rendering.page import Job, Underlay, qr_png

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
PUBLISHED = Published(keys={key_id(PUBLIC): PUBLIC})


def token_of(claim) -> str:
    return sign_token(claim, key_id(PUBLIC), KEY.sign)


numbers = st.builds(
    rules.number_of,
    st.lists(st.text("ABCXYZ0189", min_size=1, max_size=5), min_size=1, max_size=4).map("-".join),
    st.integers(1, 99999),
)
awards = st.sampled_from(AWARDS[1:]) | st.text(
    st.characters(codec="gb18030", exclude_categories=["C"]), min_size=1, max_size=24
)


@given(number=numbers, award=awards, day=st.dates(date(2000, 1, 1), date(2179, 6, 5)), holder=st.text(max_size=40))
def test_what_was_packed_comes_out(claimed, number, award, day, holder):
    claim = claimed(number=number, award=award, issued_on=day, holder=holder)
    if award not in AWARDS and len(award.encode("gb18030")) > 127:
        with pytest.raises(ProofRefused):
            token_of(claim)
        return
    token = token_of(claim)
    said = verify_token(token, PUBLISHED)
    assert (said.number, said.award, said.issued_on, said.kind) == (number, award, day, 1)
    assert said.holder_hash == holder_hash(number, claim.code, holder)
    assert set(token) <= set(rules.ALPHABET)


@given(place=st.integers(0, 147), letter=st.sampled_from(rules.ALPHABET))
def test_no_changed_character_verifies(claimed, place, letter):
    token = token_of(claimed())
    changed = token[:place] + letter + token[place + 1 :]
    if changed == token:
        return
    with pytest.raises(ProofRefused):
        verify_token(changed, PUBLISHED)


@given(text=st.text(max_size=200))
def test_whatever_was_typed_is_refused_by_name(text):
    with pytest.raises(ProofRefused) as refused:
        verify_token(text, PUBLISHED)
    assert refused.value.code in {"proof.form", "proof.key"}


@given(data=st.binary(min_size=1, max_size=120))
def test_base32_is_one_to_one(data):
    assert from_base32(base32(data)) == data
    assert from_base32(base32(data).lower().replace("0", "o").replace("1", "l")) == data


def test_the_last_character_holds_no_idle_bits(claimed):
    token = token_of(claimed())
    spare = len(token) * 5 % 8
    assert spare
    last = rules.ALPHABET.index(token[-1])
    with pytest.raises(ProofRefused):
        from_base32(token[:-1] + rules.ALPHABET[last ^ 1])


def test_another_house_is_unknown_not_forged(claimed):
    with pytest.raises(ProofRefused) as refused:
        verify_token(token_of(claimed()), Published(keys={}))
    assert refused.value.code == "proof.key"
    body = read_token(token_of(claimed()))[1]
    with pytest.raises(ProofRefused) as forged:
        verify_token(base32(body + bytes(64)), PUBLISHED)
    assert forged.value.code == "proof.signature"


def test_the_name_cannot_be_guessed_without_the_code(claimed):
    one, other = claimed(), claimed(code="0" * 16)
    assert verify_token(token_of(one), PUBLISHED).holder_hash != verify_token(token_of(other), PUBLISHED).holder_hash


def test_the_order_of_awards_is_part_of_the_format():
    """Tokens in print hold the place only: these may never move."""
    assert AWARDS[1:13] == (
        "一等奖", "二等奖", "三等奖", "优秀奖", "特等奖", "金奖", "银奖", "铜奖", "优胜奖", "冠军", "亚军", "季军",
    )  # fmt: skip


def test_the_bytes_are_those_of_the_documented_layout(claimed):
    """Written out by hand: a token in print must be read for ever, so the layout may not change under version 1."""
    claim = claimed(award="技术能手", issued_on=date(2000, 1, 3), number="A-0012")
    body = read_token(token_of(claim))[1]
    digest = hashlib.sha256("gongjiang/holder\nA-0012\n6N2DH8QW3F7KQ0A1\n赵立春".encode()).digest()
    letters = " 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
    packed = b"".join(
        (letters.index(a) * 1600 + letters.index(b) * 40 + letters.index(c)).to_bytes(2, "big")
        for a, b, c in ("A-0", "012")
    )
    award = bytes([128 + 8]) + "技术能手".encode("gbk")
    assert body == b"\x11" + hashlib.sha256(PUBLIC).digest()[:4] + b"\x00\x02" + digest[:8] + award + packed


def test_an_ordinary_host_fits_version_seven(claimed):
    payload = f"HTTPS://GJ.EXAMPLE.CN/V/{token_of(claimed())}"
    assert len(payload) <= 175
    assert Image.open(io.BytesIO(qr_png(payload))).size == (53, 53)
    longer = f"HTTPS://CERTIFICATES.GONGJIANG.EXAMPLE.ORG/V/{token_of(claimed(number='XCJS-2026-ABCDEF-00001'))}"
    assert Image.open(io.BytesIO(qr_png(longer))).size == (57, 57)


def scanned(pdf: bytes, folder) -> str:
    picture = folder / "sheet.png"
    command = ["pdftoppm", "-r", "300", "-png", "-"]
    picture.write_bytes(subprocess.run(command, input=pdf, capture_output=True, check=True).stdout)
    command = ["zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", str(picture)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


needs_scanner = pytest.mark.skipif(
    shutil.which("zbarimg") is None or shutil.which("pdftoppm") is None, reason="needs zbar-tools and poppler-utils"
)


@needs_scanner
def test_a_scanner_reads_the_token_from_the_paper(house, tmp_path):
    read = scanned(house.sealed, tmp_path)
    assert read == f"HTTPS://TESTSERVER.LOCAL/V/{house.statement.token}"
    assert verify_token(token_in(read), house.published).number == house.claim.number


@needs_scanner
def test_a_scanner_reads_a_denser_code_too(house, faces, sheet_of, tmp_path):
    """A long host name and an award of its own need version 8: modules of 0.44 mm."""
    token = token_of(msgspec.structs.replace(house.claim, award="全市技术能手标兵"))
    payload = f"HTTPS://CERTIFICATES.GONGJIANG.EXAMPLE/V/{token}"
    assert Image.open(io.BytesIO(qr_png(payload))).size == (57, 57)
    sheet = msgspec.structs.replace(sheet_of(house.claim, house.statement), qr_payload=payload)
    assert scanned(Job([sheet], faces, Underlay(faces)).render(sheet), tmp_path) == payload
