# Facteur's commands. `make` alone lists them. Works with GNU make 3.81 (macOS) and later.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
# What pytest gets besides: make test ARGS="tests/domain -x"
ARGS ?=
# Test processes. One emulator each, so not more than cores.
WORKERS ?= auto
STAGE ?= dev

.DEFAULT_GOAL := help

# Programs and tests start hundreds of Python processes: where the environment forbids to keep
# what was compiled, each of them would compile the house again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help
help: ## list these commands
	@grep -hE '^[a-z][a-z-]*:.*## ' $(MAKEFILE_LIST) | sort | \
		awk -F ':.*## ' '{ printf "  make %-10s %s\n", $$1, $$2 }'

# --- Setting up ---------------------------------------------------------------------------------

.PHONY: setup
setup: $(STAMPS)/package build/.assets ## prepare this folder: .venv with everything pinned, front end built

$(STAMPS)/venv: infrastructure/make_venv.sh
	@sh infrastructure/make_venv.sh "$(PYTHON)" $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/packages: $(STAMPS)/venv requirements/dev.lock
	@sh infrastructure/install_lock.sh $(VENV) requirements/dev.lock
	@touch $@

$(STAMPS)/package: $(STAMPS)/packages pyproject.toml
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --no-index -e .
	@touch $@

ASSETS := $(shell find assets layers/core/python/facteur/web/static \
	-name node_modules -prune -o -type f -print 2>/dev/null)
build/.assets: $(STAMPS)/packages $(ASSETS)
	@if [ -f assets/build.py ]; then $(BIN)/python assets/build.py; \
		else echo "no front end to build yet (assets/build.py)"; fi
	@mkdir -p build && touch $@

# --- Running ------------------------------------------------------------------------------------

.PHONY: run
run: setup ## start the whole platform here, with two sample invoices, and keep serving
	@$(BIN)/python -m facteur.local run $(ARGS)

.PHONY: reset
reset: setup ## empty the local platform's data (.facteur/)
	@$(BIN)/python -m facteur.local reset $(ARGS)

# --- Proving ------------------------------------------------------------------------------------

.PHONY: check
check: setup ## style, types, import contracts, templates: what needs no test to be seen wrong
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --strict --cache-dir .mypy_cache/infrastructure infrastructure
	$(BIN)/lint-imports
	$(BIN)/cfn-lint infrastructure/*.yaml
	$(BIN)/codespell
	$(BIN)/python -m pytest -q -p no:cacheprovider tests/house/test_templates.py

.PHONY: test
test: setup ## every test but the browser's
	$(BIN)/python -m pytest -m "not journey" -n $(WORKERS) --dist loadfile \
		--no-loadscope-reorder $(ARGS)

.PHONY: journeys
journeys: setup ## the stories, in a real browser
	@sh infrastructure/need_browser.sh $(VENV)
	$(BIN)/python -m pytest -m journey tests/journeys $(ARGS)

.PHONY: bench
bench: setup ## measure, and rewrite docs/benchmarks.md
	$(BIN)/python -m benchmarks $(ARGS)

.PHONY: format
format: setup ## put the code in its usual form
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .

# --- Dependencies -------------------------------------------------------------------------------

COMPILE = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url \
	--custom-compile-command 'make lock'

.PHONY: lock
lock: setup ## pin again what the .in files ask for, with hashes (UPGRADE=--upgrade for newer)
	$(COMPILE) $(UPGRADE) --python-version 3.11 requirements/dev.in -o requirements/dev.lock
	for layer in base documents rulebook passkeys; do \
		$(COMPILE) --python-version 3.11 -c requirements/dev.lock \
			layers/$$layer/requirements.in -o layers/$$layer/requirements.lock || exit $$?; \
	done

# --- The cloud ----------------------------------------------------------------------------------

.PHONY: layers
layers: setup ## build the Lambda layers (python3.13, arm64) into build/layers
	$(BIN)/python -m infrastructure.build_layers $(ARGS)

.PHONY: package
package: layers ## package the five functions into build/package
	$(BIN)/python -m infrastructure.package $(ARGS)

.PHONY: deploy
deploy: package ## deploy to the AWS account of your credentials: make deploy STAGE=dev ARGS="…"
	$(BIN)/python -m infrastructure.deploy --stage $(STAGE) $(ARGS)

.PHONY: rehearse
rehearse: setup ## deploy the packaged functions on the local emulator and mail an invoice through
	$(BIN)/python -m infrastructure.rehearse $(ARGS)
