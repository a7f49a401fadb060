"""两审三公示: the gates, reviewers and ballots, the composition board (H20–H36)."""
