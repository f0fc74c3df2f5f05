# Needs Python 3.11 or newer and make; everything else it brings itself.
.DEFAULT_GOAL := help
.PHONY: faults backup restore restore-drill help setup run test test-fast coverage check fix fuzz docs bench oracle messages tools front-ends words
# Two at once: front ends are built while packages are fetched.
MAKEFLAGS += --no-print-directory -j2

PYTHON ?= python3
PORT ?= 8000
ARGS ?=
PY := .venv/bin/python
CODE := platform surveys scorecards dashboards interchange benchmarks tools manage.py
export PYTHONPATH := $(CURDIR):$(CURDIR)/platform
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_COMPILE := 1

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

setup: .venv/.run .venv/.tools front-ends words  ## everything the others need, quick when nothing changed
	@$(PY) manage.py prepare_static

run: .venv/.run front-ends words  ## the whole platform with demo data on http://localhost:8000 (PORT=…)
	@PORT=$(PORT) exec $(PY) manage.py serve $(ARGS)

# Three at once on two cores: about a third of the time is waiting for browsers and servers.
test: tools front-ends words  ## every test, with a real browser (ARGS="-k fees" narrows)
	@tools/chromium.sh
	@$(PY) -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

test-fast: tools words  ## unit tests and quick database tests, no browser, under 3 minutes (ARGS="-k fees" narrows)
	@$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m fast $(ARGS)

coverage: tools front-ends words  ## which lines the tests reach: var/coverage-html (ARGS="-m unit" narrows)
	@tools/chromium.sh
	@$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report=term:skip-covered \
		--cov-report=html:var/coverage-html $(ARGS)

fix: tools  ## correct what a machine can correct: format, import order, simple lint
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

check: tools front-ends words  ## types, lint, import directions, migrations, translations, lock files, Python 3.13
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy $(CODE)
	@.venv/bin/lint-imports --no-cache
	@$(PY) manage.py check
	@$(PY) manage.py makemigrations --check --dry-run
	@$(PY) -m tools.migrations
	@$(PY) -m tools.messages check
	@$(PY) -m tools.names
	@$(PY) -m tools.functions
	@$(PY) -m tools.locks
	@$(PY) -m tools.newer_python
	@$(PY) -m pip check -q
	@echo "All is well."

fuzz: tools front-ends words  ## made-up requests to the whole API, as each role (FUZZ=20 of each operation)
	@HOSTILE=$${HOSTILE:-2000} $(PY) -m pytest -n 0 -q -s tests/test_hostile_inputs.py tests/fuzz_api.py $(ARGS)

docs: .venv/.docs words  ## the documentation as a site: var/docs/index.html
	@$(PY) -m tools.documents

bench: .venv/.run front-ends words  ## measure one thing: make bench NAME=score (without NAME: the list)
ifdef NAME
	@$(PY) -m benchmarks.$(subst -,_,$(NAME)) $(ARGS)
else
	@$(PY) -m benchmarks
endif

faults: tools front-ends words  ## break a running platform under load, and count what is lost (FAULTS="kill web,disk full")
	@$(PY) -m benchmarks.faults

oracle: tools front-ends words  ## compare both form evaluators with JavaRosa (FILES="a.tsv b.json")
	@tools/chromium.sh
	@$(PY) -m tools.oracle $(FILES)

backup: .venv/.run  ## save database, media and keys, encrypted, in var/backups (BACKUP_FOLDER, BACKUP_RECIPIENTS)
	@$(PY) manage.py backup

restore: .venv/.run  ## put a backup back: make restore FILE=var/backups/… (KEYS, IDENTITY); stop the platform first
	@test -n "$(FILE)" || { echo "Name a backup: make restore FILE=var/backups/…"; exit 1; }
	@$(PY) manage.py restore "$(FILE)" $(ARGS)

restore-drill: .venv/.run  ## restore a backup beside, compare tables, files and scores, drop it (FILE=…)
	@test -n "$(FILE)" || { echo "Name a backup: make restore-drill FILE=var/backups/…"; exit 1; }
	@$(PY) manage.py restore "$(FILE)" --drill $(ARGS)

messages: tools  ## bring every catalogue of Khmer words up to date with the code
	@$(PY) -m tools.messages update

tools: .venv/.run .venv/.tools

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=python3.12 …"; exit 1; }
	@$(PYTHON) -m venv .venv || \
		{ rm -rf .venv; echo "Python cannot make an environment (Debian: apt-get install python3-venv)."; exit 1; }

.venv/.run: requirements.txt | .venv/bin/python
	@echo "Installing packages (a minute or two)."
	@$(PY) -m pip install -qq -r requirements.txt
	@touch $@

.venv/.tools: requirements-dev.txt .venv/.run
	@echo "Installing tools."
	@$(PY) -m pip install -qq -r requirements-dev.txt
	@touch $@

.venv/.docs: requirements-docs.txt .venv/.tools
	@echo "Installing the documentation's tools."
	@$(PY) -m pip install -qq -r requirements-docs.txt
	@touch $@

front-ends: $(if $(shell command -v npm),.venv/bin/python,.venv/.run)
	@$(PY) -m tools.frontends

words: .venv/.run
	@$(PY) -m tools.messages compile
