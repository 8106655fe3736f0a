# make demo   analyse sample photographs and say where the report lies
# make test   run the tests, but for those that train detectors or run benchmarks
# make test-all   run these too
# make test-timing   run the tests that assert a time, on an idle machine
# make docs   build the documentation into site/
# make wheel  build the archives, and use the wheel in a clean environment without torch
# make check  what a change must pass: style, types, tests

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test test-slow test-all test-timing docs wheel check lint types clean

demo: $(VENV)/.installed-samples
	$(BIN)/python examples/demo.py

test: $(VENV)/.installed-test
	$(BIN)/pytest -m "not slow and not timing"

test-slow: $(VENV)/.installed-test
	$(BIN)/pytest -m "slow and not timing"

test-all: test test-slow

test-timing: $(VENV)/.installed-test
	$(BIN)/pytest -m timing

docs: $(VENV)/.installed-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict
	@echo "Built: site/index.html. To search it, serve it: $(PYTHON) -m http.server -d site"

wheel: | $(VENV)/bin/pip
	$(BIN)/python tests/shipping/check_wheel.py

check: lint types test-all

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

$(VENV)/bin/pip:
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
	  echo "No virtual environment could be made. Debian keeps that in a package of its own:"; \
	  echo "    apt install python3-venv"; exit 1; }

$(VENV)/.installed-%: pyproject.toml constraints.txt | $(VENV)/bin/pip
	$(PIP) -e '.[$*]'
	@touch $@

clean:
	rm -rf $(VENV) site demo-report .pytest_cache .mypy_cache .ruff_cache .hypothesis
