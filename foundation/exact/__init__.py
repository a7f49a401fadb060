"""Exact numbers: decimal strings in, scaled integers and fractions inside, half-up decimals out; and marks of a panel condensed."""
