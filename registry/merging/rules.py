"""Merging is for good, so two people do it: one finds the double, another looks again and confirms."""

from __future__ import annotations

from uuid import UUID

from foundation.errors import Conflict, Refusal


def require_decidable(decision: str, *, stands: str, asked_by: UUID, by: UUID, reason: str) -> None:
    """Whether ``by`` may decide so: ``accepted`` and ``refused`` are for somebody else, ``withdrawn`` for who asked.

    Raises ``Conflict`` ``merge_decided``; ``Refusal`` ``merge_second_person``, ``merge_not_yours``, ``reason_missing``.
    """
    if stands:
        raise Conflict("merge_decided", "这项合并申请已经办结")
    if decision == "withdrawn":
        if by != asked_by:
            raise Refusal("merge_not_yours", "只有提出的人可以撤回；不同意请写明原因后退回")
        return
    if by == asked_by:
        raise Refusal("merge_second_person", "合并须由另一人确认：您是提出的人，请等同单位或上级工会的另一人办理")
    if decision == "refused" and not reason:
        raise Refusal("reason_missing", "请写明不同意的原因", field="reason")
