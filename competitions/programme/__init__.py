"""竞赛与工种: competitions, events, rule sets."""
