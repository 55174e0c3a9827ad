# Everything a person does with a checkout. `make` alone lists it. The set-up itself is packaging/bootstrap.

.POSIX:
.PHONY: help demo test check format bench faults lock clean env

BIN = .venv/bin
# Two workers suit a small machine; a file stays on one worker, so that its servers are shared.
WORKERS = 2
PYTEST = $(BIN)/python -m pytest

help:
	@echo 'make demo     a self-contained cutover, in the window or (without a display) in the terminal'
	@echo 'make test     set up, check, and run every test'
	@echo 'make check    format, lint, types, import contracts, house rules'
	@echo 'make format   put the sources into shape'
	@echo 'make bench    measure, and write the table in tests/bench/README.md'
	@echo 'make faults   the long fault tests: kills, cuts, full disks'
	@echo 'make lock     choose the newest allowed dependencies and pin them'
	@echo 'make clean    remove the environment and every cache'

env:
	@packaging/bootstrap env

demo: env
	@packaging/bootstrap system demo
	@if packaging/bootstrap display; then \
	    exec $(BIN)/tminus demo; \
	else \
	    echo 'No window can be shown here: the demo runs in the terminal.'; \
	    exec $(BIN)/tminus demo --headless; \
	fi

test: env
	@packaging/bootstrap system test
	@$(MAKE) check
	$(BIN)/python -m tests.suite -q -n $(WORKERS) --dist loadfile --ignore tests/house

check: env
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PYTEST) -q tests/house

format: env
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: env
	@packaging/bootstrap system test
	$(PYTEST) -q -s -m bench --timeout 1800

faults: env
	@packaging/bootstrap system test
	$(PYTEST) -q -m faults --timeout 3600

# No address of an index is written: who installs decides where packages come from, the hashes decide what they are.
lock:
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --group dev --upgrade \
	    --custom-compile-command 'make lock' --output-file requirements.lock pyproject.toml

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
