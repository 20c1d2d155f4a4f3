"""What the last stage copies: the files that it needs, in as few and as large pieces as can be."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.advise.path_patterns import inside
from bot.model.files import Kind
from bot.rewrite.build_facts import World
from bot.rewrite.file_selection import OF_THE_SYSTEM, REPOSITORY, Sorting, is_copied

# Folders that are everybody's: what is in them is named one by one.
_SHARED = (
    *(
        "bin",
        "etc",
        "home",
        "lib",
        "opt",
        "root",
        "sbin",
        "srv",
        "usr",
        "usr/bin",
        "usr/lib",
        "usr/local",
    ),
    *(
        "usr/local/bin",
        "usr/local/sbin",
        "usr/sbin",
        "usr/share",
        "usr/src",
        "var",
        "var/lib",
        "usr/local/share",
    ),
)
# Folders that belong together whatever is in them, modules of other packages included.
_TOGETHER = re.compile(
    r"(?:^|/)(?:site-packages|dist-packages|\.venv|venv|node_modules|vendor|bundle)$"
)
_SMALL = 300_000  # bytes of what nobody needs that come along before a folder is split up
_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Piece:
    """A file or a whole folder to copy, without its leading slash; `link` is a link to make anew."""

    path: str
    is_folder: bool
    size: int
    link: str = ""


@dataclass(frozen=True)
class Payload:
    """The pieces, and the own files that they leave out, each with its size."""

    pieces: tuple[Piece, ...]
    dropped: Mapping[str, int]


@dataclass
class _Folder:
    """What lies in a folder and below: files to keep, those of them that came out of the context, bytes
    of both kinds, files of the base image."""

    kept: int = 0
    copied: int = 0
    kept_bytes: int = 0
    dropped_bytes: int = 0
    inherited: int = 0
    is_forbidden: bool = False
    files: list[str] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)


def payload_of(sorting: Sorting, extra: Iterable[str] = ()) -> Payload:
    """The pieces to copy; `extra` are paths that a failed attempt has shown to be needed."""
    world, kept = sorting.world, sorting.kept | frozenset(extra)
    folders = _folders(world, kept)
    pieces = tuple(_pieces(world, folders, kept, ""))
    covered = inside(f"/{x.path}" for x in pieces) if pieces else re.compile(r"(?!)")
    dropped = {x.path: x.size for x in world.own.values() if not covered.match(x.path)}
    return Payload(pieces, dropped)


def _folders(world: World, kept: frozenset[str]) -> Mapping[str, _Folder]:
    found: defaultdict[str, _Folder] = defaultdict(_Folder)
    for path, entry in world.tree.items():
        is_own = path in world.own
        name = path
        while name:
            above = posixpath.dirname(name)
            folder = found[above]
            if name == path:
                folder.files.append(path)
            else:
                folder.folders.add(name)
            folder.kept += path in kept
            folder.copied += path in kept and is_copied(world, path)
            folder.kept_bytes += entry.size if path in kept else 0
            folder.dropped_bytes += entry.size if is_own and path not in kept else 0
            folder.inherited += not is_own
            folder.is_forbidden |= path not in kept and bool(REPOSITORY.search(path))
            name = above
    return found


def _pieces(
    world: World, folders: Mapping[str, _Folder], kept: frozenset[str], path: str
) -> Iterator[Piece]:
    """The pieces below a folder, itself left out."""
    folder = folders[path]
    for name in sorted(folder.folders):
        below = folders[name]
        if below.kept:
            # A folder of the context stays one: more may come into it, as templates and pages do.
            copied = below.copied == below.kept and not OF_THE_SYSTEM.match(f"{name}/")
            several = below.kept > 1 or copied
            whole = several and name not in _SHARED and _is_worth_copying(name, below)
            yield from (
                [Piece(name, is_folder=True, size=below.kept_bytes)]
                if whole
                else _pieces(world, folders, kept, name)
            )
    for name in sorted(folder.files):
        if name in kept:
            entry = world.tree[name]
            link = entry.link if entry.kind is Kind.SYMLINK else ""
            yield Piece(name, is_folder=False, size=entry.size, link=link)


def _is_worth_copying(path: str, folder: _Folder) -> bool:
    """Whether a folder may come along as a whole."""
    if folder.is_forbidden:
        return False
    if _TOGETHER.search(path):
        return not folder.inherited or not path.endswith("node_modules")
    if folder.inherited:
        return False
    return folder.dropped_bytes <= max(_SMALL, _SHARE * folder.kept_bytes)
