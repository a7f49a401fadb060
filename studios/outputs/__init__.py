"""成果、带徒与经费: what a studio brings about, whom it trains, what it was given and spent (T11)."""
