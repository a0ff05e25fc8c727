# What a newcomer, a developer and CI type. Each command makes the environment in .venv when it is missing
# or when what it is made of has changed. PYTHON=... chooses the interpreter, ARGS=... goes to the command.

SHELL := /bin/sh
.DEFAULT_GOAL := help

VENV := .venv
BIN := $(VENV)/bin
APP := $(VENV)/.ready-app
DEV := $(VENV)/.ready-dev
ARGS ?=
PYTHON ?=
PYTHONS := $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11)

# Where Python may not keep what it compiled, every start compiles all of Steward again.
unexport PYTHONDONTWRITEBYTECODE

# An environment that was moved, or whose interpreter is gone, is made anew.
STALE :=
ifneq ($(shell cat $(VENV)/.place 2>/dev/null),$(CURDIR))
STALE := stale
else ifeq ($(wildcard $(BIN)/python),)
STALE := stale
endif

.PHONY: help demo test check bench soak run clean stale
stale:

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 16

demo: $(APP) ## Steward with a local Slack in the browser: nothing to sign up for
	@$(BIN)/steward demo $(ARGS)

test: $(DEV) ## every test, on SQLite and PostgreSQL and in a real browser
	@$(BIN)/python -m tests.support.machine
	@$(BIN)/python -m pytest $(or $(ARGS),--whole -n auto --maxprocesses 4 --dist worksteal)

check: $(DEV) ## style, types and the rules of import
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

bench: $(DEV) ## how fast it is, beside what the bare drivers do
	@$(BIN)/python -m tests.support.machine postgresql
	@$(BIN)/python -m tests.bench $(ARGS)

soak: $(DEV) ## more than an hour of faults and attacks: killed, cut off, limited, forged
	@$(BIN)/python -m tests.support.machine postgresql
	@$(BIN)/python -m tests.soak $(ARGS)

run: $(APP) ## Steward in your Slack, with the settings of the environment
	@$(BIN)/steward run $(ARGS)

clean: ## remove the environment and whatever else was made here
	@rm -rf $(VENV) build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find bot domain storage tests -name __pycache__ -type d -exec rm -rf {} +

$(APP): pyproject.toml constraints.txt $(STALE)
	$(call environment,demo)
	@touch $(APP)

$(DEV): pyproject.toml constraints.txt $(STALE)
	$(call environment,dev)
	@touch $(APP) $(DEV)

define environment
@python=; \
for candidate in $(PYTHONS); do \
  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
  then python=$$candidate; break; fi; \
done; \
if [ -z "$$python" ]; then \
  echo "Steward needs Python 3.11 or newer; none of these is: $(PYTHONS)."; \
  echo "Install one (Debian, Ubuntu: apt-get install python3 python3-venv; macOS: brew install python)"; \
  echo "or name it: make PYTHON=/path/to/python3"; \
  exit 1; \
fi; \
if ! "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
  echo "$$python lacks its venv module. Install it (Debian, Ubuntu: apt-get install python3-venv)."; \
  exit 1; \
fi; \
if [ -n "$(STALE)" ] || ! $(BIN)/python -m pip --version >/dev/null 2>&1; then \
  echo "Making the environment in $(VENV) (once; a minute or two) ..."; \
  "$$python" -m venv --clear $(VENV) || { echo "Could not make $(VENV) with $$python."; exit 1; }; \
else \
  echo "Bringing the environment in $(VENV) up to date ..."; \
fi; \
$(BIN)/python -m pip --disable-pip-version-check install -q -q -c constraints.txt -e '.[$(1)]' || { \
  echo "Could not install what Steward needs; the lines above say why."; \
  echo "Behind a proxy or with a mirror: tell pip in its own configuration, then try again."; \
  exit 1; \
}; \
$(BIN)/python -m compileall -q bot domain storage; \
pwd -P > $(VENV)/.place
endef
