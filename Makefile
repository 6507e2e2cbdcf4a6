# Each command sets up what it needs: a virtual environment in $(VENV), made by $(PYTHON).
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: demo test test-all lint doctest docs bench clean

demo: $(VENV)/.test
	$(BIN)/python -m skser demo

test: $(VENV)/.test
	$(BIN)/python -m pytest -n 2 -m "not slow"

test-all: $(VENV)/.test
	$(BIN)/python -m pytest -n 2

doctest: $(VENV)/.test
	$(BIN)/python -m pytest --doctest-modules skser --doctest-glob="*.md" README.md docs

# Needs no network: links to other sites are neither made nor followed.
docs: $(VENV)/.docs
	$(BIN)/codespell
	$(BIN)/python -m sphinx -n -W --keep-going -q docs docs/_build/html
	$(BIN)/python docs/check_built.py docs/_build/html

lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports

bench: $(VENV)/.test
	$(BIN)/python benchmarks/bench_extraction.py
	$(BIN)/python benchmarks/bench_peers.py
	$(BIN)/python benchmarks/bench_reading.py
	$(BIN)/python benchmarks/bench_selection.py
	$(BIN)/python benchmarks/bench_nested.py
	$(BIN)/python benchmarks/bench_jobs.py
	$(BIN)/python benchmarks/bench_threads.py
	$(BIN)/python benchmarks/bench_memory.py
	$(BIN)/python benchmarks/bench_scale.py
	$(BIN)/python benchmarks/bench_corpora.py
	$(BIN)/python benchmarks/bench_decoding.py
	$(BIN)/python benchmarks/bench_growth.py
	$(BIN)/python benchmarks/bench_ragged.py
	$(BIN)/python benchmarks/bench_segments.py
	$(BIN)/python benchmarks/bench_training.py
	$(BIN)/python benchmarks/bench_augmentation.py
	$(BIN)/python benchmarks/bench_onnx.py
	$(BIN)/python benchmarks/make_page.py

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	rm -rf docs/_build docs/gallery docs/pictures docs/reference

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV) || \
	{ rm -rf $(VENV); echo "On Debian and Ubuntu: apt install python3-venv"; exit 1; }

$(VENV)/.test: $(VENV)/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable ".[test]"
	touch $@

$(VENV)/.lint: $(VENV)/.test
	$(BIN)/python -m pip install --quiet --editable ".[lint]"
	touch $@

$(VENV)/.docs: $(VENV)/.test
	$(BIN)/python -m pip install --quiet --editable ".[docs]"
	touch $@
