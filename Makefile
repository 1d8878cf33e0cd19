# Every target works on a bare machine that has only Python, make and the package registries.
# Nothing here needs a path without spaces: recipes run in the project folder and name only relative paths.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: env demo test drills bench check lock docs clean

env: .venv/.ready

.venv/.ready: requirements.lock pyproject.toml
	@echo "Окружение: ставлю зависимости из requirements.lock"
	@$(PYTHON) -c 'import sys; assert (3, 11) <= sys.version_info[:2] < (3, 14), "нужен Python 3.11-3.13, здесь " + sys.version' \
	    && $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch .venv/.ready

lock:
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --no-header -o requirements.lock
