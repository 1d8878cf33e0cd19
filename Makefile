# Every target works on a bare machine that has only Python, make and the package registries, as root and as an
# ordinary user. Recipes run in the project folder and name only relative paths, so the folder may hold spaces.
SHELL := /bin/sh
# The first Python that fits; `make PYTHON=...` overrides.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
    $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# Arguments for the demo and the benchmarks: make demo ARGS="--port 8100", make bench ARGS="--small"
ARGS ?=

.PHONY: env core demo test drills bench check format docs lock clean browser

env: .venv/.ready

.venv/.ready: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Нужен Python 3.11, 3.12 или 3.13: укажите его так: make PYTHON=python3.12"; exit 1; }
	@echo "Окружение: ставлю зависимости из requirements.lock (около минуты)"
	@$(PYTHON) -m venv .venv || { echo "У этого Python нет модуля venv; в Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch .venv/.ready

# The whole system on this machine, with an invented region. Ctrl-C stops every process.
demo: env
	@$(BIN)/python -m oncor_cases demo $(ARGS)

# Everything, browser tests included.
test: env browser
	@$(PYTEST) -q -n auto --maxprocesses 4 --dist loadfile -m "not deep" $(ARGS)

# Finds Chromium, or installs it where that is allowed (root, Debian packages); otherwise its tests are skipped by name.
browser: env
	@$(BIN)/python tests/chromium.py --install

# Long runs: random kills, deep hypothesis, and the store on the PostgreSQL of the system (Debian: postgresql-15).
drills: env
	@ONCOR_DRILLS=1 $(PYTEST) -q -m deep $(ARGS)
	@found=0; for programs in /usr/lib/postgresql/*/bin; do \
	    test -x "$$programs/initdb" || continue; found=1; \
	    echo "PostgreSQL: $$programs"; \
	    ONCOR_TEST_PROGRAMS="$$programs" $(PYTEST) -q -m "not slow and not browser" tests/store tests/intake tests/worklist || exit 1; \
	done; test $$found = 1 || echo "Другого PostgreSQL на машине нет (Debian: apt-get install postgresql-15): проверен только встроенный"

# The rules compiled into the environment, where there is a C compiler: about a minute and a half, then nothing to do.
core: env
	@$(BIN)/python -m oncor_cases.ops.core

bench: env core
	@$(BIN)/python -m bench $(ARGS)

check: env
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(PYTEST) -q tests/test_house.py
	@$(BIN)/python docs/build.py --check

format: env
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# Pages that are made from the code: settings, commands, facts, rules, pathways.
docs: env
	@$(BIN)/python docs/build.py

# Only for whoever changes pyproject.toml; needs uv.
lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --no-header -o requirements.lock

clean:
	rm -rf .venv build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis
