# The commands of this project. `make run` to look at it, `make test` to prove it, `make check` while working on it.

SHELL := /bin/bash
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
BIN := .venv/bin

PYTHON_TREES := app mobile_api migrations tests $(wildcard benchmarks) $(wildcard *.py)

.PHONY: help run test check lint types walls unit prove lock build migrate translations clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## serve on http://127.0.0.1:8000 with the demo town; LAN=1: on your network over HTTPS, for a phone's camera; PORT=8000
	@$(if $(PORT),export PUBLIC_URL="$${PUBLIC_URL:-http://127.0.0.1:$(PORT)}";) \
		$(BIN)/zegel db upgrade && $(BIN)/zegel demo --if-empty && exec $(BIN)/zegel serve $(if $(LAN),--lan) $(if $(PORT),--port $(PORT))

test: ## install what the tests need, then run them all; ARGS="tests/unit -x": only those, in pytest's words
	@tools/test $(ARGS)

check: ## the one-minute loop: lint, types, walls, unit tests
	@tools/venv test
	@tools/translations compile
	@$(MAKE) -k lint types walls unit

lint: ## style and formatting of Python and of the front end
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@if [ -d frontend/node_modules ]; then tools/frontend check; fi

types: ## static types
	@$(BIN)/mypy

walls: ## which package may import which
	@$(BIN)/lint-imports --no-logo

unit: ## the tests that need neither a database nor a browser
	@$(BIN)/python -m pytest -q -n 2 tests/unit tests/architecture

prove: ## the long proofs: soaks, millions of rows, many seeds; SEED=n repeats one
	@$(if $(SEED),PROVE_SEED=$(SEED)) tools/test -m prove -s $(ARGS)

build: ## what `make run` needs: packages, front end, translations
	@tools/venv run
	@tools/frontend build
	@tools/translations compile

migrate: ## a new migration from the models: make migrate NAME=add_shop_hours
	@test -n "$(NAME)" || { echo "say what it does: make migrate NAME=add_shop_hours" >&2; exit 2; }
	@$(BIN)/zegel db upgrade
	@$(BIN)/flask --app wsgi db migrate -m "$(NAME)" --rev-id "$$(printf %04d $$(($$(ls migrations/versions/0*.py | wc -l) + 1)))"

translations: ## collect new sentences into the catalogues, then compile them
	@tools/venv run
	@tools/translations update
	@tools/translations compile

lock: ## compile requirements/*.in into exact versions with hashes
	@tools/venv test
	@for name in base build node dev; do $(BIN)/uv pip compile requirements/$$name.in -o requirements/$$name.txt --quiet $(if $(UPGRADE),--upgrade) \
		--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header || exit 1; done

clean: ## remove what was installed and built; var/ (the data) stays
	@rm -rf .venv app/web/static/dist frontend/node_modules *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	@find app mobile_api migrations tests tools -name __pycache__ -prune -exec rm -rf {} +
