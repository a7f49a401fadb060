"""异议: objections to a notice, confidential from beginning to end (H34)."""
