"""统一社会信用代码: the unified social credit code of GB 32100-2015 (I2) and what its first two characters say (I3)."""

from __future__ import annotations

import re
import unicodedata

import msgspec

from foundation.errors import Refusal

RULE = "I2"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
FORBIDDEN = "IOZSV"
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_SHAPE = re.compile(f"[{ALPHABET}]{{18}}")

# I3. Only 11, 12, 51, 52, 81, 91, 92 and 93 are stated by the domain rules (81 with high, not full confidence); the
# others are of common knowledge. A prefix that is absent here is not refused.
KINDS: dict[str, tuple[str, str]] = {
    "11": ("机关", "Government organ"),
    "12": ("事业单位", "Public institution"),
    "13": ("编办直接管理机构编制的群众团体", "Mass organisation"),
    "51": ("社会团体", "Social association"),
    "52": ("民办非企业单位", "Private non-enterprise unit"),
    "53": ("基金会", "Foundation"),
    "81": ("基层工会", "Grass-roots union"),
    "91": ("企业", "Enterprise"),
    "92": ("个体工商户", "Sole trader"),
    "93": ("农民专业合作社", "Farmers' cooperative"),
}
UNION = "81"


class CreditCode(msgspec.Struct, frozen=True, kw_only=True):
    """A code that passed the outer check. ``kind`` is the two-character prefix, ``area`` the six of the registrar,
    ``organisation`` the nine of the inner organisation code, ``inner_ok`` whether that passes GB 11714."""

    code: str
    kind: str
    area: str
    organisation: str
    inner_ok: bool

    @property
    def kind_name(self) -> tuple[str, str]:
        """``(Chinese, English)`` of the kind."""
        return KINDS.get(self.kind, ("其他", "Other"))


def normalise(text: str) -> str:
    """Full-width forms to plain ones (NFKC), spaces out, upper case."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def check_character(first17: str) -> str:
    """The 18th character: (31 − Σ value × 3^i mod 31) mod 31."""
    total = sum(_VALUES[character] * weight for character, weight in zip(first17, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def organisation_check(first8: str) -> str:
    """The 9th character of a GB 11714 organisation code: 11 − Σ mod 11, where 10 is ``X`` and 11 is ``0``."""
    total = sum(int(character, 36) * weight for character, weight in zip(first8, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def organisation_code_ok(code: str) -> bool:
    """Whether a nine-character organisation code (a hyphen before the last is allowed) passes GB 11714."""
    plain = normalise(code).replace("-", "")
    if not re.fullmatch(r"[0-9A-Z]{8}[0-9X]", plain):
        return False
    return organisation_check(plain[:8]) == plain[8]


def parse(text: str, *, field: str | None = None) -> CreditCode:
    """Read a code as typed (I2). Refuses, by name: ``credit_code_length``, ``credit_code_characters``,
    ``credit_code_check``. The inner check is reported, not enforced: some real older codes fail it."""
    code = normalise(text)
    if len(code) != 18:
        raise Refusal(
            "credit_code_length",
            "统一社会信用代码应为 18 位，现为 {length} 位：请与证书核对",
            field=field,
            rule=RULE,
            length=len(code),
        )
    if not _SHAPE.fullmatch(code):
        place = next(index for index, character in enumerate(code, 1) if character not in _VALUES)
        raise Refusal(
            "credit_code_characters",
            "统一社会信用代码第 {place} 位不合规定：只用数字和大写字母，不用 I、O、Z、S、V",
            field=field,
            rule=RULE,
            place=place,
        )
    if code[17] != check_character(code[:17]):
        raise Refusal(
            "credit_code_check", "统一社会信用代码校验位不符：至少有一位写错，请与证书逐位核对", field=field, rule=RULE
        )
    inner = code[8:17]
    return CreditCode(
        code=code, kind=code[:2], area=code[2:8], organisation=inner, inner_ok=organisation_code_ok(inner)
    )


def is_valid(text: str) -> bool:
    """Whether :func:`parse` accepts it."""
    try:
        parse(text)
    except Refusal:
        return False
    return True


def require_union(code: CreditCode, *, field: str | None = None) -> None:
    """A union's own code begins with 81 and is not its employer's (I3); refuses with ``credit_code_not_union``."""
    if code.kind != UNION:
        raise Refusal(
            "credit_code_not_union",
            "工会的统一社会信用代码应以 81 开头，所填以 {kind} 开头：请填《工会法人资格证书》上的代码",
            field=field,
            rule="I3",
            kind=code.kind,
        )


def require_employer(code: CreditCode, *, field: str | None = None) -> None:
    """An employer's code is not a union's (I3); refuses with ``credit_code_not_employer``."""
    if code.kind == UNION:
        raise Refusal(
            "credit_code_not_employer",
            "所填为工会的代码（81 开头）：请填用人单位营业执照或法人证书上的代码",
            field=field,
            rule="I3",
        )


def build(kind: str, area: str, organisation8: str) -> str:
    """A code that passes both checks, for synthetic organisations, from the kind's two, the area's six and the
    organisation's first eight characters."""
    first17 = f"{kind}{area}{organisation8}{organisation_check(organisation8)}"
    return first17 + check_character(first17)
