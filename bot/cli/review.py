"""`review` and `audit`: the images of revisions, built and measured."""

from argparse import Namespace
from collections.abc import Mapping

from rich.console import Console

from bot.adapters.docker.buildx import BuildOptions
from bot.adapters.git import WORKING_TREE, GitRepository
from bot.adapters.progress import TerminalProgress
from bot.cli.output import write_report
from bot.errors import InputError
from bot.line.declared_images import ConfigSources
from bot.line.review import ReviewRequest, audit_revision, review_revisions
from bot.project.overrides import Overrides, build_reproduce_command
from bot.pull_request.event import Commit
from bot.wiring import open_review_tools

_WORKING_TREE_NOTE = (
    "The working tree is taken as git sees it: files that it ignores are not in the builds."
)


def run(arguments: Namespace, environment: Mapping[str, str]) -> int:
    """Compares the images of two revisions, or lists those of one."""
    git = GitRepository(arguments.repo, environment)
    question = _make_request(arguments, git, environment)
    options = BuildOptions(arguments.build_timeout * 60, arguments.build_network)
    answer = review_revisions if arguments.command == "review" else audit_revision
    screen = TerminalProgress(Console(stderr=True))
    with open_review_tools(git, environment, screen, options, verify=arguments.verify) as tools:
        report = answer(tools, question)
    return write_report(report, arguments)


def _make_request(
    arguments: Namespace, git: GitRepository, environment: Mapping[str, str]
) -> ReviewRequest:
    """Which commits are asked about; the working tree where none is named."""
    is_review = arguments.command == "review"
    name = arguments.head if is_review else arguments.rev
    head = git.resolve_revision(name) if name else git.snapshot_working_tree()
    base: Commit | None = None
    base_name = ""
    notes: tuple[str, ...] = ()
    if is_review:
        base = (
            git.resolve_revision(arguments.base) if arguments.base else git.find_default_base(head)
        )
        base_name = arguments.base or "fork point of the default branch"
        notes = _note_unmerged_base(git, base, head, base_name)
    revisions = {"--base": base.sha if base else None, "--head" if is_review else "--rev": head.sha}
    revisions["--config"] = str(arguments.config) if arguments.config else None
    request = _make_config_sources(arguments, environment)
    return ReviewRequest(
        head=head,
        head_name=name or WORKING_TREE,
        base=base,
        base_name=base_name,
        config_sources=request,
        reproduce_command=build_reproduce_command(arguments.command, revisions, request.overrides),
        notes=notes if name else (*notes, _WORKING_TREE_NOTE),
    )


def _note_unmerged_base(
    git: GitRepository, base: Commit, head: Commit, base_name: str
) -> tuple[str, ...]:
    if git.is_ancestor(base, head):
        return ()
    return (
        f"{base_name} holds commits that head does not: what they did counts here with its sign turned. "
        f"To leave them out, compare with the fork point (git merge-base).",
    )


def _make_config_sources(arguments: Namespace, environment: Mapping[str, str]) -> ConfigSources:
    words = [word for word in arguments.build_arg if "=" in word or word in environment]
    given = (word.partition("=") for word in words)
    overrides = Overrides(
        images=tuple(arguments.image),
        dockerfile=arguments.dockerfile,
        context=arguments.context,
        target=arguments.target,
        build_args={name: value if eq else environment[name] for name, eq, value in given},
        platforms=tuple(arguments.platform),
        max_size=arguments.max_size,
        max_growth=getattr(arguments, "max_growth", None),
    )
    if arguments.config is None:
        return ConfigSources(overrides)
    try:
        text = arguments.config.read_text("utf-8", errors="replace")
    except OSError as problem:
        fix = "check the path given with --config"
        raise InputError("The configuration file cannot be read.", str(problem), fix) from problem
    return ConfigSources(overrides, config_text=text, config_name=str(arguments.config))
