# `make run` and `make test` are all that a fresh clone needs. Extra arguments: make run ARGS="--port 9000",
# make test ARGS="tests/unit" (less than half a minute on two cores). THOROUGH=1 make test tries every generated example,
# and make test ARGS="-m long" runs the long tests.
PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
# The environment is made again only when one of its sources changes: first what runs Paperwire, then what tests it.
RUNTIME := $(VENV)/.runtime
STAMP := $(VENV)/.installed
# The process of the make that installs; one that has ended, such as by Ctrl-C, holds nobody up, nor does another process
# that has its number since.
LOCK := $(VENV).lock
# It counts as not made when the folder was moved, since its commands name the Python of the old place, or when that
# Python is gone.
$(shell here=$$(pwd -P); cd $(VENV) 2>/dev/null || exit 0; \
	bin/python -c '' 2>/dev/null && grep -qsF -e "$$here/$(VENV)/" -e "$$(pwd -P)/" bin/paperwire || rm -f .runtime .installed)
PIP := $(BIN)/python -m pip install --disable-pip-version-check --no-deps
UV := $(BIN)/uv pip install --quiet --no-progress --python $(BIN)/python --no-deps
CLIENTS := build/clients
# Each image has an extra in pyproject.toml and a lock in deploy/locks.
IMAGES := cli enricher fetcher gateway indexer notifier search
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock"

# What is compiled once need not be compiled again by each of the hundred processes that the tests start.
unexport PYTHONDONTWRITEBYTECODE

# Both environments are the same folder: with -j one would find it locked by the other.
.NOTPARALLEL:
.DEFAULT_GOAL := help
.PHONY: help setup run test clients node-clients lint chaos bench lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make .venv with the locked packages, and nothing else

$(RUNTIME): deploy/locks/cli.lock deploy/locks/build.lock pyproject.toml
	$(call install,deploy/locks/cli.lock)
	@touch $@

$(STAMP): requirements.lock deploy/locks/build.lock pyproject.toml
	$(call install,requirements.lock)
	@touch $(RUNTIME) $@

# pip installs uv, and uv installs the lock: seconds instead of minutes. On a platform without uv, pip installs
# everything else; then each dot is a package, and only errors and warnings of pip are shown. Python compiles at the first
# start what that start uses, in 4 seconds; to compile all packages takes 20. The stamps are away meanwhile: what was
# interrupted may hold half a package, so it is made from nothing the next time.
define install
	@command -v $(PYTHON) >/dev/null || { echo "Paperwire needs Python 3.11 or newer: $(PYTHON) was not found." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Paperwire needs Python 3.11 or newer; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }
	@(set -C; echo $$PPID >$(LOCK)) 2>/dev/null || { holder=$$(cat $(LOCK) 2>/dev/null); \
		name=$$(ps -o comm= -p "$$holder" 2>/dev/null || echo make); \
		if kill -0 "$$holder" 2>/dev/null && test "$${name%make}" != "$$name"; then \
			echo "Another make (process $$holder) installs into $(VENV): wait until it has ended, and try again." >&2; exit 1; \
		else echo $$PPID >$(LOCK); fi; }
	@echo "1/3 Making $(VENV) with $$($(PYTHON) --version)"
	@rm -f $(RUNTIME) $(STAMP)
	@$(PYTHON) -m venv $(if $(wildcard $(RUNTIME) $(STAMP)),,--clear) $(VENV)
	@echo "2/3 Installing $$(grep -c '==' $(1)) locked packages, each checked by its hash"
	@index=$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null)}; \
	{ $(PIP) --quiet --require-hashes --only-binary :all: -r deploy/locks/build.lock && \
		$(UV) $${index:+--default-index "$$index"} --require-hashes -r $(1); } || \
	{ echo "    uv could not install them; now pip does, which takes a minute or two"; \
	awk '/^[^ #]/ { keep = !/^uv==/ } keep' deploy/locks/build.lock $(1) >$(VENV)/pip.txt; \
	{ $(PIP) --require-hashes -r $(VENV)/pip.txt 2>&1 || echo FAILED; } | awk ' \
		/^Collecting / { printf "."; fflush() } \
		/^Installing / { print "\n    downloaded; unpacking" } \
		/^(ERROR|WARNING)/ { print "\n" $$0 } \
		$$0 == "FAILED" { failed = 1 } END { exit failed }'; }
	@echo "3/3 Installing paperwire itself"
	@$(PIP) --quiet --no-build-isolation -e .
	@rm -f $(LOCK)
endef

# No shell between make and the command: Ctrl-C reaches it, and a clean stop stays a clean stop.
run: $(RUNTIME) ## Run everything here; Ctrl-C stops it
	@$(BIN)/paperwire up $(ARGS)

# Two processes for each core, as tests also wait. For a debugger, or to see the output of one test: make test ARGS="-n0 -s tests/…".
test: setup ## Run the tests
	@$(BIN)/pytest --numprocesses auto --dist worksteal $(ARGS)

# The generator of Python clients needs another typer than the command line, so it has an environment of its own.
clients: $(CLIENTS)/python/.installed ## Install the generator of API clients that the tests try

$(CLIENTS)/python/.installed: tests/contract/clients/requirements.lock | $(STAMP)
	@$(BIN)/uv venv --quiet --clear $(CLIENTS)/python
	@index=$${PIP_INDEX_URL:-$$($(BIN)/python -m pip config get global.index-url 2>/dev/null)}; \
	$(BIN)/uv pip install --quiet --no-progress --python $(CLIENTS)/python/bin/python \
		$${index:+--default-index "$$index"} --require-hashes -r $<
	@touch $@

# The programs for Node are two hundred packages: only the long tests use them.
node-clients: ## Install the linters and the generator for Node that the long tests try
	@mkdir -p $(CLIENTS)/node
	@cp $(addprefix tests/contract/clients/,.npmrc package.json package-lock.json) $(CLIENTS)/node
	@npm ci --prefix $(CLIENTS)/node

lint: setup ## Check style, types and the dependency rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Real instances of both sizes under faults. It ends with a verdict; a failure prints the command that repeats it.
chaos: setup ## Cause faults and check that nothing is lost: make chaos ARGS="--seed 7 --runs 30 --seconds 120"
	@$(BIN)/python -m tests.chaos $(ARGS)

# Each script answers one question, needs no argument, and prints a ratio.
bench: setup ## Run the benchmarks; each writes build/bench/<name>.json
	@mkdir -p build/bench
	@failed=; for script in $(filter-out benchmarks/common.py,$(wildcard benchmarks/*.py benchmarks/*/*.py)); do echo "== $$script"; \
		$(BIN)/python $$script --json build/bench/$$(basename $$script .py).json || failed="$$failed $$script"; done; \
		test -z "$$failed" || { echo "failed:$$failed" >&2; exit 1; }

# The locks of the images take their versions from the whole one, so that what is tested is what is shipped.
lock: setup ## Renew requirements.lock, and from it one lock an image
	$(COMPILE) --all-extras pyproject.toml -o requirements.lock
	@mkdir -p deploy/locks
	@set -e; for image in $(IMAGES); do echo "deploy/locks/$$image.lock"; \
		$(COMPILE) --extra $$image --constraint requirements.lock pyproject.toml -o deploy/locks/$$image.lock; done
	@echo deploy/locks/build.lock; printf 'editables\nhatchling\nuv\n' | $(COMPILE) --constraint requirements.lock - -o deploy/locks/build.lock
	@file=tests/contract/clients/requirements.lock; echo $$file; echo openapi-python-client | $(COMPILE) - -o $$file

clean: ## Remove .venv, caches and builds; data is left alone
	rm -rf $(VENV) $(LOCK) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
