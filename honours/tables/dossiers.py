"""What a dossier leaves behind: numbers given, what was handed in each time, exceptions that officers allowed."""

from __future__ import annotations

from piccolo.columns import UUID, Boolean, ForeignKey, Integer, SmallInt, Text, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from foundation.database.columns import key, one_of
from honours.tables.catalogue import CycleAward
from honours.tables.nominations import Nomination

WAIVABLE = ["H10", "H12", "H13"]


class NominationSeries(Table):
    """编号: the numbers of one award's nominations in one cycle, gap-free; ``stem`` is ``XC-2026-JZ``."""

    id = key()
    award = ForeignKey(CycleAward, default=None, null=False, unique=True, on_delete=OnDelete.restrict)
    stem = Varchar(length=30, default=None, null=False, unique=True)
    last = Integer(default=0, null=False)


class HandedIn(Table, tags=["append-only"]):
    """上报版本: the dossier as it was handed in, so that a reviewer sees what changed since a return (H35)."""

    id = key()
    nomination = ForeignKey(Nomination, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    number = SmallInt(default=None, null=False)
    content = Text(default=None, null=False)
    """``honours.nominations.schemas.Content`` as JSON."""
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    handed_in_number = Unique(["nomination", "number"])


class Waiver(Table, tags=["append-only"]):
    """例外: an officer lets one nomination pass one rule, with the reason; the newest row of a rule counts (H10, H12, H13)."""

    id = key()
    nomination = ForeignKey(Nomination, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    waived_rule = Varchar(length=8, default=None, null=False)
    granted = Boolean(default=True, null=False)
    reason = Varchar(length=300, default=None, null=False)
    made_by = UUID(default=None, null=False)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    waiver_rule_known = Check(one_of("waived_rule", WAIVABLE), name="waiver_rule_known")
