"""Requests for `review` and `audit`: revisions, their configuration, and options of builds."""

from collections.abc import Mapping
from pathlib import Path

from bot.adapters.clock import read_time
from bot.adapters.docker.build_caches import CacheRules
from bot.adapters.docker.buildx import BuildOptions
from bot.adapters.git.repository import GitRepository
from bot.adapters.git.working_tree import WORKING_TREE
from bot.adapters.secret_reader import SecretReader
from bot.cli.options.build_args import resolve_build_args
from bot.cli.options.commands import AuditOptions, ImageSelection, ReviewOptions
from bot.errors import InputError, describe_cause
from bot.line.declared_images import ConfigSources, read_configs
from bot.line.review_request import ReviewedRevision, ReviewRequest
from bot.model.report import FORK_POINT
from bot.project.overrides import Overrides
from bot.project.reproduce_command import build_reproduce_command
from bot.project.yaml_nodes import MAX_BYTES
from bot.pull_request.event import Commit
from bot.wiring import make_build_options

_WORKING_TREE_NOTE = "The working tree is built without the files that git ignores."


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


def make_command_options(
    options: ReviewOptions | AuditOptions,
    git: GitRepository,
    request: ReviewRequest,
    secrets: SecretReader,
) -> BuildOptions:
    """Return the options of all builds: they write the caches of the command line alone."""
    build = options.build
    rules = CacheRules(chosen=build.needs.cache_to)
    return make_build_options(git, request, secrets, rules, jobs=build.jobs, builder=build.builder)


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
