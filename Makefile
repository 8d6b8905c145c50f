# The commands of a working day. Each installs what it needs and is quick the second time.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8050
# Where there is no terminal to show progress on, pip's bars would be walls of text.
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_WARN_SCRIPT_LOCATION=1 $(BIN)/python -m pip -qq
PACKAGES := vitals device_profiles gateway wire ingest store alerts dashboard simulators hub runtime

.PHONY: help demo install install-dev test check format lock docs screenshot pictures clean

help:  ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

demo: install  ## run a ward on this machine (PORT=8060 for another port, RESET=1 to start over)
	@scripts/ensure-packages --needed dbus:dbus-daemon
	@exec $(BIN)/hearthward up --port $(PORT) $(if $(RESET),--start-over)

install: $(VENV)/installed  ## make the virtual environment, with what production and the ward need

install-dev: $(VENV)/installed-dev  ## the same, with what the checks and the tests need

test: install-dev  ## every test, on real parts
	@scripts/ensure-packages dbus:dbus-daemon mosquitto:mosquitto chromium:chromium fonts-dejavu-core:/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
	@$(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder $(ARGS)

check: install-dev  ## format, lint, types, import rules
	@$(BIN)/ruff format --check --quiet . || { echo "Run: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@said=$$($(BIN)/lint-imports 2>&1) || { echo "$$said"; exit 1; }
	@$(BIN)/pytest -q -p no:xdist tests/contract/test_house.py & house=$$!; \
	    $(BIN)/basedpyright; types=$$?; wait $$house && exit $$types

format: install-dev  ## put the code in its one format
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lock:  ## make the lock files anew from pyproject.toml (needs uv)
	@scripts/lock

docs: install-dev  ## write the generated pages of docs/
	@$(BIN)/python -m hub.settings_page > docs/settings.md
	@$(BIN)/python -m device_profiles.devices_page tests/captures > docs/devices.md

screenshot: install-dev  ## take the README's picture of a fresh ward
	@$(BIN)/python -m tests.harness.screenshot

pictures: install-dev  ## take anew what the visual tests compare with; look at each before you commit it
	@$(BIN)/pytest -q -p no:xdist --renew-pictures tests/e2e/test_pictures.py

clean:  ## remove what was installed and cached; a ward's data stays
	@rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache build test-results *.egg-info
	@find $(PACKAGES) tests -name __pycache__ -prune -exec rm -rf {} +

# A venv whose Python is gone or moved is made again; one that works is kept.
$(BIN)/python:
	@scripts/make-venv $(PYTHON) $(VENV)

$(VENV)/installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing Hearthward; the first time this takes about a minute ..."
	@SECONDS=0 && $(PIP) install --require-hashes --no-deps -r requirements.lock && \
		$(PIP) install --no-deps --no-build-isolation --editable . && \
		touch $@ && echo "Installed in $$SECONDS s."

$(VENV)/installed-dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	@echo "Installing Hearthward with its tools for development ..."
	@$(PIP) install --require-hashes --no-deps -r requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/installed
