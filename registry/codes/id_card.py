"""居民身份证号码: the citizen's identity number of GB 11643-1999 (I1), read, checked and masked.

Eighteen characters: six of the area, eight of the birth date, three of the sequence (odd = male), one check character.
A foreign permanent resident's card (外国人永久居留身份证) has the same shape: a 9, two digits of the province that issued it and
three of the nationality (GB/T 2659) stand in the area's place.
A number is never part of a refusal: refusals are shown, logged and kept.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date

import msgspec

from foundation.errors import Refusal
from registry.codes import regions
from registry.codes.nationalities import BY_DIGITS, CHINA

RULE = "I1"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
FOREIGN = "9"
"""What the number of a foreign permanent resident begins with."""
CHECK_CHARACTERS = "10X98765432"
_SHAPE = re.compile(r"[0-9]{17}[0-9X]")


class IdCard(msgspec.Struct, frozen=True, kw_only=True):
    """A number that passed every check, with what it says about its holder.

    ``sex`` is a GB/T 2261.1 code (``1`` male, ``2`` female); ``region`` the six digits of the area, which may be a
    retired code; ``region_name`` the most exact name known for them.
    """

    number: str
    region: str
    region_name: str
    birth: date
    sex: str
    nationality: str = CHINA
    """GB/T 2659, three letters."""

    @property
    def masked(self) -> str:
        return mask(self.number)


def normalise(text: str) -> str:
    """Full-width forms to plain ones (NFKC), spaces out, ``x`` to ``X``."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def check_character(first17: str) -> str:
    """The 18th character for the first seventeen digits: Σ digit × weight mod 11 → ``10X98765432``."""
    return CHECK_CHARACTERS[sum(int(digit) * weight for digit, weight in zip(first17, WEIGHTS, strict=True)) % 11]


def parse(text: str, *, today: date, field: str | None = None) -> IdCard:
    """Read a number as typed (I1). Refuses, by name: ``id_card_old_form`` (15 digits), ``id_card_length``,
    ``id_card_characters``, ``id_card_province``, ``id_card_nationality``, ``id_card_birth``, ``id_card_future``,
    ``id_card_check``.

    Retired area codes (广德 341822) are accepted: they are on cards still in use.
    """
    number = normalise(text)
    _require_shape(number, field)
    foreign = number[0] == FOREIGN
    province = number[1:3] if foreign else number[:2]
    nationality = _nationality(number, field) if foreign else CHINA
    if province not in regions.PROVINCES:
        raise Refusal(
            "id_card_province",
            "身份证号中的“{prefix}”不是省级地区代码：请核对开头六位",
            field=field,
            rule=RULE,
            prefix=province,
        )
    birth = _birth(number, today, field)
    if number[17] != check_character(number[:17]):
        raise Refusal(
            "id_card_check", "身份证号校验位不符：十八位数字中至少有一位写错，请与证件逐位核对", field=field, rule=RULE
        )
    sex = "1" if int(number[16]) % 2 else "2"
    region = province + "0000" if foreign else number[:6]
    return IdCard(
        number=number, region=region, region_name=regions.name_of(region), birth=birth, sex=sex, nationality=nationality
    )


def _nationality(number: str, field: str | None) -> str:
    """The nationality on a foreigner's card: the fourth to sixth digit."""
    known = BY_DIGITS.get(number[3:6])
    if known is None or known == CHINA:
        raise Refusal(
            "id_card_nationality",
            "9 开头的是外国人永久居留身份证，第 4 至 6 位“{digits}”不是国籍代码：请与证件核对",
            field=field, rule=RULE, digits=number[3:6],
        )  # fmt: skip
    return known


def _require_shape(number: str, field: str | None) -> None:
    if len(number) == 15 and number.isascii() and number.isdigit():
        raise Refusal(
            "id_card_old_form",
            "15 位身份证号自 2013 年 1 月 1 日起停用：请填第二代居民身份证上的 18 位号码",
            field=field,
            rule=RULE,
        )
    if len(number) != 18:
        raise Refusal(
            "id_card_length",
            "身份证号应为 18 位，现为 {length} 位：请补全或删去多余的字符",
            field=field,
            rule=RULE,
            length=len(number),
        )
    if not _SHAPE.fullmatch(number):
        raise Refusal("id_card_characters", "身份证号前 17 位应为数字，末位为数字或 X", field=field, rule=RULE)


def _birth(number: str, today: date, field: str | None) -> date:
    try:
        birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise Refusal(
            "id_card_birth",
            "身份证号第 7 至 14 位不是真实存在的日期：请按“年年年年月月日日”核对出生日期",
            field=field,
            rule=RULE,
        ) from None
    if birth > today:
        raise Refusal(
            "id_card_future",
            "身份证号中的出生日期晚于今天（{today}）：请核对第 7 至 14 位",
            field=field,
            rule=RULE,
            today=today.isoformat(),
        )
    return birth


def is_valid(text: str, *, today: date) -> bool:
    """Whether :func:`parse` accepts it."""
    try:
        parse(text, today=today)
    except Refusal:
        return False
    return True


def require_agreement(
    card: IdCard, *, sex: str | None = None, birth: date | None = None, nationality: str | None = None
) -> None:
    """The form's sex, birth date and nationality must be the card's (I1); absent ones are not compared.

    Raises ``id_card_sex`` beside ``sex``, ``id_card_birth_differs`` beside ``birth`` or ``id_card_nationality_differs``
    beside ``nationality``.
    """
    if nationality and nationality != card.nationality:
        raise Refusal(
            "id_card_nationality_differs", "所填国籍与证件号不一致：居民身份证为中国籍，外国人永久居留身份证以 9 开头、含国籍代码",
            field="nationality", rule=RULE,
        )  # fmt: skip
    if sex in ("1", "2") and sex != card.sex:
        if card.sex == "1":
            raise Refusal(
                "id_card_sex", "所填性别与身份证号不一致：身份证号表明为男性，请更正其中一项", field="sex", rule=RULE
            )
        raise Refusal(
            "id_card_sex", "所填性别与身份证号不一致：身份证号表明为女性，请更正其中一项", field="sex", rule=RULE
        )
    if birth is not None and birth != card.birth:
        raise Refusal("id_card_birth_differs", "所填出生日期与身份证号不一致：请更正其中一项", field="birth", rule=RULE)


def mask(number: str) -> str:
    """First four and last four characters (P3): ``3418**********0014``. Shorter text is hidden whole."""
    if len(number) <= 8:
        return "*" * len(number)
    return number[:4] + "*" * (len(number) - 8) + number[-4:]


def build(region: str, birth: date, sequence: int) -> str:
    """A checksum-valid number for synthetic people. ``sequence`` 0 to 999; odd is male."""
    first17 = f"{region}{birth:%Y%m%d}{sequence:03d}"
    return first17 + check_character(first17)
