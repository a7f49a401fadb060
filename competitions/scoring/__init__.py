"""The scoring engine: an event bundle in, standings out. Pure: no input or output, no clock, no database.

    reading.parse(bytes) → Bundle              raises faults.BundleFaults with every fault
    reading.check(Bundle) → [Fault]            the same for a bundle built in memory
    canonical.canonical(Bundle) → bytes        the form that is exported and fingerprinted
    standings.standings_from(bytes), standings.standings(Bundle) → Standings
    explain.explain(Bundle, entry), explain.Explainer(table.Table(bundle)).explain(entry) → Explanation
    live.live_standings(Bundle) → LiveStandings
    recheck.draw_from(Standings, seed), recheck.verdict(checked, errors)      C53
    anonymise.anonymise(Bundle, names=…) → Bundle
    checks.check_rules(Rules, seats=…) → [Check]                              C20, C21, C23

From the marks up: `foundation.exact` (quantities, panels), `bundle`, `plan` (a rule set made ready), `table` (all marks as
integers), `totals`, `ranking`, `awards`, `scale`, `standings`. `shapes` and `meaning` find faults.
"""
