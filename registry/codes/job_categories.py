"""人员类别: one primary category a person, and independent flags (H17).

Quotas depend on the category, so it is a reviewed field with evidence; nothing here derives it from a job title.
"""

from registry.codes.table import CodeTable

JOB_CATEGORIES = CodeTable(
    "人员类别",
    "H17",
    {
        "industrial_worker": ("产业工人", "Industrial worker"),
        "other_frontline": (
            "其他一线职工和专业技术人员",
            "Other front-line worker or technical professional",
        ),
        "science_education": ("科教人员", "Science and education staff"),
        "enterprise_leader": ("企业负责人", "Head of an enterprise"),
        "official": ("机关干部", "Official"),
        "manager": ("其他管理人员", "Other manager"),
        "farmer": ("农民", "Farmer"),
        "other": ("其他", "Other"),
    },
    aliases={
        "一线职工": "other_frontline",
        "专业技术人员": "other_frontline",
        "其他一线和专技": "other_frontline",
        "科教": "science_education",
        "干部": "official",
        "中层干部": "manager",
        "管理人员": "manager",
    },
)

FLAGS = CodeTable(
    "人员标识",
    "H17",
    {
        "migrant_worker": ("农民工", "Migrant worker"),
        "woman": ("女职工", "Woman"),
        "ethnic_minority": ("少数民族", "Ethnic minority"),
        "non_public": ("非公企业职工", "Employee of a non-public enterprise"),
        "new_employment": ("新就业形态劳动者", "Worker in a new form of employment"),
    },
    aliases={"女": "woman", "非公": "non_public", "新就业形态": "new_employment"},
)

FRONTLINE: frozenset[str] = frozenset({"industrial_worker", "other_frontline"})
"""一线: below 中层干部 in an enterprise, below 处级 in a public institution or organ (H17)."""


def derived_flags(*, sex: str, ethnic_group: str, non_public_employer: bool) -> set[str]:
    """The flags that other facts decide (sex, ethnic group, employer); the remaining two are declared."""
    flags = set()
    if sex == "2":
        flags.add("woman")
    # 97 (not yet identified) counts among the minorities; 98 says nothing about a group.
    if ethnic_group not in ("", "01", "98"):
        flags.add("ethnic_minority")
    if non_public_employer:
        flags.add("non_public")
    return flags
