"""The build context of an image, guessed from what its Dockerfile copies.

Whoever starts a build chooses the context. Where nobody has written it down, the paths of `COPY`
say which folder is meant, as far as they are in some folders and not in others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from bot.model.copied_path import CopiedPath, MissingSource
from bot.model.spec import ContextSource
from bot.project.path_search import PathSearch

# Paths that the reason names: it is a line of the report.
_MAX_NAMES = 3
# Of a Dockerfile that copies far more than there is; what is in every second folder says little.
_MAX_MISSING = 10
_MAX_FOLDERS = 100
_ALL = "."


@dataclass(frozen=True, slots=True)
class ContextGuess:
    """A context that was guessed: the folder, and what speaks for it and against it.

    `reason` says why it is that folder. Other folders would do as well
    if it is not `is_decided`. `missing` has the paths that are not in it.
    """

    folder: str
    source: ContextSource
    reason: str
    is_decided: bool = True
    missing: tuple[MissingSource, ...] = ()


def infer_context(
    dockerfile: str, copied: Sequence[CopiedPath], search: PathSearch
) -> ContextGuess:
    """Return the nearest folder, from the Dockerfile's upwards, that has all that is copied.

    A command that works in the context itself finds nothing to do in a folder with Dockerfiles
    alone. Paths that none of these folders has decide nothing: another step may make them. A
    pattern may match nothing. Without a folder that has the others, it is the Dockerfile's own.
    """
    search.renew_allowance()
    folders = [str(folder) for folder in PurePosixPath(dockerfile).parents]
    named = [path for path in copied if path.path != _ALL]
    present = [path for path in named if any(search.has(folder, path) for folder in folders)]
    literal = [path for path in present if not path.is_pattern]
    # A pattern may match nothing, so that a folder without its matches is still a candidate.
    fitting = _list_fitting(folders, present, search) or _list_fitting(folders, literal, search)
    # `RUN --mount=type=bind` without a source shows the command all of the context.
    useful = [x for x in folders if search.has_other_files(x)] if _mounts_all(copied) else folders
    chosen = [folder for folder in fitting if folder in useful] or fitting or folders
    folder = chosen[0]
    is_own = folder == folders[0]
    return ContextGuess(
        folder=folder,
        source=ContextSource.DEFAULT if is_own else ContextSource.INFERRED,
        reason=_explain(named, present, is_own=is_own),
        is_decided=len(fitting) == 1 or not copied,
        missing=find_missing(folder, copied, search),
    )


def _mounts_all(copied: Sequence[CopiedPath]) -> bool:
    return any(path.is_mounted and path.path == _ALL for path in copied)


def find_missing(
    context: str, copied: Sequence[CopiedPath], search: PathSearch
) -> tuple[MissingSource, ...]:
    """Return the paths that a context does not have, each with the folder that has all of them."""
    paths = [path for path in copied if not path.is_pattern]
    missing = [path for path in paths if not search.has(context, path)][:_MAX_MISSING]
    return tuple(
        MissingSource(path.path, _find_right_folder(path, paths, search)) for path in missing
    )


def _list_fitting(
    folders: Sequence[str], paths: Sequence[CopiedPath], search: PathSearch
) -> list[str]:
    return [folder for folder in folders if all(search.has(folder, path) for path in paths)]


def _find_right_folder(missing: CopiedPath, paths: Sequence[CopiedPath], search: PathSearch) -> str:
    """Return the folder that has a path and the most others; empty if there is none."""

    def rank(folder: str) -> tuple[int, int, str]:
        return -sum(search.has(folder, path) for path in paths[:_MAX_FOLDERS]), len(folder), folder

    folders = sorted(search.find_folders(missing.path), key=lambda folder: (len(folder), folder))
    return min(folders[:_MAX_FOLDERS], key=rank, default="")


def _explain(named: Sequence[CopiedPath], present: Sequence[CopiedPath], *, is_own: bool) -> str:
    if not named and not is_own:
        return "the nearest folder upwards with more than Dockerfiles, for RUN --mount=type=bind"
    if not named:
        return "the folder of the Dockerfile"
    shown = present or named
    names = [path.path for path in shown[:_MAX_NAMES]]
    listed = ", ".join(names) + (" and more" if len(shown) > _MAX_NAMES else "")
    if not present:
        return f"the folder of the Dockerfile; no folder above it has {listed} either"
    if is_own:
        return f"the folder of the Dockerfile, which has {listed}"
    return f"the nearest folder upwards that has {listed}"
