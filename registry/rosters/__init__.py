"""花名册: the bulk lane for whole-city rosters, by command line and by city officers: streamed, checked, written by COPY."""
