"""学历: the codes of GB/T 4658 (I5)."""

from registry.codes.table import CodeTable

_LEVELS: dict[str, tuple[str, str]] = {
    "10": ("研究生教育", "Postgraduate education"),
    "11": ("博士研究生", "Doctorate"),
    "14": ("硕士研究生", "Master's degree"),
    "17": ("研究生班", "Postgraduate class"),
    "20": ("大学本科教育", "Undergraduate education"),
    "21": ("大学本科", "Bachelor's degree course"),
    "30": ("大学专科教育", "Junior college education"),
    "31": ("大学专科", "Junior college"),
    "40": ("中等职业教育", "Secondary vocational education"),
    "41": ("中等专科", "Secondary specialised school"),
    "44": ("职业高中", "Vocational high school"),
    "47": ("技工学校", "Technical school"),
    "60": ("普通高级中学教育", "Senior secondary education"),
    "61": ("普通高中", "Senior secondary school"),
    "70": ("初级中学教育", "Junior secondary education"),
    "71": ("初中", "Junior secondary school"),
    "80": ("小学教育", "Primary education"),
    "81": ("小学", "Primary school"),
}
_ENDINGS = (("毕业", "graduated"), ("结业", "completed without graduating"), ("肄业", "left before the end"))


def _entries() -> dict[str, tuple[str, str]]:
    """Each kind of school has three codes in a row: 毕业, 结业, 肄业. Compulsory schooling has no 结业 (72, 82)."""
    entries: dict[str, tuple[str, str]] = {}
    for start, (zh, en) in _LEVELS.items():
        if start.endswith("0"):
            entries[start] = (zh, en)
            continue
        for offset, (ending, ending_en) in enumerate(_ENDINGS):
            code = str(int(start) + offset)
            if code not in ("72", "82"):
                entries[code] = (zh + ending, f"{en}, {ending_en}")
        if start == "21":
            entries["28"] = ("大学普通班毕业", "University general class, graduated")
    entries["90"] = ("其他", "Other")
    return entries


EDUCATION_LEVELS = CodeTable(
    "学历",
    "I5",
    _entries(),
    aliases={
        "博士": "11",
        "博士研究生": "11",
        "硕士": "14",
        "硕士研究生": "14",
        "研究生": "10",
        "本科": "21",
        "大学本科": "21",
        "大学": "21",
        "大专": "31",
        "专科": "31",
        "大学专科": "31",
        "中专": "41",
        "职高": "44",
        "技校": "47",
        "高中": "61",
        "普通高中": "61",
        "初中": "71",
        "小学": "81",
    },
)
