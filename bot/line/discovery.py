"""The Dockerfiles of a revision: those that discovery finds, and those that it leaves out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.dockerfile.dockerignore import (
    DockerIgnore,
    IllegalIgnoreFileError,
    TooCostlyError,
    parse_dockerignore,
)
from bot.errors import InputError
from bot.line.ports import Git
from bot.model.report import NotReviewed
from bot.project.config_file import ProjectConfig
from bot.project.dockerfile_kinds import is_source_kind, needs_contents, reads_as_dockerfile
from bot.project.git_tree import SYMLINK_MODE_PREFIX
from bot.project.image_plan import find_vendored_folder, list_named_dockerfiles

DEFAULT_EXCLUDE = ("**/tests/**", "**/test/**", "**/testdata/**", "**/fixtures/**")
_MAX_DOCKERFILE_BYTES = 1_000_000
_IS_OFF = "discovery is off"
_EXCLUDED = "excluded by the configuration"
_EXCLUDED_BY_DEFAULT = "excluded by default"
_NO_DOCKERFILE = "no FROM in it"


@dataclass(frozen=True, slots=True)
class Discovery:
    """The paths of Dockerfiles that are images, and those of others with the reason."""

    dockerfiles: tuple[str, ...]
    left_out: Mapping[str, str]


def discover_dockerfiles(git: Git, sha: str, config: ProjectConfig) -> Discovery:
    """Return the Dockerfiles of a commit by the rules of a configuration.

    The reason of the one that is excluded is the configuration's, or the default's.
    """
    tree = git.list_files(sha)
    rules = make_exclude_rules(config)
    dockerfiles: list[str] = []
    left_out: dict[str, str] = {}
    for path in list_named_dockerfiles(tree):
        reason = find_exclusion(path, config, rules) or (None if config.discovers else _IS_OFF)
        if reason is None and not _is_doubtful(git, sha, path):
            dockerfiles.append(path)
        elif reason is not None or not is_source_kind(path):
            left_out[path] = reason or _NO_DOCKERFILE
    return Discovery(tuple(dockerfiles), left_out)


def make_exclude_rules(config: ProjectConfig) -> DockerIgnore:
    """Return the patterns of `exclude`; InputError for what is no pattern."""
    patterns = DEFAULT_EXCLUDE if config.exclude is None else config.exclude
    try:
        rules = parse_dockerignore("\n".join(patterns).encode(errors="surrogateescape"))
        rules.check_buildable()
        rules.is_ignored("Dockerfile")
    except (IllegalIgnoreFileError, TooCostlyError) as problem:
        raise InputError(
            "The configuration's `exclude` is not valid.",
            str(problem),
            "write patterns as in a .dockerignore, such as **/examples/**",
        ) from problem
    return rules


def list_not_reviewed(
    git: Git, sha: str, config: ProjectConfig, reviewed: Iterable[str]
) -> tuple[NotReviewed, ...]:
    """Return the Dockerfiles of a commit that are left out, but for those that are reviewed."""
    left_out = discover_dockerfiles(git, sha, config).left_out
    dockerfiles = set(reviewed)
    return tuple(
        NotReviewed(path, reason) for path, reason in left_out.items() if path not in dockerfiles
    )


def describe_not_reviewed(items: Sequence[NotReviewed]) -> tuple[str, ...]:
    """Return a sentence with the number of Dockerfiles for each reason; none without any."""
    if not items:
        return ()
    noun = "1 Dockerfile" if len(items) == 1 else f"{len(items)} Dockerfiles"
    counts = Counter(item.reason for item in items).most_common()
    reasons = ", ".join(f"{count} {reason}" for reason, count in counts)
    return (f"Not reviewed: {noun} ({reasons if len(counts) > 1 else counts[0][0]}).",)


def find_exclusion(path: str, config: ProjectConfig, rules: DockerIgnore) -> str | None:
    """Return why a Dockerfile is excluded; None if it is not."""
    folder = find_vendored_folder(path)
    if folder is not None:
        return f"in {folder}"
    try:
        is_excluded = rules.is_ignored(path)
    except (IllegalIgnoreFileError, TooCostlyError):
        is_excluded = False  # what is in doubt is reviewed
    if is_excluded:
        return _EXCLUDED_BY_DEFAULT if config.exclude is None else _EXCLUDED
    return None


def _is_doubtful(git: Git, sha: str, path: str) -> bool:
    """Return True for a file that has no Dockerfile's contents, by a name that does not say."""
    if not needs_contents(path) or git.list_files(sha)[path].startswith(SYMLINK_MODE_PREFIX):
        return False
    text = git.read_plain_file(sha, path, _MAX_DOCKERFILE_BYTES)
    return text is not None and not reads_as_dockerfile(path, text)
