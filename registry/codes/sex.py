"""性别: the sex codes of GB/T 2261.1 (I5)."""

from registry.codes.table import CodeTable

MALE, FEMALE = "1", "2"

SEXES = CodeTable(
    "性别",
    "I5",
    {
        "1": ("男性", "Male"),
        "2": ("女性", "Female"),
        "0": ("未知的性别", "Unknown"),
        "9": ("未说明的性别", "Not stated"),
    },
    aliases={"男": "1", "女": "2", "未知": "0", "未说明": "9", "M": "1", "F": "2", "male": "1", "female": "2"},
)
