# `make run` and `make test` need Python 3.11 or newer and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
QUICK := not faults and not browser and not fuzz and not clients
CONTRACT := PYTHONPATH=packages/shipworthy/src $(BIN)/python -m shipworthy.contract

# A hundred processes of the suites would each compile everything again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test test-faults test-browser fuzz coverage bench bench-growth check format migration docs openapi contract released clients test-clients model lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

$(READY): requirements/dev.txt
	@command -v "$(PYTHON)" > /dev/null || { \
	  echo "error: there is no '$(PYTHON)'; name a Python 3.11 or newer: make PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "error: Python 3.11 or newer is needed; '$(PYTHON)' is $$("$(PYTHON)" -V 2>&1). Try: make PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2> /dev/null || { \
	  echo "error: '$(PYTHON)' cannot make virtual environments (on Debian and Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@echo "setup       installing the locked dependencies into $(VENV) (once, about a minute)"
	@"$(PYTHON)" -m venv --clear $(VENV)
	@$(BIN)/pip install -qq --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

run: $(READY) ## start everything: database, migrations, administrator, API (PORT=8000)
	@exec $(BIN)/python -m dev.run

test: $(READY) ## the quick suite, on the embedded PostgreSQL or the server of DATABASE_URL (TESTS=tests/queue)
	@$(BIN)/pytest -q -n 4 --dist worksteal -m "$(QUICK)" $(TESTS)

test-faults: $(READY) ## the long fault tests: killed servers, lost databases
	@$(BIN)/pytest -q -m faults

test-browser: $(READY) ## the docs page, the admin UI and the checker's page in headless Chromium
	@$(BIN)/pytest -q -m browser

fuzz: $(READY) ## schemathesis over the whole API
	@$(BIN)/pytest -q -m fuzz

coverage: $(READY) ## the quick suite, and which lines it did not reach
	@$(BIN)/pytest -q -n 4 --dist worksteal -m "$(QUICK)" --cov

bench: $(READY) ## speed beside the peers; writes docs/benchmarks.md (ARGS="--help")
	@$(BIN)/python -m bench run $(ARGS)

bench-growth: $(READY) ## how cost grows with rows, routes, connections, pages, workers (ARGS="--help")
	@$(BIN)/python -m bench growth $(ARGS)

check: $(READY) ## lint, format, types, our own checklist, import rules, the committed contract
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@PYTHONPATH=packages/shipworthy/src $(BIN)/python -m shipworthy.check check app --format concise
	@$(BIN)/lint-imports --no-cache --no-logo > /dev/null || $(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/python -m app openapi | cmp -s - openapi.json || { \
	  echo "error: openapi.json is not what the code says; run: make openapi" >&2; exit 1; }

format: $(READY) ## format, and fix what can be fixed safely
	@$(BIN)/ruff check -q --fix
	@$(BIN)/ruff format -q

migration: $(READY) ## write the next migration from the models (name=orders)
	@$(BIN)/python -m dev.migration $(name)
	@$(BIN)/ruff format -q migrations

docs: $(READY) ## rewrite the generated parts of docs/ and .env.example
	@$(BIN)/python -m dev.docs
	@PYTHONPATH=packages/shipworthy/src $(BIN)/python -m dev.checker

openapi: $(READY) ## rewrite openapi.json from the code
	@$(BIN)/python -m app openapi > openapi.json.new && mv openapi.json.new openapi.json

contract: $(READY) ## does openapi.json break a client of the last release?
	@$(CONTRACT) openapi.released.json openapi.json

released: $(READY) ## make today's contract the one that clients rely on (docs/releasing.md)
	@cp openapi.json openapi.released.json

clients: $(READY) ## generate a Python and a TypeScript client into clients/
	@$(BIN)/python -m dev.clients

test-clients: clients ## both clients against the running service
	@$(BIN)/pytest -q -m clients

model: ## train the model that ships, in a virtual environment of its own
	@"$(PYTHON)" -m venv .local/train
	@.local/train/bin/pip install -qq --disable-pip-version-check --require-hashes -r requirements/train.txt
	@.local/train/bin/python -m dev.train_digits
	@.local/train/bin/python -m tests.data.make_recurrent

lock: $(READY) ## compile requirements/*.in to locked, hashed requirements/*.txt
	@for set in production ml train dev; do \
	  $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-strip-extras \
	    --custom-compile-command "make lock" requirements/$$set.in -o requirements/$$set.txt || exit 1; done

clean: ## remove the virtual environment and the local database
	@rm -rf $(VENV) .local
