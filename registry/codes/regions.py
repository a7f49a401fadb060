"""行政区划: GB/T 2260 codes of Xuancheng (I4) and the two-digit prefixes of the provinces."""

from __future__ import annotations

import msgspec


class Region(msgspec.Struct, frozen=True, kw_only=True):
    """``status`` is ``active``, ``retired`` (old identity numbers still begin with it) or ``statistical`` (for
    statistics and for the unit that recommends; never the beginning of an identity number)."""

    code: str
    zh: str
    en: str
    parent: str
    status: str = "active"
    note: str = ""


PROVINCE = "340000"
CITY = "341800"
SYNTHETIC = "341899"  # assigned to no county: numbers of synthetic people begin with it, so that none can be real

_ROWS = (
    Region(code=PROVINCE, zh="安徽省", en="Anhui Province", parent=""),
    Region(code=CITY, zh="宣城市", en="Xuancheng City", parent=PROVINCE, note="地级市"),
    Region(code="341802", zh="宣州区", en="Xuanzhou District", parent=CITY),
    Region(code="341821", zh="郎溪县", en="Langxi County", parent=CITY),
    Region(
        code="341822",
        zh="广德县",
        en="Guangde County",
        parent=CITY,
        status="retired",
        note="2019 年改设广德市（341882）；此前签发的身份证号仍有效",
    ),
    Region(code="341823", zh="泾县", en="Jing County", parent=CITY),
    Region(code="341824", zh="绩溪县", en="Jixi County", parent=CITY),
    Region(code="341825", zh="旌德县", en="Jingde County", parent=CITY),
    Region(code="341881", zh="宁国市", en="Ningguo City", parent=CITY, note="县级市"),
    Region(code="341882", zh="广德市", en="Guangde City", parent=CITY, note="县级市，2019 年由广德县改设"),
    Region(
        code="341871",
        zh="宣城市经济开发区",
        en="Xuancheng Economic Development Zone",
        parent=CITY,
        status="statistical",
        note="统计用代码，不是法定区划，不作身份证地址码",
    ),
)
REGIONS: dict[str, Region] = {region.code: region for region in _ROWS}

COUNTIES: tuple[str, ...] = ("341802", "341821", "341823", "341824", "341825", "341881", "341882")
"""The seven counties, districts and county-level cities, in the order of their codes."""

PROVINCES: dict[str, tuple[str, str]] = {
    "11": ("北京市", "Beijing"),
    "12": ("天津市", "Tianjin"),
    "13": ("河北省", "Hebei"),
    "14": ("山西省", "Shanxi"),
    "15": ("内蒙古自治区", "Inner Mongolia"),
    "21": ("辽宁省", "Liaoning"),
    "22": ("吉林省", "Jilin"),
    "23": ("黑龙江省", "Heilongjiang"),
    "31": ("上海市", "Shanghai"),
    "32": ("江苏省", "Jiangsu"),
    "33": ("浙江省", "Zhejiang"),
    "34": ("安徽省", "Anhui"),
    "35": ("福建省", "Fujian"),
    "36": ("江西省", "Jiangxi"),
    "37": ("山东省", "Shandong"),
    "41": ("河南省", "Henan"),
    "42": ("湖北省", "Hubei"),
    "43": ("湖南省", "Hunan"),
    "44": ("广东省", "Guangdong"),
    "45": ("广西壮族自治区", "Guangxi"),
    "46": ("海南省", "Hainan"),
    "50": ("重庆市", "Chongqing"),
    "51": ("四川省", "Sichuan"),
    "52": ("贵州省", "Guizhou"),
    "53": ("云南省", "Yunnan"),
    "54": ("西藏自治区", "Tibet"),
    "61": ("陕西省", "Shaanxi"),
    "62": ("甘肃省", "Gansu"),
    "63": ("青海省", "Qinghai"),
    "64": ("宁夏回族自治区", "Ningxia"),
    "65": ("新疆维吾尔自治区", "Xinjiang"),
    "71": ("台湾省", "Taiwan"),
    "81": ("香港特别行政区", "Hong Kong"),
    "82": ("澳门特别行政区", "Macao"),
    "83": ("台湾居民（居住证）", "Taiwan resident (residence permit)"),
}


def name_of(code: str) -> str:
    """The most exact Chinese name known for a six-digit code: the county, else the city, else the province."""
    region = REGIONS.get(code) or REGIONS.get(code[:4] + "00")
    if region is not None:
        return region.zh
    return PROVINCES[code[:2]][0] if code[:2] in PROVINCES else code


def name_en(code: str) -> str:
    """As :func:`name_of`, in English."""
    region = REGIONS.get(code) or REGIONS.get(code[:4] + "00")
    if region is not None:
        return region.en
    return PROVINCES[code[:2]][1] if code[:2] in PROVINCES else code
