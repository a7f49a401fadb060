"""职工: who works where, under sealed personal numbers."""
