"""The runs of a pull request's workflow, and the checks that they leave on its commits.

The rules, of https://docs.github.com/actions/how-tos/write-workflows/choose-when-workflows-run:

- A group has one run in progress and one that waits, at most. A new run takes the place of the one
  that waits, which is cancelled. With `cancel-in-progress` the one in progress is cancelled as well.
- A cancelled run ends when its runner has stopped. Its check may be recorded after that of a
  quicker run that took its place, but before anything else happens on the pull request.
- Labels, and a run that is started again, leave the head as it is. A push may bring back a commit.
- The check that counts for a commit is the one that was recorded last.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from tests.support.workflow_runs.expressions import fill_template

PULL_REQUEST_ACTIONS = ("opened", "synchronize", "reopened", "labeled", "unlabeled")
DEFAULT_ACTIONS = ("opened", "synchronize", "reopened")
WAITING, RUNNING, STOPPING, CANCELLED, DONE = "waiting", "running", "stopping", "cancelled", "done"
_BRANCH = "refs/pull/7/merge"


@dataclass(frozen=True)
class Run:
    """A run of the workflow, by its event; `recorded` has its place in the order of the checks."""

    number: int
    event: str
    action: str
    commit: str
    ref: str
    attempt: int = 1
    state: str = RUNNING
    recorded: int = 0

    @property
    def is_active(self) -> bool:
        return self.state in (WAITING, RUNNING, STOPPING)

    def enter(self, concurrency: Mapping[str, Any]) -> tuple[str, bool]:
        """Return the group, in which case does not count, and whether it cancels the run in progress."""
        stable = replace(self, state=RUNNING, recorded=0)
        cancels = concurrency.get("cancel-in-progress", False)
        return _fill_group(stable, concurrency["group"], cancels)


@cache
def _fill_group(run: Run, group: str, cancels: str | bool) -> tuple[str, bool]:
    github = {
        "ref": run.ref,
        "sha": run.commit,
        "workflow": "Image size",
        "run_id": str(run.number),
        "run_attempt": str(run.attempt),
        "event_name": run.event,
        "event": {"action": run.action, "number": 7},
    }
    filled = str(fill_template(group, {"github": github})).lower()
    return filled, bool(fill_template(cancels, {"github": github}))


@dataclass(frozen=True)
class World:
    """A pull request: its head, its runs, and how many checks were recorded."""

    head: str
    runs: tuple[Run, ...] = ()
    recorded: int = 0
    story: tuple[str, ...] = ()

    @property
    def is_quiet(self) -> bool:
        return not any(run.is_active for run in self.runs)

    def checks(self, commit: str) -> list[str]:
        """Return the conclusions on a commit, the last one last; a later attempt replaces its run's."""
        done = {
            (run.number, run.commit): run
            for run in sorted(self.runs, key=lambda run: run.recorded)
            if run.commit == commit and not run.is_active
        }
        return [run.state for run in sorted(done.values(), key=lambda run: run.recorded)]

    def tell(self, text: str, **changes: Any) -> "World":
        return replace(self, story=(*self.story, text), **changes)

    def set_state(self, run: Run, state: str) -> "World":
        is_recorded = state in (CANCELLED, DONE)
        recorded = self.recorded + is_recorded
        changed = replace(run, state=state, recorded=recorded if is_recorded else 0)
        runs = tuple(changed if other == run else other for other in self.runs)
        return replace(self, runs=runs, recorded=recorded)


def explore(
    concurrency: Mapping[str, Any], actions: tuple[str, ...], *, has_queue: bool, events: int
) -> Iterator[World]:
    """Yield each state in which nothing runs, after each sequence of so many events.

    Each sequence begins with `opened`; between two events any runs may end, in any order.
    """
    visited: set[object] = set()
    worlds = [(_start(World("a"), Run(1, "pull_request", "opened", "a", _BRANCH), concurrency), 1)]
    while worlds:
        world, count = worlds.pop()
        key = (replace(world, story=()), count)
        if key in visited:
            continue
        visited.add(key)
        if world.is_quiet:
            yield world
        worlds += [(later, count) for later in _let_end(world, concurrency)]
        if count < events:
            worlds += [
                (_start(changed, run, concurrency), count + 1)
                for changed, run in _list_events(_settle(world, concurrency), actions, has_queue)
            ]


def _list_events(
    world: World, actions: tuple[str, ...], has_queue: bool
) -> Iterator[tuple[World, Run]]:
    number = max(run.number for run in world.runs) + 1
    for action in actions:
        heads = _list_heads(world) if action == "synchronize" else [world.head]
        for head in heads if action != "opened" else ():
            yield replace(world, head=head), Run(number, "pull_request", action, head, _BRANCH)
    last_attempts = {run.number: run for run in world.runs}
    for run in last_attempts.values():
        if not run.is_active:
            yield world, replace(run, attempt=run.attempt + 1, state=RUNNING, recorded=0)
    if has_queue:
        group = f"queue-{number}"
        yield world, Run(number, "merge_group", "checks_requested", group, f"refs/heads/{group}")


def _list_heads(world: World) -> list[str]:
    """Return what a push may make the head: a new commit, or one that it was before."""
    commits = {run.commit for run in world.runs if run.ref == _BRANCH}
    return [chr(ord(max(commits)) + 1), *sorted(commits - {world.head})]


def _start(world: World, run: Run, concurrency: Mapping[str, Any]) -> World:
    """Return the world with a new run, which may wait, cancel others or take their place."""
    again = " again" if run.attempt > 1 else ""
    world = world.tell(f"{run.event} {run.action} of {run.commit} starts run {run.number}{again}")
    group, cancels = run.enter(concurrency)
    others = [x for x in world.runs if x.is_active and x.enter(concurrency)[0] == group]
    for other in others:
        if other.state == WAITING:
            world = world.set_state(other, CANCELLED).tell(f"run {other.number} is cancelled")
        elif other.state == RUNNING and cancels:
            world = world.set_state(other, STOPPING).tell(f"run {other.number} is being cancelled")
    is_free = cancels or not any(other.state in (RUNNING, STOPPING) for other in others)
    return replace(world, runs=(*world.runs, replace(run, state=RUNNING if is_free else WAITING)))


def _let_end(world: World, concurrency: Mapping[str, Any]) -> Iterator[World]:
    """Yield what may happen next by itself: a run ends, and the one that waited for it starts."""
    for run in world.runs:
        if run.state == STOPPING:
            ended = world.set_state(run, CANCELLED).tell(f"run {run.number} was cancelled")
            yield _start_waiting(ended, run, concurrency)
        if run.state == RUNNING:
            ended = world.set_state(run, DONE).tell(f"run {run.number} succeeds")
            yield _start_waiting(ended, run, concurrency)


def _start_waiting(world: World, ended: Run, concurrency: Mapping[str, Any]) -> World:
    group = ended.enter(concurrency)[0]
    for run in world.runs:
        if run.state == WAITING and run.enter(concurrency)[0] == group:
            world = world.set_state(run, RUNNING)
    return world


def _settle(world: World, concurrency: Mapping[str, Any]) -> World:
    """Return the world once the runs that are being cancelled have stopped."""
    for run in world.runs:
        if run.state == STOPPING:
            ended = world.set_state(run, CANCELLED).tell(f"run {run.number} was cancelled")
            world = _start_waiting(ended, run, concurrency)
    return world
