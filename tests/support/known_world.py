"""A repository with a history of records, reviewed and audited without an engine; builds are counted."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.adapters.docker.buildx import BuildOptions
from bot.adapters.git.repository import GitRepository
from bot.adapters.record_folder import RecordFolder
from bot.line.declared_images import ConfigSources, read_configs
from bot.line.record_files import make_record_files
from bot.line.report_history import StoreOpener, add_history
from bot.line.review import ReviewTools, audit_revision, review_revisions
from bot.line.review_request import ReviewedRevision, ReviewRequest
from bot.model.report import ImageReport, Report
from bot.project.history_place import parse_history
from bot.project.overrides import Overrides
from bot.report.document.report_document import from_document, to_document
from tests.support.archive_builder import ArchiveBuilder, ArchiveTools
from tests.support.commit_search import SilentProgress
from tests.support.repository import Repository

DOCKERFILE = "FROM debian\nRUN install\nCOPY app /\n"
FIRST, SECOND = ("sha256:" + letter * 64 for letter in "ab")


@dataclass
class KnownWorld:
    """An image on `debian`, with a command and a file; the first commit is `first`.

    Its base image has 1,000 bytes, the command makes 2,000 and the file has 3,000. The caller names
    the history, unless `names_history` is false.
    """

    repository: Repository
    folder: Path
    overrides: Overrides = Overrides()
    names_history: bool = True
    jobs: int = 1
    builder: ArchiveBuilder = field(init=False)
    first: str = field(init=False)

    def __post_init__(self) -> None:
        (self.folder / "archives").mkdir(parents=True)
        self.builder = ArchiveBuilder(
            self.folder / "archives",
            published={"debian": FIRST},
            contents={FIRST: b"b" * 1_000, SECOND: b"B" * 1_500},
            commands={"install": b"i" * 2_000},
        )
        files = {
            "Dockerfile": DOCKERFILE,
            "app": "a" * 3_000,
            ".dockerignore": "README.md\n.github\nsecond\n",
        }
        self.first = self.commit(files)

    @property
    def records(self) -> Path:
        return self.folder / "records"

    @property
    def builds(self) -> list[str]:
        """Return the labels of the builds since the last call, and forget them."""
        labels = list(self.builder.labels)
        self.builder.labels.clear()
        return labels

    def commit(self, files: Mapping[str, str | None]) -> str:
        return self.repository.commit(dict(files))

    def limit(self, budget: str) -> None:
        """Set the limits of the default branch."""
        config = f"discover: true\nbudget: {{{budget}}}\n"
        self.first = self.commit({".github/image-size.yml": config})

    def move_base(self) -> None:
        """Publish another image under the name of the base image."""
        self.builder.published["debian"] = SECOND

    def record(self, sha: str = "") -> Report:
        """Record the images of a commit, as a push of it would."""
        with self._open(sha or self.first) as (git, tools, request):
            report, commit = audit_revision(tools, request), request.head.commit
            files = make_record_files(report, commit.sha, git.read_date(commit))
        RecordFolder(self.records).add_files(files, "")
        self.builder.labels.clear()
        return report

    def audit(self, sha: str = "HEAD") -> Report:
        with self._open(sha) as (git, tools, request):
            return _keep(add_history(git, audit_revision(tools, request), request, _opener(tools)))

    def review(self, head: str = "HEAD", base: str = "", **changes: object) -> ImageReport:
        """Review a commit against the first one, and return the report of the only image."""
        (image,) = self.review_all(head, base, **changes).images
        return image

    def review_all(self, head: str, base: str = "", **changes: object) -> Report:
        """Review the images of a commit against the first one."""
        with self._open(head, base or self.first) as (git, tools, request):
            changed = replace(request, **changes)  # type: ignore[arg-type]
            report = review_revisions(tools, changed)
            return _keep(add_history(git, report, changed, _opener(tools)))

    @contextmanager
    def _open(
        self, head: str, base: str = ""
    ) -> Iterator[tuple[GitRepository, ReviewTools, ReviewRequest]]:
        archives, progress = ArchiveTools(self.builder, jobs=self.jobs), SilentProgress()
        with (
            GitRepository(self.repository.path, {}) as git,
            archives.open(git, {}, progress, BuildOptions()) as tools,
        ):
            new = git.resolve_revision(head)
            old = git.resolve_revision(base) if base else None
            own = parse_history(f"dir:{self.records}") if self.names_history else None
            history = self.overrides.history or own
            yield (
                git,
                tools,
                ReviewRequest(
                    ReviewedRevision(new, head),
                    read_configs(git, ConfigSources(), new.sha, old.sha if old else None),
                    base=ReviewedRevision(old, base) if old else None,
                    overrides=replace(self.overrides, history=history),
                    repository="app",
                ),
            )


def _opener(tools: ReviewTools) -> StoreOpener:
    assert tools.open_store is not None
    return tools.open_store


def _keep(report: Report) -> Report:
    """Return the report, whose sums have to hold in its document."""
    from_document(to_document(report))
    return report
