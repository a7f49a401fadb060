"""The titles that the house brings along (H1–H4): real honours of the four levels, as a starting point that officers edit.

What no source states is left open: the treatment of a provincial medal (H4), prizes of province and city (H72).
"""

from __future__ import annotations

from typing import Any

import msgspec

from honours.catalogue.schemas import HonourForm

_UNION, _COUNCIL = "中华全国总工会", "中共中央、国务院"
_PROVINCE = "安徽省劳动竞赛委员会、安徽省总工会"
"""H2: decisions of the province are issued jointly."""
_PROVINCE_GOVERNMENT = "中共安徽省委、安徽省人民政府"
_CITY, _CITY_GOVERNMENT = "宣城市总工会", "中共宣城市委、宣城市人民政府"


def _honour(code: str, title: str, title_en: str, **more: Any) -> HonourForm:
    return msgspec.convert({"code": code, "title": title, "title_en": title_en, **more}, HonourForm)


def _may1(stem: str, prefix: str, prefix_en: str, level: str, conferrer: str, **medal: Any) -> list[HonourForm]:
    """The three of 五一劳动奖 (H1): certificate for units, medal for persons, pioneer for teams; the city's have its own sheets."""
    said = (
        ("unit", "may1-certificate", "五一劳动奖状", "May 1st Labour Certificate", "commendation", "XCJZ"),
        ("person", "may1-medal", "五一劳动奖章", "May 1st Labour Medal", "medal", "XCWY"),
        ("team", "pioneer", "工人先锋号", "Workers' Pioneer", "pioneer", "XCXF"),
    )
    here = level == "city"
    return [
        _honour(
            f"{stem}-{code}", prefix + title, f"{prefix_en} {title_en}", level=level, kind=kind,
            family=code.replace("-", "_"), conferrer=conferrer, conferred_here=here, place=10 * n,
            certificate=sheet if here else "", series=series if here else "", **(medal if kind == "person" else {}),
        )
        for n, (kind, code, title, title_en, sheet, series) in enumerate(said, 1)
    ]  # fmt: skip


def _county(stem: str, name: str, name_en: str) -> list[HonourForm]:
    """A county's medal and pioneer: recorded as a basis for higher ones (H10), decided by the county."""
    return [form for form in _may1(stem, name, name_en, "county", f"{name}总工会") if form.kind != "unit"]


def _person(code: str, title: str, title_en: str, level: str, conferrer: str, place: int, **more: Any) -> HonourForm:
    return _honour(code, title, title_en, level=level, kind="person", conferrer=conferrer, place=place, **more)


SHIPPED: tuple[HonourForm, ...] = (
    *_may1("national", "全国", "National", "national", _UNION, prize=10_000, treatment="province_model"),
    _person("national-model-worker", "全国劳动模范", "National Model Worker", "national", _COUNCIL, 40,
            family="model_worker", treatment="national_model"),
    _person("national-advanced-worker", "全国先进工作者", "National Advanced Worker", "national", _COUNCIL, 50,
            family="model_worker", treatment="national_model"),
    *_may1("province", "安徽省", "Anhui", "province", _PROVINCE),
    _person("province-model-worker", "安徽省劳动模范", "Anhui Model Worker", "province", _PROVINCE_GOVERNMENT, 40,
            family="model_worker", treatment="province_model"),
    _person("province-advanced-worker", "安徽省先进工作者", "Anhui Advanced Worker", "province", _PROVINCE_GOVERNMENT, 50,
            family="model_worker", treatment="province_model"),
    _honour(
        "province-advanced-collective", "安徽省先进集体", "Anhui Advanced Collective", level="province", kind="team",
        conferrer=_PROVINCE_GOVERNMENT, place=55,
    ),
    _honour(
        "province-competition-unit", "安徽省劳动竞赛先进集体", "Anhui Labour Competition Advanced Collective",
        level="province", kind="unit", family="competition", conferrer=_PROVINCE, place=60,
    ),
    _person("province-competition-person", "安徽省劳动竞赛先进个人", "Anhui Labour Competition Advanced Individual", "province",
            _PROVINCE, 61, family="competition"),
    _person("province-golden-worker", "安徽省金牌职工", "Anhui Gold-Medal Worker", "province", _PROVINCE, 62,
            family="competition"),
    _person("province-craftsman", "安徽工匠", "Anhui Craftsman", "province", "安徽省总工会", 63),
    _person("province-craftsman-of-year", "安徽工匠年度人物", "Anhui Craftsman of the Year", "province", "安徽省总工会", 64),
    *_may1("city", "宣城市", "Xuancheng", "city", _CITY),
    _person("city-model-worker", "宣城市劳动模范", "Xuancheng Model Worker", "city", _CITY_GOVERNMENT, 40,
            family="model_worker", treatment="city_model", conferred_here=True, certificate="medal", series="XCLM"),
    *_county("xuanzhou", "宣州区", "Xuanzhou District"),
    *_county("ningguo", "宁国市", "Ningguo"),
)  # fmt: skip
