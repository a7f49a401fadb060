"""单位性质: unit types of the union registration form (I5).

The domain rules name 110 国有, 170 私营, 300 外商, 400 事业 and 500 机关. The codes between them follow the usual
classes of registration (GB/T 12402), known with medium confidence; an officer should confirm them.
"""

from registry.codes.table import CodeTable

UNIT_TYPES = CodeTable(
    "单位性质",
    "I5",
    {
        "110": ("国有企业", "State-owned enterprise"),
        "120": ("集体企业", "Collective enterprise"),
        "130": ("股份合作企业", "Joint-stock cooperative enterprise"),
        "140": ("联营企业", "Jointly operated enterprise"),
        "150": ("有限责任公司", "Limited liability company"),
        "160": ("股份有限公司", "Company limited by shares"),
        "170": ("私营企业", "Private enterprise"),
        "190": ("其他内资企业", "Other domestic enterprise"),
        "200": ("港、澳、台商投资企业", "Enterprise funded from Hong Kong, Macao or Taiwan"),
        "300": ("外商投资企业", "Foreign-funded enterprise"),
        "400": ("事业单位", "Public institution"),
        "500": ("机关", "Government organ"),
    },
    aliases={"国有": "110", "私营": "170", "民营企业": "170", "外商": "300", "外资企业": "300", "事业": "400"},
)

CONFIRMED: frozenset[str] = frozenset({"110", "170", "300", "400", "500"})
"""Codes that the domain rules state."""

NON_PUBLIC: frozenset[str] = frozenset({"170", "200", "300"})
"""非公: private and outside-funded enterprises. For 150 and 160 the owner decides, so an officer sets the flag."""
