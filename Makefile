# Everything runs in .venv, set up from uv.lock; `make help` lists the targets.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.synced
# What could not run here, and why, is told at the end.
PYTEST := $(BIN)/pytest -q -rs --dist worksteal --ignore=tests/real_agents

.DEFAULT_GOAL := help
.PHONY: help setup demo test soak faults test-agents coverage check format lint types imports bench snap clean

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMP) ## set up .venv from the lock file

$(STAMP): uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "locust-tui needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Try: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Python's venv is missing: apt install python3-venv" >&2; exit 1; }
	@if command -v uv >/dev/null 2>&1; then UV=uv; else \
	  test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv; UV=$(BIN)/uv; fi; \
	  UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1 UV_PROJECT_ENVIRONMENT=$(VENV) $$UV sync --frozen --quiet --inexact
	@touch $@

demo: $(STAMP) ## run the demo plan: the cockpit on a terminal, else headless with a report
	@if [ -t 0 ] && [ -t 1 ]; then $(BIN)/locust-tui demo; else $(BIN)/locust-tui demo --headless --fresh; fi

test: $(STAMP) ## run the tests
	@$(PYTEST) -n 3

coverage: $(STAMP) ## run the tests and say which lines none of them reaches
	@$(PYTEST) -n 2 --cov --cov-report=term:skip-covered

soak: $(STAMP) ## hundreds of kills, long faults, new examples of every property: an hour or more
	@$(PYTEST) -n 2 -m "soak or fault or hypothesis" --hypothesis-profile=searching

faults: $(STAMP) ## inject every fault of the catalogue and write the table of docs/reliability.md
	@$(PYTEST) -n 2 -m fault --fault-table

test-agents: $(STAMP) ## run real agent programs against a scripted model (the first run fetches them)
	@$(BIN)/python tests/real_agents/install.py
	@$(BIN)/pytest -q -rs -n 2 --dist worksteal tests/real_agents

check: format lint types imports ## formatting, lint, types, import contracts

format: $(STAMP)
	@$(BIN)/ruff format --check --quiet . || { echo "Not formatted; run: $(BIN)/ruff format ." >&2; exit 1; }

lint: $(STAMP)
	@$(BIN)/ruff check --quiet .

types: $(STAMP)
	@$(BIN)/mypy

imports: $(STAMP)
	@$(BIN)/lint-imports

snap: $(STAMP) ## draw the screens' snapshots anew
	@$(BIN)/pytest -q tests/cockpit --snapshot-update

bench: $(STAMP) ## measure everything, print ratios and goals (about five minutes)
	@$(BIN)/python benchmarks

clean: ## remove what was built; plans and their state stay
	rm -rf $(VENV) .agents dist build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
