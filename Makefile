# The guide's commands. They need Python 3.11.5 or later and nothing else; the rest lands in .venv.

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11, 5))' 2>/dev/null && { echo $$python; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
# Wheels alone: to build a package from its source would run packages that no lock file names.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all:
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11.5 --generate-hashes --no-emit-index-url \
	--only-binary :all: --exclude-newer "7 days" --custom-compile-command "make lock"
ADDRESS ?= 127.0.0.1:8000
MINUTES ?= 10
FORMAT ?= text

export NO_MKDOCS_2_WARNING := 1

.DEFAULT_GOAL := help
.PHONY: help serve build zip book new check watch test sabotage mutate attack fuzz bench bench-build lock clean

help: ## Say what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: $(VENV)/site.installed ## Show the guide at http://127.0.0.1:8000 and follow your edits
	$(BIN)/mkdocs serve --dev-addr $(ADDRESS)

build: $(VENV)/site.installed ## Build the guide into site/; any finding or warning ends it
	$(BIN)/mkdocs build --strict

zip: build ## Pack the built guide into build/, to be opened from a folder without a host
	$(BIN)/python hooks/site_zip.py site build

book: $(VENV)/dev.installed ## Print the guide into build/: book, a side for each question, EPUB, cards
	$(BIN)/python book/make_book.py

new: $(VENV)/site.installed ## Begin a page: asks, or TITLE="Key-value store" TAGS="storage, deletion" (KIND=skeleton)
	@$(BIN)/python hooks/new_page.py --kind "$${KIND:-question}" --title "$$TITLE" --tags "$$TAGS"

check: $(VENV)/site.installed ## Check every page, without building
	$(BIN)/python hooks/check_page.py --all

watch: $(VENV)/site.installed ## Check every page again at each saved file
	@$(BIN)/python hooks/check_page.py --watch --format $(FORMAT)

test: $(VENV)/dev.installed ## Run every test; they need Chromium, and find it or say so
	$(BIN)/ruff check .
	$(BIN)/python book/browser.py
	$(BIN)/python -m pytest -n 2 --dist worksteal

sabotage: $(VENV)/dev.installed ## Damage every page in every way the rules know; twenty minutes
	PYTHONPATH=hooks:tests $(BIN)/python tests/test_sabotage.py

mutate: $(VENV)/dev.installed ## Damage the gate's code, and say what no test notices: make mutate ONLY=hooks/paths.py
	PYTHONPATH=hooks:tests nice $(BIN)/python tests/mutate.py $(ONLY)

attack: $(VENV)/dev.installed ## Run lists of cross-site scripting through gate and browser: make attack CORPUS=folder
	PYTHONPATH=book:hooks:tests $(BIN)/python tests/attack.py $(CORPUS)

fuzz: $(VENV)/dev.installed ## Give every reader texts that no one would write: make fuzz MINUTES=10
	PYTHONPATH=hooks:tests $(BIN)/python tests/fuzz.py $(MINUTES)

bench: $(VENV)/dev.installed ## Say how fast the guide opens on a phone, beside a bare file
	PYTHONPATH=book $(BIN)/python tests/bench_site.py

bench-build: $(VENV)/dev.installed ## Say how building grows, up to 1,000 questions, beside plain Material
	$(BIN)/python tests/bench_build.py

lock: $(VENV)/dev.installed ## Pin every package and its hash, newest that fits and is a week old
	$(COMPILE) --upgrade --output-file requirements.txt requirements.in
	$(COMPILE) --upgrade --output-file requirements-dev.txt requirements-dev.in

clean: ## Remove what was built and installed
	rm -rf site build $(VENV) .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "The guide needs Python 3.11.5 or later: install it, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11, 5))' || \
		{ echo "$(PYTHON) is not Python 3.11.5 or later." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) has no venv module: on Debian and Ubuntu, apt-get install python3-venv." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/site.installed: requirements.txt | $(BIN)/python
	$(INSTALL) -r requirements.txt
	@touch $@

$(VENV)/dev.installed: requirements-dev.txt $(VENV)/site.installed
	$(INSTALL) -r requirements-dev.txt
	@touch $@
