# The commands of the README, of CI and of the docs. Each sets .venv up by itself where it is missing or out of date.

# The first Python that is new enough; PYTHON=... names another.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
SYSTEM_PYTHON = $(or $(PYTHON),$(error Python 3.11 or newer is needed, and none was found: install one, or name it with PYTHON=...))
BIN := .venv/bin
READY := .venv/.ready
# What pytest is given on top: make test ARGS="-k fork".
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench render tools pipeline collector distribution monitoring-check mutations fuzz up down fmt lock clean

help: ## what there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-25s%s\n", $$1, $$2 }'

setup: $(READY) ## .venv with everything in it, techsapo-telemetry included
	@echo "setup: .venv is ready"

$(READY): requirements.lock pyproject.toml tools/setup.py
	@$(SYSTEM_PYTHON) tools/setup.py

demo: $(READY) $(if $(filter collector stack,$(MODE)),pipeline) ## the reference app under traffic, live: SECONDS=20 ends it by itself, MODE=otlp pushes, MODE=collector goes through the Collector into Prometheus, MODE=stack has alerts and dashboards too, at PACE=15, SCENARIO=provider-outage and others make trouble
	@$(BIN)/techsapo-telemetry demo $(if $(SECONDS),--seconds $(SECONDS)) $(if $(MODE),--mode $(MODE)) $(if $(SCENARIO),--scenario $(SCENARIO)) $(if $(PACE),--pace $(PACE))

test: $(READY) tools ## all tests, against real servers
	$(BIN)/python -m tools.go_tests
	$(BIN)/python -m pytest $(ARGS)

check: $(READY) ## what is quick: style, types, rendered files, unit and contract tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/techsapo-telemetry render --check
	$(BIN)/python -m monitoring.render --check
	$(BIN)/python -m pytest -q tests/unit tests/contract $(ARGS)

bench: $(READY) $(if $(filter engine runtime,$(ARGS)),,collector) ## tables: the engine beside its peers, the figures of the process, the Collector beside one without policy; ARGS=engine, ARGS=runtime, ARGS=collector for one
	@$(BIN)/python -m benchmarks $(ARGS)

render: $(READY) ## write anew what repeats the contract, the settings and the thresholds: docs/metrics.md, docs/settings.md, policy.json, monitoring/rendered
	$(BIN)/techsapo-telemetry render
	$(BIN)/python -m monitoring.render

tools: $(READY) ## all that the tests run, built into build/: Collector, Prometheus, Alertmanager, docker compose and more (some minutes, once)
	@$(BIN)/python tools/build.py

pipeline: $(READY)
	@$(BIN)/python tools/build.py collector prometheus$(if $(filter stack,$(MODE)), alertmanager victoriametrics)

collector: $(READY) ## the Collector with our policy processor, built into build/ (some minutes, once)
	@$(BIN)/python tools/build.py collector

monitoring-check: $(READY) ## rules, alerts, dashboards, runbooks: fresh, taken by the programs that read them, each alert tried (builds what is missing)
	$(BIN)/python -m monitoring.render --check
	@$(BIN)/python tools/build.py collector prometheus alertmanager pint victoriametrics
	$(BIN)/python -m pytest -q tests/monitoring $(ARGS)

mutations: $(READY) ## make the rules wrong in one place after the other, and tell which errors no test finds (about an hour): ARGS="--only HttpServerErrors"
	@$(BIN)/python tools/build.py prometheus
	@$(BIN)/python -m tests.monitoring.mutations $(ARGS)

fuzz: $(READY) ## fuzz the Collector's Go modules: FOR=10m or FOR=1000000x each target
	$(BIN)/python -m tools.go_tests --fuzz $(or $(FOR),10m)

distribution: ## write collector/distribution anew from collector/builder.yaml
	cd collector && GOWORK=off go run go.opentelemetry.io/collector/cmd/builder@v0.161.0 --config builder.yaml --skip-compilation
	chmod 755 collector/distribution

up: ## the stack in containers: application, Collector, Prometheus with the rules, Alertmanager, Redis, MySQL (needs Docker)
	@$(SYSTEM_PYTHON) tools/stack.py up

down: ## stop the stack and keep its data: VOLUMES=1 removes the data
	@$(SYSTEM_PYTHON) tools/stack.py down $(if $(VOLUMES),--volumes)

fmt: $(READY) ## format, and fix what ruff can fix
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: $(READY) ## requirements.lock anew, to the newest versions that pyproject.toml allows
	$(BIN)/python tools/lock.py

clean: ## remove everything that these commands have made
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
