# Two commands do everything on a fresh machine: `make reports` and `make test`.
# Both set up .venv first (Python 3.11 or newer, exact pins with hashes).
PYTHON ?= python3
# One thread for linear algebra: notebooks run side by side, and sums come out in the same order.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1

BIN := .venv/bin
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup reports notebooks words lab test audit fit lint lock clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

setup: .venv/installed ## make the environment in .venv

.venv/installed: requirements.lock pyproject.toml
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

reports: setup ## render every report into reports/site
	$(BIN)/hashrate-migration render --all --jobs $(JOBS)

notebooks: setup ## execute the notebooks in place
	$(BIN)/hashrate-migration notebooks --jobs $(JOBS)

words: setup ## bring messages into the catalogues of locale/
	$(BIN)/hashrate-migration words

lab: setup ## open JupyterLab
	$(BIN)/jupyter lab notebooks

test: setup lint ## check everything
	$(BIN)/hashrate-migration fit --check
	$(BIN)/python -m pytest
	$(BIN)/python -m pytest --nbval --nbval-current-env --nbval-sanitize-with tests/nbval_sanitize.cfg -p no:cacheprovider notebooks

audit: setup ## the long checks (about an hour); keeps what it found in benchmarks/audit.csv
	$(BIN)/python -m pytest -m audit tests/audit
	$(BIN)/hashrate-migration readme

fit: setup ## compute anew what is kept: panel, its validation and forecasts, flows, truth test, energy (long)
	$(BIN)/hashrate-migration fit panel
	$(BIN)/hashrate-migration fit --validate --jobs $(JOBS)
	$(BIN)/hashrate-migration fit forecasts --jobs $(JOBS)
	$(BIN)/hashrate-migration fit flows
	$(BIN)/hashrate-migration fit truth --jobs $(JOBS)
	$(BIN)/hashrate-migration fit energy

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

lock: setup ## pin anew what pyproject.toml asks for
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --quiet $(LOCKFLAGS) \
		--custom-compile-command "make lock" --output-file requirements.lock

clean: ## remove what was built
	rm -rf .venv reports/site build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
