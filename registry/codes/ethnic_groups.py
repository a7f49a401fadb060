"""民族: the codes of GB/T 3304 (I5), 01 to 56 with 97 and 98; spellings as the standard has them (达斡尔, 仫佬)."""

from registry.codes.table import CodeTable

HAN = "01"

_NAMES = (
    "汉 Han|蒙古 Mongol|回 Hui|藏 Tibetan|维吾尔 Uygur|苗 Miao|彝 Yi|壮 Zhuang|布依 Bouyei|朝鲜 Korean|满 Manchu|侗 Dong|"
    "瑶 Yao|白 Bai|土家 Tujia|哈尼 Hani|哈萨克 Kazak|傣 Dai|黎 Li|傈僳 Lisu|佤 Va|畲 She|高山 Gaoshan|拉祜 Lahu|水 Sui|"
    "东乡 Dongxiang|纳西 Naxi|景颇 Jingpo|柯尔克孜 Kirgiz|土 Tu|达斡尔 Daur|仫佬 Mulao|羌 Qiang|布朗 Blang|撒拉 Salar|"
    "毛南 Maonan|仡佬 Gelao|锡伯 Xibe|阿昌 Achang|普米 Pumi|塔吉克 Tajik|怒 Nu|乌孜别克 Uzbek|俄罗斯 Russian|鄂温克 Ewenki|"
    "德昂 Deang|保安 Bonan|裕固 Yugur|京 Gin|塔塔尔 Tatar|独龙 Derung|鄂伦春 Oroqen|赫哲 Hezhen|门巴 Monba|珞巴 Lhoba|"
    "基诺 Jino"
)


def _entries() -> dict[str, tuple[str, str]]:
    entries = {}
    for number, pair in enumerate(_NAMES.split("|"), 1):
        zh, en = pair.split(" ")
        entries[f"{number:02d}"] = (zh + "族", en)
    entries["97"] = ("其他未识别的民族", "Other, not yet identified")
    entries["98"] = ("外国人加入中国籍", "Naturalised Chinese citizen")
    return entries


_ENTRIES = _entries()

ETHNIC_GROUPS = CodeTable(
    "民族",
    "I5",
    _ENTRIES,
    # People write 汉 for 汉族, and public code lists carry the misspellings 达翰尔 and 么佬.
    aliases={zh[:-1]: code for code, (zh, _) in _ENTRIES.items() if zh.endswith("族") and code < "97"}
    | {"达翰尔族": "31", "么佬族": "32"},
)
