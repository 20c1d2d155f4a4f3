"""Builds and judges the images of the revisions that a job's event is about."""

import time
from dataclasses import dataclass, replace
from functools import partial

from bot.action.job import Job
from bot.adapters.cache.measurements import open_measurements
from bot.adapters.clock import read_time
from bot.adapters.docker.build_caches import CacheRules
from bot.adapters.docker.buildx import BuildOptions
from bot.adapters.git.repository import GitRepository
from bot.adapters.github.pulls import GitHubPulls
from bot.adapters.progress import make_progress
from bot.adapters.record_stores import open_record_store
from bot.adapters.secret_reader import SecretReader
from bot.compare.size_tree import add_size_trees
from bot.errors import InputError, PublishError
from bot.line.commit_search import SinceRequest, SinceTools, audit_since
from bot.line.declared_images import ConfigSources, RevisionConfigs, read_configs
from bot.line.ports import Progress
from bot.line.report_history import add_history
from bot.line.review import ReviewTools, audit_revision, review_revisions
from bot.line.review_request import ReviewedRevision, ReviewRequest
from bot.model.report import Report
from bot.project.config_file import ProjectConfig
from bot.project.reproduce_command import build_reproduce_command
from bot.project.trusted_needs import drop_needs
from bot.pull_request.cache_writing import choose_cache_writer
from bot.pull_request.event import (
    Activity,
    Commit,
    ComparisonPair,
    PullRequest,
    choose_pair,
    to_pull_request_review,
)
from bot.redaction import find_secret_values, redact_report
from bot.wiring import ReviewToolsOpener, make_build_options, open_review_tools

_UNTRUSTED_NEEDS_NOTE = (
    "Secrets and other needs of builds are not taken from the configuration of a pull request, or "
    "of a revision that the checkout does not contain. Set them as inputs of the workflow."
)


@dataclass(frozen=True, slots=True)
class ReviewResult:
    """A report, and the configuration that the change cannot set."""

    report: Report
    config: ProjectConfig


def attach_pull_request(job: Job) -> Job:
    """Return the job as a review of a pull request, if it was started by hand on its branch.

    A `revision` says what is to be audited, `since` which commits.
    """
    started_by_hand = job.event.name == "workflow_dispatch" and job.event.activity is Activity.AUDIT
    is_audit = job.inputs.mode != "auto" or bool(job.inputs.revision or job.inputs.since)
    if not started_by_hand or is_audit or not job.inputs.token:
        return job
    try:
        with job.open_github() as github:
            pulls = GitHubPulls(github).find_by_commit(job.event.sha)
    except PublishError as problem:
        job.log_notice(problem)
        return job
    # A commit can be the head of several pull requests: then it is not clear which one is meant.
    if len(pulls) != 1:
        return job
    return replace(job, event=to_pull_request_review(job.event, pulls[0]))


def review_event(job: Job, open_tools: ReviewToolsOpener = open_review_tools) -> ReviewResult:
    """Review or audit what the event names; the report has no secrets and no approval yet."""
    with job.open_repository() as git:
        return _review_event(job, git, open_tools)


def _review_event(job: Job, git: GitRepository, open_tools: ReviewToolsOpener) -> ReviewResult:
    is_audit = job.event.activity is Activity.AUDIT
    if job.inputs.since and not is_audit:
        raise InputError(
            "The input `since` is for audits.",
            "this event starts a review",
            "leave it out, or set `mode: audit`",
        )
    request = make_request(job, git)
    build_args = _collect_secrets(request)
    # A build may print its arguments: the runner masks them in the log of every program.
    job.workflow.mask_values(build_args)
    secrets = job.make_secret_reader()
    # Progress lines have names from the repository, which must not start workflow commands.
    progress = make_progress()
    with (
        job.workflow.stop_commands(),
        open_tools(
            git,
            job.environment,
            progress,
            _make_build_options(job, git, request, secrets),
            verify=job.inputs.verify_suggestions,
        ) as tools,
    ):
        if job.inputs.since:
            report = _search_commits(job, git, tools, request, progress)
        else:
            report = (audit_revision if is_audit else review_revisions)(tools, request)
            report = add_history(git, report, request, partial(open_record_store, git))
    # Before the secrets are removed, since names of files may hold some.
    report = redact_report(add_size_trees(report), (*build_args, *secrets.texts))
    return ReviewResult(report, request.trusted_config)


def _make_build_options(
    job: Job, git: GitRepository, request: ReviewRequest, secrets: SecretReader
) -> BuildOptions:
    """Return the options of all builds: caches are written as the event allows."""
    rules = CacheRules(writer=choose_cache_writer(job.event))
    inputs = job.inputs
    return make_build_options(
        git, request, secrets, rules, jobs=inputs.jobs, builder=inputs.builder
    )


def _search_commits(
    job: Job, git: GitRepository, tools: ReviewTools, request: ReviewRequest, progress: Progress
) -> Report:
    """Find the commits that changed the sizes of the audited revision."""
    search = SinceRequest(
        request,
        ConfigSources(job.inputs.config),
        job.inputs.since or "",
        drops_needs=_is_untrusted(job, git, request.head.commit),
    )
    adapters = (partial(open_record_store, git), open_measurements(job.environment))
    return audit_since(SinceTools(tools, *adapters, progress, time.monotonic), search)


def _collect_secrets(request: ReviewRequest) -> tuple[str, ...]:
    """Return the values of all build arguments that look like secrets."""
    configs = [request.configs.head, request.configs.base]
    specs = [
        spec
        for config in configs
        if config
        for spec in (config.defaults.spec, *(config.images or ()))
    ]
    arguments = [request.overrides.build_args, *(spec.build_args for spec in specs)]
    return tuple(dict.fromkeys(value for args in arguments for value in find_secret_values(args)))


def make_request(job: Job, git: GitRepository) -> ReviewRequest:
    """Resolve the commits that the event is about, one or two, and read their configuration."""
    is_audit = job.event.activity is Activity.AUDIT
    return (_make_audit_request if is_audit else make_review_request)(job, git)


def _make_audit_request(job: Job, git: GitRepository) -> ReviewRequest:
    name = job.inputs.revision
    head = git.fetch_ref(name) if name else git.resolve_head()
    configs = read_configs(git, ConfigSources(job.inputs.config), head.sha)
    trusted, notes = _drop_untrusted_needs(job, git, head, configs)
    command = build_reproduce_command(
        "audit", {"--rev": head.sha, "--config": job.inputs.config}, job.inputs.overrides
    )
    return ReviewRequest(
        ReviewedRevision(head, name or _get_head_name(job)),
        trusted,
        overrides=job.inputs.overrides,
        limit_options=job.inputs.overrides.limits.names,
        repository_name=job.repository_name or git.name,
        repository=job.repository or git.name,
        made_at=read_time(),
        config_path=job.inputs.config or "",
        reproduce_command=command,
        notes=notes,
    )


def _drop_untrusted_needs(
    job: Job, git: GitRepository, revision: Commit, configs: RevisionConfigs
) -> tuple[RevisionConfigs, tuple[str, ...]]:
    """Return the configuration of an audit without what a pull request gives its own builds.

    An audit has no base that could say it. A revision that the input names may be anybody's, unless
    it is in the history of the checkout.
    """
    head = drop_needs(configs.head) if _is_untrusted(job, git, revision) else configs.head
    notes = () if head == configs.head else (_UNTRUSTED_NEEDS_NOTE,)
    return replace(configs, head=head), notes


def _is_untrusted(job: Job, git: GitRepository, revision: Commit) -> bool:
    if job.event.pull_request:
        return True
    return bool(job.inputs.revision) and not git.is_in_history(revision.sha, git.resolve_head())


def make_review_request(job: Job, git: GitRepository) -> ReviewRequest:
    """Resolve the pair of commits that `choose_pair` finds valid for the event."""
    pair = choose_pair(job.event, git.resolve_head()) or ComparisonPair(head=git.resolve_head().sha)
    if job.inputs.base_ref:
        # The head stays: of a pull request it may be the test merge that was checked out.
        pair = ComparisonPair(head=pair.head, base=git.fetch_ref(job.inputs.base_ref).sha)
    head, base = git.resolve_pair(pair)
    revisions = {
        "--base": base.sha if base else None,
        "--head": head.sha,
        "--config": job.inputs.config,
    }
    configs = read_configs(
        git, ConfigSources(job.inputs.config), head.sha, base.sha if base else None
    )
    base_name = job.inputs.base_ref or _get_base_name(job, pair)
    return ReviewRequest(
        head=ReviewedRevision(head, _get_head_name(job)),
        configs=configs,
        base=ReviewedRevision(base, base_name) if base else None,
        overrides=job.inputs.overrides,
        limit_options=job.inputs.overrides.limits.names,
        repository_name=job.repository_name or git.name,
        config_path=job.inputs.config or "",
        skip_growth_reason="" if job.judges_growth_in_queue else job.event.skip_growth_reason,
        reproduce_command=build_reproduce_command("review", revisions, job.inputs.overrides),
        notes=_note_merge_commit(job.event.pull_request, pair),
        is_accepted=job.event.is_accepted,
    )


def _get_head_name(job: Job) -> str:
    """Return the branch or tag of the head."""
    # GITHUB_HEAD_REF is set for pull requests alone, where GITHUB_REF_NAME is `12/merge`.
    return job.environment.get("GITHUB_HEAD_REF") or job.environment.get("GITHUB_REF_NAME", "")


def _get_base_name(job: Job, pair: ComparisonPair) -> str:
    """Return the branch of the base, or a description of it."""
    pull = job.event.pull_request
    return (
        pull.base_ref
        if pull
        else pair.merge_base_with or f"before the {job.event.name.replace('_', ' ')}"
    )


def _note_merge_commit(pull: PullRequest | None, pair: ComparisonPair) -> tuple[str, ...]:
    """Explain a head that is GitHub's test merge, and how to fetch that commit."""
    if pull is None or pair.head == pull.head_sha:
        return ()
    return (
        f"The head is {pull.head_sha[:12]} merged into {pull.base_ref}; "
        f"git fetch origin refs/pull/{pull.number}/merge fetches it.",
    )
