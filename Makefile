# Every target sets up what it needs: a clean clone wants only Python 3.11, make and git.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
RELEASE := src/flopcast/_release/catalogue.sqlite
FACTS := $(shell find catalogue -type f 2>/dev/null)
BUILDER := $(wildcard src/flopcast/records/*.py)

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
BUNDLE := src/flopcast/portal/static/interactive.js
.PHONY: help install catalogue demo serve portal-assets test lint bench bench-forecast lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## create .venv with everything pinned in constraints.txt

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 is needed")'
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -qq --no-deps --require-hashes -r constraints.txt
	$(BIN)/pip install -qq --no-deps --no-build-isolation -e .
	@touch $@

catalogue: $(RELEASE) ## check the facts and build the catalogue release from them

$(RELEASE): $(STAMP) $(FACTS) $(BUILDER)
	$(BIN)/flopcast catalogue build

demo: $(STAMP) $(RELEASE) ## answer the ImageNet question and write out/report.html
	$(BIN)/flopcast demo --out out

serve: $(STAMP) $(RELEASE) ## show the portal on this machine
	$(BIN)/flopcast serve

portal-assets: $(BUNDLE) ## build the portal's interactive charts (needs Node 20)

$(BUNDLE): web/package-lock.json web/interactive.js
	npm --prefix web ci --no-fund --no-audit
	npm --prefix web run build

test: lint $(RELEASE) ## lint, then run every test
	$(BIN)/pytest -q -n auto --maxprocesses 4 --dist loadfile

lint: $(STAMP) ## layers, style, formatting and types
	$(BIN)/lint-imports --no-logo
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

bench: $(STAMP) $(RELEASE) ## run every benchmark but that of forecasts
	@for file in $(filter-out benchmarks/learn_% benchmarks/forecast%,$(wildcard benchmarks/*.py)); do echo "== $$file"; $(BIN)/python "$$file" || exit 1; done

bench-forecast: $(STAMP) ## how forecasts did on public grids; writes docs/forecast-benchmark.md
	$(BIN)/python benchmarks/forecast.py --write $(shell date -u +%F)
	$(BIN)/python benchmarks/forecast_curves.py

lock: ## resolve the dependencies anew into constraints.txt
	$(PYTHON) -m venv build/lock
	build/lock/bin/pip install --quiet uv
	build/lock/bin/uv pip compile pyproject.toml --extra plot --extra portal --extra postgres \
	  --extra ray --extra slurm --group dev --upgrade \
	  --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	  --no-emit-index-url --no-header --quiet --output-file constraints.txt

clean: ## remove everything that was made, .venv included
	rm -rf $(VENV) build dist out src/flopcast/_release $(BUNDLE) web/node_modules
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
