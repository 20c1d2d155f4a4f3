"""The part of a workflow, or of an action of the repository, that decides about this review."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from bot.project.yaml_nodes import YamlMistake
from bot.project.yaml_reader import read_yaml

_WORKFLOW_FILE = re.compile(r"\.github/workflows/[^/]+\.ya?ml")
_ACTION_NAMES = frozenset({"action.yml", "action.yaml"})
# The action by its repository or its image, and the command in a script.
_OWN_NAME = re.compile(r"image-size-review", re.IGNORECASE)
_LOCAL_USE = re.compile(r"""uses:\s*["']?\./([^\s"'#,}\]]*)""")


@dataclass(frozen=True, slots=True)
class ReviewStep:
    """A step that runs the review: the action or script that it is, and its inputs."""

    program: str
    inputs: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Workflow:
    """The steps of the review in a file, and all else that decides whether and how they run.

    `surroundings` is the text of the triggers, and of the jobs that the steps are in, that those
    need, or that need them.
    """

    steps: tuple[ReviewStep, ...]
    surroundings: str


def is_workflow_file(path: str) -> bool:
    """Return True for the path of a workflow, or of an action of the repository."""
    return bool(_WORKFLOW_FILE.fullmatch(path)) or PurePosixPath(path).name in _ACTION_NAMES


def find_review_files(texts: Mapping[str, str]) -> frozenset[str]:
    """Return the paths of the files that run the review themselves, or use one that does."""
    review_files = {path for path, text in texts.items() if _OWN_NAME.search(text)}
    while True:
        names = {_to_local_name(path) for path in review_files}
        users = {path for path, text in texts.items() if names & _list_local_uses(text)}
        if users <= review_files:
            return frozenset(review_files)
        # What uses such a file may in turn be used by another one.
        review_files |= users


def read_workflow(text: str, review_files: frozenset[str]) -> Workflow:
    """Read a workflow or action; ValueError if it is no YAML mapping."""
    try:
        data = read_yaml(text)
    except YamlMistake as problem:
        raise ValueError(f"line {problem.line}: {problem.reason}") from problem
    if not isinstance(data, dict):
        raise ValueError("it is not a mapping")
    local_names = frozenset(map(_to_local_name, review_files))
    # A composite action has its steps under `runs`, in place of jobs.
    jobs = data.get("jobs") or {"runs": data.get("runs")}
    jobs = {name: job for name, job in jobs.items() if isinstance(job, dict)}
    own = {name for name, job in jobs.items() if any(_iter_review_steps(job, local_names))}
    connected = {name: jobs[name] for name in sorted(_add_connected(own, jobs))}
    steps = tuple(
        _read_step(step)
        for job in connected.values()
        for step in _iter_review_steps(job, local_names)
    )
    # The name of a workflow decides nothing.
    other_keys = {key: value for key, value in data.items() if key not in ("jobs", "runs", "name")}
    for job in connected.values():
        for step in _iter_review_steps(job, local_names):
            step.pop("with", None)
            step["uses"] = step["run"] = None
    # Text with sorted keys: neither comments nor the order of keys change what runs.
    return Workflow(steps, json.dumps([other_keys, connected], sort_keys=True))


def _to_local_name(path: str) -> str:
    """Return what follows `./` where a workflow uses a file of its own repository."""
    pure = PurePosixPath(path)
    return str(pure.parent if pure.name in _ACTION_NAMES else pure)


def _list_local_uses(text: str) -> set[str]:
    return {str(PurePosixPath(name)) for name in _LOCAL_USE.findall(text)}


def _iter_review_steps(
    job: dict[str, Any], local_names: frozenset[str]
) -> Iterator[dict[str, Any]]:
    """Yield the steps of a job that run the review; the job itself, if it is another workflow."""
    steps = job.get("steps")
    for step in [job, *(steps if isinstance(steps, list) else [])]:
        if isinstance(step, dict) and _runs_review(step, local_names):
            yield step


def _runs_review(step: Mapping[str, Any], local_names: frozenset[str]) -> bool:
    uses, script = str(step.get("uses") or ""), str(step.get("run") or "")
    is_local = uses.startswith("./") and str(PurePosixPath(uses)) in local_names
    return is_local or bool(_OWN_NAME.search(uses) or _OWN_NAME.search(script))


def _read_step(step: Mapping[str, Any]) -> ReviewStep:
    inputs = step.get("with")
    values = inputs.items() if isinstance(inputs, dict) else ()
    program = str(step.get("uses") or step.get("run") or "")
    return ReviewStep(program, {name: _format_value(value) for name, value in values})


def _format_value(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _add_connected(names: set[str], jobs: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Return the jobs with all that they need and all that need them."""
    needs = {name: _list_needs(job) for name, job in jobs.items()}
    connected = set(names)
    while True:
        needed = {other for name in connected for other in needs.get(name, set())}
        users = {name for name, others in needs.items() if others & names}
        new = ((needed | users) & jobs.keys()) - connected
        if not new:
            return connected
        connected |= new
        names = names | users


def _list_needs(job: Mapping[str, Any]) -> set[str]:
    needs = job.get("needs")
    return {needs} if isinstance(needs, str) else set(map(str, needs or ()))
