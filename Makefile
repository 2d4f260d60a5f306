# Everything starts here; `make help` lists it. Needs python3 (3.11 or later) and make.

PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
OPENAPI := docs/api/openapi.yaml
ASYNCAPI := docs/api/asyncapi.yaml

.DEFAULT_GOAL := help
.PHONY: help run test conformance check openapi certificate demo bench bench-peers quality fmt lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' Makefile

run: .venv/run.stamp ## the whole system on this machine, with its own PostgreSQL and Valkey in .data/
	@exec $(BIN)/python -m config.supervisor $(ARGS)

test: check .venv/npm.stamp ## check, then every test (make test ARGS="-k cursor")
	$(BIN)/pytest -n auto $(ARGS)

conformance: .venv/dev.stamp .venv/npm.stamp ## run the real SDKs here and write their tables into docs/ingest.md
	@$(BIN)/python -m tests.sdks.conformance $(ARGS)

# Checks read no data: the key only lets the settings load.
check: export SECRET_KEY ?= a key for checks alone, it protects nothing
check: .venv/dev.stamp ## lint, format, types, floors of the house, Django's checks, OpenAPI, AsyncAPI
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports
	$(BIN)/python manage.py check
	$(BIN)/python manage.py filter_reference --check
	$(BIN)/python manage.py asyncapi --check --file $(ASYNCAPI)
	@schema=$$(mktemp) && trap 'rm -f "$$schema"' EXIT && \
	echo "manage.py spectacular --validate --fail-on-warn; compared with $(OPENAPI)" && \
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file "$$schema" && \
	{ diff -u $(OPENAPI) "$$schema" || { echo "$(OPENAPI) is not what the code says: make openapi"; exit 1; }; }

openapi: export SECRET_KEY ?= a key for the document alone, it protects nothing
openapi: .venv/dev.stamp ## write docs/api/openapi.yaml and asyncapi.yaml anew
	$(BIN)/python manage.py spectacular --validate --fail-on-warn --file $(OPENAPI)
	$(BIN)/python manage.py asyncapi --file $(ASYNCAPI)

certificate: ## a self-signed one for trying TLS, in docker/tls
	@docker/make-certificate

demo: .venv/dev.stamp ## the story, played against a running `make run`
	@$(BIN)/python -m demo $(ARGS)

bench: .venv/dev.stamp ## measure it here
	@$(BIN)/python -m bench $(ARGS)

# Run beside Bugwire, never a part of it: an environment of its own, which nothing else needs.
bench-peers: ## what the benchmark of ingest is compared with (Bugsink, once)
	$(PYTHON) -m venv .data/peers/bugsink
	.data/peers/bugsink/bin/python -m pip install --quiet --disable-pip-version-check 'bugsink==2.6.*'

quality: .venv/dev.stamp ## how well errors are grouped and personal data is found (make quality DATA=folder)
	@$(BIN)/python -m bench.quality "$(DATA)"

fmt: .venv/dev.stamp ## format and fix what can be fixed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# dev.txt holds everything in run.txt, so one environment serves both; run never takes packages away.
.venv/run.stamp: requirements/run.txt
	@$(MAKE) --no-print-directory install WHAT=run

.venv/dev.stamp: requirements/dev.txt
	@$(MAKE) --no-print-directory install WHAT=dev
	@touch .venv/run.stamp

# The JavaScript SDKs that tests run. Tests without them are skipped, so a machine without node is none to stop at.
.venv/npm.stamp: tests/sdks/package-lock.json | .venv/dev.stamp
	@command -v npm >/dev/null || { echo "There is no npm: tests of the JavaScript SDKs are skipped"; exit 0; } && \
	echo "Installing tests/sdks/package-lock.json" && \
	if (cd tests/sdks && npm ci --silent --fetch-retries 1 --fetch-timeout 60000); then touch $@; \
	else echo "npm ci failed: tests of the JavaScript SDKs are skipped"; fi

.PHONY: install
install:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Bugwire needs Python 3.11 or later, this is " + sys.version.split()[0] + "; name another: make run PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { rm -rf .venv; echo "python3 -m venv failed; on Debian: apt-get install python3-venv"; exit 1; }
	@echo "Installing requirements/$(WHAT).txt into .venv"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/$(WHAT).txt
	@touch .venv/$(WHAT).stamp

LOCK = uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate

lock: ## newest packages that pyproject.toml allows (needs uv)
	$(LOCK) --upgrade -o requirements/base.txt
	$(LOCK) --extra embedded -c requirements/base.txt -o requirements/run.txt
	$(LOCK) --extra embedded --extra demo --extra dev -c requirements/run.txt -o requirements/dev.txt

clean: ## remove the environment and caches; .data stays
	rm -rf .venv tests/sdks/node_modules .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
