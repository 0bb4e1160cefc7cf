# Two commands on a fresh machine: `make demo` and `make test`. Each creates its own environment in .venv first.
# Needs Python 3.11 or newer; choose another with `make demo PYTHON=python3.12`.

PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11 python,\
	$(if $(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo yes),$(name))))
BIN := .venv/bin
WORKERS ?= 2

.PHONY: help demo test test-long test-checked bench lint clean

help:  ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/ready  ## replay the shipped leads, compare a policy with the funnel as it is, and write the report
	@mkdir -p out
	@echo "Replaying the shipped lead list through a funnel with limited staff:"
	@$(BIN)/funnelsim run lead_replay --replications 200 --plot out/lead_replay.png
	@echo
	@echo "What if two more SDRs called within five minutes? The same people, with and without:"
	@$(BIN)/funnelsim run b2b_saas --quiet --out out/b2b_saas.nc
	@$(BIN)/funnelsim compare b2b_saas --policy fast_response -n 200 --out out/fast_response.nc
	@echo
	@$(BIN)/funnelsim report out/b2b_saas.nc out/fast_response.nc -o out/report.html

test: .venv/dev  ## every test that CI runs, in under 12 minutes on two cores
	@echo "Compiling kernels if they are not cached yet, then running the tests on $(WORKERS) workers:"
	@$(BIN)/python -m funnelsim.engines.warm
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadscope

test-long: .venv/dev  ## the long campaigns: thousands of generated scenarios and files
	@FUNNELSIM_LONG=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope

test-checked: .venv/dev  ## every test with each row that compiled code touches checked against its table
	@NUMBA_BOUNDSCHECK=1 $(BIN)/python -m funnelsim.engines.warm
	@NUMBA_BOUNDSCHECK=1 $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope

bench: .venv/bench  ## funnelsim beside its peers, one run, medians
	@$(BIN)/python -m benchmarks

lint: .venv/dev  ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

clean:  ## remove the environment and what was made
	rm -rf .venv out build dist

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; found none. Say which: make demo PYTHON=/path/to/python3"; exit 1; }
	@echo "Creating the environment .venv with $(PYTHON)"
	@$(PYTHON) -m venv .venv

.venv/ready: .venv/bin/python pyproject.toml constraints.txt
	@echo "Installing funnelsim and what it needs into .venv"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/dev: .venv/ready
	@echo "Installing the tools for tests into .venv"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

.venv/bench: .venv/ready
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	@touch $@
