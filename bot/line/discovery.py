"""The Dockerfiles of a revision: those that discovery finds, and those that it leaves out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.dockerfile.source_text import MAX_DOCKERFILE_BYTES
from bot.line.exclude_rules import ExcludeRules
from bot.line.ports import Git
from bot.model.report import NotReviewed
from bot.model.sizes import format_count, format_names
from bot.project.config_file import ProjectConfig
from bot.project.dockerfile_kinds import is_source_kind, needs_contents, reads_as_dockerfile
from bot.project.git_tree import SYMLINK_MODE_PREFIX
from bot.project.image_plan import list_named_dockerfiles

NOTHING_FOUND = "No Dockerfile was found."
_NOTE_START = "Not reviewed: "
_MAX_NAMED = 5  # reasons in a note, and paths of each
_IS_OFF = "discovery is off"
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
    rules = ExcludeRules(config)
    dockerfiles: list[str] = []
    left_out: dict[str, str] = {}
    for path in list_named_dockerfiles(tree):
        reason = rules.explain(path) or (None if config.discovers else _IS_OFF)
        if reason is None and not _is_doubtful(git, sha, path):
            dockerfiles.append(path)
        # Without a `FROM`, `dockerfile.go` is a source file that nobody misses in a review.
        elif reason is not None or not is_source_kind(path):
            left_out[path] = reason or _NO_DOCKERFILE
    return Discovery(tuple(dockerfiles), left_out)


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
    """Return a sentence with the Dockerfiles of each reason, the first few of them by name."""
    if not items:
        return ()
    reasons = Counter(item.reason for item in items).most_common(_MAX_NAMED)
    groups = [_describe_group(items, reason) for reason, _ in reasons]
    rest = len(items) - sum(count for _, count in reasons)
    if rest:
        groups.append(f"{rest} more for other reasons")
    return (f"{_NOTE_START}{format_count(len(items), 'Dockerfile')}: {'; '.join(groups)}.",)


def is_about_dockerfiles(note: str) -> bool:
    """Return True for a note that counts the Dockerfiles which are left out."""
    return note.startswith(_NOTE_START)


def _describe_group(items: Sequence[NotReviewed], reason: str) -> str:
    paths = [item.path for item in items if item.reason == reason]
    return f"{format_names(paths, _MAX_NAMED)}, {reason}"


def _is_doubtful(git: Git, sha: str, path: str) -> bool:
    """Return True for a file that has no Dockerfile's contents, by a name that does not say."""
    # The content of a link is a path, in which there is no `FROM` to look for.
    if not needs_contents(path) or git.list_files(sha)[path].startswith(SYMLINK_MODE_PREFIX):
        return False
    text = git.read_plain_file(sha, path, MAX_DOCKERFILE_BYTES)
    # One that cannot be read here is an image: its build says what it is.
    return text is not None and not reads_as_dockerfile(path, text)
