"""工会组织: the union's tree and the employers it stands in."""
