"""职业技能等级: the eight levels in force (I7, 新八级工), lowest first."""

from registry.codes.table import CodeTable

SKILL_LEVELS = CodeTable(
    "职业技能等级",
    "I7",
    {
        "0A": ("学徒工", "Apprentice"),
        "5": ("五级/初级工", "Level 5, junior"),
        "4": ("四级/中级工", "Level 4, intermediate"),
        "3": ("三级/高级工", "Level 3, senior"),
        "2": ("二级/技师", "Level 2, technician"),
        "1": ("一级/高级技师", "Level 1, senior technician"),
        "1T": ("特级技师", "Special-grade technician"),
        "1S": ("首席技师", "Chief technician"),
    },
    aliases={
        "学徒": "0A",
        "五级": "5",
        "初级工": "5",
        "四级": "4",
        "中级工": "4",
        "三级": "3",
        "高级工": "3",
        "二级": "2",
        "技师": "2",
        "一级": "1",
        "高级技师": "1",
    },
)

ORDER: tuple[str, ...] = tuple(SKILL_LEVELS)
"""Codes from the lowest level to the highest: ``ORDER.index`` compares two levels."""

HIGH_SKILL: frozenset[str] = frozenset({"3", "2", "1", "1T", "1S"})
"""高技能人才: level three (高级工) and above."""
