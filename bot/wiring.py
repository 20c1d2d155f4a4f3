"""Real tools, wired together and put away afterwards."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from bot.adapters.cache.layers import known_layers
from bot.adapters.docker.buildx import BuildOptions, BuildxBuilder
from bot.adapters.docker.container_runner import ImageStarter
from bot.adapters.docker.image_files import ImageLooks
from bot.adapters.git import GitRepository
from bot.adapters.image_sources import ImageStore
from bot.adapters.parsing.build_context import FolderContexts
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.line.advice import Advisor
from bot.line.measurer import Measurer
from bot.line.ports import Screen
from bot.line.review import Tools
from bot.line.rewriting import Rewriter
from bot.line.verification import Workshop


@dataclass(frozen=True, slots=True)
class Bench:
    """What builds and measures, whoever asks for it."""

    builder: BuildxBuilder
    parser: DockerfileReader
    measurer: Measurer
    advisor: Advisor


@contextmanager
def bench(
    environment: Mapping[str, str], screen: Screen, options: BuildOptions, *, verifies: bool
) -> Iterator[Bench]:
    """The tools for images; with `verifies`, suggestions are built and started."""
    images, parser = ImageStore(environment), DockerfileReader()
    builder = BuildxBuilder(images, environment, screen, options)
    measurer = Measurer(images, screen, known_layers(environment))
    looks, starter = ImageLooks(images), ImageStarter(images)
    workshop = Workshop(builder, measurer, parser, looks, starter, parser.script, time.monotonic)
    rewriter = Rewriter(looks, builder, parser, measurer)
    advisor = Advisor(FolderContexts(parser), rewriter, workshop if verifies else None)
    try:
        yield Bench(builder, parser, measurer, advisor)
    finally:
        builder.close()


@contextmanager
def wired(
    git: GitRepository,
    environment: Mapping[str, str],
    screen: Screen,
    options: BuildOptions,
    *,
    verifies: bool = False,
) -> Iterator[Tools]:
    """The tools for a repository."""
    with bench(environment, screen, options, verifies=verifies) as x:
        yield Tools(git, x.builder, x.parser, x.measurer, x.advisor)
