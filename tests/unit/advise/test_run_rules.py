"""What holds for all rules together: order, ignores, rules that break, the file that is saved."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.adapters.parsing.build_context import FolderContextReader
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.advise.finding import Finding
from bot.advise.run_rules import (
    apply_findings,
    build_suggestions,
    run_rules,
    select_remaining,
    select_safe_findings,
)
from bot.advise.subject import RuleInput
from bot.dockerfile.build_plan import BuildPlan
from tests.support.rule_inputs import subject
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


def saved_of(looked_at: RuleInput) -> bytes:
    """What `--write` saves of a file, without an image."""
    return apply_findings(looked_at, select_safe_findings(looked_at, run_rules(looked_at)))


def test_the_largest_saving_comes_first() -> None:
    looked_at = subject(WASTEFUL, WORLD, TREE)
    said = build_suggestions(looked_at, run_rules(looked_at))
    assert [(each.rule, each.saving_bytes, each.confidence) for each in said] == [
        ("pip-cache-left-behind", 30_000_000, "measured"),
        ("apt-lists-left-behind", 20_000_000, "measured"),
    ]


def test_without_an_image_nothing_is_measured() -> None:
    looked_at = subject(WASTEFUL)
    said = build_suggestions(looked_at, run_rules(looked_at))
    assert {(each.confidence, each.saving_bytes) for each in said} == {("estimated", None)}


def test_an_image_of_another_dockerfile_proves_nothing() -> None:
    (lead, *_) = run_rules(subject(WASTEFUL, "FROM debian 90MB", "usr/x 1MB @1")).findings
    assert lead.finding.saving_bytes is None


def test_a_rule_that_raises_is_named_and_left_out() -> None:
    def broken(looked_at: RuleInput) -> Iterator[Finding]:
        raise KeyError(looked_at.dockerfile.stages[0].base_name)

    advice = run_rules(subject(WASTEFUL), {"broken-rule": broken})
    assert advice.findings == ()
    assert advice.notes == ("The rule broken-rule failed (KeyError('debian')) and was skipped.",)


def test_nothing_is_said_twice() -> None:
    def twice(looked_at: RuleInput) -> Iterator[Finding]:
        finding = Finding(looked_at.steps[0].instruction, "a", "b")
        yield from (finding, finding)

    assert len(run_rules(subject(WASTEFUL), {"twice": twice}).findings) == 1


def test_what_is_saved_has_nothing_left_to_save() -> None:
    looked_at = subject(WASTEFUL)
    saved = saved_of(looked_at).decode()
    assert saved == (
        "FROM debian\nRUN apt-get update && apt-get install -y --no-install-recommends python3-pip"
        " \\\n    && rm -rf /var/lib/apt/lists/*\nRUN pip install --no-cache-dir x\n"
    )
    assert saved_of(subject(saved)).decode() == saved


def test_what_needs_a_check_is_not_saved() -> None:
    looked_at = subject("FROM debian\nCOPY . /app\nRUN chown -R 1000 /app\n")
    advice = run_rules(looked_at)
    assert build_suggestions(looked_at, advice)[0].edits
    assert saved_of(looked_at) == looked_at.dockerfile.source.data


def test_windows_line_ends_stay() -> None:
    text = WASTEFUL.replace("\n", "\r\n")
    looked_at = subject(text)
    saved = saved_of(looked_at)
    assert saved.count(b"\n") == saved.count(b"\r\n") == 4


def test_the_third_seed_gives_its_mode_to_the_copy() -> None:
    looked_at = subject(FRONT_END["Dockerfile"])
    assert {each.rule for each in run_rules(looked_at).findings} >= {
        "changed-in-a-later-layer",
        "whole-stage-copied",
    }
    saved = saved_of(looked_at).decode()
    assert "COPY --chmod=755 ./command.sh /var/www/app/command.sh\n" in saved
    assert "RUN chmod" not in saved


STAND_INS_HOLD = ("compilers-in-the-shipped-stage", "full-base-where-slim-serves")


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.parent.name)
def test_our_own_dockerfiles_have_nothing_to_save(path: Path) -> None:
    parser = DockerfileReader()
    context = FolderContextReader(parser).read(path, path.parent)
    advice = run_rules(
        RuleInput(BuildPlan(parser.parse_dockerfile(path.read_bytes())), context=context)
    )
    # Stand-ins for images that people build with hold what the real ones hold.
    meant = STAND_INS_HOLD if "stand_ins" in path.parts else ()
    found = [x for x in advice.findings if x.rule not in meant]
    assert [(each.rule, each.finding.instruction.line_start) for each in found] == []


@pytest.mark.parametrize(
    "path", sorted((ROOT / "tests/support/dockerfiles").iterdir()), ids=lambda path: path.name
)
def test_no_rule_fails_on_any_file(path: Path) -> None:
    """And what is saved of each is again a Dockerfile, of the same stages."""
    try:
        dockerfile = DockerfileReader().parse_dockerfile(path.read_bytes())
    except ValueError:
        return
    advice = run_rules(RuleInput(BuildPlan(dockerfile)))
    assert advice.notes == ()
    saved = DockerfileReader().parse_dockerfile(saved_of(RuleInput(BuildPlan(dockerfile))))
    assert [stage.base_name for stage in saved.stages] == [
        stage.base_name for stage in dockerfile.stages
    ]


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
def test_an_ignore_that_counts_for_nothing_is_told(comment: str, note: str | None) -> None:
    looked_at = subject(f"# image-size: {comment}\n{WASTEFUL}")
    assert run_rules(looked_at).notes == ((note,) if note else ())


def test_of_what_a_rewrite_leaves_to_the_build_stage_nothing_is_said() -> None:
    pip = "RUN pip install x\nCMD a\n"
    old = f"FROM python:3.13\nRUN apt-get update && apt-get install -y gcc\n{pip}"
    new = old.replace("3.13\n", "3.13 AS build\n") + f"FROM python:3.13-slim\n{pip}"
    found = run_rules(subject(old)).findings
    left = select_remaining(found, DockerfileReader().parse_dockerfile(new.encode()))
    assert {each.finding.instruction.line_start for each in found} == {2, 3}
    assert {each.finding.instruction.line_start for each in left} == {3}
