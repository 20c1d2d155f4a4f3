"""Searches of real commits, whose images are archives: no engine is needed, and builds are counted."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from bot.adapters.cache.measurements import FolderMeasurements
from bot.adapters.docker.buildx import BuildOptions
from bot.adapters.git.repository import GitRepository
from bot.adapters.record_folder import RecordFolder
from bot.adapters.record_stores import open_record_store
from bot.line.commit_builds import MeasurementStore
from bot.line.commit_search import SinceRequest, SinceTools, audit_since
from bot.line.declared_images import ConfigSources, read_configs
from bot.line.pins import Pins
from bot.line.record_files import make_record_files
from bot.line.review import ReviewTools, audit_revision
from bot.line.review_request import ReviewedRevision, ReviewRequest
from bot.model.image import BuildFailure, BuiltImage
from bot.model.report import Report
from bot.model.since import SinceFacts
from bot.model.spec import BuildNeeds, ImageSpec
from bot.project.history_place import parse_history
from bot.project.overrides import Overrides
from tests.support.archive_builder import ArchiveBuilder, ArchiveTools
from tests.support.repository import Repository


class SilentProgress:
    """The port `Progress`: nothing is shown, and what stays is kept."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    @contextmanager
    def step(self, text: str) -> Iterator[Callable[[str], None]]:
        yield lambda detail: None

    def write_line(self, text: str) -> None:
        self.lines.append(text)

    def write_warning(self, text: str) -> None:
        self.lines.append(text)


@dataclass
class InterruptedBuilder(ArchiveBuilder):
    """A builder during which Ctrl-C is pressed, after `most_builds` builds."""

    most_builds: int | None = None
    interruption: type[BaseException] = KeyboardInterrupt

    def build(
        self,
        spec: ImageSpec,
        root: Path,
        pins: Pins,
        label: str,
        dockerfile_text: bytes | None = None,
    ) -> BuiltImage | BuildFailure:
        if len(self.labels) == self.most_builds:
            raise self.interruption("the build was interrupted")
        return super().build(spec, root, pins, label, dockerfile_text)


@dataclass
class CommitSearchWorld:
    """A repository, and a folder with records of it; `builder` counts the builds.

    `needs` are those that the caller gives to every build.
    """

    repository: Repository
    folder: Path
    builder: InterruptedBuilder = field(init=False)
    progress: SilentProgress = field(default_factory=SilentProgress)
    measurements: MeasurementStore = field(default_factory=lambda: FolderMeasurements(None))
    needs: BuildNeeds = BuildNeeds()

    def __post_init__(self) -> None:
        (self.folder / "archives").mkdir(parents=True)
        self.builder = InterruptedBuilder(self.folder / "archives")

    def commit(self, files: Mapping[str, str | None], message: str = "change") -> str:
        return self.repository.commit(dict(files), message)

    def record(self, *shas: str) -> None:
        """Record the images of commits, as a push of each would have done."""
        for sha in shas:
            with self._open(Overrides()) as (git, tools, request):
                revision = ReviewedRevision(git.resolve_revision(sha), sha)
                report = audit_revision(tools, replace(request, head=revision))
                files = make_record_files(report, sha, git.read_date(revision.commit))
                RecordFolder(self.folder / "records").add_files(files, "")
        self.builder.labels.clear()

    def search(
        self, since: str, *, covers_all: bool = False, images: Sequence[str] = ()
    ) -> SinceFacts:
        """Search from a revision to the head, and return the facts."""
        report = self.report(since, covers_all=covers_all, images=images)
        assert report.since is not None
        return report.since

    def report(self, since: str, *, covers_all: bool = False, images: Sequence[str] = ()) -> Report:
        history = parse_history(f"dir:{self.folder / 'records'}")
        overrides = Overrides(images=tuple(images), history=history, needs=self.needs)
        with self._open(overrides) as (git, tools, request):
            ticks = itertools.count()
            search_tools = SinceTools(
                tools,
                partial(open_record_store, git),
                self.measurements,
                self.progress,
                lambda: float(next(ticks)),
            )
            sources = ConfigSources()
            return audit_since(search_tools, SinceRequest(request, sources, since, covers_all))

    @contextmanager
    def _open(
        self, overrides: Overrides
    ) -> Iterator[tuple[GitRepository, ReviewTools, ReviewRequest]]:
        archives = ArchiveTools(self.builder)
        with (
            GitRepository(self.repository.path, {}) as git,
            archives.open(git, {}, self.progress, BuildOptions()) as tools,
        ):
            head = git.resolve_head()
            configs = read_configs(git, ConfigSources(), head.sha)
            request = ReviewRequest(
                ReviewedRevision(head, "HEAD"),
                configs,
                overrides=overrides,
                repository_name="app",
            )
            yield git, tools, request
