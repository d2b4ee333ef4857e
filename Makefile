# Two commands do everything: `make lab` opens the notebooks, `make test` proves that all works.
# Each target first sets up .venv from environment.yml, unless a conda environment made from that
# file is active.

NAME := d2l_attention
PYTHON ?= $(shell for python in python3.11 python3 python3.12 python3.13 python3.14; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)

ifeq ($(CONDA_DEFAULT_ENV),$(NAME))
BIN := $(CONDA_PREFIX)/bin
READY :=
else
BIN := .venv/bin
READY := .venv/ready
endif

# The start page in the reader's language, if the book is written in it.
LANGUAGE_CODE := $(firstword $(subst _, ,$(firstword $(LC_ALL) $(LC_MESSAGES) $(LANG))))
START := $(firstword $(wildcard notebooks/$(LANGUAGE_CODE)/start.ipynb) notebooks/en/start.ipynb)

# In a container the only user is often root, whom Jupyter otherwise turns away.
ALLOW_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.DEFAULT_GOAL := help
.PHONY: help lab check test browsers lint notebooks site book bench bench-live pictures mutants clean

help: ## Show this list.
	@echo "Attention to take hold of. Commands:"
	@sed -n 's/^\([a-z-]*\):.*## /  make \1	/p' $(MAKEFILE_LIST) | expand -t 19

lab: $(READY) ## Open the notebooks in JupyterLab.
	JUPYTER_CONFIG_PATH="$(CURDIR)/notebooks/tools/jupyter" $(BIN)/jupyter lab \
		--ServerApp.ip=localhost --ServerApp.root_dir=notebooks \
		--LabApp.default_url=/lab/tree/$(START:notebooks/%=%) $(ALLOW_ROOT)

# Two workers, a thread each: with more threads than cores they wait for one another. Bytecode is
# kept, or each process would compile the tests again.
PYTEST := OMP_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 2 --dist loadfile

check: lint ## Pass the tests that are quick: no browser, and no notebook is run.
	$(PYTEST) -m "not slow" $(ARGS)

test: $(READY) ## Pass every test: the package, its documentation and the notebooks.
	$(PYTEST) --nbval $(ARGS)

browsers: $(READY) ## Try the site and its live figures in Chromium, Firefox and WebKit.
	$(BIN)/python -m pytest notebooks/tests/browsers $(ARGS)

lint: $(READY) ## Check style and types, and that every word is translated and rightly spelt.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/oxlint --deny-warnings
	$(BIN)/oxfmt --check '**/*.js'
	PYTHONPATH=notebooks $(BIN)/python -m tools.book --check
	PYTHONPATH=notebooks $(BIN)/python -m tools.spelling

notebooks: $(READY) ## Execute what code has changed, and translate (ARGS=--all: execute all).
	PYTHONPATH=notebooks $(BIN)/python -m tools.book $(ARGS)
	PYTHONPATH=notebooks $(BIN)/python -m tools.spelling

bench: $(READY) ## Measure time and memory beside the plain formulas, and say which targets hold.
	$(BIN)/python -m d2l_attention.benchmarks.scale

site: $(READY) ## Make the book a site to read without running it, in build/book.
	PYTHONPATH=notebooks $(BIN)/python -m tools.site

# Its old name, until the release after 0.1.
book: site

bench-live: $(READY) ## Measure the live figure in a real JupyterLab, beside what people write.
	$(BIN)/python -m d2l_attention.benchmarks.live $(ARGS)

pictures: $(READY) ## Photograph every figure, to look at before a commit that touches one.
	PYTHONPATH=notebooks $(BIN)/python -m tools.gallery $(ARGS)

mutants: $(READY) ## Put faults into copies of the project, and see that the tests notice each.
	PYTHONPATH=notebooks $(BIN)/python -m tools.mutants $(ARGS)

clean: ## Remove what the other commands made, .venv too.
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis build dist
	find . -name __pycache__ -prune -exec rm -rf {} +
	find . -name .ipynb_checkpoints -prune -exec rm -rf {} +

.venv/ready: environment.yml pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found:" \
		"install it, or say where it is with 'make PYTHON=/path/to/python3.11'."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo \
		"Python 3.11 or newer is needed: $(PYTHON) is older, or is not there."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) has no venv module:" \
		"install it (on Debian and Ubuntu: apt-get install python3-venv)."; exit 1; }
	@echo "Setting up .venv from environment.yml: about a minute, or a few on a slow network."
	$(PYTHON) -m venv .venv
	sed -n 's/^ *- \([A-Za-z0-9_.-]*==.*\)/\1/p' environment.yml > .venv/pins.txt
	.venv/bin/python -m pip install --disable-pip-version-check -r .venv/pins.txt
	.venv/bin/python -m pip install --disable-pip-version-check -q --no-deps --no-build-isolation -e .
	@touch .venv/ready
