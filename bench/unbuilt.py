"""A review without its builds, each of which fails at once: `python -m bench.unbuilt`.

Takes a repository, a base and a head. Everything else is what `review` does: the plan, both
checkouts, the report. No engine is needed.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.adapters.cache.layers import open_layer_cache
from bot.adapters.docker.bake import BakePrinter
from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.docker.image_files import DockerImageInspector
from bot.adapters.git.repository import GitRepository
from bot.adapters.image_sources import ImageSources
from bot.adapters.parsing.build_context import FolderContextReader
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.adapters.progress import make_progress
from bot.adapters.temporary_folders import sweep_dead_folders
from bot.cli.main import stop_collector
from bot.cli.options.commands import ImageSelection, ReportOutput, ReviewOptions
from bot.cli.output import write_report
from bot.cli.review_requests import make_review_request
from bot.line.advice import Advisor
from bot.line.measurer import Measurer
from bot.line.pins import Pins
from bot.line.production import Producer
from bot.line.review import ReviewTools, review_revisions
from bot.line.worktree import PreparedCheckout
from bot.model.image import BaseImage, BuildFailure, BuiltImage
from bot.model.spec import ImageSpec


@dataclass(frozen=True)
class NoBuilder:
    """The port `Builder`: every build fails."""

    # ruff: noqa: D102 - the port says it

    description: str = "nothing"

    def pin_images(self, names: Sequence[str], platform: str | None) -> Pins:
        return Pins()

    def pin_digests(self, digests: Mapping[str, str], platform: str | None) -> Pins:
        return Pins()

    def find_base_image(self, name: str, platform: str | None) -> BaseImage | None:
        return None

    def prepare(self, spec: ImageSpec, root: Path, label: str) -> PreparedCheckout | BuildFailure:
        return PreparedCheckout(root, 0)

    def build(
        self,
        spec: ImageSpec,
        root: Path,
        pins: Pins,
        label: str,
        dockerfile_text: bytes | None = None,
    ) -> BuiltImage | BuildFailure:
        return BuildFailure("it is not built here")

    def check_dockerfile(
        self, spec: ImageSpec, root: Path, pins: Pins, dockerfile_text: bytes | None = None
    ) -> tuple[str, ...] | None:
        return None

    def make_context(self, built: BuiltImage) -> str:
        raise NotImplementedError("nothing is built")

    def remove(self, built: BuiltImage) -> None:
        pass


def main() -> None:
    """Review two revisions, and print the report."""
    stop_collector()
    repository, base, head = sys.argv[1:]
    selection = ImageSelection(repository=Path(repository))
    options = ReviewOptions(ReportOutput(), selection, base=base, head=head)
    with GitRepository(Path(repository), os.environ) as git:
        request = make_review_request(options, git, os.environ)
        report = review_revisions(_make_tools(git), request)
    write_report(report, options.output, ())


def _make_tools(git: GitRepository) -> ReviewTools:
    handle, parser = EngineHandle(os.environ, sweep_dead_folders()), DockerfileReader()
    images = ImageSources(os.environ, handle)
    measurer = Measurer(images, make_progress(), open_layer_cache(os.environ))
    producer = Producer(NoBuilder(), parser, measurer)
    advisor = Advisor(producer, DockerImageInspector(handle), FolderContextReader(parser), None)
    return ReviewTools(git, producer, advisor, BakePrinter(os.environ))


if __name__ == "__main__":
    main()
