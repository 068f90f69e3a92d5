# Everything a person does with this repository. `make` alone says what there is.
#
# uv, the package manager, comes from PyPI into .venv like every other tool, so a machine needs only Python and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# In this order: what mostly waits keeps no processor from what only computes, and small files fill the end.
WAITING_FIRST := tests/e2e tests/integration tests/contract tests/deploy tests/unit
DRILLS := tests/e2e/drills
ALONE := tests/e2e tests/integration/gateway tests/integration/notify/test_alerts.py
SYNCED := $(VENV)/.synced
MEMBERS := $(wildcard libs/*/pyproject.toml services/*/pyproject.toml devkit/pyproject.toml)

export UV_PROJECT_ENVIRONMENT := $(VENV)
export UV_PYTHON := $(BIN)/python
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := 1
# Compiled once, kept, and read by the hundreds of processes that tests start, whatever the surroundings say.
export UV_COMPILE_BYTECODE := 1
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help setup run test check lint format types arch bench docs pictures lock sbom clean

help: ## Say what can be made
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(SYNCED) ## Make .venv with everything in it; costs nothing when nothing changed

run: setup ## Start Namjai on this machine; Ctrl-C stops it
	@exec $(BIN)/namjai up

test: setup ## Run every test: three at a time, while Chromium is looked for; drills in pairs; alone what is timed
	@tests/chromium.sh install >$(VENV)/chromium 2>&1 & looking=$$!; \
	$(BIN)/pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder -m "not alone" $(WAITING_FIRST) \
		--ignore $(DRILLS) $(PYTEST_ARGS) \
		&& { wait $$looking || { cat $(VENV)/chromium; exit 1; }; } \
		&& $(BIN)/pytest --numprocesses 2 --dist loadfile -m "not alone" $(DRILLS) $(PYTEST_ARGS) \
		&& $(BIN)/pytest -m alone $(ALONE) $(PYTEST_ARGS)

check: lint types arch test ## Everything that must be green before a commit

lint: setup ## Check style and formatting
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

format: setup ## Mend style and formatting where a machine can
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

types: setup ## Check types, strictly
	@$(BIN)/mypy libs services devkit tests $(wildcard benchmarks/*.py deploy/k8s/*.py deploy/k8s/*/*/*.py)

arch: setup ## Prove who may import whom
	@$(BIN)/lint-imports --config pyproject.toml

bench: setup ## Measure, and compare with what was promised
	@$(BIN)/python -m benchmarks.run

docs: setup ## Write the generated documents anew
	@$(BIN)/python -m namjai.events.docs
	@$(BIN)/python -m namjai.chat.skills.instruments.docs
	@$(BIN)/python deploy/k8s/infrastructure/nats/users.py
	@$(BIN)/python -m namjai.devkit.configuration
	@$(BIN)/python -m namjai.devkit.monitoring

pictures: setup ## Photograph every skill on the phone page anew, for docs/skills.md
	@tests/chromium.sh install >/dev/null
	@NAMJAI_PICTURES_DIR=docs/images/skills $(BIN)/pytest --quiet tests/e2e/pages

lock: setup ## Pin every dependency to the newest version that fits
	@$(BIN)/python -m namjai.devkit.lock

sbom: setup ## List what is in each image, as CycloneDX in dist/
	@mkdir -p dist
	@for service in gateway risk chat notify analytics operations; do \
		$(BIN)/cyclonedx-py requirements deploy/docker/requirements/$$service.txt \
			--output-reproducible --output-file dist/$$service.cdx.json || exit; done

clean: ## Remove what can be made again; a run's data in .namjai stays
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build
	@find . -name __pycache__ -prune -exec rm -rf {} +

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Namjai needs Python 3.11 or newer. Say which one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && apt-get install -y -qq python3-venv; } || \
		{ echo "This Python cannot make environments. On Debian or Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv

$(SYNCED): pyproject.toml $(MEMBERS) | $(BIN)/uv
	@$(BIN)/uv sync --inexact --quiet
	@touch $@
