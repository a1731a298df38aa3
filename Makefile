# make help lists the targets. Every target that deploys takes STACK=NAME (default: local); a stack is a file Pulumi.NAME.yaml.
SHELL := /bin/bash
.DEFAULT_GOAL := help
STACK ?= local
PACK := --policy-pack policies
PRESET ?=
stacks := $(patsubst Pulumi.%.yaml,%,$(wildcard Pulumi.*.yaml))
presets := $(patsubst policies/presets/%.json,%,$(wildcard policies/presets/*.json))
choices = $(subst $() ,|,$(strip $(1)))
ifneq ($(PRESET),)
ifeq ($(wildcard policies/presets/$(PRESET).json),)
$(error no preset '$(PRESET)'; presets: $(presets))
endif
PACK += --policy-pack-config policies/presets/$(PRESET).json
endif

ifeq ($(wildcard Pulumi.$(STACK).yaml),)
$(error no stack '$(STACK)': Pulumi.$(STACK).yaml does not exist; stacks: $(stacks))
endif

# A stack whose file has the local cloud's mark goes there; a real one to the user's own Pulumi account, backend and cloud
# login.
ifneq ($(shell grep -l ': localcloud\.invalid' Pulumi.$(STACK).yaml),)
pulumi := bin/local pulumi
doctor := bin/local registry-doctor
yes := --yes
else
pulumi := PATH="$(CURDIR)/.venv/bin:$$PATH" bin/pulumi
doctor := PATH="$(CURDIR)/bin:$(CURDIR)/.venv/bin:$$PATH" registry-doctor
yes :=
endif
python := .venv/bin/python

.PHONY: help
help: ## Show this list
	@echo "usage: make TARGET [STACK=$(call choices,$(stacks))] [PRESET=$(call choices,$(presets))]"
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  %-12s %s\n", $$1, $$2}' || test $$? = 141

.PHONY: setup
setup: ## Install everything pinned: Python packages, and a Pulumi CLI where there is none
	@tools/setup
	@bin/pulumi version >/dev/null

.PHONY: up
up: setup ## Deploy a stack with the policy pack enforced, then show what it is
	@$(pulumi) up --stack $(STACK) $(yes) --suppress-outputs $(PACK)
	@# A replica that is newer than its private endpoint has an address that only a refresh brings into the state.
	@if $(doctor) show --stack $(STACK) --json 2>/dev/null | $(python) tools/needs_refresh.py 2>/dev/null; then \
	  $(pulumi) refresh --stack $(STACK) --yes --skip-preview --suppress-outputs; fi
	@$(MAKE) --no-print-directory show

.PHONY: show
show: setup ## Show a deployed stack: endpoints, private IPs, DNS records, who can reach it
	@$(doctor) show --stack $(STACK)

.PHONY: preview
preview: setup ## Show what a deployment would change, with the policy pack
	@$(pulumi) preview --stack $(STACK) $(PACK)

.PHONY: down
down: setup ## Destroy a stack's resources; a registry only once protect is false
	@$(python) tools/down.py $(STACK) $(yes)

.PHONY: policy
policy: setup ## Judge the deployed state of a stack, without deploying
	@mkdir -p .local && trap 'rm -f .local/policy-state.json' EXIT && \
	  $(pulumi) stack export --stack $(STACK) > .local/policy-state.json && \
	  $(pulumi) policy analyze --file .local/policy-state.json $(PACK)

.PHONY: gate
gate: setup ## The CI step: preview a stack with the pack, no cloud needed, as an update of the last rehearsal (FROM=last; FROM=nothing discards it)
	@$(python) -m localcloud.rehearse $(STACK) --preview $(if $(FROM),--from $(FROM)) $(PACK)

.PHONY: rehearse
rehearse: setup ## Deploy a real stack's configuration into the local cloud, twice, and report
	@$(python) -m localcloud.rehearse $(STACK) $(PACK)

.PHONY: verify-azure
verify-azure: setup ## Compare the local cloud with Azure, SUBSCRIPTION=<id>: deploys, costs about 2 USD, cleans up
	@$(python) -m localcloud.verify $(if $(SUBSCRIPTION),$(SUBSCRIPTION),'') $(if $(YES),--yes)

.PHONY: test
test: setup ## Run the tests (about 6 minutes)
	@.venv/bin/pytest -q -n 2 --dist loadgroup -m "not full"

.PHONY: test-full
test-full: setup ## Run every test, the slow ones too (up to 40 minutes)
	@.venv/bin/pytest -q -n 2 --dist loadgroup

.PHONY: lint
lint: setup ## Check formatting, lint, types and generated files
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/zizmor --offline --quiet --no-progress .github $(wildcard examples/ci/github*.yml)
	@$(python) tools/schema_gate.py
	@$(python) tools/api_reference.py --check
	@$(python) -m registry_guard.rules_doc --check
	@$(python) -m tests.localcloud.recorded_doc --check
	@.venv/bin/basedpyright

.PHONY: audit
audit: setup ## Compare the locked packages with the known vulnerabilities; needs the package index itself
	@tools/uv export --frozen --quiet --all-extras --all-groups --no-emit-project --output-file .requirements.txt; \
	  trap 'rm -f .requirements.txt' EXIT; \
	  tools/uv run --frozen --quiet --isolated --only-group audit pip-audit --strict --disable-pip --require-hashes -r .requirements.txt

.PHONY: campaign
campaign: setup ## Attack every reader of what others write (READERS="state plan", SECONDS=60 for each, ARGS=--help)
	@tools/uv sync --frozen --quiet --all-extras --group campaign --inexact
	@$(python) -m tests.campaign $(READERS) $(if $(SECONDS),--seconds $(SECONDS)) $(ARGS)

.PHONY: reference
reference: setup ## Write every generated file: schema, docs/reference, RULES.md, presets, the tables of docs/rehearsal.md
	@$(python) tools/api_reference.py
	@$(python) -m registry_guard.rules_doc
	@$(python) -m tests.localcloud.recorded_doc

.PHONY: site
site: setup ## Build the documentation site into dist/site; fails on a broken link
	@$(python) tools/documentation_site.py

.PHONY: dist
dist: setup ## Build wheel, sdist, bill of materials and tested versions into dist/, reproducibly
	@$(python) tools/distributions.py
	@$(python) tools/sbom.py
	@tools/uv export --frozen --quiet --all-extras --no-dev --no-emit-project --no-hashes --no-annotate --no-header \
	  --output-file dist/constraints.txt

.PHONY: bench
bench: setup ## Measure speed as ratios, in one run
	@$(python) -m tests.bench
