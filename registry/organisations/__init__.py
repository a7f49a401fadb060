"""工会组织: union organisations as a tree."""
