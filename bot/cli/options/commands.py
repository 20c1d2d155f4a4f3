"""The options of every command, as typed values.

They are apart from the parser, so that no command sees an `argparse.Namespace`, which type checkers
cannot check, and so that a test can make them without a command line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.model.registry_login import RegistryLogin
from bot.model.spec import BuildNeeds, Limits
from bot.project.history_place import HistoryPlace
from bot.report.formats.file_formats import FILE_SUFFIXES

FORMATS = ("text", *FILE_SUFFIXES)
SCHEMAS = ("report", "config", "record")
SHELLS = ("bash", "zsh", "fish")
FORMATS_BY_SUFFIX = {".txt": "text", **{suffix: name for name, suffix in FILE_SUFFIXES.items()}}


def _list_limit_options(limits: Limits, config: Path | None) -> tuple[str, ...]:
    """Return the options by which a person sets limits: a report names where its limits are from.

    A file that `--config` names may have any.
    """
    names = tuple(f"--{name}" for name in limits.names)
    return names if config is None else (*names, "--config")


@dataclass(frozen=True, slots=True)
class ReportOutput:
    """The format of a report, one of `FORMATS`, and its file (None: standard output).

    `others` are further files of the same report. A text is short unless it `has_details`; a
    command that `is_quiet` shows no progress.
    """

    format: str = "text"
    path: Path | None = None
    others: tuple["ReportOutput", ...] = ()
    has_details: bool = False
    is_quiet: bool = False

    @property
    def formats(self) -> frozenset[str]:
        """The formats of all files."""
        return frozenset((self.format, *(output.format for output in self.others)))


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """The needs of builds from outside, their named contexts, and logins for registries.

    `jobs` is the number of images to build at once (None: one after another), `builder` the
    name of buildx's builder (None: the configuration's, or the one in use).
    """

    needs: BuildNeeds = BuildNeeds()
    contexts: Mapping[str, str] = field(default_factory=dict)
    logins: tuple[RegistryLogin, ...] = ()
    jobs: int | None = None
    builder: str | None = None


@dataclass(frozen=True, slots=True)
class ImageSelection:
    """The images of a repository to build, and what overrides their configuration."""

    repository: Path = Path()
    names: tuple[str, ...] = ()
    config: Path | None = None
    dockerfile: str | None = None
    context: str | None = None
    target: str | None = None
    build_args: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    limits: Limits = Limits()
    history: HistoryPlace | None = None

    @property
    def limit_options(self) -> tuple[str, ...]:
        """The options that set limits in place of the repository's file."""
        return _list_limit_options(self.limits, self.config)


@dataclass(frozen=True, slots=True)
class ReviewOptions:
    """The options of `review`: two revisions, by default the fork point and the working tree.

    Both commands add what they measured of the newer one to the history, if they are to keep
    `records`.
    """

    output: ReportOutput
    images: ImageSelection
    build: BuildSettings = BuildSettings()
    verify: bool = False
    base: str | None = None
    head: str | None = None
    records: bool = False


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """The options of `audit`: one revision, by default the working tree.

    With `since`, a revision or a date, the commits that changed the sizes; `covers_all` to measure
    each of them that can matter.
    """

    output: ReportOutput
    images: ImageSelection
    build: BuildSettings = BuildSettings()
    verify: bool = False
    revision: str | None = None
    since: str | None = None
    covers_all: bool = False
    records: bool = False


@dataclass(frozen=True, slots=True)
class ImagesOptions:
    """The options of `images`: those of the review that it lists the images of, and its own.

    `shards` is the number of jobs to spread them over (None: one for each image).
    """

    review: ReviewOptions
    affected: bool = False
    shards: int | None = None


@dataclass(frozen=True, slots=True)
class InitOptions:
    """The options of `init`: the images to audit, and the file to write (None: the usual one).

    `margin_percent` is the growth that the limits allow.
    """

    images: ImageSelection
    build: BuildSettings = BuildSettings()
    output: Path | None = None
    margin_percent: int = 10
    is_quiet: bool = False


@dataclass(frozen=True, slots=True)
class AdviseOptions:
    """The options of `advise`: one Dockerfile, and an image that was built from it, if any."""

    output: ReportOutput
    dockerfile: Path
    build: BuildSettings = BuildSettings()
    context: Path | None = None
    image: str | None = None
    target: str | None = None
    build_args: tuple[str, ...] = ()
    verify: bool = False
    smoke_test: tuple[str, ...] = ()
    write: Path | None = None

    @property
    def context_folder(self) -> Path:
        """The folder of the build context, by default that of the Dockerfile."""
        return self.context or self.dockerfile.parent


@dataclass(frozen=True, slots=True)
class ExistingImageOptions:
    """The limits of existing images, and the Dockerfile of the newer one.

    `name` is that of an image in the configuration file.
    """

    limits: Limits = Limits()
    config: Path | None = None
    name: str | None = None
    dockerfile: Path | None = None
    context: Path | None = None
    target: str | None = None
    build_args: tuple[str, ...] = ()

    @property
    def limit_options(self) -> tuple[str, ...]:
        """The options that set limits."""
        return _list_limit_options(self.limits, self.config)


@dataclass(frozen=True, slots=True)
class MeasureOptions:
    """The options of `measure`: one existing image."""

    output: ReportOutput
    image: str
    platform: str | None = None
    compressed: bool = False
    rules: ExistingImageOptions = ExistingImageOptions()
    logins: tuple[RegistryLogin, ...] = ()
    skips_digest_check: bool = False

    @property
    def references(self) -> tuple[str, ...]:
        """The image."""
        return (self.image,)


@dataclass(frozen=True, slots=True)
class DiffOptions:
    """The options of `diff`: two existing images."""

    output: ReportOutput
    old: str
    new: str
    platform: str | None = None
    compressed: bool = False
    rules: ExistingImageOptions = ExistingImageOptions()
    logins: tuple[RegistryLogin, ...] = ()
    skips_digest_check: bool = False

    @property
    def references(self) -> tuple[str, ...]:
        """The images, the older one first."""
        return self.old, self.new


@dataclass(frozen=True, slots=True)
class PublishOptions:
    """The options of `publish`: a report, and the configuration file that it was made with.

    Several files are parts of the report.
    """

    output: ReportOutput
    reports: tuple[Path, ...]
    config: str | None = None


@dataclass(frozen=True, slots=True)
class MergeOptions:
    """The options of `merge`: the parts of a report, and the file with the images of all."""

    output: ReportOutput
    reports: tuple[Path, ...]
    plan: Path


@dataclass(frozen=True, slots=True)
class ActionOptions:
    """The options of `action`: none, since it reads its inputs from the environment."""


@dataclass(frozen=True, slots=True)
class SchemaOptions:
    """The options of `schema`: the document that it describes, one of `SCHEMAS`."""

    document: str = "report"


@dataclass(frozen=True, slots=True)
class CompletionOptions:
    """The options of `completion`: the shell, one of `SHELLS`."""

    shell: str


CommandOptions = (
    ReviewOptions
    | AuditOptions
    | ImagesOptions
    | InitOptions
    | AdviseOptions
    | MeasureOptions
    | DiffOptions
    | PublishOptions
    | MergeOptions
    | ActionOptions
    | SchemaOptions
    | CompletionOptions
)
