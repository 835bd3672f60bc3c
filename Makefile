# `make` lists the targets. Each sets up what it needs: Python 3.11 or later, git and package registries are enough.

.DEFAULT_GOAL := help
.PHONY: help setup dbt2-env dbt110-env dbt111-env browser demo test test-time test-dbt2 test-all check format docs generate faultlab mutants gallery bench clean

SETUP := ./tools/with-python -m tools.setup
ENVIRONMENT := ./tools/with-python -m tools.environments
PYTHON_IN := .venv/bin/python
PYTEST := $(PYTHON_IN) -m pytest
JOBS ?= 2
LAWS ?= tests/contract
ARGS ?=

# Our programs first (the demo and the runner look for `dbt` on PATH); no telemetry from anything that is run here.
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DO_NOT_TRACK := 1
export NO_MKDOCS_2_WARNING := 1

help: ## what can be made
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install the locked environment into .venv
	@$(SETUP)

dbt2-env dbt110-env dbt111-env: setup ## another dbt, in an environment of its own
	@$(ENVIRONMENT) $(@:-env=)

browser: setup ## Chromium for the tests of pages, where it is not there and root may install it
	@$(PYTHON_IN) -m tools.browser

demo: setup ## the main job on real data: New York flights of 2013
	@$(PYTHON_IN) examples/flights/demo.py $(ARGS)

test: setup ## the tests: DuckDB and PostgreSQL, dbt 1, and dbt 2 where it can be installed
	@$(ENVIRONMENT) dbt2 || echo "make: dbt 2 cannot be installed here; its tests are skipped" >&2
	@$(PYTEST) -n $(JOBS) --dist worksteal -m "not long and not alone" $(ARGS)

test-time: setup ## the laws about time, one after another, on a machine that does nothing else
	@$(PYTEST) -m "alone and not long" $(ARGS)

test-dbt2: dbt2-env ## the tests that run dbt 2; a missing dbt 2 is a failure here
	@AEGIS_TEST_REQUIRE=dbt2 $(PYTEST) -n $(JOBS) --dist worksteal -m dbt2 $(ARGS)

test-all: setup ## all tests, the long ones too, on dbt 1.10, 1.11, 1.12 and dbt 2
	@$(ENVIRONMENT) dbt2 dbt110 dbt111
	@AEGIS_TEST_REQUIRE=dbt2 AEGIS_TEST_ENGINES=dbt110,dbt111 $(PYTEST) -n $(JOBS) --dist worksteal -m "not alone" $(ARGS)
	@$(PYTEST) -m alone $(ARGS)

check: setup ## lint, types, layers, laws and the docs build
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	$(if $(LAWS),$(PYTEST) -q $(LAWS))
	$(PYTHON_IN) docs/generate.py --check
	mkdocs build --strict --quiet

format: setup ## let ruff repair what it can
	ruff check --fix .
	ruff format .

generate: setup ## write the generated files again: the reference pages
	$(PYTHON_IN) docs/generate.py

docs: generate ## build the documentation into site/
	mkdocs build --strict

faultlab: setup ## break projects at known places and ask Aegis where the fault began
	@$(ENVIRONMENT) dbt2 || echo "make: dbt 2 cannot be installed here; dbt 1 is used" >&2
	@$(PYTHON_IN) -m faultlab $(ARGS)

mutants: setup ## change the product in small ways and see whether a test fails (hours; ARGS="investigate" for one room, SAMPLE=200 for some of each)
	@$(PYTHON_IN) -m tools.mutants $(ARGS)

gallery: demo browser ## pictures of reports, and one report in every format, into docs/assets
	$(PYTHON_IN) -m tools.gallery

bench: setup ## the same checks by Aegis and by what one would pick instead
	$(PYTHON_IN) -m benchmarks $(ARGS)

clean: ## remove what was made here, environments included
	rm -rf .venv .tools .dbt2 .dbt110 .dbt111 .bench-* site build dist
	rm -rf .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
