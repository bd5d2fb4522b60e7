# Starts things; how they work is configured in pyproject.toml. `make help` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin

# What decides which packages are installed; a change of either installs again.
PACKAGES := pyproject.toml requirements.lock
RUN_STAMP := $(VENV)/.installed-to-run
TEST_STAMP := $(VENV)/.installed-to-test

export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Rasa has an environment of its own; BOT is the bot it is trained for.
RASA := .cache/rasa-venv
RASA_PORT := 5005
BOT := $(or $(TRIBUTARY_BOT),bots/library/moss_and_kettle)

.PHONY: help run test lint format bench bench-nlu bench-kb scale rasa lock env-example clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

run: $(RUN_STAMP) ## Talk to the example bot at http://127.0.0.1:8000
	@exec $(BIN)/tributary serve

test: $(TEST_STAMP) lint ## Check style, types and floors, then run all tests (ARGS="-k …")
	@scripts/install_test_needs.sh
	@scripts/make_rasa_venv.sh $(RASA) || [ "$${CI:-}" != true ]
	$(BIN)/python -m pytest $(ARGS)

lint: $(TEST_STAMP) ## Check style, types and floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(TEST_STAMP) ## Put the code into the project's style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(TEST_STAMP) ## Measure the dialogue alone and the whole path, and print tables
	@scripts/install_test_needs.sh
	$(BIN)/python -m tests.bench.dialogue
	$(BIN)/python -m tests.bench $(ARGS)

bench-nlu: $(TEST_STAMP) ## Measure understanding on published sets in the folder DATA, and print a table
	$(BIN)/python -m tests.bench.understanding $(DATA) $(ARGS)

bench-kb: $(TEST_STAMP) ## Measure the search of knowledge on published sets in the folder DATA, and print tables
	$(BIN)/python -m tests.bench.knowledge $(DATA) $(ARGS)

scale: $(TEST_STAMP) ## Run two web and two worker processes on PostgreSQL and Redis, without containers
	@scripts/install_test_needs.sh
	@exec $(BIN)/python -m bots.scale_out

rasa: $(RUN_STAMP) ## Train Rasa 3.6 from the bot's folder and serve it at http://127.0.0.1:5005 (BOT=…)
	@scripts/make_rasa_venv.sh $(RASA)
	$(BIN)/tributary export rasa $(BOT) .cache/rasa
	@exec scripts/serve_rasa.sh $(RASA) .cache/rasa $(RASA_PORT)

lock: ## Pin the newest versions pyproject.toml allows
	rm -rf $(VENV) && : >requirements.lock
	$(MAKE) $(TEST_STAMP)
	$(BIN)/python scripts/lock.py >requirements.lock.new
	mv requirements.lock.new requirements.lock && touch $(RUN_STAMP) $(TEST_STAMP)

env-example: $(RUN_STAMP) ## Write .env.example from the settings
	$(BIN)/python -m scripts.env_example >.env.example.new && mv .env.example.new .env.example

clean: ## Remove everything that can be made again; keeps var/, where the database is
	rm -rf $(VENV) .cache build dist ./*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -rf .import_linter_cache .coverage*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@scripts/make_venv.sh $(VENV)

# Dependency groups need pip 25.1. PyTorch comes first and by its exact version: asked for "any",
# pip takes the newest build of all indexes, which may be one for GPUs, several gigabytes large.
$(RUN_STAMP): $(PACKAGES) | $(BIN)/python
	@echo "installing packages; the first time takes some minutes" >&2
	$(BIN)/python -m pip install --quiet 'pip>=25.1'
	$(BIN)/pip install --quiet "$$(grep '^torch==' requirements.lock || echo torch==2.13.0)"
	$(BIN)/pip install --quiet --constraint requirements.lock --editable .
	@touch $@

$(TEST_STAMP): $(RUN_STAMP)
	$(BIN)/pip install --quiet --constraint requirements.lock --group dev
	@touch $@
