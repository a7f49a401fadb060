"""Where a nomination stands, and the one table of its moves (H30–H36). Pure."""

from __future__ import annotations

from enum import StrEnum

from foundation.i18n import N_
from honours.permissions import Permission


class Stage(StrEnum):
    """A nomination's stages; its path for a city honour is draft → county → city → selected → noticed → honoured."""

    DRAFT = "draft"
    COUNTY = "county"
    """At the county or industry union's first review (初审)."""
    COUNTY_NOTICE = "county_notice"
    """In the county's own notice, where the rule set wants one."""
    RETURNED = "returned"
    """Back at the unit for correction, with reasons and a day (H35)."""
    CITY = "city"
    """At the running union's review (复审)."""
    SELECTED = "selected"
    """Chosen: 拟推荐 / 拟表彰对象."""
    RESERVED = "reserved"
    """A substitute, or passed over without fault: may still be called (H16)."""
    NOTICED = "noticed"
    """In the running union's notice."""
    FORWARDED = "forwarded"
    """Recommended to the level above (H33)."""
    HONOURED = "honoured"
    NOT_CONFERRED = "not_conferred"
    """The level above decided otherwise."""
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    ABANDONED = "abandoned"
    """Late (H35)."""
    DISQUALIFIED = "disqualified"
    """False merit or wrong procedure: the place is lost too (H36)."""


LABELS: dict[str, str] = {
    Stage.DRAFT: N_("草稿"),
    Stage.COUNTY: N_("县区初审"),
    Stage.COUNTY_NOTICE: N_("县区公示"),
    Stage.RETURNED: N_("退回补正"),
    Stage.CITY: N_("市级复审"),
    Stage.SELECTED: N_("拟表彰"),
    Stage.RESERVED: N_("递补备选"),
    Stage.NOTICED: N_("市级公示"),
    Stage.FORWARDED: N_("已推荐上级"),
    Stage.HONOURED: N_("已表彰"),
    Stage.NOT_CONFERRED: N_("上级未授予"),
    Stage.REJECTED: N_("未通过"),
    Stage.WITHDRAWN: N_("已撤回"),
    Stage.ABANDONED: N_("逾期放弃"),
    Stage.DISQUALIFIED: N_("取消资格"),
}

LIVE = frozenset(
    {Stage.COUNTY, Stage.COUNTY_NOTICE, Stage.CITY, Stage.SELECTED, Stage.RESERVED, Stage.NOTICED, Stage.FORWARDED}
)
"""Handed in and undecided."""

WITH_UNIT = frozenset({Stage.DRAFT, Stage.RETURNED})
"""The unit may edit the dossier."""

_NOMINATE, _FIRST, _LAST = Permission.NOMINATE, Permission.REVIEW_FIRST, Permission.REVIEW_LAST

MOVES: dict[tuple[Stage, str], tuple[Stage, Permission]] = {
    (Stage.DRAFT, "submit"): (Stage.COUNTY, _NOMINATE),
    (Stage.RETURNED, "submit"): (Stage.COUNTY, _NOMINATE),
    (Stage.DRAFT, "withdraw"): (Stage.WITHDRAWN, _NOMINATE),
    (Stage.RETURNED, "withdraw"): (Stage.WITHDRAWN, _NOMINATE),
    (Stage.COUNTY, "withdraw"): (Stage.WITHDRAWN, _NOMINATE),
    (Stage.COUNTY, "accept"): (Stage.CITY, _FIRST),
    (Stage.COUNTY, "open_notice"): (Stage.COUNTY_NOTICE, _FIRST),
    (Stage.COUNTY_NOTICE, "accept"): (Stage.CITY, _FIRST),
    (Stage.COUNTY_NOTICE, "reject"): (Stage.REJECTED, _FIRST),
    (Stage.COUNTY, "return"): (Stage.RETURNED, _FIRST),
    (Stage.COUNTY, "reject"): (Stage.REJECTED, _FIRST),
    (Stage.CITY, "return"): (Stage.RETURNED, _LAST),
    (Stage.CITY, "reject"): (Stage.REJECTED, _LAST),
    (Stage.CITY, "accept"): (Stage.SELECTED, _LAST),
    (Stage.CITY, "reserve"): (Stage.RESERVED, _LAST),
    (Stage.RESERVED, "promote"): (Stage.SELECTED, _LAST),
    (Stage.SELECTED, "reserve"): (Stage.RESERVED, _LAST),
    (Stage.SELECTED, "open_notice"): (Stage.NOTICED, _LAST),
    (Stage.NOTICED, "reject"): (Stage.REJECTED, _LAST),
    (Stage.NOTICED, "honour"): (Stage.HONOURED, _LAST),
    (Stage.NOTICED, "forward"): (Stage.FORWARDED, _LAST),
    (Stage.COUNTY_NOTICE, "take_back"): (Stage.COUNTY, _FIRST),
    (Stage.NOTICED, "take_back"): (Stage.SELECTED, _LAST),
    (Stage.FORWARDED, "honour"): (Stage.HONOURED, _LAST),
    (Stage.FORWARDED, "not_conferred"): (Stage.NOT_CONFERRED, _LAST),
    **{(stage, "abandon"): (Stage.ABANDONED, _LAST) for stage in (Stage.DRAFT, Stage.RETURNED)},
    **{
        (stage, "disqualify"): (Stage.DISQUALIFIED, _LAST)
        for stage in (
            Stage.COUNTY,
            Stage.COUNTY_NOTICE,
            Stage.RETURNED,
            *sorted(LIVE - {Stage.COUNTY, Stage.COUNTY_NOTICE}),
        )
    },
}
"""(stage, action) → (where it leads, who may): every other pair is refused, so no level can be skipped (H33).

``take_back``: the notice that it stood in was withdrawn, and a new one must follow (H30)."""
