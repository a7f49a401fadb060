"""政治面貌: the codes of GB/T 4762 (I5)."""

from registry.codes.table import CodeTable

POLITICAL_STATUSES = CodeTable(
    "政治面貌",
    "I5",
    {
        "01": ("中国共产党党员", "Member of the Communist Party of China"),
        "02": ("中国共产党预备党员", "Probationary member of the Communist Party of China"),
        "03": ("中国共产主义青年团团员", "Member of the Communist Youth League"),
        "04": ("中国国民党革命委员会会员", "Member of the Revolutionary Committee of the Kuomintang"),
        "05": ("中国民主同盟盟员", "Member of the China Democratic League"),
        "06": ("中国民主建国会会员", "Member of the China National Democratic Construction Association"),
        "07": ("中国民主促进会会员", "Member of the China Association for Promoting Democracy"),
        "08": ("中国农工民主党党员", "Member of the Chinese Peasants' and Workers' Democratic Party"),
        "09": ("中国致公党党员", "Member of the China Zhi Gong Party"),
        "10": ("九三学社社员", "Member of the Jiusan Society"),
        "11": ("台湾民主自治同盟盟员", "Member of the Taiwan Democratic Self-Government League"),
        "12": ("无党派民主人士", "Personage without party affiliation"),
        "13": ("群众", "No affiliation"),
    },
    aliases={
        "中共党员": "01",
        "党员": "01",
        "中共预备党员": "02",
        "预备党员": "02",
        "共青团员": "03",
        "团员": "03",
        "民革党员": "04",
        "民革会员": "04",
        "民盟盟员": "05",
        "民建会员": "06",
        "民进会员": "07",
        "农工党党员": "08",
        "致公党党员": "09",
        "台盟盟员": "11",
        "无党派人士": "12",
    },
)

SHORT_NAMES: dict[str, str] = {
    "01": "中共党员",
    "02": "中共预备党员",
    "03": "共青团员",
    "04": "民革党员",
    "05": "民盟盟员",
    "06": "民建会员",
    "07": "民进会员",
    "08": "农工党党员",
    "09": "致公党党员",
    "10": "九三学社社员",
    "11": "台盟盟员",
    "12": "无党派人士",
    "13": "群众",
}
"""How a form writes the status."""
