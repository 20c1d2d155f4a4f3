"""What a change alters in the workflows that run the review, and in who must agree."""

import pytest

from bot.model.report import Outcome
from bot.model.spec import Budget, GrowthLimit
from bot.project.workflow_changes import list_owner_changes, list_workflow_changes
from bot.project.workflow_file import find_review_files, is_workflow_file

SIZE = ".github/workflows/size.yml"
USES = "image-size-review/image-size-review@v0"
WORKFLOW = f"""\
name: Image size
on: pull_request
jobs:
  lint:
    runs-on: ubuntu-latest
    steps: [{{run: make lint}}]
  plan:
    runs-on: ubuntu-latest
    steps: [{{run: make plan}}]
  size:
    needs: plan
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: {USES}
        with:
          max-growth: 10MB
  gate:
    needs: [size]
    if: always()
    runs-on: ubuntu-latest
    steps: [{{run: test ok}}]
"""
# A composite action that hides the review, and a workflow that uses it.
COMPOSITE = f"runs: {{using: composite, steps: [{{uses: {USES}}}]}}"
CALLER = "on: push\njobs: {a: {runs-on: x, steps: [{uses: ./.github/actions/size}]}}"


def describe(base: dict[str, str], head: dict[str, str]) -> list[str]:
    changes = [*list_workflow_changes(base, head), *list_owner_changes(base, head)]
    marks = {Outcome.WARN: "looser ", Outcome.PASS: ""}
    return [
        f"{marks[change.result]}{change.subject}: "
        + (f"{change.before} → " if change.before is not None else "")
        + change.after
        for change in changes
    ]


def edited(old: str, new: str) -> list[str]:
    assert old in WORKFLOW
    return describe({SIZE: WORKFLOW}, {SIZE: WORKFLOW.replace(old, new)})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("make lint", "make check"),
        ("name: Image size", "name: Sizes"),
        ("on: pull_request", "'on':   pull_request # as before"),
    ],
)
def test_what_decides_nothing_about_the_review_is_not_told(old: str, new: str) -> None:
    assert edited(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("10MB", "100GB", f"looser the input max-growth in {SIZE}: 10MB → 100GB"),
        ("10MB", "${{ x }}", f"looser the input max-growth in {SIZE}: 10MB → ${{{{ x }}}}"),
        ("10MB", "1MB", f"the input max-growth in {SIZE}: 10MB → 1MB"),
        (
            "10MB",
            "10MB\n          fail-on: never",
            f"looser the input fail-on in {SIZE}: none → never",
        ),
        (
            "10MB",
            "10MB\n          path: other",
            f"looser the input path in {SIZE}: none → other",
        ),
        (
            "10MB",
            "10MB\n          verify-suggestions: true",
            f"the input verify-suggestions in {SIZE}: none → true",
        ),
        (
            "@v0",
            "@0123456789abcdef",
            f"looser what runs the review in {SIZE}: {USES} → "
            "image-size-review/image-size-review@0123456789abcdef",
        ),
    ],
)
def test_an_input_is_told_with_what_it_was(old: str, new: str, line: str) -> None:
    assert edited(old, new) == [line]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("on: pull_request", "on: {pull_request: {paths: [docs]}}"),
        ("make plan", "exit 1"),
        ("test ok", "exit 0"),
        ("if: always()", "if: success()"),
        ("checkout@v4", "checkout@v4\n        with: {ref: main}"),
        ("needs: plan\n", "needs: plan\n    continue-on-error: true\n"),
    ],
)
def test_what_is_around_the_review_may_loosen_it(old: str, new: str) -> None:
    assert edited(old, new) == [
        f"looser the workflow {SIZE}: changed in its triggers, or around the review"
    ]


def test_a_workflow_that_is_gone_or_does_something_else_is_told() -> None:
    assert describe({SIZE: WORKFLOW}, {}) == [f"looser the workflow {SIZE}: deleted"]
    assert edited(f"uses: {USES}", "run: echo") == [
        f"looser the workflow {SIZE}: no longer runs the review"
    ]
    assert describe({}, {SIZE: WORKFLOW}) == [f"the workflow {SIZE}: added"]


def test_a_workflow_with_another_name_is_renamed() -> None:
    new, other = ".github/workflows/image-size.yml", ".github/workflows/a.yml"
    renamed = f"the workflow {new}: renamed from {SIZE}"
    assert describe({SIZE: WORKFLOW}, {new: WORKFLOW}) == [renamed]
    assert describe({SIZE: WORKFLOW, "action.yml": "x"}, {new: WORKFLOW}) == [renamed]
    assert describe({SIZE: WORKFLOW, other: WORKFLOW}, {new: WORKFLOW}) == [
        f"the workflow {new}: renamed from {other}",
        f"looser the workflow {SIZE}: deleted",
    ]
    assert describe({SIZE: WORKFLOW}, {new: WORKFLOW.replace("10MB", "1GB")}) == [
        f"the workflow {new}: added",
        f"looser the workflow {SIZE}: deleted",
    ]


def test_a_workflow_that_is_called_by_its_old_path_is_deleted() -> None:
    new, caller = ".github/workflows/image-size.yml", ".github/workflows/ci.yml"
    call = f"on: push\njobs: {{a: {{uses: ./{SIZE}}}}}"
    lines = describe({SIZE: WORKFLOW, caller: call}, {new: WORKFLOW, caller: call})
    assert f"looser the workflow {SIZE}: deleted" in lines


def test_an_action_with_another_path_is_deleted() -> None:
    old, new = ".github/actions/size/action.yml", ".github/workflows/action.yml"
    assert describe({old: COMPOSITE}, {new: COMPOSITE}) == [
        f"looser the workflow {old}: deleted",
        f"the workflow {new}: added",
    ]


def test_a_workflow_that_cannot_be_read_may_loosen() -> None:
    (line,) = edited("on: pull_request", "on: [")
    assert line.startswith(f"looser the workflow {SIZE}: changed, and cannot be read: line ")


def test_a_workflow_of_something_else_is_not_told() -> None:
    assert describe({"ci.yml": "on: push"}, {"ci.yml": "on: []"}) == []


def test_the_command_in_a_script_is_the_review_too() -> None:
    run = "on: push\njobs: {a: {runs-on: x, steps: [{run: image-size-review review {}}]}}"
    assert describe(
        {SIZE: run.replace("{}}", "--max-size 1MB}")}, {SIZE: run.replace("{}}", "|| true}")}
    ) == [
        f"looser what runs the review in {SIZE}: image-size-review review --max-size 1MB → "
        "image-size-review review || true"
    ]


def test_a_local_action_is_followed() -> None:
    action, caller = ".github/actions/size/action.yml", ".github/workflows/ci.yml"
    texts = {action: COMPOSITE, caller: CALLER, ".github/workflows/x.yml": "on: push"}
    assert find_review_files(texts) == {action, caller}
    without = {**texts, caller: CALLER.replace("./.github/actions/size", "actions/checkout@v4")}
    assert describe(texts, without) == [f"looser the workflow {caller}: no longer runs the review"]
    assert describe(texts, {**texts, action: COMPOSITE.replace("@v0", "@v1")}) == [
        f"looser what runs the review in {action}: {USES} → {USES.replace('v0', 'v1')}"
    ]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (".github/workflows/size.yml", True),
        (".github/workflows/size.yaml", True),
        ("action.yml", True),
        (".github/actions/size/action.yaml", True),
        (".github/workflows/old/size.yml", False),
        ("docs/workflows/size.yml", False),
    ],
)
def test_files_that_github_runs(path: str, expected: bool) -> None:
    assert is_workflow_file(path) is expected


OWNERS = ".github/CODEOWNERS"


@pytest.mark.parametrize(
    ("base", "head", "lines"),
    [
        ({OWNERS: "* @a"}, {OWNERS: "* @a"}, []),
        (
            {OWNERS: "/.github/ @sec # all of it"},
            {},
            [f"looser the code owners of .github ({OWNERS}): /.github/ @sec → none"],
        ),
        (
            {OWNERS: "/.github/ @sec"},
            {OWNERS: "/.github/ @sec\n* @all"},
            [
                f"looser the code owners of .github ({OWNERS}): "
                "/.github/ @sec → /.github/ @sec; * @all"
            ],
        ),
        (
            {"CODEOWNERS": "* @sec"},
            {"CODEOWNERS": "* @sec", OWNERS: "/docs @me"},
            [f"looser the code owners of .github ({OWNERS}): * @sec → none"],
        ),
        ({}, {OWNERS: "* @a"}, [f"the code owners of .github ({OWNERS}): none → * @a"]),
        (
            {OWNERS: "/docs @a"},
            {OWNERS: "/docs @b"},
            [f"the code owners ({OWNERS}): changed, but not for .github"],
        ),
    ],
)
def test_code_owners_of_the_gate_are_told(
    base: dict[str, str], head: dict[str, str], lines: list[str]
) -> None:
    assert describe(base, head) == lines


@pytest.mark.parametrize(
    ("text", "is_looser"),
    [
        ("max-growth: 1GB", True),
        ("max-growth: 2MB", True),  # above the limit of one image
        ("max-growth: 1MB", False),
        ("max-growth: 1%", True),  # of an image of any size
        ("max-size: 6MB", True),
        ("max-size: 5MB", False),
        ("warn-size: 4MB", True),
        ("warn-size: 3MB", False),
        ("warn-growth: 1MB", True),
        ("warn-growth: 500kB", False),
    ],
)
def test_an_added_limit_replaces_those_of_the_file(text: str, is_looser: bool) -> None:
    budgets = [
        Budget(5_000_000, GrowthLimit(2_000_000), warn_size=3_000_000),
        Budget(5_000_000, GrowthLimit(1_000_000), warn_growth=GrowthLimit(500_000)),
        Budget(),
    ]
    before = f"jobs: {{a: {{steps: [{{uses: {USES}}}]}}}}"
    after = before.replace("@v0", f"@v0, with: {{{text}}}")
    (change,) = list_workflow_changes({SIZE: before}, {SIZE: after}, budgets)
    assert change.result is (Outcome.WARN if is_looser else Outcome.PASS)
    (alone,) = list_workflow_changes({SIZE: before}, {SIZE: after})
    assert alone.result is Outcome.PASS
