"""`review` and `audit`: the images of revisions, built and measured."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from bot.adapters.clock import read_time
from bot.adapters.docker.build_caches import CacheRules
from bot.adapters.docker.buildx import BuildOptions
from bot.adapters.git.repository import GitRepository
from bot.adapters.git.working_tree import WORKING_TREE
from bot.adapters.progress import make_progress
from bot.adapters.record_stores import open_record_store
from bot.adapters.registry.login_variable import add_logins
from bot.adapters.secret_reader import SecretReader
from bot.cli.options.build_args import resolve_build_args
from bot.cli.options.commands import AuditOptions, ImageSelection, ReviewOptions
from bot.cli.output import write_report
from bot.cli.record_option import check_recordable, record_report
from bot.cli.trusted_events import refuse_start
from bot.errors import InputError, describe_cause
from bot.line.declared_images import ConfigSources, read_configs
from bot.line.report_history import add_history
from bot.line.review import audit_revision, review_revisions
from bot.line.review_request import ReviewedRevision, ReviewRequest
from bot.model.report import FORK_POINT, Report
from bot.project.overrides import Overrides
from bot.project.reproduce_command import build_reproduce_command
from bot.project.yaml_nodes import MAX_BYTES
from bot.pull_request.event import Commit
from bot.redaction import redact_report
from bot.wiring import open_review_tools, place_caches

_WORKING_TREE_NOTE = "The working tree is built without the files that git ignores."


def run_review(options: ReviewOptions | AuditOptions, environment: Mapping[str, str]) -> int:
    """Compare the images of two revisions, or list those of one, and write the report."""
    if options.verify:
        refuse_start(environment)
    environment = add_logins(environment, options.build.logins)
    with GitRepository(options.images.repository, environment) as git:
        secrets = SecretReader(environment, git.root)
        report = make_report(options, git, environment, secrets)
    return write_report(report, options.output, secrets.texts)


def make_report(
    options: ReviewOptions | AuditOptions,
    git: GitRepository,
    environment: Mapping[str, str],
    secrets: SecretReader,
) -> Report:
    """Make the report of a review or an audit."""
    if isinstance(options, AuditOptions) and options.since is not None:
        from bot.cli.since_report import make_since_report  # noqa: PLC0415 - it imports this module

        return make_since_report(options, options.since, git, environment, secrets)
    if isinstance(options, ReviewOptions):
        request, run = make_review_request(options, git, environment), review_revisions
    else:
        request, run = make_audit_request(options, git, environment), audit_revision
    history = check_recordable(git, request) if options.records else None
    # The tools need the request: it knows the configuration that may name a builder and caches.
    build_options = make_build_options(options, git, request, secrets)
    progress = make_progress(is_quiet=options.output.is_quiet)
    with open_review_tools(
        git, environment, progress, build_options, verify=options.verify
    ) as tools:
        report = run(tools, request)
    if history is not None:
        record_report(git, redact_report(report, secrets.texts), request, history)
    return add_history(git, report, request, partial(open_record_store, git))


def make_build_options(
    options: ReviewOptions | AuditOptions,
    git: GitRepository,
    request: ReviewRequest,
    secrets: SecretReader,
) -> BuildOptions:
    """Return the options of all builds: they write the caches of the command line alone."""
    rules = CacheRules(chosen=options.build.needs.cache_to)
    caches = place_caches(rules, git, secrets, request.head.commit.sha)
    return BuildOptions(
        secrets=secrets,
        caches=caches,
        jobs=options.build.jobs,
        builder=options.build.builder,
        config_builder=request.trusted_config.builder,
    )


def make_review_request(
    options: ReviewOptions, git: GitRepository, environment: Mapping[str, str]
) -> ReviewRequest:
    """Resolve the revisions of a review, and read their configuration."""
    head = _resolve_head(git, options.head)
    # Not the tip of the default branch: its later commits would count with the opposite sign.
    base = (
        git.find_default_base(head) if options.base is None else git.find_base(options.base, head)
    )
    base_name = options.base or FORK_POINT
    overrides = _make_overrides(options, environment)
    sources = make_config_sources(options.images)
    configs = read_configs(git, sources, head.sha, base.sha)
    revisions = {
        # Commits and no names: a branch is elsewhere when somebody repeats the command.
        "--base": base.sha,
        "--head": head.sha if git.is_kept(head) else None,
        "--config": _to_argument(options.images.config),
    }
    return ReviewRequest(
        head=ReviewedRevision(head, options.head or WORKING_TREE),
        configs=configs,
        base=ReviewedRevision(base, base_name),
        overrides=overrides,
        limit_options=options.images.limit_options,
        repository_name=git.name,
        reproduce_command=build_reproduce_command("review", revisions, overrides),
        notes=(
            *_note_unmerged_base(git, base, head, base_name),
            *_note_working_tree(options.head),
        ),
    )


def make_audit_request(
    options: AuditOptions, git: GitRepository, environment: Mapping[str, str]
) -> ReviewRequest:
    """Resolve the revision of an audit, and read its configuration."""
    head = _resolve_head(git, options.revision)
    overrides = _make_overrides(options, environment)
    configs = read_configs(git, make_config_sources(options.images), head.sha)
    revisions = {
        "--rev": head.sha if git.is_kept(head) else None,
        "--config": _to_argument(options.images.config),
    }
    return ReviewRequest(
        head=ReviewedRevision(head, options.revision or WORKING_TREE),
        configs=configs,
        overrides=overrides,
        limit_options=options.images.limit_options,
        repository_name=git.name,
        repository=git.name,
        made_at=read_time(),
        reproduce_command=build_reproduce_command("audit", revisions, overrides),
        notes=_note_working_tree(options.revision),
    )


def _resolve_head(git: GitRepository, revision: str | None) -> Commit:
    """Return the commit of a revision, or of the working tree where none is named."""
    return git.snapshot_working_tree() if revision is None else git.resolve_revision(revision)


def _note_working_tree(revision: str | None) -> tuple[str, ...]:
    return () if revision else (_WORKING_TREE_NOTE,)


def _note_unmerged_base(
    git: GitRepository, base: Commit, head: Commit, base_name: str
) -> tuple[str, ...]:
    if git.is_ancestor(base, head) or _is_in_longer_history(git, base, head):
        return ()
    return (
        f"{base_name} has commits that head does not have: their changes count here with the "
        "opposite sign. To leave them out, compare with the fork point (git merge-base).",
    )


def _is_in_longer_history(git: GitRepository, base: Commit, head: Commit) -> bool:
    """Return True if a base is in the part of head's history that a shallow clone lacks."""
    shas = (head.sha,) if git.is_kept(head) else head.parents[:1]  # the parent of a snapshot
    return any(git.is_in_history(base.sha, Commit(sha)) for sha in shas)


def _make_overrides(
    options: ReviewOptions | AuditOptions,
    environment: Mapping[str, str],
) -> Overrides:
    selection = options.images
    return Overrides(
        images=selection.names,
        dockerfile=selection.dockerfile,
        context=selection.context,
        target=selection.target,
        build_args=resolve_build_args(selection.build_args, environment),
        platforms=selection.platforms,
        limits=selection.limits,
        needs=options.build.needs,
        build_contexts=options.build.contexts,
        history=selection.history,
    )


def make_config_sources(selection: ImageSelection) -> ConfigSources:
    """Return the source of the configuration: the repository, or the file of `--config`."""
    if selection.config is None:
        return ConfigSources()
    text = read_config_file(selection.config)
    return ConfigSources(config_text=text, config_name=str(selection.config))


def read_config_file(path: Path) -> str:
    """Return the text of the file that --config names; raise InputError if it cannot be read."""
    try:
        with path.open("rb") as file:
            # One byte more than is allowed: the reader refuses the rest with the limit.
            return file.read(MAX_BYTES + 1).decode(errors="replace")
    except OSError as problem:
        fix = "check the path given with --config"
        what = "The configuration file cannot be read."
        raise InputError(what, describe_cause(problem), fix) from problem


def _to_argument(path: Path | None) -> str | None:
    return str(path) if path else None
