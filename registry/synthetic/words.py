"""Words that invented names are made of: plainly not a real person's, plausible in length and sound."""

from __future__ import annotations

STEMS = "甲乙丙丁戊己庚辛壬癸"
BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
STEM_BRANCHES = tuple(STEMS[index % 10] + BRANCHES[index % 12] for index in range(60))
SOLAR_TERMS = [
    "立春",
    "雨水",
    "惊蛰",
    "春分",
    "清明",
    "谷雨",
    "立夏",
    "小满",
    "芒种",
    "夏至",
    "小暑",
    "大暑",
    "立秋",
    "处暑",
    "白露",
    "秋分",
    "寒露",
    "霜降",
    "立冬",
    "小雪",
    "大雪",
    "冬至",
    "小寒",
    "大寒",
]
_NUMBERS = "一二三四五六七八九"
_TERM_CHARACTERS = "立春雨水惊清谷夏满芒暑秋露霜冬雪寒"

# Two characters for the most part, one for about a seventh of people.
GIVEN_NAMES: tuple[str, ...] = tuple(
    dict.fromkeys(
        [
            *SOLAR_TERMS,
            *STEM_BRANCHES,
            *(tens + ones for tens in _NUMBERS for ones in _NUMBERS if tens != ones),
            *(term + stem for term in _TERM_CHARACTERS for stem in STEMS),
            *(stem + term for term in _TERM_CHARACTERS for stem in STEMS),
            *(branch + term for term in _TERM_CHARACTERS for branch in BRANCHES),
        ]
    )
)
SHORT_GIVEN_NAMES: tuple[str, ...] = tuple(dict.fromkeys(STEMS + BRANCHES + _TERM_CHARACTERS))

# 百家姓 in groups of falling frequency; heteronym surnames (单 仇 解 查 区 曾 翟 缪) are there on purpose.
_SURNAME_GROUPS: tuple[tuple[int, str], ...] = (
    (70, "王李张刘陈"),
    (30, "杨黄赵吴周徐孙马朱胡"),
    (16, "郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董"),
    (9, "潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛"),
    (3, "雷龙史陶贺毛段郝顾龚邵万覃武钱戴严莫孔常汤康易乔赖文章鲍洪查解单仇区翟缪葛凌岳柏费倪梅丰祝项毕艾"),
)
COMPOUND_SURNAMES = ["欧阳", "上官", "司马", "诸葛", "尉迟", "万俟", "皇甫", "令狐", "夏侯", "慕容"]
SURNAMES: tuple[str, ...] = tuple(name for _, names in _SURNAME_GROUPS for name in names) + tuple(COMPOUND_SURNAMES)
SURNAME_WEIGHTS: tuple[int, ...] = tuple(weight for weight, names in _SURNAME_GROUPS for _ in names) + (1,) * len(
    COMPOUND_SURNAMES
)

ORGANISATION_WORDS: tuple[str, ...] = (
    *SOLAR_TERMS,
    *STEM_BRANCHES,
    *(term + pair for term in SOLAR_TERMS for pair in STEM_BRANCHES),
)
"""1,524 words that tell organisations apart."""
