"""The scoring engine: an event bundle in, standings out. Pure: no input or output, no clock, no database."""
