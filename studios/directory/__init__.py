"""名录: what everybody may read of the studios, and the comparison that officers read."""
