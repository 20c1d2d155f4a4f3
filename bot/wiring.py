"""The adapters behind the ports of the line, made for one run and closed after it.

Its own module, since it alone knows both sides: the line imports no adapter, and the entry points
should not repeat which adapter needs which.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from bot.adapters.cache.layers import open_layer_cache
from bot.adapters.docker.bake import BakePrinter
from bot.adapters.docker.build_caches import CacheRules
from bot.adapters.docker.buildx import BuildOptions, BuildxBuilder
from bot.adapters.docker.container_runner import DockerContainerRunner
from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.docker.image_files import DockerImageInspector
from bot.adapters.docker.service_images import ServiceImages
from bot.adapters.git.repository import GitRepository
from bot.adapters.image_sources import ImageSources
from bot.adapters.parsing.build_context import FolderContextReader
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.adapters.record_stores import open_record_store
from bot.adapters.secret_reader import SecretReader
from bot.adapters.temporary_folders import sweep_dead_folders
from bot.line.advice import Advisor
from bot.line.builds_ahead import BuildLimit
from bot.line.measurer import Measurer
from bot.line.ports import Progress
from bot.line.production import Producer
from bot.line.review import ReviewTools
from bot.line.review_request import ReviewRequest
from bot.line.verification import VerifierTools


@dataclass(frozen=True, slots=True)
class ImageTools:
    """The tools that build, measure and advise on images."""

    producer: Producer
    advisor: Advisor


@contextmanager
def open_image_tools(
    environment: Mapping[str, str], progress: Progress, options: BuildOptions, *, verify: bool
) -> Iterator[ImageTools]:
    """Open the tools for images; with `verify`, suggestions are built and started, too."""
    handle, parser = EngineHandle(environment, sweep_dead_folders()), DockerfileReader()
    images = ImageSources(environment, handle)
    builder = BuildxBuilder(handle, environment, progress, replace(options, loads=verify))
    measurer = Measurer(images, progress, open_layer_cache(environment))
    inspector = DockerImageInspector(handle)
    service_images = ServiceImages(handle, environment, builder.pin_images)
    runner = DockerContainerRunner(handle, service_images=service_images)
    parallel = builder.parallel_builds
    limit = BuildLimit(parallel.count_jobs, parallel.allows_both_sides, builder.stop)
    producer = Producer(builder, parser, measurer, limit)
    verifier_tools = VerifierTools(producer, runner, time.monotonic) if verify else None
    advisor = Advisor(producer, inspector, FolderContextReader(parser), verifier_tools)
    try:
        yield ImageTools(producer, advisor)
    finally:
        # The builder first: it removes its images with the engine that the handle closes.
        builder.close()
        handle.close()


class ReviewToolsOpener(Protocol):
    """The signature of `open_review_tools`, for entry points that tests hand other tools."""

    def __call__(  # noqa: D102 - the class says it
        self,
        git: GitRepository,
        environment: Mapping[str, str],
        progress: Progress,
        options: BuildOptions,
        *,
        verify: bool = False,
    ) -> AbstractContextManager[ReviewTools]: ...


@contextmanager
def open_review_tools(
    git: GitRepository,
    environment: Mapping[str, str],
    progress: Progress,
    options: BuildOptions,
    *,
    verify: bool = False,
) -> Iterator[ReviewTools]:
    """Open the tools for the images of a repository."""
    with open_image_tools(environment, progress, options, verify=verify) as tools:
        printer, open_store = BakePrinter(environment), partial(open_record_store, git)
        yield ReviewTools(git, tools.producer, tools.advisor, printer, open_store)


def make_build_options(
    git: GitRepository,
    request: ReviewRequest,
    secrets: SecretReader,
    rules: CacheRules,
    *,
    jobs: int | None,
    builder: str | None,
) -> BuildOptions:
    """Return the options of all builds of a review.

    `rules` say who may write caches. They get the folders of the review, and the files of its head,
    which may not bring a cache along.
    """
    sha = request.head.commit.sha
    caches = replace(
        rules,
        root=secrets.root,
        repository=git.root,
        list_files=lambda: git.list_files(sha).paths,
    )
    return BuildOptions(
        secrets=secrets,
        caches=caches,
        jobs=jobs,
        builder=builder,
        config_builder=request.trusted_config.builder,
    )
