# Everything a person types. `make run` and `make test` need nothing but make and some Python 3.12 or later.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
PYTHON_IN := $(VENV)/bin/python
STAMP := $(VENV)/.installed

# Another project's environment must not reach into ours, and uv must not fetch a Python.
unexport VIRTUAL_ENV PYTHONHOME PYTHONPATH PYENV_VERSION
export UV_PYTHON_DOWNLOADS := never
# Whom the machine trusts, as pip does: a company's proxy has its certificate in the system's store only.
export UV_SYSTEM_CERTS ?= true
export PYTHONUNBUFFERED := 1

# The first Python that works and can make environments: from PATH, then from pyenv's, uv's and Homebrew's folders.
# Each is tried, as pyenv's shims are on PATH for versions that are not selected, and Debian splits `venv` off.
define FIND_PYTHON
for candidate in "$${PYTHON:-}" python3.14 python3.13 python3.12 python3 \
  $$(for root in "$${PYENV_ROOT:-}" "$$(pyenv root 2>/dev/null)" "$$HOME/.pyenv" /opt/pyenv /usr/local/pyenv; do \
    ls -d "$$root"/versions/3.*/bin/python3 2>/dev/null | sort -Vr; done) \
  $$(ls -d "$$HOME"/.local/share/uv/python/cpython-3.*/bin/python3 2>/dev/null | sort -Vr) \
  $$(ls -d /opt/homebrew/opt/python@3.*/bin/python3.* /usr/local/opt/python@3.*/bin/python3.* 2>/dev/null | sort -Vr); do \
  if [ -n "$$candidate" ] && "$$candidate" -I -c \
    'import ensurepip, sys, venv; sys.exit(not (3, 12) <= sys.version_info < (3, 15))' >/dev/null 2>&1; \
  then echo "$$candidate"; break; fi; done
endef

# An environment whose Python was removed or updated away is made anew.
ifneq ($(shell $(PYTHON_IN) -c 'print("works")' 2>/dev/null),works)
$(shell rm -f $(STAMP))
endif

##@ Use

.PHONY: help
help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} \
	  /^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: $(STAMP) ## Start everything on one port, as in production (MYAPP_PORT, 3000 by default)
	@exec $(PYTHON_IN) -m myapp serve

.PHONY: dev
dev: $(STAMP) ## Start it for working on it: the pages change as files are saved
	@exec $(PYTHON_IN) -m reflex run

.PHONY: install
install: $(STAMP) ## Make the environment and install what the lock says

##@ Work on it

# More than there are cores, as many tests wait for processes.
WORKERS := $(shell cores=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); echo $$((cores > 1 ? 4 : 3)))

.PHONY: test
test: $(STAMP) ## Run every test; ARGS="-k slugs" for some of them
	@$(PYTHON_IN) -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

.PHONY: coverage
coverage: $(STAMP) ## Run every test and say which lines none of them runs; fails below what was agreed on
	@$(PYTHON_IN) -m coverage erase
	@$(PYTHON_IN) -m pytest -n $(WORKERS) --dist worksteal --cov --cov-report= $(ARGS)
	@for room in accounts blog chat notifications ops kit; do \
	  $(PYTHON_IN) -m coverage report --include "myapp/$$room/*" --fail-under 90 --format total | sed "s/^/$$room: /"; done
	@$(PYTHON_IN) -m coverage report

.PHONY: check
check: $(STAMP) ## Style, types, import contracts, migrations and catalogues
	@$(PYTHON_IN) -m ruff check .
	@$(PYTHON_IN) -m ruff format --check .
	@$(PYTHON_IN) -m basedpyright --warnings
	@$(VENV)/bin/lint-imports --no-logo
	@$(PYTHON_IN) -m myapp db check
	@$(PYTHON_IN) -m myapp messages --check

.PHONY: fmt
fmt: $(STAMP) ## Put the code into its one style
	@$(PYTHON_IN) -m ruff check --fix-only .
	@$(PYTHON_IN) -m ruff format .

.PHONY: bench
bench: $(STAMP) ## Measure; ONLY=search for one family
	@$(PYTHON_IN) -m bench $(ONLY)

.PHONY: ci
ci: ## What the build server runs
	@.ci/run

.PHONY: lock
lock: $(STAMP) ## Write requirements.lock anew from pyproject.toml; UPGRADE=1 for newer versions
	@$(VENV)/bin/uv pip compile pyproject.toml --group dev --universal --python-version 3.12 --generate-hashes \
	  --only-binary :all: --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command "make lock" \
	  $(if $(UPGRADE),--upgrade) --quiet --output-file requirements.lock

# uv itself comes from the lock, by hash. Where uv cannot use a machine's own settings for pip, pip does the work. The
# lock names all there is to install, so neither asks what else a library would want.
$(STAMP): requirements.lock
	@if ! $(PYTHON_IN) -c '' 2>/dev/null || ! [ -x $(VENV)/bin/uv ]; then \
	  python=$$($(FIND_PYTHON)); \
	  if [ -z "$$python" ]; then \
	    echo "No Python 3.12 or later found. Install one, or name it: make PYTHON=/path/to/python3 $(MAKECMDGOALS)" >&2; \
	    exit 1; fi; \
	  echo "Making $(VENV) with $$("$$python" -V)"; \
	  rm -rf $(VENV); \
	  "$$python" -m venv $(VENV); \
	  $(PYTHON_IN) -m pip install --quiet --disable-pip-version-check --require-hashes \
	    --requirement <(awk '/^uv==/ {found = 1} found {print} found && !/\\$$/ {exit}' requirements.lock); fi
	@echo "Installing what requirements.lock says"
	@index=$${UV_DEFAULT_INDEX:-$${PIP_INDEX_URL:-$$($(PYTHON_IN) -m pip config get global.index-url 2>/dev/null || true)}}; \
	if [ -n "$$index" ]; then export UV_DEFAULT_INDEX="$$index"; fi; \
	$(VENV)/bin/uv pip install --quiet --compile-bytecode --python $(PYTHON_IN) --no-deps --require-hashes \
	  --requirement requirements.lock \
	  || $(PYTHON_IN) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement requirements.lock
	@touch $(STAMP)
