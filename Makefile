# groundwork: every command a person or a workflow needs. `make` alone lists them.
# Each target sets up .venv when it is missing or its requirements changed.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
# Compiled files are written, which many containers turn off: without them every process compiles the project anew, and
# each check takes half a second longer.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
FAST := $(VENV)/.fast-installed
PROGRAM := __main__.py settings components policy preflight operations services functions tests
# policy/__main__.py is typed by itself: two modules cannot both be __main__.
TYPED := __main__.py settings components policy/guardrails preflight operations services functions tests

# A virtual environment whose interpreter is gone (moved, upgraded, copied from elsewhere) is made anew.
ifneq ($(shell $(PY) -c 'print("runs")' 2>/dev/null),runs)
$(shell rm -rf $(VENV))
endif

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-19s %s\n", $$1, $$2}'

$(PY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "groundwork needs Python 3.11 or newer, but $(PYTHON) is " + sys.version.split()[0] + ": set PYTHON=/path/to/python3.11")'
	@echo "Setting up $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Could not make $(VENV). On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

$(RUNTIME): requirements.txt | $(PY)
	@echo "Installing requirements.txt ..."
	@$(PIP) -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt requirements.txt | $(PY)
	@echo "Installing requirements-dev.txt ..."
	@$(PIP) -r requirements-dev.txt
	@touch $(RUNTIME) $@

# What lets programs on the engine load the SDK the quick way when they are told to: docs/operating.md.
$(FAST): $(wildcard preflight/startup/groundwork_fast.*) | $(RUNTIME)
	@$(PY) -m preflight.startup
	@touch $@

.PHONY: setup
setup: $(DEV) ## Make .venv with everything for working on groundwork
	@$(MAKE) --no-print-directory --silent $(FAST)

.PHONY: preflight
preflight: $(RUNTIME) ## Show what every committed stack would create, and whether it breaks a rule (offline)
	@$(PY) -m preflight check

.PHONY: diff
diff: $(RUNTIME) ## Show what every stack changes against BASE, a commit, a branch or a saved report (offline)
	@$(PY) -m preflight diff --base="$${BASE:-origin/main}"

.PHONY: prices
prices: $(RUNTIME) ## Write preflight's prices anew from AWS's public price list (needs a network)
	@$(PY) -m preflight.cost.refresh

# One process more than there are processors: some tests wait, for a time limit or for other processes.
.PHONY: test
test: $(DEV) ## Run the tests (offline)
	@$(PY) -m pytest --numprocesses "$$($(PY) -c 'import os; print(1 + (os.cpu_count() or 1))')" --dist loadfile --no-loadscope-reorder

.PHONY: test-browser
test-browser: $(DEV) ## Run the tests of the report's page in Chromium, which must be installed (offline)
	@$(PY) -m pytest tests/browser

.PHONY: engine
engine: $(DEV) ## Find the Pulumi engine for test-engine, or build it once (needs Go)
	@$(PY) -m tests.engine.kit.engine

# Three processes on two processors: there is always one that waits for an engine or for a cloud that takes its time.
ENGINE_TESTS := GRPC_ENABLE_FORK_SUPPORT=0 $(PY) -m pytest tests/engine --numprocesses 3 --dist loadfile --no-loadscope-reorder

.PHONY: test-engine
test-engine: engine ## Run the tests on the real engine against a simulated AWS (offline)
	@$(ENGINE_TESTS)

.PHONY: test-engine-nightly
test-engine-nightly: engine ## Run them in full, every creation of prod failing: about half an hour (test-engine: a fixed part)
	@GROUNDWORK_NIGHTLY=1 $(ENGINE_TESTS)

.PHONY: check
check: $(DEV) ## Format, lint, types, stale schema
	@$(PY) -m ruff format --check --quiet $(PROGRAM) || { echo "run: make format" >&2; exit 1; }
	@$(PY) -m ruff check --quiet $(PROGRAM)
	@$(PY) -m mypy $(TYPED)
	@$(PY) -m mypy policy/__main__.py
	@$(PY) -m settings.schema --check

.PHONY: format
format: $(DEV) ## Format the code and mend what the linter can mend
	@$(PY) -m ruff format $(PROGRAM)
	@$(PY) -m ruff check --fix $(PROGRAM)

.PHONY: schema
schema: $(DEV) ## Write the JSON schema of the stack file
	@$(PY) -m settings.schema

.PHONY: golden
golden: $(DEV) ## Rewrite the golden graphs under tests/golden (say why in the changelog) and the output in README.md
	@GROUNDWORK_UPDATE_GOLDEN=1 $(PY) -m pytest -q tests/test_stacks.py tests/test_docs.py tests/test_cost.py

.PHONY: golden-state
golden-state: engine ## Write the states of this version under tests/golden/state, until it is released (say why in the changelog)
	@GROUNDWORK_UPDATE_GOLDEN=1 GRPC_ENABLE_FORK_SUPPORT=0 $(PY) -m pytest -q tests/engine/test_engine_upgrade.py -k kept_state

# --- With a real account: docs/operating.md. STACK=dev or prod; CONFIRM=<stack> agrees where nobody can be asked.
STACK ?=
CONFIRM ?=
PLAN ?=
BASE ?=
COMMIT ?=
REF ?=
NUMBER ?=
REPORTS ?= build/reports
PLANS ?= build/plans
# Handed over as variables of the environment and quoted there: a name with a space or a `;` in it is refused, not run.
export STACK CONFIRM PLAN BASE COMMIT REF NUMBER REPORTS PLANS
OPERATE := $(PY) -m operations

# The program and the policy pack load the SDK the quick way; GROUNDWORK_FAST=0 leaves them as they are.
preview up plan refresh destroy: export GROUNDWORK_FAST ?= 1
# Resources at a time, as preflight foretells it. Told nothing the engine takes four for each processor it happens to run on.
preview up plan refresh destroy: export PULUMI_PARALLEL ?= 16

.PHONY: preview
preview: $(FAST) ## Show what an update of STACK would change, policy pack on
	@$(OPERATE) preview --stack="$$STACK"

.PHONY: up
up: $(FAST) ## Bring STACK to what the program says, policy pack on (PLAN=<folder>: as reviewed, nothing else)
	@$(OPERATE) up --stack="$$STACK" --confirm="$$CONFIRM" $${PLAN:+--plan="$$PLAN"}

.PHONY: refresh
refresh: $(FAST) ## Write into the state of STACK what AWS says
	@$(OPERATE) refresh --stack="$$STACK" --confirm="$$CONFIRM"

.PHONY: destroy
destroy: $(FAST) ## Delete everything of STACK; a protected one asks for its name first
	@$(OPERATE) destroy --stack="$$STACK" --confirm="$$CONFIRM"

.PHONY: pending
pending: $(RUNTIME) ## Show what a killed update of STACK left open, with a file for `pulumi import`; changes nothing
	@$(OPERATE) pending --stack="$$STACK" --out="$$REPORTS"

.PHONY: drift
drift: $(RUNTIME) ## Say whether AWS differs from the state of STACK; changes nothing
	@$(OPERATE) drift --stack="$$STACK" --out="$$REPORTS"

.PHONY: plan
plan: $(FAST) ## Preview STACK into a plan for later, check the budget, write the report
	@$(OPERATE) plan --stack="$$STACK" --out="$$PLANS/$$STACK"

.PHONY: preflight-report
preflight-report: $(RUNTIME) ## Preflight of every stack, with its report as Markdown and SARIF (BASE=<commit or branch>: what changes)
	@$(OPERATE) preflight --out="$$REPORTS" --base="$$BASE"

.PHONY: reviewed-plan
reviewed-plan: $(RUNTIME) ## Fetch the plan of the pull request that became COMMIT (in a workflow)
	@$(OPERATE) reviewed-plan --stack="$$STACK" --commit="$$COMMIT" --out="$$PLANS/$$STACK"

.PHONY: comment
comment: $(RUNTIME) ## Put the reports under pull request NUMBER (in a workflow)
	@$(OPERATE) comment --number="$$NUMBER" --out="$$REPORTS"

.PHONY: findings
findings: $(RUNTIME) ## Hand the findings of preflight at COMMIT and REF to code scanning (in a workflow)
	@$(OPERATE) findings --commit="$$COMMIT" --ref="$$REF" --out="$$REPORTS"

.PHONY: drift-issue
drift-issue: $(RUNTIME) ## Open, renew or close the issue about drift of STACK (in a workflow)
	@$(OPERATE) drift-issue --stack="$$STACK" --out="$$REPORTS"

.PHONY: golden-check
golden-check: $(RUNTIME) ## Refuse golden files that changed since BASE unless the changelog names what changes; released states never
	@$(OPERATE) golden --base="$$BASE"

.PHONY: policy-docs
policy-docs: $(DEV) ## Write the catalogue of controls into docs/policies.md and tests/golden/policies.txt
	@PYTHONPATH=.:policy $(PY) -m tests.policy.catalogue

.PHONY: policy-mutations
policy-mutations: $(DEV) ## Turn every condition of the controls round, one at a time, and print what no case notices (minutes)
	@PYTHONPATH=.:policy $(PY) -m tests.policy.mutants

.PHONY: policy-facts
policy-facts: $(DEV) ## Write policy/guardrails/computed.py from the SDK that is installed
	@PYTHONPATH=.:policy $(PY) -m tests.policy.sdk

.PHONY: words
words: $(DEV) ## Write the words of preflight/simulation/allowed.json from the SDK and the API models that are installed
	@$(PY) -m tests.preflight.words

.PHONY: lint-workflows
lint-workflows: $(DEV) ## Audit .github/workflows (zizmor; actionlint with Go, which CI has to have)
	@$(VENV)/bin/zizmor --offline --quiet --persona pedantic .github/workflows .github/actions
	@if command -v go >/dev/null; then go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12; \
	  else echo "lint-workflows: actionlint left out, there is no Go to run it with" >&2; [ -z "$${CI:-}" ]; fi

.PHONY: bench
bench: $(DEV) ## Time preflight beside a plain run and by the number of services, and the engine with the policy pack beside one without
	@$(PY) -m preflight.bench
	@$(PY) -m tests.growth
	@$(PY) -m tests.browser.bench
	@PYTHONPATH=.:policy $(PY) -m tests.policy.bench
	@$(PY) -m tests.engine.bench

.PHONY: lock
lock: $(DEV) ## Resolve requirements*.in into pinned requirements*.txt with hashes
	@for name in requirements requirements-dev; do \
	  $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    --no-emit-index-url $$name.in --output-file $$name.txt; done

.PHONY: clean
clean: ## Remove the virtual environment and all caches
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
