"""The composition root of the GitHub Action: an event in, a comment and a verdict out."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from bot.core.event import Event, Purpose, Sides, choose_sides, in_mode, read_event
from bot.core.model import Outcome, Report, State
from bot.core.overrides import reproducing
from bot.core.publish import Action
from bot.declare import Request, read_configs
from bot.edge.builder import BuildOptions
from bot.edge.comments import GitHubComments, Wish
from bot.edge.git import GitRepository
from bot.edge.github import GitHub
from bot.edge.screen import TerminalScreen
from bot.edge.workflow import SUMMARY_LIMIT, Workflow
from bot.errors import BadInput, CannotPublish, ReviewError
from bot.inputs import Inputs, read_inputs
from bot.line import Question, audit, review
from bot.report.annotations import annotations, render_annotation
from bot.report.document import render_json
from bot.report.escape import code, command_message
from bot.report.markdown import render_markdown
from bot.report.marker import make_marker, marks
from bot.report.outputs import outputs
from bot.report.text import render_text
from bot.wiring import wired

_FAILS_AT = {"fail": (Outcome.FAIL,), "warn": (Outcome.FAIL, Outcome.WARN), "never": ()}


@dataclass(frozen=True, slots=True)
class _Job:
    """What this job was asked to do."""

    environment: Mapping[str, str]
    workflow: Workflow
    inputs: Inputs
    event: Event


def run_action(environment: Mapping[str, str]) -> int:
    """Does what the event calls for; the exit status is the check's."""
    workflow = Workflow(environment, sys.stdout.write)
    try:
        inputs = read_inputs(environment)
        job = _Job(environment, workflow, inputs, in_mode(_event(environment), inputs.mode))
        return _run(job)
    except ReviewError as problem:
        workflow.add_summary(
            f"### ❗ The images could not be reviewed\n\n{code(str(problem), 2000)}"
        )
        workflow.say(f"::error::{command_message(str(problem))}")
        workflow.set_outputs({"verdict": Outcome.ERROR.value})
        raise


def _run(job: _Job) -> int:
    if job.event.purpose in (Purpose.REFUSED, Purpose.PUBLISH):
        raise BadInput(f"Nothing is built on {job.event.name}.", job.event.message)
    if job.event.purpose is Purpose.NOTHING:
        job.workflow.say(job.event.message)
        return 0
    with job.workflow.foreign_text():
        report, comment = _report(job)
        job.workflow.say(render_text(report))
    for annotation in annotations(report):
        job.workflow.say(render_annotation(annotation))
    job.workflow.add_summary(render_markdown(report, limit=SUMMARY_LIMIT))
    found = outputs(report)
    found["report"] = job.workflow.save("report.json", render_json(report))
    found["markdown"] = job.workflow.save("report.md", render_markdown(report))
    found["comment-url"] = _comment(job, report, comment)
    job.workflow.set_outputs(found)
    return _status(report.verdict, job.inputs.fail_on)


def _status(verdict: Outcome, fail_on: str) -> int:
    """Red for what cannot be judged, always; for a size, as `fail-on` says."""
    if verdict is Outcome.ERROR:
        return 2
    return int(verdict in _FAILS_AT[fail_on])


def _event(environment: Mapping[str, str]) -> Event:
    """What happened, from the runner's variables and its event file."""
    name, path = environment.get("GITHUB_EVENT_NAME"), environment.get("GITHUB_EVENT_PATH")
    if not name or not path:
        fix = "`action` runs inside a workflow; on your machine use `image-size-review review`"
        raise BadInput("This is no GitHub Actions job: GITHUB_EVENT_NAME is not set.", fix=fix)
    try:
        payload: Any = json.loads(Path(path).read_text("utf-8"))
        return read_event(name, payload, environment.get("GITHUB_SHA", ""))
    except (OSError, ValueError) as problem:
        raise BadInput("The event of this job cannot be read.", str(problem)) from problem


def _report(job: _Job) -> tuple[Report, str]:
    """The report, and when to comment (the input, or else the configuration)."""
    server = job.environment.get("GITHUB_SERVER_URL", "https://github.com")
    git = GitRepository(job.workflow.workspace, job.environment, server, job.inputs.token)
    request = Request(job.inputs.overrides, config_path=job.inputs.config)
    is_audit = job.event.purpose is Purpose.AUDIT
    question = _audited(job, git, request) if is_audit else _reviewed(job, git, request)
    comment = job.inputs.comment or read_configs(git, [question.head.sha], request)[0].comment
    screen = TerminalScreen(Console(stderr=True))
    with wired(git, job.environment, screen, BuildOptions()) as tools:
        return (audit if is_audit else review)(tools, question), comment


def _audited(job: _Job, git: GitRepository, request: Request) -> Question:
    head = git.checkout()
    command = reproducing(
        "audit", {"--rev": head.sha, "--config": job.inputs.config}, request.overrides
    )
    return Question(head, _ref(job), request=request, command=command)


def _reviewed(job: _Job, git: GitRepository, request: Request) -> Question:
    """The valid pair of commits for the event; see `choose_sides`."""
    sides = choose_sides(job.event, git.checkout()) or Sides(head=git.checkout().sha)
    if job.inputs.base_ref:
        sides = Sides(head=sides.head, base=git.fetch_ref(job.inputs.base_ref).sha)
    head, base = git.settle(sides)
    revisions = {
        "--base": base.sha if base else None,
        "--head": head.sha,
        "--config": job.inputs.config,
    }
    return Question(
        head=head,
        head_name=_ref(job),
        base=base,
        base_name=job.inputs.base_ref or _base_name(job, sides),
        request=request,
        skip_growth=job.event.skip_growth,
        command=reproducing("review", revisions, request.overrides),
    )


def _ref(job: _Job) -> str:
    """The name that people know the head by."""
    return job.environment.get("GITHUB_HEAD_REF") or job.environment.get("GITHUB_REF_NAME", "")


def _base_name(job: _Job, sides: Sides) -> str:
    """The name that people know the base by."""
    pull = job.event.pull_request
    return pull.base_ref if pull else sides.fork_of or f"before the {job.event.name}"


def _comment(job: _Job, report: Report, when: str) -> str:
    """Posts, updates or deletes our comment; its address. A failure never touches the verdict."""
    pull = job.event.pull_request
    if pull is None or when == "never":
        return ""
    if not job.inputs.token:
        job.workflow.say("::notice::The comment was not posted: there is no github-token.")
        return ""
    key = _instance(job.inputs)
    github = GitHub(
        job.environment.get("GITHUB_API_URL", "https://api.github.com"),
        job.inputs.token,
        job.environment.get("GITHUB_REPOSITORY", ""),
    )
    wish = Wish(
        render_markdown(report, marker=make_marker(key, pull.head_sha)),
        wanted=when == "always" or any(x.state is not State.UNCHANGED for x in report.images),
        head_sha=pull.head_sha,
        is_ours=lambda body: marks(body, key),
    )
    try:
        posted = GitHubComments(github, pull.number).post(wish)
    except CannotPublish as problem:
        job.workflow.say(f"::notice::{command_message(str(problem))}")
        return ""
    if posted.decision.action is not Action.CREATE:
        job.workflow.say(f"Comment: {posted.decision.action}, {posted.decision.reason}.")
    return posted.url


def _instance(inputs: Inputs) -> str:
    """What tells two uses of the action on one pull request apart."""
    chosen = inputs.overrides
    parts = (inputs.config, chosen.dockerfile, chosen.context, chosen.target)
    return "|".join([*(part or "" for part in parts), *chosen.images, *chosen.platforms])
