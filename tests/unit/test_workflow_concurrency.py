"""No workflow that we run or offer leaves a cancelled check on the commit that is to be merged."""

from typing import Any

import pytest

from tests.support.workflow_runs.concurrency import (
    CANCELLED,
    DEFAULT_ACTIONS,
    PULL_REQUEST_ACTIONS,
    Run,
    World,
    explore,
)
from tests.support.workflow_runs.documented import find_workflows
from tests.support.workflow_runs.expressions import evaluate, fill_template

BY_ACTION = "${{ github.event.action == 'synchronize' && 'push' || github.run_id }}"
WORKFLOWS = find_workflows()
CHECKS = {name: flow for name, flow in WORKFLOWS.items() if "pull_request" in flow.get("on", ())}


def find_blocked(
    concurrency: Any, actions: tuple[str, ...], *, has_queue: bool = True
) -> list[World]:
    """Return the states in which a cancelled check may keep a commit from being merged."""
    return [
        world
        for world in explore(concurrency, actions, has_queue=has_queue, events=4)
        if is_blocked(world)
    ]


def is_blocked(world: World) -> bool:
    """Return True if a cancelled check is the last one of a commit that is to be merged.

    On a head that no other commit has followed, any cancelled check is one too many.
    """
    queued = {run.commit for run in world.runs if run.event == "merge_group"}
    checks = [world.checks(commit) for commit in (world.head, *queued)]
    events = [x for x in world.runs if x.event == "pull_request" and x.attempt == 1]
    commits = [run.commit for run in events]
    is_new = set(commits[commits.index(world.head) :]) == {world.head}
    return any(x[-1:] == [CANCELLED] for x in checks) or (is_new and CANCELLED in checks[0])


def test_all_workflows_are_found() -> None:
    assert {"README.md 0", "docs/workflows/required.yml", ".github/workflows/test.yml"} <= set(
        CHECKS
    )
    assert len(CHECKS) >= 10


@pytest.mark.parametrize("name", list(CHECKS))
def test_no_sequence_of_events_leaves_a_cancelled_check_on_the_head(name: str) -> None:
    triggers = CHECKS[name]["on"]
    concurrency = CHECKS[name].get("concurrency")
    assert not [job for job in CHECKS[name]["jobs"].values() if "concurrency" in job]
    if concurrency is None:
        return
    options = triggers["pull_request"] if isinstance(triggers, dict) else None
    actions = tuple((options or {}).get("types", DEFAULT_ACTIONS))
    assert set(actions) <= set(PULL_REQUEST_ACTIONS)
    blocked = find_blocked(concurrency, actions, has_queue="merge_group" in triggers)
    assert [world.story for world in blocked[:1]] == []


@pytest.mark.parametrize("name", list(CHECKS))
def test_a_push_ends_the_run_of_an_earlier_push(name: str) -> None:
    concurrency = CHECKS[name].get("concurrency")
    if concurrency is None:
        return
    ends = [
        world.checks("b")
        for world in explore(concurrency, ("synchronize",), has_queue=False, events=3)
        if world.head == "c"
    ]
    assert [CANCELLED] in ends


def test_no_two_workflows_that_may_be_used_side_by_side_share_a_group() -> None:
    run = Run(1, "pull_request", "synchronize", "a", "refs/pull/7/merge")
    groups = [
        run.enter(workflow["concurrency"])[0]
        for name, workflow in WORKFLOWS.items()
        if name.startswith("docs/") and "concurrency" in workflow
    ]
    assert len(set(groups)) == len(groups) >= 5


@pytest.mark.parametrize(
    "concurrency",
    [
        pytest.param(
            {"group": "image-size-${{ github.ref }}", "cancel-in-progress": True},
            id="a label cancels the run of its own commit",
        ),
        pytest.param(
            {"group": "image-size-${{ github.ref }}", "cancel-in-progress": False},
            id="a third run takes the place of the second, which waits",
        ),
        pytest.param(
            {
                "group": "image-size-${{ github.ref }}",
                "cancel-in-progress": "${{ github.event.action == 'synchronize' }}",
            },
            id="labels are in the group of pushes",
        ),
        pytest.param(
            {"group": "image-size-${{ github.event_name }}", "cancel-in-progress": True},
            id="pushes and labels of one event share a group",
        ),
        pytest.param(
            {
                "group": f"image-size-${{{{ github.ref }}}}-{BY_ACTION}",
                "cancel-in-progress": "${{ github.event.action == 'synchronize' }}",
            },
            id="an earlier push's run that is started again cancels the newest",
        ),
    ],
)
def test_a_group_that_can_block_a_merge_is_seen(concurrency: dict[str, Any]) -> None:
    assert find_blocked(concurrency, PULL_REQUEST_ACTIONS)


@pytest.mark.parametrize(
    "concurrency",
    [
        {"group": "${{ github.run_id }}", "cancel-in-progress": True},
        {"group": "${{ github.ref }}-${{ github.run_id }}"},
    ],
)
def test_a_group_for_each_run_blocks_nothing(concurrency: dict[str, Any]) -> None:
    assert not find_blocked(concurrency, PULL_REQUEST_ACTIONS)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("github.event.action == 'synchronize' && 'push' || github.run_id", "12"),
        ("github.event.action != 'synchronize'", True),
        ("github.run_attempt == 1", True),
        ("!github.event.label", True),
        ("(github.event.label || 'none') == 'NONE'", True),
        ("false || null", None),
    ],
)
def test_an_expression_has_its_value(expression: str, value: Any) -> None:
    github = {"event": {"action": "labeled"}, "run_id": "12", "run_attempt": "1"}
    assert evaluate(expression, {"github": github}) == value


def test_a_template_keeps_the_type_of_a_lone_expression() -> None:
    context = {"github": {"ref": "refs/heads/x"}}
    assert fill_template("${{ github.ref == 'refs/heads/x' }}", context) is True
    assert fill_template("a-${{ github.ref }}-${{ true }}", context) == "a-refs/heads/x-true"
    with pytest.raises(ValueError, match="goes on with"):
        evaluate("'a' 'b'", context)
