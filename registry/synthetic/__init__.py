"""合成数据: a city of invented people and organisations, for the demonstration, the benchmarks and the tests.

Nobody here can be real: identity numbers and credit codes begin with 341899, which is assigned to no county, mobile
numbers lie in the unassigned range 154, names are surnames with a solar term, a stem-and-branch pair or a number, and
every organisation's name says 示例. The same seed gives the same city.
"""
