"""劳模疗休养: a trip with its places, and who was invited, in order (H73)."""

from __future__ import annotations

from piccolo.columns import UUID, Array, Boolean, Date, ForeignKey, Integer, SmallInt, Timestamptz, Varchar
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from foundation.database.columns import key, one_of
from honours.tables.laureates import Laureate
from registry.tables import Organisation


class LaureateTrip(Table):
    """One trip of the running union: planned, answered, gone or cancelled."""

    id = key()
    organisation = ForeignKey(Organisation, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    title = Varchar(length=100, default=None, null=False)
    place = Varchar(length=100, default=None, null=False)
    first_day = Date(default=None, null=False, index=True)
    last_day = Date(default=None, null=False)
    answer_by = Date(default=None, null=False)
    places = SmallInt(default=None, null=False)
    treatments = Array(base_column=Varchar(), default=list, null=False)
    """Whose treatment may go; empty: everybody's with a file."""
    stage = Varchar(length=10, default="inviting", null=False)
    reason = Varchar(length=300, default="", null=False)
    """Why it was cancelled."""
    version = Integer(default=1, null=False)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    laureate_trip_stage = Check(one_of("stage", ["inviting", "done", "cancelled"]), name="laureate_trip_stage_known")
    laureate_trip_days = Check("answer_by <= first_day AND first_day <= last_day", name="laureate_trip_days_in_order")
    laureate_trip_places = Check("places BETWEEN 1 AND 500", name="laureate_trip_places_in_range")


class TripInvitation(Table):
    """邀请: asked in an order; ``accepted`` has a place, ``waiting`` would take one that is given back."""

    id = key()
    trip = ForeignKey(LaureateTrip, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    laureate = ForeignKey(Laureate, default=None, null=False, on_delete=OnDelete.restrict, index=True)
    place = SmallInt(default=None, null=False)
    answer = Varchar(length=10, default="", null=False)
    answered_at = Timestamptz(default=None, null=True)
    answered_by = UUID(default=None, null=True)
    went = Boolean(default=None, null=True)
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz(default=TimestamptzNow(), null=False)
    trip_invitation_once = Unique(["trip", "laureate"])
    trip_invitation_answer = Check(
        one_of("answer", ["", "accepted", "waiting", "declined"]), name="trip_invitation_answer_known"
    )
