# A virtual environment in .venv, made when first needed and brought up to date when setup.cfg changes.
# Another interpreter: make test PYTHON=/path/to/python3.12

PYTHON ?= python3.11 python3
BIN = .venv/bin
# Material announces the next program of its authors at each build.
MKDOCS = NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs
# Twice quiet: errors only.
PIP = $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet

.PHONY: demo test check bench parity docs rendered site picture browser clean
APT = --yes -o Acquire::Retries=1 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30
# Two installs into one environment must not run at once.
.NOTPARALLEL:

demo: .venv/.core
	rm -rf demo-output
	$(BIN)/claimloop demo demo-output

test: .venv/.test
	$(BIN)/pytest -n auto --maxprocesses 4 --dist loadgroup

check: .venv/.check
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest tests/test_layers.py tests/test_sizes.py tests/test_prose.py
	$(MKDOCS) build --quiet --strict --clean

bench: .venv/.bench
	$(BIN)/python benchmarks/run.py
	$(BIN)/python -m claimloop.benchmarks.matching
	$(BIN)/python -m claimloop.benchmarks.posting 100000 20000
	$(BIN)/python -m claimloop.benchmarks.nightly 5000

parity: .venv/.core
	$(BIN)/python benchmarks/parity.py

docs: .venv/.core
	$(BIN)/python -m claimloop.edi.catalogue_page > .venv/diagnostics.md
	mkdir -p docs
	mv .venv/diagnostics.md docs/diagnostics.md
	$(BIN)/python -m claimloop.builders.encounter_docs.page > .venv/encounters.md
	mv .venv/encounters.md docs/encounters.md
	$(BIN)/python -m claimloop.reconciliation.configuration.page > .venv/configuration.md
	mv .venv/configuration.md docs/configuration.md
	$(BIN)/python -m claimloop.benchmarks.parity_page > .venv/guides.md
	mv .venv/guides.md docs/guides.md
	$(BIN)/python -m claimloop.docs.tools.commands_page > .venv/commands.md
	mv .venv/commands.md docs/commands.md

# The pages of docs/ as a web site that needs no network, in build/site. Open build/site/index.html.
site: .venv/.docs
	$(MKDOCS) build --quiet --strict --clean

# The picture of the report in the README. It needs Chromium (make browser).
picture: .venv/.core
	docs/tools/picture.sh

# The console blocks of README.md and docs/ with what the commands print today.
rendered: .venv/.test
	$(BIN)/python -m claimloop.tests.rendered

# The browser in which the report is tested; never an error, because without one those tests are skipped.
browser:
	@if command -v chromium >/dev/null && command -v chromedriver >/dev/null; then \
	    echo "browser: chromium is installed"; \
	elif [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
	    echo "browser: no chromium with chromedriver, and no apt-get as root: the report is not tested in a browser"; \
	elif { apt-get $(APT) update && DEBIAN_FRONTEND=noninteractive apt-get $(APT) install \
	    --no-install-recommends chromium chromium-driver; } >/dev/null 2>&1; then \
	    echo "browser: chromium is installed now"; \
	else \
	    echo "browser: apt-get could not install chromium: the report is not tested in a browser"; \
	fi

clean:
	rm -rf .venv build dist *.egg-info demo-output
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The first of the candidates that runs, is new enough and can make an environment with pip in it.
.venv/.made:
	@for python in $(PYTHON); do \
	    "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
	    if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	        "$$python" -m venv .venv && touch $@; \
	        exit; \
	    fi; \
	    echo "$$python has no ensurepip module (on Debian and Ubuntu: apt install python3-venv)." >&2; \
	done; \
	echo "claimloop needs Python 3.11 or newer, with venv and ensurepip; tried: $(PYTHON)." >&2; \
	echo "Name one: make PYTHON=/path/to/python3.11" >&2; \
	exit 1

.venv/.core: setup.cfg pyproject.toml | .venv/.made
	$(PIP) install --editable .
	@touch $@

.venv/.test: .venv/.core
	$(PIP) install --editable '.[test]'
	@touch $@

.venv/.check: .venv/.test
	$(PIP) install --editable '.[test,check,docs]'
	@touch $@

.venv/.docs: .venv/.core
	$(PIP) install --editable '.[docs]'
	@touch $@

# The tests too: their random encounters are shown to the peers.
.venv/.bench: .venv/.core
	$(PIP) install --editable '.[bench,tables,test]'
	@touch $@
