"""推荐审批表: the official A3 two-sided form, set in a process of its own."""
