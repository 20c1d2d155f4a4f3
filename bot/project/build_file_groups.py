"""The compose and bake files of a revision, in the groups that docker and buildx read together."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from bot.model.spec import ContextSource
from bot.project.git_tree import GitTree

# The names of docker compose, which reads the first one alone, and one file that overrides it.
COMPOSE_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
_COMPOSE_OVERRIDE_NAMES = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)
# The names of buildx, which reads all of them, in this order.
BAKE_NAMES = ("docker-bake.json", "docker-bake.hcl")
_BAKE_OVERRIDE_NAMES = ("docker-bake.override.json", "docker-bake.override.hcl")
_PATHS_OF_VARIABLES = "COMPOSE_FILE of .env"


@dataclass(frozen=True, slots=True)
class BuildFileGroup:
    """Files that are read together, as if each was given to bake with `--file`.

    Where they cannot be read by themselves, they may go on from what `earlier_paths` declare. Those
    of the `paths` that are `overrides` mean nothing without the others. Compose files that `.env`
    at the top names take its variables, wherever they are (`takes_top_variables`).
    """

    source: ContextSource
    folder: str
    paths: tuple[str, ...]
    earlier_paths: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    takes_top_variables: bool = False

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders that paths in the files may be relative to, the likeliest first."""
        return tuple(dict.fromkeys((self.folder, *map(_get_folder, self.paths))))

    def split(self) -> tuple["BuildFileGroup", ...]:
        """Return a group for each file that means something by itself."""
        paths = [path for path in self.paths if path not in self.overrides]
        return tuple(replace(self, paths=(path,), overrides=()) for path in paths)


@dataclass(frozen=True, slots=True)
class UnreadFile:
    """A file with a usual name that is not read, since `read_path` is."""

    path: str
    read_path: str


def group_files(
    tree: GitTree,
    compose: Sequence[str] | None,
    bake: Sequence[str] | None,
    project: Sequence[str] = (),
) -> tuple[BuildFileGroup, ...]:
    """Return the files to read, those of bake first; None stands for the usual ones at the top.

    Compose files of one folder are one project, and so are those that `.env` names (`project`) in
    place of the usual ones. Bake is run at the top, whatever folder its files are in.
    """
    compose_groups = _group_compose_files(tree, compose, project)
    # Buildx reads compose files before bake files, so that a bake file may inherit from a service.
    earlier = tuple(path for group in compose_groups if group.folder == "." for path in group.paths)
    bake_group = replace(_group_bake_files(tree, bake), earlier_paths=earlier)
    return tuple(group for group in (bake_group, *compose_groups) if group.paths)


def list_unread_files(
    tree: GitTree, compose: Sequence[str] | None, project: Sequence[str] = ()
) -> tuple[UnreadFile, ...]:
    """Return the usual compose files that docker compose does not read either."""
    if compose is not None:
        return ()
    if project:
        names = _list_existing(tree, (*COMPOSE_NAMES, *_COMPOSE_OVERRIDE_NAMES))
        read_paths = f"{', '.join(project)} ({_PATHS_OF_VARIABLES})"
        return tuple(UnreadFile(path, read_paths) for path in names if path not in project)
    groups = (_list_existing(tree, COMPOSE_NAMES), _list_existing(tree, _COMPOSE_OVERRIDE_NAMES))
    return tuple(UnreadFile(path, names[0]) for names in groups if groups[0] for path in names[1:])


def _group_bake_files(tree: GitTree, files: Sequence[str] | None) -> BuildFileGroup:
    """Return the bake files: those that are named, else all that buildx reads by itself."""
    if files is not None:
        return BuildFileGroup(ContextSource.BAKE, ".", tuple(dict.fromkeys(files)))
    paths = _list_existing(tree, BAKE_NAMES)
    overrides = _list_existing(tree, _BAKE_OVERRIDE_NAMES)
    # Without other files, they are the build.
    own = overrides if paths else ()
    return BuildFileGroup(ContextSource.BAKE, ".", (*paths, *overrides), overrides=own)


def _group_compose_files(
    tree: GitTree, files: Sequence[str] | None, project: Sequence[str]
) -> tuple[BuildFileGroup, ...]:
    """Return the compose files: those that are named, else those that docker compose reads."""
    if files is not None:
        folders = dict.fromkeys(map(_get_folder, files))
        return tuple(_group_folder(folder, files) for folder in folders)
    if project:
        group = BuildFileGroup(
            ContextSource.COMPOSE,
            _get_folder(project[0]),
            tuple(project),
            overrides=tuple(project[1:]),
            takes_top_variables=True,
        )
        return (group,)
    # docker compose warns of further names and takes the first, in the order of compose-go.
    paths = _list_existing(tree, COMPOSE_NAMES)[:1]
    overrides = _list_existing(tree, _COMPOSE_OVERRIDE_NAMES)[:1] if paths else ()
    return (BuildFileGroup(ContextSource.COMPOSE, ".", (*paths, *overrides), overrides=overrides),)


def _group_folder(folder: str, files: Sequence[str]) -> BuildFileGroup:
    paths = dict.fromkeys(path for path in files if _get_folder(path) == folder)
    return BuildFileGroup(ContextSource.COMPOSE, folder, tuple(paths))


def _list_existing(tree: GitTree, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name in tree)


def _get_folder(path: str) -> str:
    return str(PurePosixPath(path).parent)
