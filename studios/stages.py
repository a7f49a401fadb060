"""Where a studio stands, and the one table of its moves (T4, T8, T9). Pure."""

from __future__ import annotations

from enum import StrEnum

from foundation.i18n import N_
from studios.permissions import Permission


class Stage(StrEnum):
    """在册状态 of a named studio."""

    ACTIVE = "active"
    RECTIFYING = "rectifying"
    """限期整改, with a deadline and a second visit."""
    REREVIEW = "rereview"
    """复核: the leader's honour was revoked, or the leader left (T8)."""
    LAPSED = "lapsed"
    """The naming's term is over without renewal: still listed, due for a decision (T4)."""
    WITHDRAWN = "withdrawn"
    """摘牌: unqualified; the plaque is to be recovered (T8)."""
    REVOKED = "revoked"
    """撤销: named by false facts."""
    CLOSED = "closed"
    """注销: the enterprise closed or moved away, or the leader retired without a successor (T8)."""
    MERGED = "merged"


LABELS: dict[str, str] = {
    Stage.ACTIVE: N_("在册"),
    Stage.RECTIFYING: N_("限期整改"),
    Stage.REREVIEW: N_("复核中"),
    Stage.LAPSED: N_("到期待续认定"),
    Stage.WITHDRAWN: N_("已摘牌"),
    Stage.REVOKED: N_("已撤销"),
    Stage.CLOSED: N_("已注销"),
    Stage.MERGED: N_("已合并"),
}

LISTED = frozenset({Stage.ACTIVE, Stage.RECTIFYING, Stage.REREVIEW, Stage.LAPSED})
"""On the register: assessed each year and shown to the public."""

_LOOK = Permission.DECIDE_STUDIOS

MOVES: dict[tuple[Stage, str], tuple[Stage, Permission]] = {
    (Stage.ACTIVE, "order_rectification"): (Stage.RECTIFYING, _LOOK),
    (Stage.LAPSED, "order_rectification"): (Stage.RECTIFYING, _LOOK),
    (Stage.RECTIFYING, "clear"): (Stage.ACTIVE, _LOOK),
    (Stage.RECTIFYING, "withdraw"): (Stage.WITHDRAWN, _LOOK),
    (Stage.ACTIVE, "open_rereview"): (Stage.REREVIEW, _LOOK),
    (Stage.RECTIFYING, "open_rereview"): (Stage.REREVIEW, _LOOK),
    (Stage.LAPSED, "open_rereview"): (Stage.REREVIEW, _LOOK),
    (Stage.REREVIEW, "clear"): (Stage.ACTIVE, _LOOK),
    (Stage.REREVIEW, "withdraw"): (Stage.WITHDRAWN, _LOOK),
    (Stage.ACTIVE, "lapse"): (Stage.LAPSED, _LOOK),
    (Stage.LAPSED, "renew"): (Stage.ACTIVE, _LOOK),
    (Stage.ACTIVE, "renew"): (Stage.ACTIVE, _LOOK),
    (Stage.ACTIVE, "withdraw"): (Stage.WITHDRAWN, _LOOK),
    (Stage.LAPSED, "withdraw"): (Stage.WITHDRAWN, _LOOK),
    **{(stage, "revoke"): (Stage.REVOKED, _LOOK) for stage in sorted(LISTED)},
    **{(stage, "close"): (Stage.CLOSED, _LOOK) for stage in sorted(LISTED)},
    **{(stage, "merge"): (Stage.MERGED, _LOOK) for stage in (Stage.ACTIVE, Stage.LAPSED)},
}
"""(stage, action) → (where it leads, who may); every other pair is refused. A plaque once down is never hung again."""
