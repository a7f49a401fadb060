# The commands of the house. `make run` and `make test` need only Python >= 3.11, Node >= 20, make and git.
PY := .venv/bin/python
.PHONY: setup run test check bench drills

setup:
	@bash scripts/setup

run: setup
	@$(PY) -m commands.cli run --demo

test: setup
	@bash scripts/test

check: setup
	@bash scripts/check

bench: setup
	@$(PY) -m tests.benchmarks

drills: setup
	@$(PY) -m pytest tests/drills
