"""A cycle as a state machine over the pure moves (``MOVES``) and the board's own reckoning; no database.

Invariants: no level is skipped, the notice never holds more than there are places that were not lost, nobody with an open
objection goes on, the board's lists are a brute force over the stages.
"""

from __future__ import annotations

from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from foundation.moves import actions, target
from honours.cycles.schemas import Candidate
from honours.nominations.candidates import Row
from honours.nominations.stages import MOVES, Stage
from honours.review import selection

PLACES = 3
BEFORE = {
    Stage.CITY: {Stage.COUNTY, Stage.COUNTY_NOTICE},
    Stage.SELECTED: {Stage.CITY},
    Stage.NOTICED: {Stage.SELECTED},
    Stage.HONOURED: {Stage.NOTICED},
}
"""What must have been passed before a stage is first reached."""


class CycleMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.stage = [Stage.DRAFT] * 6
        self.passed: list[set[Stage]] = [{Stage.DRAFT} for _ in self.stage]
        self.objected: set[int] = set()
        self.lost = 0

    def ahead(self) -> int:
        return sum(one in selection.AHEAD for one in self.stage)

    @rule(who=st.integers(0, 5), data=st.data())
    def act(self, who: int, data: st.DataObject) -> None:
        """Any move that the table has, the gates' own conditions kept as ``gates`` and ``notices`` keep them."""
        possible = actions(MOVES, self.stage[who])
        if not possible:
            return
        action = data.draw(st.sampled_from(possible))
        to = target(MOVES, self.stage[who], action)
        if to in selection.AHEAD and self.stage[who] not in selection.AHEAD and self.ahead() >= PLACES - self.lost:
            return
        onward = action in ("accept", "promote", "open_notice", "honour", "forward")
        if onward and who in self.objected:
            return
        if action == "disqualify":
            self.lost = min(self.lost + 1, PLACES)
        self.stage[who] = to
        self.passed[who].add(to)

    @precondition(lambda self: Stage.NOTICED in self.stage)
    @rule(who=st.integers(0, 5), upheld=st.booleans())
    def object(self, who: int, upheld: bool) -> None:
        """An objection comes, and may be upheld: its nominee leaves."""
        if self.stage[who] is Stage.NOTICED:
            self.objected.add(who)
            if upheld:
                self.stage[who] = target(MOVES, Stage.NOTICED, "reject")
                self.objected.discard(who)

    @invariant()
    def no_level_is_skipped(self) -> None:
        for stage, passed in zip(self.stage, self.passed, strict=True):
            for reached, wanted in BEFORE.items():
                assert (
                    reached not in passed or passed & wanted or (reached is Stage.SELECTED and Stage.RESERVED in passed)
                ), (stage, passed)

    @invariant()
    def no_more_than_the_places(self) -> None:
        assert self.ahead() <= PLACES

    @invariant()
    def nobody_with_an_open_objection_is_honoured(self) -> None:
        assert all(self.stage[who] not in (Stage.HONOURED, Stage.FORWARDED) for who in self.objected)

    @invariant()
    def the_board_is_a_brute_force(self) -> None:
        rows = [_row(n, stage) for n, stage in enumerate(self.stage) if stage in selection.CITY_STAGES]
        field = selection.field_of(rows, {})
        expected = [
            n for n, stage in enumerate(self.stage) if stage in selection.AHEAD or (stage is Stage.CITY and n % 3 != 2)
        ]
        assert sorted(row.place for row in field.chosen) == expected
        assert len(field.chosen) + len(field.reserve) == len(rows)


def _row(n: int, stage: Stage) -> Row:
    one = UUID(int=n + 1)
    role = "substitute" if n % 3 == 2 else "principal"
    return Row(
        candidate=Candidate(id=str(one), kind="person", role=role), nomination=one, number="", name="", unit_name="", post="",
        stage=stage, place=n, organisation=one, first_gate=one, gate_name="", version=1,
    )  # fmt: skip


TestCycle = CycleMachine.TestCase
TestCycle.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
