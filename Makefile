# Needs Python 3.11 or newer and make; everything else is installed into .venv from requirements.lock.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip --disable-pip-version-check

CASE ?= examples/lacq/lacq.toml
OUT ?= results/lacq
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup run test check format bench reference docs lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv with the locked dependencies (every target below does it when needed)

run: $(READY) ## run the reference refinery and write its report (CASE=, OUT=)
	$(BIN)/ytterby run $(CASE) --out $(OUT)

test: $(READY) ## run every test (ARGS= goes to pytest)
	$(BIN)/pytest --numprocesses auto --dist worksteal $(ARGS)

check: $(READY) ## format, lint, types and floors; changes nothing
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

format: $(READY) ## format the code and apply the lint fixes that are safe
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: $(READY) ## run every bench/bench_*.py
	@set -e; for bench in $(sort $(wildcard bench/bench_*.py)); do \
	    echo "== $$bench"; $(BIN)/python $$bench $(ARGS); done

reference: $(READY) ## write the generated pages of docs/reference again, from code and data
	$(BIN)/python docs/generate.py

docs: $(READY) ## build the documentation into docs/_build
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going docs docs/_build

lock: ## resolve the dependencies of pyproject.toml again into requirements.lock
	$(PYTHON) -m venv build/lock
	build/lock/bin/python -m pip install --quiet pip-tools
	build/lock/bin/pip-compile --quiet --generate-hashes --strip-extras --no-header \
	    --no-emit-index-url --no-emit-trusted-host --no-emit-find-links \
	    --extra plot --extra excel --extra report --extra plant --extra plan --extra dev --extra docs --build-deps-for editable \
	    --output-file requirements.lock pyproject.toml

clean: ## remove what was built or cached; .venv and results stay
	rm -rf build dist docs/_build .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp is written last, so an interrupted set-up is taken up again.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ytterby needs Python 3.11 or newer: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet --require-hashes --requirement requirements.lock
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
