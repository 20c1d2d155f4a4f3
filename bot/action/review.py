"""Builds and judges what a job's event is about."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from rich.console import Console

from bot.action.job import Job
from bot.adapters.docker.buildx import BuildOptions
from bot.adapters.git import GitRepository
from bot.adapters.github.pulls import GitHubPulls
from bot.adapters.progress import TerminalScreen
from bot.budget.approval import approve, with_hint
from bot.errors import CannotPublish
from bot.line.declared_images import Request, read_configs
from bot.line.review import Question, audit, review
from bot.model.report import Report
from bot.project.config_file import Config
from bot.project.overrides import reproducing
from bot.pull_request.event import PullRequest, Purpose, Sides, choose_sides, for_pull_request
from bot.redaction import masked, secret_values
from bot.wiring import wired


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The report, and the configuration of the head that it goes by."""

    report: Report
    config: Config


def found_pull_request(job: Job) -> Job:
    """A run that somebody started by hand on a pull request's branch reviews that pull request."""
    by_hand = job.event.name == "workflow_dispatch" and job.event.purpose is Purpose.AUDIT
    if not by_hand or job.inputs.mode != "auto" or not job.inputs.token:
        return job
    try:
        with job.github() as github:
            pulls = GitHubPulls(github).of_commit(job.event.sha)
    except CannotPublish as problem:
        job.notice(problem)
        return job
    return replace(job, event=for_pull_request(job.event, pulls[0])) if len(pulls) == 1 else job


def reviewed(job: Job) -> Reviewed:
    """The report on the event, without secrets and not yet approved by anybody."""
    git = job.git()
    request = Request(job.inputs.overrides, config_path=job.inputs.config)
    is_audit = job.event.purpose is Purpose.AUDIT
    question = (_audited if is_audit else _reviewed)(job, git, request)
    revisions = [side.sha for side in (question.head, question.base) if side]
    configs = read_configs(git, revisions, request)
    secrets = _secrets(job, configs)
    # The runner itself masks in its log what we name to it; a build prints what it likes.
    job.workflow.hide(secrets)
    screen = TerminalScreen(Console(stderr=True))
    with (
        job.workflow.foreign_text(),
        wired(
            git,
            job.environment,
            screen,
            BuildOptions(),
            verifies=job.inputs.verify_suggestions,
        ) as tools,
    ):
        report = (audit if is_audit else review)(tools, question)
    return Reviewed(masked(report, secrets), configs[0])


def approved(job: Job, report: Report, label: str | None) -> Report:
    """The report with what the label on the pull request approves now, whatever the event said."""
    pull = job.event.pull_request
    if pull is None or label is None or not job.inputs.token:
        return report
    try:
        with job.github() as github:
            report = approve(report, GitHubPulls(github).approval(pull.number, label))
            return with_hint(report, label)
    except CannotPublish as problem:
        job.notice(problem)
        return report


def _secrets(job: Job, configs: Iterable[Config]) -> tuple[str, ...]:
    """The secret build arguments of either side."""
    specs = [spec for config in configs for spec in config.images or ()]
    arguments = [job.inputs.overrides.build_args, *(spec.build_args for spec in specs)]
    return tuple(dict.fromkeys(value for each in arguments for value in secret_values(each)))


def _audited(job: Job, git: GitRepository, request: Request) -> Question:
    head = git.checkout()
    command = reproducing(
        "audit", {"--rev": head.sha, "--config": job.inputs.config}, request.overrides
    )
    return Question(head, _ref(job), request=request, command=command)


def _reviewed(job: Job, git: GitRepository, request: Request) -> Question:
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
        notes=_merged(job.event.pull_request, sides),
    )


def _ref(job: Job) -> str:
    """The name that people know the head by."""
    return job.environment.get("GITHUB_HEAD_REF") or job.environment.get("GITHUB_REF_NAME", "")


def _base_name(job: Job, sides: Sides) -> str:
    """The name that people know the base by."""
    pull = job.event.pull_request
    return (
        pull.base_ref if pull else sides.fork_of or f"before the {job.event.name.replace('_', ' ')}"
    )


def _merged(pull: PullRequest | None, sides: Sides) -> tuple[str, ...]:
    """That the head is not the one that people know, but its merge: whoever looks it up must find it."""
    if pull is None or sides.head == pull.head_sha:
        return ()
    return (
        f"The head is {pull.head_sha[:12]} merged into {pull.base_ref}, "
        f"which git fetch origin refs/pull/{pull.number}/merge brings.",
    )
