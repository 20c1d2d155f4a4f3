"""Installs that need no sources, and the files that they read."""

import pytest

from bot.advise.early_installs import EarlyRun, find_early_run
from tests.support.rewrite_world import make_facts

SENT = """
    base 10MB
    sent package.json 1kB = {"dependencies": {"express": "4"}}
    sent package-lock.json 1kB = {}
    sent .npmrc 1kB = audit=false
    sent requirements.txt 1kB = -r requirements/base.txt\\nflask==3.0 # web\\nx @ https://a/x.whl
    sent requirements/base.txt 1kB = --index-url https://pypi.example/simple\\njinja2
    sent local.txt 1kB = flask\\nwheels/shop.whl
    sent editable.txt 1kB = -e .
    sent Gemfile 1kB = gem "rack"
    sent Pipfile 1kB = [packages]
    sent composer.json 1kB = {}
    sent pyproject.toml 1kB = [project]
    sent go.mod 1kB = module shop
    sent go.sum 1kB
    sent web/package.json 1kB = {}
    sent shop.py 3kB
"""


NODE_FILES = ("package.json", "package-lock.json", ".npmrc")


def read_run(command: str, sent: str = SENT) -> EarlyRun | None:
    """Return what `RUN command` needs of a context that is copied to /app."""
    rule_input = make_facts(f"FROM x\nWORKDIR /app\nCOPY . .\nRUN {command}\n", sent).rule_input
    return find_early_run(rule_input, rule_input.steps[-1], "/app")


@pytest.mark.parametrize(
    ("command", "files"),
    [
        ("npm ci", NODE_FILES),
        ("npm install --omit=dev && npm cache clean --force", NODE_FILES),
        ("yarn", ("package.json", ".npmrc")),
        ("pnpm i --prod", ("package.json", ".npmrc")),
        ("cd web && npm install", ("web/package.json",)),
        ("bundle install", ("Gemfile",)),
        ("composer install --no-dev", ("composer.json",)),
        ("pipenv install --system", ("Pipfile",)),
        ("poetry install --no-root", ("pyproject.toml",)),
        ("go mod download", ("go.mod", "go.sum")),
        ("pip install -r requirements.txt", ("requirements.txt", "requirements/base.txt")),
        ("pip install -r/app/requirements/base.txt gunicorn", ("requirements/base.txt",)),
        ("pip install --upgrade pip", ()),
        ("npm install -g pm2", ()),
        ("yarn global add serve && pnpm add -g turbo", ()),
        ("apt-get update && apt-get install -y libpq-dev && rm -rf /var/lib/apt/lists/*", ()),
        ("corepack enable && mkdir -p /data", ()),
    ],
)
def test_what_an_install_reads(command: str, files: tuple[str, ...]) -> None:
    run = read_run(command)
    assert run
    assert (run.files, run.joint) == (files, None)


@pytest.mark.parametrize(
    "command",
    [
        "npm ci && npm run build",
        "mkdir -p /data && npm ci && npm run build",
        "npm ci && npm cache clean --force && npm test && npm ci",
    ],
)
def test_the_first_commands_of_a_run(command: str) -> None:
    run = read_run(command)
    assert run
    assert run.joint
    assert run.files == NODE_FILES


@pytest.mark.parametrize(
    "command",
    [
        "npm run build && npm ci",
        "mkdir -p /data && npm run build",
        "cd web && npm ci && npm run build",
        "npm ci; npm run build",
        "npm ci && npm run build || true",
        "npm ci && (cd web && make)",
        "CI=1 npm ci && npm run build",
        "--mount=type=cache,target=/x npm ci && npm run build",
        "go mod download && go build",
    ],
)
def test_a_run_that_is_not_split(command: str) -> None:
    assert read_run(command) is None


@pytest.mark.parametrize(
    "command",
    [
        "npm run build",
        "npm install express",
        "npm install ./lib",
        "npm --prefix web ci",
        "npm update",
        "cd / && npm ci",
        "poetry install",
        "composer install -o",
        "go mod tidy",
        "pip install .",
        "pip install -e .",
        "pip install wheels/shop.whl",
        "pip install -r local.txt",
        "pip install -r editable.txt",
        "pip install -r missing.txt",
        "pip install -r /etc/requirements.txt",
        "pip install --find-links wheels -r requirements.txt",
        "pip install -t . flask",
        "pip install $PACKAGES",
        "pip install $(cat requirements.txt)",
        "apt-get install -y ./shop.deb",
        "rm -rf tests && npm ci",
        "rm /app/shop.py && npm ci",
        "sh -c 'npm ci'",
        "npm ci < answers.txt",
        "make",
    ],
)
def test_what_may_read_the_sources(command: str) -> None:
    assert read_run(command) is None


@pytest.mark.parametrize(
    "lines",
    [
        'sent package.json 1kB = {"scripts": {"postinstall": "node patch.js"}}',
        'sent package.json 1kB = {"dependencies": {"@prisma/client": "5"}}',
        'sent package.json 1kB = {"workspaces": ["web"]}',
        'sent package.json 1kB = {"dependencies": {"shop": "file:./shop"}}',
        'sent package.json 1kB = {"devDependencies": {"shop": "../shop"}}',
        'sent package.json 1kB = {"scripts": {"prepublish": "tsc"}}',
        "sent package.json 1kB = {}\nsent binding.gyp 1kB",
        "sent package.json 1kB = {}\nsent pnpm-workspace.yaml 1kB",
        "sent package.json 1kB = {}\nsent patches/a.patch 1kB",
        "sent package.json 1kB",
        "sent server.js 1kB",
    ],
)
def test_packages_that_read_the_project(lines: str) -> None:
    assert read_run("pnpm install", f"base 10MB\n{lines}\n") is None


@pytest.mark.parametrize(
    ("command", "lines"),
    [
        ("go mod download", "sent go.mod 1kB = replace shop => ./shop"),
        ("go mod download", "sent go.mod 1kB = module x\nsent vendor/a.go 1kB"),
        ("bundle install", 'sent Gemfile 1kB = eval_gemfile "a"'),
        ("bundle install", "sent Gemfile 1kB = gemspec"),
        ("pipenv sync", 'sent Pipfile 1kB = shop = {path = "."}'),
        ("yarn install", "sent package.json 1kB = {}\nsent .yarn/releases/yarn.cjs 1MB"),
    ],
)
def test_manifests_that_name_parts_of_the_project(command: str, lines: str) -> None:
    assert read_run(command, f"base 10MB\n{lines}\n") is None


def test_without_the_context_nothing_is_sure() -> None:
    assert read_run("npm ci", "base 10MB\n") is None


@pytest.mark.parametrize(
    ("command", "installs"), [("mkdir /data", False), ("npm ci", True), ("npm ci && make", True)]
)
def test_what_installs(command: str, installs: bool) -> None:
    run = read_run(command)
    assert run
    assert run.installs is installs
