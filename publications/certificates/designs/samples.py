"""Sheets of plainly invented people and units, as short and as long as real ones: what a template is proved with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from foundation.i18n import N_
from publications.certificates.designs import sheets
from publications.certificates.designs.sheets import AnySheet
from publications.certificates.rendering.schemas import CompetitionCertificate

_QR = "HTTPS://GONGJIANG.EXAMPLE.INVALID/V/" + "0123456789ABCDEFGHJKMNPQRSTVWXYZ" * 4
_COMMON: dict[str, Any] = {
    "issuer": "宣城市总工会", "issued_on": date(2026, 4, 28), "check_code": "K7Q4-9M2T-6N2D-H8QW", "qr_payload": _QR,
}  # fmt: skip
_MEDAL = _COMMON | {"number": "XCWY-2026-GR-0007", "honour": "宣城市五一劳动奖章"}
_TEAM = tuple(f"示例{name}" for name in ("立春", "雨水", "惊蛰", "春分", "清明", "谷雨"))
_NAMES = {
    "short": (N_("两字姓名"), "李镓"), "plain": (N_("三字姓名"), "王示例"), "ethnic": (N_("带间隔号的姓名"), "阿卜杜拉·示例"),
    "long": (N_("长姓名"), "阿卜杜热合曼·买买提吐尔逊·示例"),
}  # fmt: skip
_FOUR = (
    "安徽宣城示例现代装备制造产业集团有限公司",
    "新能源汽车零部件智能制造示例事业部",
    "总装二车间焊装工段",
    "“示例”班组",
)
_LETTER = (
    "在2026年宣城市职工职业技能大赛中，您担任焊工项目评分裁判，执裁三天，独立评定作品四十件、评分记录二百四十项，无一差错。",
    "您以专业的眼光守住公正的尺度，以严谨的作风成就参赛者的荣誉。每一个分数背后，都是您对技能的尊重、对劳动者的敬意。",
    "谨致衷心感谢，并祝工作顺利、身体健康！",
)


def _medals(kind: type[sheets.Medal]) -> dict[str, tuple[str, AnySheet]]:
    return {key: (label, kind(**_MEDAL, recipient=name)) for key, (label, name) in _NAMES.items()}  # type: ignore[misc]  # every kind of medal takes these


def _units(kind: type[sheets.Commendation], honour: str) -> dict[str, tuple[str, AnySheet]]:
    common: dict[str, Any] = _COMMON | {"number": "XCWY-2026-JT-0012", "region": "宣城市", "honour": honour}
    return {
        "two": (N_("两行单位名称"), kind(**common, lines=("宣城示例产业投资控股集团有限公司", "示例水务与环境科技有限责任公司"))),
        "one": (N_("一行单位名称"), kind(**common, lines=("宣城示例精密机械有限公司",))),
        "four": (N_("四行单位名称"), kind(**common, lines=_FOUR)),
    }  # fmt: skip


def _competition() -> dict[str, tuple[str, AnySheet]]:
    common: dict[str, Any] = _COMMON | {
        "number": "XCJS-2026-HG-0001", "competition": "宣城市职工职业技能大赛", "event": "焊工", "award": "一等奖", "tier": 1,
        "year": 2026,
    }  # fmt: skip
    single = {
        key: (label, sheets.Competition(certificate=CompetitionCertificate(**common, recipients=(name,))))
        for key, (label, name) in _NAMES.items()
    }
    team = CompetitionCertificate(**common, recipients=_TEAM, team="宣城示例精密制造有限公司代表队")
    return {**single, "team": (N_("六人团队"), sheets.Competition(certificate=team))}


def _studios() -> dict[str, dict[str, tuple[str, AnySheet]]]:
    common: dict[str, Any] = _COMMON | {"number": "XCGZ-2026-CX-0005", "level_title": "宣城市劳模（工匠）创新工作室"}
    short, long = "欧阳示例劳模创新工作室", "阿卜杜热合曼·示例新能源汽车零部件智能制造劳模创新工作室"
    facts: dict[str, Any] = {
        "level": "市级", "leader": "欧阳示例（宣城市五一劳动奖章获得者）", "unit": "宣城示例精密机械有限公司",
        "direction": "数控加工与刀具再制造", "document": "宣工〔2026〕12号", "valid_until": date(2029, 4, 30),
    }  # fmt: skip
    crowded: dict[str, Any] = facts | {"unit": "".join(_FOUR[:2])}
    ethnic = "阿卜杜拉·示例劳模创新工作室"
    return {
        "plaque": {
            "ethnic": (N_("带间隔号的姓名"), sheets.Plaque(**common, studio=ethnic)),
            "short": (N_("短名称"), sheets.Plaque(**common, studio="李镓工匠创新工作室")),
            "long": (N_("长名称"), sheets.Plaque(**common, studio=long)),
        },
        "naming": {
            "plain": (N_("全部事项"), sheets.Naming(**common, studio=short, **facts)),
            "short": (N_("最少事项"), sheets.Naming(**common, studio="李镓工匠创新工作室")),
            "long": (N_("长名称"), sheets.Naming(**common, studio=long, **crowded)),
        },
    }


def _thanks() -> dict[str, tuple[str, AnySheet]]:
    common: dict[str, Any] = _COMMON | {
        "number": "XCGX-2026-CP-0021",
        "issued_on": date(2026, 5, 20),
        "day_printed": True,
    }
    return {
        "ethnic": (N_("带间隔号的姓名"), sheets.Thanks(**common, recipient="买买提·示例", paragraphs=_LETTER)),
        "short": (N_("两字姓名"), sheets.Thanks(**common, recipient="李镓", paragraphs=_LETTER[1:])),
        "long": (N_("长姓名"), sheets.Thanks(**common, recipient=_NAMES["long"][1], paragraphs=(*_LETTER, _LETTER[1]))),
    }


SAMPLES: Mapping[str, Mapping[str, tuple[str, AnySheet]]] = {
    "competition": _competition(),
    "medal": {key: _medals(sheets.Medal)[key] for key in ("plain", "short", "ethnic", "long")},
    "medal-fold": {key: _medals(sheets.MedalFold)[key] for key in ("ethnic", "short", "plain", "long")},
    "commendation": _units(sheets.Commendation, "五一劳动奖状"),
    "pioneer": dict(reversed(_units(sheets.Pioneer, "工人先锋号").items())),
    **_studios(),
    "thanks": _thanks(),
}
"""Kind → key → (words for the choice, sheet); the first of a kind is the one shown first."""
