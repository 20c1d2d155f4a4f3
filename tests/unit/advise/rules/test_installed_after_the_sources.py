"""Installs behind the copy of all sources."""

import pytest

from bot.advise.finding import FixSafety
from bot.dockerfile.build_context import BuildContext
from tests.support.rule_inputs import apply_rule, make_rule_input, run_rule

RULE = "installed-after-the-sources"
START = 'CMD ["/a", "x"]'


@pytest.mark.parametrize(
    "lines",
    [
        "COPY package.json ./\nRUN npm ci\nCOPY . .",
        "RUN apt-get update && apt-get install -y curl\nCOPY . .",
        "COPY src /src\nRUN apt-get install -y curl",
        "COPY . .\nRUN npm ci && npm run build",
        "COPY . .\nRUN pip install .",
        "COPY . .\nRUN pip install -r requirements.txt -e .",
        "COPY . .\nRUN apt-get install -y ./x.deb",
        "COPY . .\nRUN ./setup.sh && apt-get install -y curl",
        "COPY . .\nRUN make",
        "COPY . .\nRUN npm install express",
        "COPY . .\nRUN composer install --no-dev -o",
        "COPY . .\nRUN composer install --classmap-authoritative",
        "COPY --from=x . .\nRUN apt-get install -y curl",
    ],
)
def test_not_reported(lines: str) -> None:
    assert run_rule(RULE, f"FROM a\nWORKDIR /w\n{lines}\n{START}\n") == []


@pytest.mark.parametrize(
    "text",
    [
        f"FROM a AS b\nCOPY . .\nRUN npm ci\nFROM a\nCOPY --from=b /x /x\n{START}",
        f"FROM a AS dev\nCOPY . .\nRUN npm ci\n{START}",
        "FROM a\nCOPY . .\nRUN npm ci\nCMD npm run dev",
    ],
)
def test_not_reported_of_whole_files(text: str) -> None:
    assert run_rule(RULE, text + "\n") == []


@pytest.mark.parametrize(
    ("run", "fix"),
    [
        ("npm ci", "Copy package.json and package-lock.json first"),
        ("yarn", "Copy package.json and yarn.lock first"),
        ("pip install --no-cache-dir -r requirements.txt", "Copy the requirements file first"),
        ("bundle install", "Copy Gemfile and Gemfile.lock first"),
        ("composer install --no-dev", "Copy composer.json and composer.lock first"),
        ("apt-get update && apt-get install -y curl && rm -rf /x", "Move it up."),
        ("apk add --no-cache curl", "Move it up."),
        (
            "bundle install && yarn",
            "Copy Gemfile, Gemfile.lock, package.json and yarn.lock first",
        ),
    ],
)
def test_the_fix_is_named(run: str, fix: str) -> None:
    (finding,) = run_rule(RULE, f"FROM a\nWORKDIR /w\nCOPY . .\nRUN {run}\nRUN npm ci\n{START}\n")
    assert finding.instruction.line_start == 4
    assert "Line 3 changes with each commit" in finding.message
    assert fix in finding.message


def test_the_message_has_the_bytes_that_are_pulled_again() -> None:
    world = make_rule_input(
        f"FROM a\nWORKDIR /w\nCOPY . .\nRUN pip install -r r.txt\n{START}\n",
        "FROM a 90MB / WORKDIR 0B / COPY . 1MB / RUN pip 720MB",
        "w/a 1MB @3, usr/lib/x 720MB @4",
    )
    (finding,) = run_rule(RULE, world)
    assert "every machine pulls its 720 MB again" in finding.message
    assert finding.saving_bytes is None


@pytest.mark.parametrize(
    ("run", "file", "text", "count"),
    [
        ("npm ci", "package.json", '{"scripts": {"postinstall": "node x.js"}}', 0),
        ("yarn", "package.json", '{"workspaces": ["packages/*"]}', 0),
        ("pnpm i", "web/package.json", '{"dependencies": {"a": "file:../a"}}', 0),
        ("npm ci", "package.json", '{"scripts": {"build": "tsc"}}', 1),
        # Of another context: it may have a workspace.
        ("npm ci", "node_modules/a/package.json", '{"scripts": {"build": "x"}}', 0),
        ("pnpm i", "docker/Dockerfile.api", "", 0),
        ("composer install", "composer.json", '{"autoload": {"classmap": ["database"]}}', 0),
        ("composer install", "composer.json", '{"scripts": {"post-install-cmd": "x"}}', 0),
        ("composer install", "composer.json", '{"autoload": {"psr-4": {"a": "src"}}}', 1),
        ("bundle install", "Gemfile", "gem 'x', path: 'engines/x'", 0),
        ("bundle install", "Gemfile", "gem 'x'", 1),
        ("pip install -r reqs.txt", "reqs.txt", "flask\n-e .\n", 0),
        ("pip install -r reqs.txt", "reqs.txt", "-r base.txt\nflask\n", 1),
        ("pip install -r reqs.txt", "other.txt", "-e .\n", 1),
    ],
)
def test_installs_that_read_the_sources(run: str, file: str, text: str, count: int) -> None:
    context = BuildContext({file: len(text)}, read_text=lambda path: text)
    lines = f"FROM a\nWORKDIR /w\nCOPY . .\nRUN {run}\n{START}\n"
    assert len(run_rule(RULE, make_rule_input(lines, context=context))) == count


SENT = {"package.json": '{"dependencies": {"a": "1"}}', "package-lock.json": "{}", "a.js": "1"}


def test_the_copy_moves_below_the_installs() -> None:
    context = BuildContext(dict.fromkeys(SENT, 9), read_text=lambda path: SENT.get(path, ""))
    text = "FROM a\nWORKDIR /w\n# All.\nCOPY . .\nRUN apk add --no-cache git\nRUN npm ci\n"
    rule_input = make_rule_input(f"{text}{START}\n", context=context)
    assert apply_rule(RULE, rule_input) == (
        "FROM a\nWORKDIR /w\n"
        "# Without the sources: a change of those does not repeat the installs.\n"
        "COPY package.json package-lock.json ./\nRUN apk add --no-cache git\nRUN npm ci\n"
        f"\n# All.\nCOPY . .\n{START}\n"
    )
    (finding,) = run_rule(RULE, rule_input)
    assert (finding.safety, finding.must_shrink) == (FixSafety.NEEDS_CHECK, False)


def test_without_the_context_nothing_is_changed() -> None:
    (finding,) = run_rule(RULE, f"FROM a\nWORKDIR /w\nCOPY . .\nRUN npm ci\n{START}\n")
    assert (finding.changes, finding.safety) == ((), FixSafety.MANUAL)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            "COPY package.json package-lock.json ./\nCOPY . .\nRUN npm ci",
            "COPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .",
        ),
        (
            "COPY package.json ./\nCOPY . .\nRUN npm ci",
            "COPY package.json ./\n# Without the sources: a change of those does not repeat the "
            "installs.\nCOPY package-lock.json ./\nRUN npm ci\nCOPY . .",
        ),
        (
            "COPY package.json package-lock.json ./\nRUN ls\nCOPY . .\nRUN npm ci",
            "COPY package.json package-lock.json ./\nRUN ls\n# Without the sources: a change of "
            "those does not repeat the installs.\nCOPY package.json package-lock.json ./\n"
            "RUN npm ci\nCOPY . .",
        ),
    ],
)
def test_what_is_copied_already_is_not_copied_again(lines: str, expected: str) -> None:
    context = BuildContext(dict.fromkeys(SENT, 9), read_text=lambda path: SENT.get(path, ""))
    rule_input = make_rule_input(f"FROM a\nWORKDIR /w\n{lines}\n{START}\n", context=context)
    assert apply_rule(RULE, rule_input) == f"FROM a\nWORKDIR /w\n{expected}\n{START}\n"
