# Thirteen Patients. `make` alone lists the commands.
# Needs a POSIX shell, make (3.81 will do) and Python 3.11, 3.12 or 3.13.

.DEFAULT_GOAL := help
.PHONY: help book test test-all lint test-browser pdf cohort audit validate lab handout serve bench links lock newest clean

# An interpreter of your choice: make book PYTHON=/path/to/python3.12
PYTHON ?=
CANDIDATES = $(or $(PYTHON),python3.13 python3.12 python3.11 python3)
VENV = .venv/bin/python
PIP = $(VENV) -m pip install --quiet --disable-pip-version-check
PYTEST = $(VENV) -m pytest -n auto --dist loadgroup
PORT ?= 8000
EDITED ?=

help:
	@echo 'make book    build the site to _build/html/index.html (warnings are errors)'
	@echo 'make test    the everyday tests (two minutes)'
	@echo 'make test-all  those, then the long ones: proofs found again, builds, samples in full'
	@echo 'make lint    style, format and types of the code'
	@echo 'make test-browser  look at each built page with Chromium (which has to be installed)'
	@echo 'make pdf     print the built book to _build/thirteen-patients.pdf (needs Chromium, too)'
	@echo 'make cohort  from the printed files to a consistent cohort: the quick stages (a minute)'
	@echo 'make audit   all stages of data/cohort/, those that are not finished (half an hour)'
	@echo 'make validate  rebuild made-up papers of known truth, write data/validation/ (ten minutes)'
	@echo 'make lab     open a copy of the chapters in JupyterLab (FRESH=1: a new copy)'
	@echo 'make handout  lessons as notebooks, with and without solutions, and all figures (minutes)'
	@echo 'make serve   show the built site on http://localhost:$(PORT)'
	@echo 'make bench   time the search against plain enumeration; how it grows (minutes)'
	@echo 'make links   ask each address outside the book whether it is there (needs the network)'
	@echo 'make lock    compile requirements*.in to requirements*.txt (needs the network)'
	@echo 'make newest  .venv with the newest packages, to see what they break (needs the network)'
	@echo 'make clean   remove what the commands above built, except .venv'
	@echo
	@echo 'The first one creates .venv from requirements.txt; later ones reuse it.'

# A new lock means a new environment, so that nothing of an old one lingers.
.venv/.installed: requirements.txt
	@supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'; \
	for python in $(CANDIDATES); do \
	  if "$$python" -c "$$supported" 2>/dev/null; then \
	    echo "Creating .venv with $$python"; \
	    exec "$$python" -m venv --clear .venv; \
	  fi; \
	done; \
	echo 'No Python 3.11, 3.12 or 3.13 among: $(CANDIDATES)' >&2; \
	echo 'Install one, or name one: make book PYTHON=/path/to/python3.12' >&2; \
	exit 1
	$(PIP) --require-hashes -r requirements.txt
	@touch $@

.venv/.stamp: .venv/.installed pyproject.toml
	$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

# --all reads every page again, so that a warning is never lost with an earlier build; cells are
# still taken from the cache as long as neither they nor src/, data/ or requirements.txt changed.
# Data that are not as the command made them end the build; EDITED=1 builds them with a banner.
# alone.py removes the last site, and lets a second build wait for the first.
book: .venv/.stamp
	EDITED=$(EDITED) $(VENV) _ext/alone.py _build/html \
	  .venv/bin/jupyter-book build . --all -W -n --keep-going

# Tests that take long are marked `slow`; the rest is for every day. `make test-all` runs both, and
# `make test test-all` does not run the everyday ones twice.
test: .venv/.stamp
	$(PYTEST) -m 'not slow'

test-all: test
	$(PYTEST) -m slow

lint: .venv/.stamp
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	$(VENV) -m mypy

# The browser itself comes from the system; its driver is no part of the book's own environment.
.venv/.browser: .venv/.stamp requirements-browser.txt
	@command -v "$${CHROMIUM:-chromium}" >/dev/null || command -v chromium-browser >/dev/null \
	  || command -v google-chrome >/dev/null || { \
	  echo 'No Chromium found. On Debian or Ubuntu: sudo apt-get install chromium' >&2; \
	  echo 'Elsewhere, name one: CHROMIUM=/path/to/chromium make test-browser' >&2; exit 1; }
	$(PIP) --require-hashes -r requirements-browser.txt
	@touch $@

test-browser: .venv/.browser
	$(VENV) -m pytest tests/browser

pdf: .venv/.browser
	$(VENV) _ext/printed.py _build/html _build/thirteen-patients.pdf

cohort: .venv/.stamp
	$(VENV) -m recohort audit --quick
	$(VENV) _ext/readme_picture.py

audit: .venv/.stamp
	$(VENV) -m recohort audit
	$(VENV) _ext/readme_picture.py

validate: .venv/.stamp
	$(VENV) -m recohort validate

# A copy in lab/, kept from start to start; FRESH=1 begins anew and keeps the last one in lab.old/.
lab: .venv/.stamp
	$(VENV) _ext/lab.py lab $(if $(FRESH),--fresh)
	cd lab && PATH="$(CURDIR)/.venv/bin:$$PATH" JUPYTER_CONFIG_PATH=.jupyter PYTHONPATH=src \
	  ../$(VENV) -m jupyterlab

handout: .venv/.stamp
	$(VENV) _ext/handout.py

serve:
	@test -f _build/html/index.html || { echo 'Nothing built yet: make book' >&2; exit 1; }
	$(VENV) -m http.server --bind localhost --directory _build/html $(PORT)

bench: .venv/.stamp
	$(VENV) benchmarks/bench.py
	$(VENV) benchmarks/growth.py --most 13

links: .venv/.stamp
	.venv/bin/jupyter-book build . --all -n --keep-going --builder linkcheck

lock: .venv/.stamp
	for lock in requirements requirements-browser; do \
	  $(VENV) -m uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	    --no-strip-extras --custom-compile-command 'make lock' --output-file $$lock.txt $$lock.in \
	    || exit 1; \
	done

# The environment of the newest packages, those of requirements.in without their pins; `rm -rf .venv`
# goes back to the locked ones.
newest: .venv/.stamp
	mkdir -p _build
	sed 's/==.*//' requirements.in > _build/newest.in
	$(VENV) -m uv pip install --python $(VENV) --upgrade \
	  -r _build/newest.in -e . 'jupyter-book<2' --no-build-isolation-package thirteen

clean:
	rm -rf _build .pytest_cache .ruff_cache .mypy_cache build src/*.egg-info
	find src tests benchmarks _ext -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
