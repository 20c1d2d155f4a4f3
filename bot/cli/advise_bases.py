"""The images of its own repository that an advised Dockerfile is built on."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from bot.adapters.docker.bake import BakePrinter
from bot.adapters.git.repository import GitRepository
from bot.adapters.git.working_tree import WORKING_TREE
from bot.cli.advise_checks import find_repository
from bot.cli.options.build_args import resolve_build_args
from bot.cli.options.commands import AdviseOptions
from bot.line.build_input import BuildInput
from bot.line.chained_images import ChainFinder
from bot.line.checkout import Checkout
from bot.line.contexts import ContextFinder
from bot.line.declared_images import ConfigSources, read_configs
from bot.line.dockerfiles import Dockerfiles
from bot.line.missing_content import explain_unwritable_files
from bot.line.needed_files import list_needed_files
from bot.line.review import ReviewTools, find_missing_images
from bot.line.review_request import ReviewedRevision, ReviewRequest, plan_images
from bot.project.image_chains import BaseLink
from bot.project.overrides import Overrides
from bot.wiring import ImageTools


@contextmanager
def open_bases(
    options: AdviseOptions, environment: Mapping[str, str], tools: ImageTools, source: BuildInput
) -> Iterator[tuple[BuildInput, tuple[str, ...]]]:
    """Yield the input with the images of its repository that are built first, and what is doubtful.

    They are built of the working tree as git sees it, each as its repository declares it. Where
    nothing is built, or there is no repository, it is the input as it is.
    """
    root = find_repository(options.dockerfile)
    if not options.verify or root is None:
        yield source, ()
        return
    # A review knows which images a Dockerfile is built on, and what each needs: this is one, of the
    # single file, without its builds.
    with GitRepository(root, environment) as git:
        review_tools = ReviewTools(git, tools.producer, tools.advisor, BakePrinter(environment))
        contexts = ContextFinder(git, tools.producer.parser, review_tools.printer)
        request = _make_request(options, environment, git)
        chains = ChainFinder(git, contexts.dockerfiles, find_missing_images(review_tools))
        image = plan_images(git, request, contexts, chains)[0]
        chain = image.head_chain
        if chain is None or not chain.links:
            problem = chain.problem if chain else ""
            yield replace(source, problem=problem), image.base_doubts
            return
        sha = request.head.commit.sha
        with _check_out(git, tools, contexts.dockerfiles, sha, chain.links) as inputs:
            yield replace(source, bases=inputs, problem=chain.problem), image.base_doubts


@contextmanager
def _check_out(
    git: GitRepository,
    tools: ImageTools,
    dockerfiles: Dockerfiles,
    sha: str,
    links: Sequence[BaseLink],
) -> Iterator[dict[str, BuildInput]]:
    """Yield the inputs of base images by their names, in a checkout of a commit.

    That has what git would commit. The advised file is read in its own folder, where ignored files
    are, as `docker build` would do.
    """
    paths = list_needed_files(git, dockerfiles, sha, [link.image for link in links])
    with git.temporary_worktree(sha, paths) as worktree:
        explain = partial(explain_unwritable_files, git, sha, worktree.unwritable_files)
        prepare = tools.producer.builder.prepare
        checkout = Checkout(WORKING_TREE, sha, worktree, prepare, explain)
        parse = tools.producer.parse_plan
        yield {link.name: checkout.make_input(link.image, parse) for link in links}


def _make_request(
    options: AdviseOptions, environment: Mapping[str, str], git: GitRepository
) -> ReviewRequest:
    head = git.snapshot_working_tree()
    overrides = Overrides(
        dockerfile=_make_relative(options.dockerfile, git.root),
        context=_make_relative(options.context_folder, git.root),
        target=options.target,
        build_args=resolve_build_args(options.build_args, environment),
        needs=options.build.needs,
        build_contexts=options.build.contexts,
    )
    configs = read_configs(git, ConfigSources(), head.sha)
    return ReviewRequest(ReviewedRevision(head, WORKING_TREE), configs, overrides=overrides)


def _make_relative(path: Path, root: Path) -> str | None:
    absolute = path.resolve()
    # A context above the repository (`--context ..`) has no path in it: discovery chooses one.
    return str(absolute.relative_to(root)) if absolute.is_relative_to(root) else None
