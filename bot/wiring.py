"""Real tools, wired together and put away afterwards."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from bot.edge.builder import BuildOptions, BuildxBuilder
from bot.edge.contexts import FolderContexts
from bot.edge.git import GitRepository
from bot.edge.images import ImageStore
from bot.edge.layer_cache import known_layers
from bot.edge.parse import DockerfileReader
from bot.line import Tools
from bot.measurer import Measurer
from bot.ports import Screen


@contextmanager
def wired(
    git: GitRepository, environment: Mapping[str, str], screen: Screen, options: BuildOptions
) -> Iterator[Tools]:
    """The tools for a repository."""
    images = ImageStore(environment)
    builder = BuildxBuilder(images, environment, screen, options)
    try:
        measurer = Measurer(images, screen, known_layers(environment))
        parser = DockerfileReader()
        yield Tools(git, builder, parser, measurer, FolderContexts(parser))
    finally:
        builder.close()
