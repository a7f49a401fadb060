"""The QR token (离线查验令牌): what SECURITY 14 lists, signed, in as few characters as Ed25519 allows.

Bytes: 1 version and kind · 4 key id · 2 days since 2000-01-01 · 8 holder hash · 1–97 award · number, 3 characters in 2
bytes · 64 signature over all before it. Written in Crockford's base 32, since a QR code's alphanumeric set and an address
both take it: 148 characters for ``XCJS-2026-HG-0001``, so that host names up to 19 characters fit version 7-M.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from publications.certificates.proof.schemas import Claim, ProofRefused, Published, TokenClaim
from publications.certificates.rules import ALPHABET, LOOKALIKES, NUMBER

VERSION = 1
EPOCH = date(2000, 1, 1)
SIGNATURE = 64
LONGEST = 400
_PACKED = " 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
AWARDS = (
    "", "一等奖", "二等奖", "三等奖", "优秀奖", "特等奖", "金奖", "银奖", "铜奖", "优胜奖", "冠军", "亚军", "季军",
    "团体一等奖", "团体二等奖", "团体三等奖", "优秀组织奖",
)  # fmt: skip
"""One byte each; the order is part of the format: only ever append, up to 127."""
_PLACE = {award: place for place, award in enumerate(AWARDS) if award}


def holder_hash(number: str, code: str, holder: str) -> bytes:
    """Eight bytes that a person with the paper in hand can recompute, and nobody can guess a name from without its code."""
    text = "\n".join(("gongjiang/holder", number, code, unicodedata.normalize("NFC", holder)))
    return hashlib.sha256(text.encode()).digest()[:8]


def sign_token(claim: Claim, key_id: str, sign: Callable[[bytes], bytes]) -> str:
    """The token of a claim. Raises ``ProofRefused`` where the claim cannot be packed."""
    body = pack(claim, key_id)
    return base32(body + sign(body))


def pack(claim: Claim, key_id: str) -> bytes:
    days = (claim.issued_on - EPOCH).days
    if not NUMBER.fullmatch(claim.number) or not 0 <= days < 1 << 16 or not 0 < claim.kind < 16:
        raise ProofRefused("proof.form", "证书编号或日期不能写入二维码", field="number")
    head = bytes([VERSION << 4 | claim.kind]) + bytes.fromhex(key_id) + days.to_bytes(2, "big")
    holder = holder_hash(claim.number, claim.code, claim.holder)
    return head + holder + _pack_award(claim.award) + _pack_number(claim.number)


def read_token(token: str) -> tuple[TokenClaim, bytes, bytes]:
    """(claim, signed bytes, signature), unverified; raises ``ProofRefused`` for what is no token."""
    data = from_base32(token)
    body, signature = data[:-SIGNATURE], data[-SIGNATURE:]
    if len(body) < 18 or body[0] >> 4 != VERSION:
        raise ProofRefused("proof.form", "不是本系统的二维码")
    award, rest = _read_award(body[15:])
    number = _read_number(rest)
    if not NUMBER.fullmatch(number):
        raise ProofRefused("proof.form", "二维码中的编号已损坏")
    return (
        TokenClaim(
            key_id=body[1:5].hex(), kind=body[0] & 15, number=number, award=award,
            issued_on=EPOCH + timedelta(days=int.from_bytes(body[5:7], "big")), holder_hash=body[7:15],
        ),
        body,
        signature,
    )  # fmt: skip


def verify_token(token: str, published: Published) -> TokenClaim:
    """What a genuine token says; raises ``ProofRefused`` (form, key, signature). Needs no network and no register."""
    claim, body, signature = read_token(token)
    public = published.keys.get(claim.key_id)
    if public is None:
        raise ProofRefused("proof.key", "签名所用的钥匙不在公布之列：{key}", key=claim.key_id)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, body)
    except InvalidSignature:
        raise ProofRefused("proof.signature", "签名与内容不符") from None
    return claim


def token_in(text: str) -> str:
    """The token in what a scanner read: a whole address or the token alone."""
    return text.strip().rstrip("/").rsplit("/", 1)[-1].upper()


def base32(data: bytes) -> str:
    """Crockford's base 32, the last character filled with zero bits."""
    size = -(-len(data) * 8 // 5)
    number = int.from_bytes(data, "big") << (size * 5 - len(data) * 8)
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(size - 1, -1, -1))


def from_base32(text: str) -> bytes:
    """The bytes again; look-alikes are understood, spare bits that are set are not."""
    letters = text.upper().translate(LOOKALIKES)
    if not 0 < len(letters) <= LONGEST or any(letter not in ALPHABET for letter in letters):
        raise ProofRefused("proof.form", "二维码内容不完整")
    number = 0
    for letter in letters:
        number = number << 5 | ALPHABET.index(letter)
    spare = len(letters) * 5 % 8
    if spare >= 5 or number & (1 << spare) - 1:
        raise ProofRefused("proof.form", "二维码内容不完整")
    return (number >> spare).to_bytes(len(letters) * 5 // 8, "big")


def _pack_award(award: str) -> bytes:
    if award in _PLACE:
        return bytes([_PLACE[award]])
    text = award.encode("gb18030")  # two bytes for a common character, and nothing that Unicode has is missing
    if not 0 < len(text) < 128:
        raise ProofRefused("proof.form", "奖项过长，不能写入二维码", field="award")
    return bytes([128 + len(text)]) + text


def _read_award(data: bytes) -> tuple[str, bytes]:
    first = data[0]
    if first < 128:
        if not 0 < first < len(AWARDS):
            raise ProofRefused("proof.form", "二维码中的奖项无法识别")
        return AWARDS[first], data[1:]
    text = data[1 : first - 127]
    try:
        return text.decode("gb18030"), data[first - 127 :]
    except UnicodeDecodeError:
        raise ProofRefused("proof.form", "二维码中的奖项无法识别") from None


def _pack_number(number: str) -> bytes:
    filled = number + " " * (-len(number) % 3)
    digits = [_PACKED.index(letter) for letter in filled]
    return b"".join(
        (a * 1600 + b * 40 + c).to_bytes(2, "big")
        for a, b, c in zip(digits[::3], digits[1::3], digits[2::3], strict=True)
    )


def _read_number(data: bytes) -> str:
    digits: list[int] = []
    for place in range(0, len(data) - 1, 2):
        word = int.from_bytes(data[place : place + 2], "big")
        digits += [word // 1600, word // 40 % 40, word % 40]
    if len(data) % 2 or any(digit >= len(_PACKED) for digit in digits):
        raise ProofRefused("proof.form", "二维码中的编号已损坏")
    return "".join(_PACKED[digit] for digit in digits).rstrip(" ")
