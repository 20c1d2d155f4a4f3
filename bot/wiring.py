"""Real tools, wired together and put away afterwards."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from bot.adapters.cache.layers import open_layer_cache
from bot.adapters.docker.buildx import BuildOptions, BuildxBuilder
from bot.adapters.docker.container_runner import DockerContainerRunner
from bot.adapters.docker.image_files import DockerImageInspector
from bot.adapters.git import GitRepository
from bot.adapters.image_sources import ImageSources
from bot.adapters.parsing.build_context import FolderContextReader
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.line.advice import Advisor
from bot.line.measurer import Measurer
from bot.line.ports import Progress
from bot.line.review import ReviewTools
from bot.line.rewriting import Rewriter
from bot.line.verification import VerifierTools


@dataclass(frozen=True, slots=True)
class ImageTools:
    """What builds and measures, whoever asks for it."""

    builder: BuildxBuilder
    parser: DockerfileReader
    measurer: Measurer
    advisor: Advisor


@contextmanager
def open_image_tools(
    environment: Mapping[str, str], progress: Progress, options: BuildOptions, *, verify: bool
) -> Iterator[ImageTools]:
    """The tools for images; with `verifies`, suggestions are built and started."""
    images, parser = ImageSources(environment), DockerfileReader()
    builder = BuildxBuilder(images, environment, progress, options)
    measurer = Measurer(images, progress, open_layer_cache(environment))
    looks, starter = DockerImageInspector(images), DockerContainerRunner(images)
    workshop = VerifierTools(
        builder, measurer, parser, looks, starter, parser.parse_script, time.monotonic
    )
    rewriter = Rewriter(looks, builder, parser, measurer)
    advisor = Advisor(FolderContextReader(parser), rewriter, workshop if verify else None)
    try:
        yield ImageTools(builder, parser, measurer, advisor)
    finally:
        builder.close()


@contextmanager
def open_review_tools(
    git: GitRepository,
    environment: Mapping[str, str],
    progress: Progress,
    options: BuildOptions,
    *,
    verify: bool = False,
) -> Iterator[ReviewTools]:
    """The tools for a repository."""
    with open_image_tools(environment, progress, options, verify=verify) as x:
        yield ReviewTools(git, x.builder, x.parser, x.measurer, x.advisor)
