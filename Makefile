# make demo   analyse sample photographs and say where the report lies
# make test   run the tests
# make check  what a change must pass: style, types, tests

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test check lint types clean

demo: $(VENV)/.installed-samples
	$(BIN)/python examples/demo.py

test: $(VENV)/.installed-test
	$(BIN)/pytest

check: lint types test

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
	rm -rf $(VENV) demo-report .pytest_cache .mypy_cache .ruff_cache .hypothesis
