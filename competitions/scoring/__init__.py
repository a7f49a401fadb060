"""The engine: a bundle in, standings out. Pure: no I/O, no clock, no database."""
