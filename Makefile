# Two commands: `make run` starts everything on this machine, `make test` proves it. Both work from a fresh clone.
.DEFAULT_GOAL := help
PORT ?= 3000
export PORT
VENV := .venv/bin
export PATH := $(CURDIR)/$(VENV):$(PATH)
FAST := not e2e and not slow and not fault
# What agents run in: AP_DRIVER=docker needs no bubblewrap, but an image.
RUNTIME := $(if $(filter docker,$(AP_DRIVER)),agent-image,sandbox)

run: environment $(RUNTIME) front ## start everything at http://localhost:3000 (PORT=... for another port)
	@exec $(VENV)/python -m agent_platform.cli run

test: lint test-fast test-rest ## check and test everything; needs nothing running

lint: environment-dev ## style, types and the import contracts
	$(VENV)/ruff check
	$(VENV)/ruff format --check
	$(VENV)/lint-imports
	$(VENV)/pyright

test-fast: environment-dev sandbox
	$(VENV)/pytest -n 2 --durations=20 --durations-min=2 -m "$(FAST)"

test-rest: environment-dev sandbox docker browser front
	$(VENV)/pytest -n 2 --dist loadfile --no-loadscope-reorder --durations=40 --durations-min=5 -m "not ($(FAST)) and not long"

faults: environment-dev sandbox browser front ## every fault there is a test for; half an hour
	$(VENV)/pytest -m fault

chaos: environment-dev sandbox front ## random faults under load for MINUTES=10, then the books are compared; SEED=... repeats one
	$(VENV)/python -m tests.faults.chaos --minutes $(or $(MINUTES),10) $(if $(SEED),--seed $(SEED))

check: ## refuse an unsafe configuration, saying how to mend it
	@$(VENV)/python -m agent_platform.cli check

bench: environment-dev sandbox front ## measure against the raw sandbox; writes docs/benchmarks.md
	$(VENV)/python -m tests.benchmarks

images: ## build the images of agents and of the platform (needs Docker)
	docker build --file deploy/agent_base/Dockerfile --tag agent-base:local .
	docker build --file deploy/platform/Dockerfile --tag agent-platform:local .

front: environment
	@deploy/scripts/front.sh

environment:
	@deploy/scripts/environment.sh

environment-dev:
	@deploy/scripts/environment.sh dev

sandbox:
	@deploy/scripts/system-package.sh bwrap bubblewrap "Agents run in sandboxes made by bubblewrap." required

docker:
	@deploy/scripts/system-package.sh dockerd docker.io "Tests of the docker driver need an engine of their own." optional

agent-image: ## the image in which agents run with AP_DRIVER=docker
	@deploy/scripts/agent-image.sh

browser:
	@deploy/scripts/system-package.sh chromium chromium "Tests in the browser need Chromium." optional

clean: ## remove what was built and downloaded; the data in .data stays
	rm -rf .venv .tools .web .pytest_cache .ruff_cache .hypothesis .import_linter_cache

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run test lint test-fast test-rest faults chaos check bench images front environment environment-dev sandbox docker agent-image browser clean help
