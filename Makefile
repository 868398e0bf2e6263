# Everything a developer does is one word here; `make help` lists the words.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python
# A module is run by one process: its tests share servers, and a process can have one worker.
PARALLEL := -n auto --dist loadscope --no-loadscope-reorder
PEERS := .venv-peers
SDKS := .venv-sdks
TORCH := .venv-torch
NODE_SDKS := tests/conformance/sdks

.DEFAULT_GOAL := help
.PHONY: help demo setup test test-full quick lint types format mutate bench bench-gpu peers coverage chaos clocks sdks torch browser web lock clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1	/' | expand -t 18

demo: $(VENV)/.run ## install, then render demo.mp4 from a prompt
	@$(BIN)/hinode generate "A red fox runs through snow at sunset, the camera pans right" \
		--size 1280x720 --seconds 4 --seed 7 --force -o demo.mp4
	@echo
	@echo "demo.mp4 is ready: play it. Next:"
	@echo "  $(BIN)/hinode generate \"your own words\" -o mine.mp4"
	@echo "  $(BIN)/hinode serve          # a studio for your browser, and the video APIs for programs"
	@echo "  $(BIN)/hinode doctor         # is everything here that it needs?"

setup: $(VENV)/.dev ## make .venv with everything that development needs

test: setup ## run the tests that need nothing but what is here; minutes
	$(BIN)/pytest $(PARALLEL) -m "not full"

TORCH_TESTS = open_model load_options text_encodings bench_gpu
test-full: setup sdks $(if $(TESTS),$(if $(strip $(foreach one,$(TORCH_TESTS),$(findstring $(one),$(TESTS)))),torch),torch) ## run the others: SDKs, a browser, packages, longer attacks; TESTS=… chooses
	$(BIN)/pytest $(PARALLEL) -m full $(TESTS)

quick: setup ## run the unit tests only
	$(BIN)/pytest tests/unit

lint: setup ## check style and import contracts
	$(BIN)/ruff check src tests scripts
	$(BIN)/ruff format --check src tests scripts
	$(BIN)/lint-imports --no-cache

types: setup ## check types
	$(BIN)/mypy

web: setup ## rebuild the web app from web/ (brings Node if there is none)
	scripts/web.sh

mutate: setup ## change each bound and default of the request schemas: a test must fail
	PYTHONPATH=. $(BIN)/python scripts/mutate_schemas.py

format: setup ## put the code into shape
	$(BIN)/ruff check --fix src tests scripts
	$(BIN)/ruff format src tests scripts

bench: setup ## measure rendering, requests and memory, as ratios in one run
	$(BIN)/python scripts/bench.py

bench-gpu: torch ## measure an open-weight model on a card, beside the plain pipeline; ARGS=… chooses
	$(TORCH)/bin/python scripts/bench_gpu.py $(ARGS)

peers: setup ## install LiteLLM beside, for `make bench` to compare with
	@test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(PEERS)/bin/python \
		--require-hashes -r requirements/peers.txt

coverage: setup sdks ## write down which test proves which route
	RECORD_PROOFS=1 $(BIN)/pytest $(PARALLEL) tests/conformance tests/integration -p no:cacheprovider \
		--ignore tests/integration/test_schemathesis.py
	$(BIN)/python scripts/reference.py

chaos: setup ## kill real servers at random, cut hosts apart; take the ledger through 10,000 steps
	HINODE_CHAOS=full $(BIN)/pytest tests/acceptance tests/integration -m chaos -x -s

clocks: setup ## run all tests with other clocks and in another time zone (needs a C compiler)
	scripts/clocks.sh

lock: setup ## pin the newest dependencies
	scripts/lock.sh

clean: ## remove what was built here
	rm -rf $(VENV) $(PEERS) $(SDKS) $(TORCH) $(NODE_SDKS)/node_modules .venv-node web/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis demo.mp4

$(VENV)/.base: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Hinode needs Python 3.11 or newer; name one with: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "This Python cannot make virtual environments; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/.run: $(VENV)/.base requirements/run.txt pyproject.toml
	@echo "Installing Hinode into $(VENV) …"
	@$(UV) --require-hashes -r requirements/run.txt
	@$(UV) --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	@echo "Installing what development needs …"
	@$(UV) --require-hashes -r requirements/dev.txt
	@touch $@

browser: ## install Debian's Chromium for the full tier (as root)
	@command -v chromium >/dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends chromium >/dev/null; }

# Without a build of torch for the CPU its tests are skipped.
torch: setup $(TORCH)/.done ## install what renders with open-weight models on a CPU (1.3 GB), for the full tier

# By pip: in a folder that PIP_FIND_LINKS names it takes the build whose version ends in +cpu.
# torchvision has no such build; of its usual one the operators need CUDA, and two modules that
# describe them break its import without. They are emptied: nothing here uses these operators.
$(TORCH)/.done: requirements/diffusers.txt
	@test -x $(TORCH)/bin/python || $(PYTHON) -m venv $(TORCH)
	@$(TORCH)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
		--require-hashes -r $< \
		&& $(TORCH)/bin/python -m pip install --quiet --disable-pip-version-check \
			--no-build-isolation --no-deps -e . \
		&& for one in meta autograd; do \
			: > "$$(echo $(TORCH)/lib/python*/site-packages/torchvision)/_$${one}_registrations.py"; done \
		&& $(TORCH)/bin/python -c 'import torch, torchvision' && touch $@ \
		|| echo "torch for the CPU could not be installed; its tests are skipped."

# Where a version or Node is missing, its tests are skipped; in CI they fail.
sdks: setup $(patsubst requirements/sdks/%.txt,$(SDKS)/%/.done,$(wildcard requirements/sdks/*.txt)) $(NODE_SDKS)/node_modules/.done ## install the SDKs that the full tier runs, in several versions

$(SDKS)/%/.done: requirements/sdks/%.txt
	@test -x $(@D)/bin/python || $(PYTHON) -m venv --without-pip $(@D)
	@$(BIN)/uv pip install --quiet --python $(@D)/bin/python --require-hashes -r $< && touch $@ \
		|| echo "$* could not be installed; its tests are skipped."

$(NODE_SDKS)/node_modules/.done: $(NODE_SDKS)/package-lock.json
	@if ! command -v npm >/dev/null; then echo "Node's SDKs need npm; their tests are skipped."; \
	else cd $(NODE_SDKS) && npm ci --silent --no-audit --no-fund && touch node_modules/.done \
		|| echo "Node's SDKs could not be installed; their tests are skipped."; fi
