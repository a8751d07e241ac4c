# Everything works from a fresh clone with Python 3.11+ and make alone.
# The environment is made from the lock, once, and made again when the lock changes.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
SHELL  := /bin/bash

# Nothing here speaks to the outside once the environment stands.
export MLFLOW_DISABLE_TELEMETRY = true
export DO_NOT_TRACK = true
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help demo test check format bench docs lock clean venv

help:
	@echo "make demo    the whole week on a synthetic partnership; ends with what to open"
	@echo "make test    all tests"
	@echo "make check   lint, format, types, import contracts, generated docs"
	@echo "make format  put the code into its format"
	@echo "make bench   side-by-side measurements (benchmarks/)"
	@echo "make docs    the reference pages that are generated from the code"
	@echo "make lock    pin every dependency again, with hashes"
	@echo "make clean   remove what runs, tests and builds made"

venv: $(READY)

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

# In a project of its own, made anew each time, so that no ledger of real work is touched. Two invented
# people: an analyst prepares, a reviewer judges and signs. The refusal in the middle is meant to
# happen: nothing leaves before somebody else has looked.
DEMO    := demo
RE      := cd $(DEMO) && "$(CURDIR)/$(BIN)/risk-engine"
ANALYST := "Demo Analyst"
JUDGE   := --as "Demo Reviewer" --reason
demo: $(READY)
	@rm -rf $(DEMO)
	@"$(BIN)/risk-engine" init $(DEMO)
	@$(RE) synth --seed 1
	@$(RE) check configs/demo.yaml
	@echo; echo "-- the analyst runs the week:"
	@$(RE) run configs/demo.yaml --as $(ANALYST)
	@echo; echo "-- a release before anybody has signed is refused:"
	@$(RE) release latest; test $$? -eq 4
	@echo; echo "-- the reviewer reads the pages, judges what could not be told, and signs:"
	@$(RE) adjudicate latest '*' $(JUDGE) "Small groups in invented data; shown for the demonstration only"
	@$(RE) sign latest $(JUDGE) "Read the lists, the evidence and the audit; data are invented"
	@echo; echo "-- now it may go out:"
	@$(RE) release latest
	@$(RE) verify releases/R-*
	@echo; echo "Open these:"
	@ls -d $(DEMO)/runs/*/index.html $(DEMO)/releases/R-*/force_area/* $(DEMO)/releases/R-*/portsmouth/briefing.html

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/generate.py --check

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)
	@for file in benchmarks/bench_*.py benchmarks/linkage.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

docs: $(READY)
	$(BIN)/python docs/generate.py

lock: $(READY)
	$(BIN)/uv pip compile --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
		--no-annotate --no-header --extra dev --quiet pyproject.toml -o requirements.lock

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	rm -rf $(DEMO)
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +
