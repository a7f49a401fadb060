"""评选周期: one year's round with its rule set as data, its quotas and their apportionment (H10–H29)."""
