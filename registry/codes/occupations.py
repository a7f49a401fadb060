"""职业: occupation codes of 《职业分类大典（2022）》 that the demonstration competitions use (I7).

A modest list of our own with LOW confidence in the codes: the domain rules give one of them and call it unsure. A
competition may name any other occupation in words; nothing may depend on these codes being right.
"""

from registry.codes.table import CodeTable

OCCUPATIONS = CodeTable(
    "职业",
    "I7",
    {
        "6-22-02-01": ("汽车装调工", "Automobile assembler and adjuster"),
        "6-18-01-01": ("车工", "Lathe operator"),
        "6-18-01-02": ("铣工", "Milling machine operator"),
        "6-18-02-04": ("焊工", "Welder"),
        "6-20-01-01": ("装配钳工", "Assembly fitter"),
        "6-31-01-03": ("电工", "Electrician"),
        "6-31-01-02": ("机修钳工", "Maintenance fitter"),
        "4-12-01-01": ("汽车维修工", "Automobile repairer"),
        "4-07-05-01": ("保安员", "Security guard"),
        "4-10-01-01": ("婴幼儿发展引导员", "Infant development guide"),
        "4-02-07-08": ("快递员", "Courier"),
        "4-03-02-01": ("中式烹调师", "Chinese cook"),
        "4-03-01-01": ("前厅服务员", "Hotel receptionist"),
        "4-10-03-01": ("美容师", "Beautician"),
        "4-04-05-05": ("人工智能训练师", "Artificial intelligence trainer"),
        "6-29-01-01": ("砌筑工", "Bricklayer"),
        "2-05-08-01": ("内科护士", "Internal medicine nurse"),
    },
)
