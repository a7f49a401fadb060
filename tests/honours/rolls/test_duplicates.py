"""H12 over whole sheets of past years against a naive reference: one row after the other, in the order of the sheet."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.sheets import Row
from honours.rolls import importing

NAMES, YEARS = ("赵立春", "钱雨水", "孙惊蛰"), (2018, 2019, 2020, 2023)
rows_drawn = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(("reference-a", "reference-b")), st.sampled_from(YEARS), st.booleans()),
    max_size=14,
)  # fmt: skip


def naive(drawn) -> list[str]:
    """Somebody whom the ledger already has under the first title in 2023, then every row by itself."""
    ledger = [("赵立春", "reference-a", 2023)]
    said = []
    for name, code, year, reason in drawn:
        years = [when for who, what, when in ledger if (who, what) == (name, code)]
        if year in years:
            said.append("honour_twice")
        elif years and not reason:
            said.append("honour_held_before")
        else:
            said.append("")
        ledger.append((name, code, year))
    return said


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=rows_drawn)
async def test_a_title_twice_is_refused_unless_it_says_why(ready_ledger, drawn):
    officer = ready_ledger
    rows = [
        Row(n, {"honour": code, "decided_on": f"{year}-04-28", "name": name, "unit_name": "示例丙单位",
                **({"repeat": "确有其事"} if reason else {})})
        for n, (name, code, year, reason) in enumerate(drawn, 2)
    ]  # fmt: skip
    await importing.check_rows(officer, None, rows)
    assert [",".join(fault.code for fault in row.faults) for row in rows] == naive(drawn)
