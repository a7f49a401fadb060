"""差额推荐 at the county's gate and on the board: how many first choices each county may hand on (H16, H29)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from foundation.database import fetch, fetchrow
from foundation.errors import Refusal
from foundation.i18n import N_
from honours.cycles.schemas import Surplus
from honours.cycles.surplus import Invited, invited
from honours.review import selection
from honours.review.board import Board, held_by

SHARE_SQL = """
SELECT CASE WHEN shared.given THEN coalesce(q.places - q.cancelled, 0)
            ELSE a.places - (SELECT count(*) FROM cancelled_place x WHERE x.award = a.id) END AS places,
       (SELECT count(*) FROM nomination n WHERE n.award = a.id AND n.listing = 'regular' AND n.role = 'principal'
        AND n.stage = ANY($3::varchar[]) AND (n.first_gate = $2 OR NOT shared.given)) AS taken
FROM cycle_award a
CROSS JOIN LATERAL (SELECT EXISTS (SELECT 1 FROM quota x WHERE x.award = a.id) AS given) shared
LEFT JOIN quota q ON q.award = a.id AND q.organisation = $2
WHERE a.id = $1
"""
"""A county's places and who was handed on for them; where none were shared out, the award's and everybody."""


async def county_share(row: Any, surplus: Surplus | None) -> list[Refusal]:
    """Whether this first choice is one too many for its county's places and what is invited beyond them (H29). Substitutes
    and separate listings are beyond both (H5, H16). The award is locked: of two officers at once, the second is counted."""
    if surplus is None or row["listing"] != "regular" or row["role"] != "principal":
        return []
    await fetch("SELECT id FROM cycle_award WHERE id = $1 FOR UPDATE", row["award"])
    found = await fetchrow(SHARE_SQL, row["award"], row["first_gate"], list(selection.PASSED_COUNTY))
    assert found is not None
    most = invited(surplus, found["places"])
    if found["taken"] < most.most:
        return []
    message = N_("正选已推荐 {n} 个，达到上限（{sum}）：请退回此件改作递补，或不予通过")
    return [Refusal("surplus_full", message, rule="H29", n=found["taken"], sum=most.text)]


def shares_of(board: Board) -> Mapping[UUID, Invited]:
    """What each county may hand on, by its union; empty where the rules say nothing of 差额 or no places were shared out."""
    surplus = board.award.award_rules.surplus
    return {quota["id"]: invited(surplus, quota["places"]) for quota in board.quotas} if surplus is not None else {}


def invited_in_all(board: Board) -> Invited | None:
    """All that may reach the running union: the counties' sum, or the award's places where none were shared out."""
    surplus = board.award.award_rules.surplus
    if surplus is None:
        return None
    shares = shares_of(board)
    if not shares:
        return invited(surplus, board.award.open_places)
    return Invited(
        places=sum(one.places for one in shares.values()), extra=sum(one.extra for one in shares.values()), sum=""
    )


def overruns(board: Board) -> list[Refusal]:
    """Counties with more first choices than they may have on the board: their places, or with 差额 what they were invited to
    hand on — which of them are chosen is then the running union's to say (H29)."""
    held, shares, found = held_by(board), shares_of(board), []
    for quota in board.quotas:
        n, share = held.get(quota["id"], 0), shares.get(quota["id"])
        if share is not None and n > share.most:
            found.append(
                Refusal("surplus_overrun", "{county}正选 {n} 个，多于可推荐的 {most} 个（{sum}）", rule="H29",
                        county=quota["name"], n=n, most=share.most, sum=share.text)
            )  # fmt: skip
        elif share is None and n > quota["places"]:
            found.append(
                Refusal("quota_overrun", "{county}正选 {n} 个，多于分配名额 {places} 个", rule="H29",
                        county=quota["name"], n=n, places=quota["places"])
            )  # fmt: skip
    return found
