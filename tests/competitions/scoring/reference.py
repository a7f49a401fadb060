"""A second, independent scorer: the format's sentences in fractions over plain JSON, slow and obvious on purpose.

It shares no code with the engine and is written from the format alone, so that the two can be held against each other.
"""

import hashlib
import json
import statistics
from fractions import Fraction
from math import floor


def half_up(value, places):
    """Round away from zero at the half."""
    size = floor(abs(value) * 10**places + Fraction(1, 2))
    return Fraction(size if value >= 0 else -size, 10**places)


def decimal(value, places):
    """Print a number that has no more than so many places."""
    whole = value * 10**places
    assert whole.denominator == 1
    digits = str(abs(whole.numerator)).zfill(places + 1)
    text = digits if places == 0 else digits[:-places] + "." + digits[-places:]
    return "-" + text if whole < 0 else text


def shown(value, places):
    if places is not None:
        return decimal(value, places)
    text = decimal(half_up(value, 6), 6)
    while text.endswith("0"):
        text = text[:-1]
    return text[:-1] if text.endswith(".") else text


def canonical_sha(bundle):
    ordered = dict(bundle)
    ordered["entries"] = sorted(bundle["entries"], key=lambda e: e["code"])
    ordered["marks"] = sorted(bundle["marks"], key=lambda m: (m["entry"], m["aspect"], m["judge"]))
    text = json.dumps(ordered, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def rounded(value, places):
    return value if places is None else half_up(value, places)


def panel_value(panel, marks):
    """The panel's exact value, or None where there are too few marks."""
    method = panel.get("method", "mean")
    marks = sorted(marks)
    if len(marks) < panel.get("minimum", 1):
        return None
    if method == "trimmed_mean":
        for _ in range(panel.get("drop_low", 1)):
            marks = marks[1:]
        for _ in range(panel.get("drop_high", 1)):
            marks = marks[:-1]
    if not marks:
        return None
    if method == "median":
        return Fraction(statistics.median(marks))
    return sum(marks, Fraction(0)) / (1 if method == "sum" else len(marks))


def aspect_value(aspect, panel):
    factor = Fraction(aspect.get("factor", "1"))
    return panel * factor if aspect["kind"] == "points" else panel / 3 * Fraction(aspect["max"]) * factor


def score(bundle):
    """Standings as a plain dict."""
    rules = bundle["event"]["rules"]
    places = {"panel": 2, "aspect": 2, "module": 2, "total": 2} | rules.get("places", {})
    competed = sorted(
        (e for e in bundle["entries"] if e.get("status", "competed") == "competed"), key=lambda e: e["code"]
    )
    official = [e["code"] for e in competed if not e.get("guest", False)]
    values, incomplete = {}, []
    for entry in competed:
        found = values[entry["code"]] = {"modules": {}}
        total = Fraction(0)
        for module in rules["modules"]:
            module_sum = Fraction(0)
            for aspect in module["aspects"]:
                marks = [
                    Fraction(m["value"])
                    for m in bundle["marks"]
                    if m["entry"] == entry["code"] and m["aspect"] == aspect["code"]
                ]
                panel = panel_value(aspect.get("panel", {}), marks)
                if panel is None:
                    least = aspect.get("panel", {}).get("minimum", 1)
                    gap = {"entry": entry["code"], "aspect": aspect["code"], "marks": len(marks), "minimum": least}
                    incomplete.append(gap)
                    continue
                value = rounded(aspect_value(aspect, rounded(panel, places["panel"])), places["aspect"])
                found["aspect:" + aspect["code"]] = value
                module_sum += value
            module_value = rounded(module_sum, places["module"])
            found["module:" + module["code"]] = module_value
            found["modules"][module["code"]] = shown(module_value, places["module"])
            total += Fraction(module.get("weight", "1")) * module_value
        for change in bundle.get("adjustments", []):
            if change["entry"] == entry["code"]:
                total += Fraction(change["value"]) * (1 if change["kind"] == "bonus" else -1)
        found["total"] = rounded(total, places["total"])
        seen = set()
        for key in rules["ranking"]:
            if key["by"].startswith("value:"):
                name = key["by"][len("value:") :]
                if name in entry.get("values", {}):
                    found[key["by"]] = Fraction(entry["values"][name])
                elif name not in seen:
                    incomplete.append({"entry": entry["code"], "value": name})
                seen.add(name)
    result = {
        "format": "gongjiang.standings/1",
        "event": bundle["event"]["code"],
        "bundle_sha256": canonical_sha(bundle),
        "rows": [],
        "unranked": [
            {"entry": e["code"], "status": e["status"]}
            for e in sorted(bundle["entries"], key=lambda e: e["code"])
            if e.get("status", "competed") != "competed"
        ],
        "unresolved_ties": [],
        "incomplete": incomplete,
    }
    if not incomplete:
        rank(rules, places, values, official, result)
    return result


def compare(rules, one, other):
    """(−1 better, 0 the same, 1 worse; the key that decided)."""
    for key in rules["ranking"]:
        a, b = one[key["by"]], other[key["by"]]
        if a != b:
            better = a < b if key.get("order", "desc") == "asc" else a > b
            return (-1 if better else 1), key["by"]
    return 0, None


def rank(rules, places, values, official, result):
    ranks = {e: 1 + sum(compare(rules, values[o], values[e])[0] < 0 for o in official) for e in values}
    shared = {e: e in official and any(o != e and ranks[o] == ranks[e] for o in official) for e in values}
    awards, open_groups = award(rules.get("awards"), official, ranks)
    middle = statistics.median([values[e]["total"] for e in official]) if official else None
    mad = statistics.median([abs(values[e]["total"] - middle) for e in official]) if official else None
    above = None
    for entry in sorted(values, key=lambda e: (ranks[e], e not in official, e)):
        decided = scaled = None
        if entry in official:
            if above is not None and not shared[entry]:
                decided = compare(rules, values[above], values[entry])[1]
            above = entry
            if "scale" in rules:
                x = Fraction(700)
                if mad:
                    x += 30 * (values[entry]["total"] - middle) / (Fraction("1.4826") * mad)
                scaled = str(int(min(1000, max(0, half_up(x, 0)))))
        result["rows"].append(
            {
                "rank": ranks[entry],
                "shared": shared[entry],
                "entry": entry,
                "guest": entry not in official,
                "total": shown(values[entry]["total"], places["total"]),
                "modules": values[entry]["modules"],
                "award": awards.get(entry),
                "scaled": scaled,
                "decided_by": decided,
            }
        )
    for place in sorted({ranks[e] for e in official if shared[e]}):
        group = sorted(e for e in official if ranks[e] == place)
        if rules.get("ties", "share") == "refuse":
            result["unresolved_ties"].append({"rank": place, "entries": group, "why": "ranking"})
        if place in open_groups:
            result["unresolved_ties"].append({"rank": place, "entries": group, "why": "award"})


def award(awards, official, ranks):
    """(entry → award, ranks of groups that cross a boundary under strict ties)."""
    if awards is None:
        return {}, set()
    won, open_groups, running = {}, set(), 0
    for tier in awards["tiers"]:
        size = tier["count"] if "count" in tier else int(half_up(Fraction(tier["percent"]) * len(official) / 100, 0))
        running += max(size, tier.get("at_least", 0))
        within = [e for e in official if ranks[e] <= running]
        if awards.get("ties", "extend") == "strict" and len(within) > running:
            open_groups.add(max(ranks[e] for e in within))
        for entry in within:
            won.setdefault(entry, tier["name"])
    return {e: name for e, name in won.items() if ranks[e] not in open_groups}, open_groups
