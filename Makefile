# The commands of the project. `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help install install-dev run demo test lint docs bench

PY := .venv/bin/python
SIZE ?= 10000
VMS ?= 1200
WORKERS ?= 2
DB ?= sqlite
WITH ?=

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | expand -t 14

install: ## make .venv and install the runtime (WITH="postgresql redis" and their drivers)
	@scripts/install.sh requirements.txt $(WITH)

install-dev:
	@scripts/install.sh requirements-dev.txt

run: install ## serve the dashboard on http://127.0.0.1:8050 (HOST, PORT, WITH, VMWARE_INV_...)
	@exec $(PY) -m scripts.serve

demo: install ## invent an estate of VMS=1200 machines and four months, and load it
	@$(PY) -m flask --app app inventory demo --vms $(VMS) --seed 1 --months 4

test: install-dev ## run all tests, WORKERS=2 at a time; installs Chromium and the servers they need if it may
	@scripts/install_browser.sh
	@scripts/install_services.sh
	@$(PY) -m pytest -q -n $(WORKERS) --dist worksteal $(ARGS)

lint: install-dev ## ruff, mypy and the import contracts
	@status=0; for check in "ruff check" "ruff format --check" mypy "lint-imports --no-logo"; do \
		.venv/bin/$$check || status=1; \
	done; exit $$status

docs: install ## write the parts of docs/ that follow from the code
	@$(PY) -m scripts.write_docs

bench: install-dev ## measure the product and write benchmarks/RESULTS.md (SIZE=10000 machines, DB=sqlite)
	@$(PY) -m benchmarks.run --size $(SIZE) --db $(DB)
