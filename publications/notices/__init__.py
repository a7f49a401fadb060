"""公示: a frozen list before the public for working days, with objections (H30–H34, D4)."""
