"""All rules together: order, ignores, rules that break, the file that is saved."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.adapters.parsing.build_context import FolderContextReader
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.advise.finding import SINGLE_STAGE_BUILD, Finding
from bot.advise.run_rules import (
    apply_findings,
    build_suggestion,
    run_rules,
    select_remaining,
    select_safe_findings,
)
from bot.advise.subject import RuleInput
from bot.dockerfile.build_context import BuildContext
from bot.dockerfile.build_plan import BuildPlan
from tests.support.rule_inputs import make_rule_input, run_rule
from tests.support.seeds import FRONT_END

ROOT = Path(__file__).parents[3]
OURS = [ROOT / "Dockerfile", ROOT / "bench/sample/Dockerfile"]
OURS += sorted((ROOT / "demo/sample").rglob("before/**/Dockerfile"))
OURS += sorted((ROOT / "tests/support/engine/stand_ins").glob("*/Dockerfile"))
WASTEFUL = (
    "FROM debian\nRUN apt-get update && apt-get install -y --no-install-recommends python3-pip\n"
    "RUN pip install x\n"
)
WORLD = "FROM debian 90MB / RUN apt 40MB / RUN pip 90MB"
TREE = "var/lib/apt/lists/a 20MB @2, root/.cache/pip/b 30MB @3"


def apply_safe_fixes(rule_input: RuleInput) -> bytes:
    """Return the file that `--write` saves, without an image."""
    return apply_findings(rule_input, select_safe_findings(run_rules(rule_input)))


def test_the_largest_saving_comes_first() -> None:
    rule_input = make_rule_input(WASTEFUL, WORLD, TREE)
    suggestions = [build_suggestion(rule_input, x) for x in run_rules(rule_input).findings]
    assert [(x.rule, x.saving_bytes, x.confidence) for x in suggestions] == [
        ("pip-cache-left-behind", 30_000_000, "measured"),
        ("apt-lists-left-behind", 20_000_000, "measured"),
    ]


@pytest.mark.parametrize(
    ("name", "end", "is_shipped"),
    [("tool_builder", "", False), ("builder", "CMD /x y\n", True), ("server", "", True)],
)
def test_a_lone_build_stage_is_part_of_another_file(name: str, end: str, is_shipped: bool) -> None:
    text = WASTEFUL.replace("FROM debian", f"FROM debian AS {name}") + end
    assert bool(run_rules(make_rule_input(text)).findings) is is_shipped


def test_without_an_image_nothing_is_measured() -> None:
    rule_input = make_rule_input(WASTEFUL)
    suggestions = [build_suggestion(rule_input, x) for x in run_rules(rule_input).findings]
    assert {(x.confidence, x.saving_bytes) for x in suggestions} == {("estimated", None)}


def test_an_image_of_another_dockerfile_is_not_measured() -> None:
    (lead, *_) = run_rules(make_rule_input(WASTEFUL, "FROM debian 90MB", "usr/x 1MB @1")).findings
    assert lead.saving_bytes is None


def test_a_rule_that_raises_is_noted_and_skipped() -> None:
    def broken(rule_input: RuleInput) -> Iterator[Finding]:
        raise KeyError(rule_input.dockerfile.stages[0].base_name)

    advice = run_rules(make_rule_input(WASTEFUL), {"broken-rule": broken})
    assert advice.findings == ()
    assert advice.notes == ("The rule broken-rule failed (KeyError('debian')) and was skipped.",)


def test_a_repeated_finding_is_reported_once() -> None:
    def twice(rule_input: RuleInput) -> Iterator[Finding]:
        finding = Finding(rule_input.steps[0].instruction, "a", "b")
        yield from (finding, finding)

    assert len(run_rules(make_rule_input(WASTEFUL), {"twice": twice}).findings) == 1


def test_applying_safe_fixes_is_idempotent() -> None:
    rule_input = make_rule_input(WASTEFUL)
    saved = apply_safe_fixes(rule_input).decode()
    assert saved == (
        "FROM debian\nRUN apt-get update && apt-get install -y --no-install-recommends python3-pip"
        " \\\n    && rm -rf /var/lib/apt/lists/*\nRUN pip install --no-cache-dir x\n"
    )
    assert apply_safe_fixes(make_rule_input(saved)).decode() == saved


def test_fixes_that_need_a_check_are_not_applied() -> None:
    rule_input = make_rule_input("FROM debian\nCOPY . /app\nRUN chown -R 1000 /app\n")
    advice = run_rules(rule_input)
    assert build_suggestion(rule_input, advice.findings[0]).edits
    assert apply_safe_fixes(rule_input) == rule_input.dockerfile.source.data


def test_windows_line_endings_are_kept() -> None:
    text = WASTEFUL.replace("\n", "\r\n")
    rule_input = make_rule_input(text)
    saved = apply_safe_fixes(rule_input)
    assert saved.count(b"\n") == saved.count(b"\r\n") == 4


def test_a_front_end_example_gets_its_mode_from_the_copy() -> None:
    rule_input = make_rule_input(FRONT_END["Dockerfile"])
    assert {x.rule for x in run_rules(rule_input).findings} >= {
        "changed-in-a-later-layer",
        "whole-stage-copied",
    }
    saved = apply_safe_fixes(rule_input).decode()
    assert "COPY --chmod=755 ./command.sh /var/www/app/command.sh\n" in saved
    assert "RUN chmod" not in saved


STAND_INS_HOLD = ("compilers-in-the-shipped-stage", "full-base-where-slim-serves")


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.parent.name)
def test_our_own_dockerfiles_have_no_findings(path: Path) -> None:
    parser = DockerfileReader()
    context = FolderContextReader(parser).read(path, path.parent, path.parent)
    advice = run_rules(RuleInput(BuildPlan(parser.parse(path.read_bytes())), context=context))
    # Stand-ins for build images contain compilers, as the real ones do.
    exceptions = STAND_INS_HOLD if "stand_ins" in path.parts else ()
    findings = [x for x in advice.findings if x.rule not in exceptions]
    assert [(x.rule, x.instruction.line_start) for x in findings] == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "tests/support/dockerfiles").iterdir()), ids=lambda path: path.name
)
def test_no_rule_fails_on_any_file(path: Path) -> None:
    """Apply every rule to every Dockerfile; the stages stay the same."""
    try:
        dockerfile = DockerfileReader().parse(path.read_bytes())
    except ValueError:
        return
    advice = run_rules(RuleInput(BuildPlan(dockerfile)))
    assert advice.notes == ()
    saved = DockerfileReader().parse(apply_safe_fixes(RuleInput(BuildPlan(dockerfile))))
    assert [stage.base_name for stage in saved.stages] == [
        stage.base_name for stage in dockerfile.stages
    ]
    assert apply_safe_fixes(RuleInput(BuildPlan(saved))) == saved.source.data


COMMANDS = st.sampled_from(
    """apt-get update
apt-get install -y gcc
apt-get install -y --no-install-recommends curl
apt-get remove -y gcc
rm -rf /var/lib/apt/lists/*
apk update
apk add curl
apk add --no-cache --virtual .build gcc
apk del .build
dnf install -y gcc
yum install -y gcc
yum clean all
microdnf install gcc
npm install
npm install -g pm2
npm ci --omit=dev
npm cache clean --force
yarn install
yarn cache clean
pnpm install --prod
pip install flask
pip install --no-cache-dir flask
python3 -m pip install -r requirements.txt
pipenv install --system
poetry install
uv pip install flask
gem install rails
bundle install
composer install --no-dev
composer clear-cache
conda install numpy
conda clean -afy
go build -o /app .
cargo build --release
mvn package
chmod +x /a.sh
chmod 755 /b.sh
chown app /a.sh
chown -R app /srv
curl -fsSLO https://example.org/a.tar.gz
tar -xzf a.tar.gz
rm a.tar.gz
git clone https://example.org/a.git
useradd app
cd /srv
set -eux
exit 0
sudo apt-get install -y gcc
true""".splitlines()
)
FILES = st.lists(
    st.one_of(
        st.lists(
            st.tuples(st.sampled_from(["", " && ", "; ", " \\\n    && ", " || "]), COMMANDS),
            min_size=1,
            max_size=5,
        ).map(lambda pairs: "RUN " + "".join([pairs[0][1], *(a + b for a, b in pairs[1:] if a)])),
        st.sampled_from(
            ["COPY a.sh /", "COPY b.sh /b.sh", "COPY . /srv", "USER app", "WORKDIR /srv", "FROM b"]
        ),
    ),
    min_size=1,
    max_size=6,
)


@settings(deadline=None)
@given(FILES, st.sampled_from(["debian", "alpine:3.20", "node:22", "python:3.12", "fedora:40"]))
def test_a_saved_file_stays_as_it_is(lines: list[str], base: str) -> None:
    text = "\n".join([f"FROM {base}", *lines, ""])
    saved = apply_safe_fixes(make_rule_input(text)).decode()
    assert apply_safe_fixes(make_rule_input(saved)).decode() == saved


@pytest.mark.parametrize(
    ("comment", "note"),
    [
        ("ignore[apt-lists-left-behind] tests need them", None),
        ("ignore[single-stage-build] we debug inside of it", None),
        (
            "ignore[apt-lists] tests need them",
            "Line 1 ignores 'apt-lists', which is not a rule; did you mean apt-lists-left-behind?",
        ),
        ("ignore[x] y", "Line 1 ignores 'x', which is not a rule."),
        (
            "ignore[apt-lists-left-behind]",
            "Line 1 ignores apt-lists-left-behind without a reason, so the rule still applies.",
        ),
    ],
)
def test_ignores_without_effect_are_noted(comment: str, note: str | None) -> None:
    rule_input = make_rule_input(f"# image-size: {comment}\n{WASTEFUL}")
    assert run_rules(rule_input).notes == ((note,) if note else ())


def test_findings_of_the_build_stage_of_a_rewrite_are_dropped() -> None:
    pip = "RUN pip install x\nCMD a\n"
    old = f"FROM python:3.13\nRUN apt-get update && apt-get install -y gcc\n{pip}"
    new = old.replace("3.13\n", "3.13 AS build\n") + f"FROM python:3.13-slim\n{pip}"
    rule_findings = run_rules(make_rule_input(old)).findings
    findings = [finding for finding in rule_findings if finding.rule != SINGLE_STAGE_BUILD]
    remaining = select_remaining(findings, DockerfileReader().parse(new.encode()))
    assert {x.instruction.line_start for x in findings} == {2, 3}
    assert {x.instruction.line_start for x in remaining} == {3}


@pytest.mark.parametrize(
    "lines",
    [
        "RUN npm ci --cache=$HOME && rm -rf /tmp/x",
        "ENV YARN_CACHE_FOLDER=/root\nRUN yarn install && rm -rf /tmp/x",
        "ENV npm_config_cache=/root/\nRUN --mount=type=cache,target=/root/a npm ci",
    ],
)
def test_a_home_may_be_the_cache_itself(lines: str) -> None:
    advice = run_rules(make_rule_input(f"FROM node:20\n{lines}\n"))
    assert advice.notes == ()
    assert [finding.rule for finding in advice.findings] == ["node-caches-left-behind"]


def test_a_mount_over_a_home_that_is_the_cache_is_enough() -> None:
    lines = "ENV YARN_CACHE_FOLDER=/root\nRUN --mount=type=cache,target=/root yarn install"
    assert run_rules(make_rule_input(f"FROM node:20\n{lines}\n")).findings == ()


@pytest.mark.parametrize("command", ['npm start ""', 'npm "" start', '["npm", "", "start"]'])
def test_an_empty_word_of_a_start_command_ends_no_rule(command: str) -> None:
    dockerfile = f"FROM node:20\nRUN npm ci\nCMD {command}\n"
    assert run_rules(make_rule_input(dockerfile)).notes == ()


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ("FROM a AS app\nRUN x\nFROM app AS test\nRUN pip install y", 0),
        ("FROM a AS app\nRUN pip install y\nFROM app AS test\nRUN x", 1),
        ("FROM a AS app\nRUN x\nFROM app AS final\nRUN pip install y", 1),
        ("FROM a AS test\nRUN pip install y", 1),
    ],
)
def test_a_stage_that_tests_another_is_not_shipped(lines: str, count: int) -> None:
    assert len(run_rule("pip-cache-left-behind", lines + "\n")) == count


@pytest.mark.parametrize(
    ("base", "count"), [("mcr.microsoft.com/windows/servercore:ltsc2022", 0), ("ruby:3", 1)]
)
def test_no_command_of_linux_is_written_for_windows(base: str, count: int) -> None:
    advice = run_rules(make_rule_input(f"FROM {base}\nRUN gem install x\n"))
    assert [bool(x.changes) for x in advice.findings] == [bool(count)]


@pytest.mark.parametrize(
    ("path", "base", "other", "is_shipped"),
    [
        ("x/Dockerfile.base", "debian", "FROM base-image AS b\nFROM a\nCOPY --from=b /x /x", False),
        ("x/Dockerfile.base", "debian", "FROM base-image\nCOPY x /x", True),
        # It is published under the name of its project.
        ("x/Dockerfile.sdk", "debian", "FROM u/x-sdk AS b\nFROM a\nCOPY --from=b /x /x", True),
        ("x/Dockerfile.sdk", "debian", "FROM x_sdk AS b\nFROM a\nCOPY --from=b /x /x", True),
        ("x/Dockerfile.debian", "a", "FROM debian AS b\nFROM a\nCOPY --from=b /x /x", True),
        ("x/Dockerfile", "${BUILDER_BASE}", "FROM a", False),
        ("x/Dockerfile", "${BASE}", "FROM a", True),
    ],
)
def test_an_image_that_another_file_copies_from_is_not_shipped(
    path: str, base: str, other: str, is_shipped: bool
) -> None:
    context = BuildContext(other_dockerfiles={"x/Other": make_rule_input(other).dockerfile})
    text = f"ARG BASE=a BUILDER_BASE=a\nFROM {base}\nRUN curl -O u/a.tgz && tar xf a.tgz\n"
    rule_input = replace(make_rule_input(text, context=context), path=path)
    assert bool(run_rules(rule_input).findings) is is_shipped
