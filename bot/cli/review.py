"""`review` and `audit`: the images of revisions, built and measured."""

from argparse import Namespace
from collections.abc import Mapping

from rich.console import Console

from bot.adapters.docker.buildx import BuildOptions
from bot.adapters.git import WORKING_TREE, GitRepository
from bot.adapters.progress import TerminalScreen
from bot.cli.output import deliver
from bot.errors import BadInput
from bot.line.declared_images import Request
from bot.line.review import Question, audit, review
from bot.project.overrides import Overrides, reproducing
from bot.pull_request.event import Commit
from bot.wiring import wired

_AS_GIT_SEES_IT = (
    "The working tree is taken as git sees it: files that it ignores are not in the builds."
)


def run(asked: Namespace, environment: Mapping[str, str]) -> int:
    """Compares the images of two revisions, or lists those of one."""
    git = GitRepository(asked.repo, environment)
    question = _question(asked, git, environment)
    options = BuildOptions(asked.build_timeout * 60, asked.build_network)
    answer = review if asked.command == "review" else audit
    screen = TerminalScreen(Console(stderr=True))
    with wired(git, environment, screen, options, verifies=asked.verify) as tools:
        report = answer(tools, question)
    return deliver(report, asked)


def _question(asked: Namespace, git: GitRepository, environment: Mapping[str, str]) -> Question:
    """Which commits are asked about; the working tree where none is named."""
    is_review = asked.command == "review"
    name = asked.head if is_review else asked.rev
    head = git.resolve(name) if name else git.snapshot()
    base: Commit | None = None
    base_name = ""
    notes: tuple[str, ...] = ()
    if is_review:
        base = git.resolve(asked.base) if asked.base else git.default_base(head)
        base_name = asked.base or "fork point of the default branch"
        notes = _unrelated(git, base, head, base_name)
    revisions = {"--base": base.sha if base else None, "--head" if is_review else "--rev": head.sha}
    revisions["--config"] = str(asked.config) if asked.config else None
    request = _request(asked, environment)
    return Question(
        head=head,
        head_name=name or WORKING_TREE,
        base=base,
        base_name=base_name,
        request=request,
        command=reproducing(asked.command, revisions, request.overrides),
        notes=notes if name else (*notes, _AS_GIT_SEES_IT),
    )


def _unrelated(git: GitRepository, base: Commit, head: Commit, name: str) -> tuple[str, ...]:
    if git.is_ancestor(base, head):
        return ()
    return (
        f"{name} holds commits that head does not: what they did counts here with its sign turned. "
        f"To leave them out, compare with the fork point (git merge-base).",
    )


def _request(asked: Namespace, environment: Mapping[str, str]) -> Request:
    words = [word for word in asked.build_arg if "=" in word or word in environment]
    given = (word.partition("=") for word in words)
    overrides = Overrides(
        images=tuple(asked.image),
        dockerfile=asked.dockerfile,
        context=asked.context,
        target=asked.target,
        build_args={name: value if eq else environment[name] for name, eq, value in given},
        platforms=tuple(asked.platform),
        max_size=asked.max_size,
        max_growth=getattr(asked, "max_growth", None),
    )
    if asked.config is None:
        return Request(overrides)
    try:
        text = asked.config.read_text("utf-8", errors="replace")
    except OSError as problem:
        fix = "check the path given with --config"
        raise BadInput("The configuration file cannot be read.", str(problem), fix) from problem
    return Request(overrides, config_text=text, config_source=str(asked.config))
