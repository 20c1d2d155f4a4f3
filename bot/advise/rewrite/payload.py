"""What the last stage copies: the files that the build made or the context brought, less what a
build leaves behind, in as few and as large pieces as can be."""

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.advise.places import inside
from bot.advise.rewrite.ecosystem import Ecosystem
from bot.advise.rewrite.launch import Launch
from bot.advise.rewrite.world import World
from bot.core.entries import Entry, Kind

# What installers, shells and the distribution's own scripts leave, whoever ran them.
RESIDUE = (
    *("/var/lib/dpkg", "/var/lib/apt", "/var/cache", "/var/log", "/var/lib/ucf", "/var/lib/pam"),
    *("/var/lib/systemd", "/var/backups", "/run", "/lib/apk", "/etc/apk"),
    *("/tmp", "/var/tmp"),  # noqa: S108 - places in an image, none of ours
    *("/etc/passwd", "/etc/passwd-", "/etc/group", "/etc/group-", "/etc/shadow", "/etc/shadow-"),
    *(
        "/etc/gshadow",
        "/etc/gshadow-",
        "/etc/subuid",
        "/etc/subgid",
        "/etc/subuid-",
        "/etc/subgid-",
    ),
    *("/etc/.pwd.lock", "/etc/ld.so.cache", "/etc/alternatives", "/etc/apt", "/etc/machine-id"),
    *("/usr/share/doc", "/usr/share/man", "/usr/share/info", "/usr/share/mime", "/usr/local/man"),
    *("~/.cache", "~/.npm", "~/.wget-hsts", "~/.gnupg", "~/.bash_history", "~/.node-gyp"),
    *("/usr/local/share/man", "/usr/local/share/doc", "/usr/share/bug", "/usr/share/lintian"),
)
# Where a distribution's packages have their files; what their scripts made there is theirs too.
_OF_THE_SYSTEM = re.compile(
    r"(?:etc|usr/(?!local/|src/)|var/(?!www/)|lib\d*|bin|sbin|boot)(?:/|(?<=/))"
)
_REPOSITORY = re.compile(r"(?:^|/)\.(?:git|hg|svn)/")
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
        "var",
        "var/lib",
        "usr/local/share",
    ),
)
# Folders that belong together whatever is in them, modules of other packages included.
_TOGETHER = re.compile(
    r"(?:^|/)(?:site-packages|dist-packages|\.venv|venv|node_modules|vendor|bundle)$"
)
# What belongs to a repository, not to what runs.
_OF_THE_PROJECT = re.compile(
    r"(?:^|/)(?:\.dockerignore|Dockerfile[^/]*|[^/]*\.Dockerfile|\.git(?:ignore|attributes|modules|keep)|"
    r"\.editorconfig|\.github/.*|\.gitlab-ci\.yml|\.travis\.yml|docker-compose[^/]*\.ya?ml|compose\.ya?ml|"
    r"README[^/]*|CHANGELOG[^/]*|CONTRIBUTING[^/]*|\.pre-commit-config\.yaml|\.vscode/.*|\.idea/.*)$"
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
    """What lies in a folder and below: files to keep, bytes of both kinds, files of the base image."""

    kept: int = 0
    kept_bytes: int = 0
    dropped_bytes: int = 0
    inherited: int = 0
    is_forbidden: bool = False
    files: list[str] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Sorting:
    """Which own files are kept."""

    world: World
    launch: Launch
    ecosystem: Ecosystem

    @cached_property
    def kept(self) -> frozenset[str]:
        """The paths that the last stage needs."""
        wanted = set(self.ecosystem.keeps(self.world, self.launch))
        wanted |= set(self._started())
        mine = inside(wanted) if wanted else re.compile(r"(?!)")
        return frozenset(
            path for path, entry in self.world.own.items() if mine.match(path) or self._keeps(entry)
        )

    def _keeps(self, entry: Entry) -> bool:
        path = entry.path
        if self._residue.match(path) or self._is_of_a_repository(path):
            return False
        if self._is_of_a_package(path):
            return False
        return not (_OF_THE_PROJECT.search(path) or self.ecosystem.sources.search(path))

    def _is_of_a_package(self, path: str) -> bool:
        """Whether an installer or its scripts made it, and the Dockerfile's author has not changed it."""
        installed = self.world.image.origins[path] in self._installing
        if self.world.system.owner(path) is not None:
            changed = self._is_copied(path) or (path.startswith("etc/") and not installed)
            return not changed
        return installed and bool(_OF_THE_SYSTEM.match(path))

    def _is_of_a_repository(self, path: str) -> bool:
        """Whether it is the history of the project, not of one that a `RUN` has made."""
        return bool(_REPOSITORY.search(path)) and self._is_copied(path)

    def _is_copied(self, path: str) -> bool:
        """Whether it came out of the context."""
        instruction = self.world.image.layers[self.world.image.origins[path]].instruction
        return instruction is None or instruction.keyword in ("ADD", "COPY")

    @cached_property
    def _installing(self) -> frozenset[int]:
        """The layers of the `RUN`s that install system packages."""
        lines = {
            step.statement.line_start
            for step in self.world.subject.runs()
            if any(call.name in INSTALLERS for call in step.calls)
        }
        layers = self.world.image.layers
        return frozenset(
            x.index for x in layers if x.instruction and x.instruction.line_start in lines
        )

    @cached_property
    def _residue(self) -> re.Pattern[str]:
        dropped = self.ecosystem.drops(self.world, self.launch)
        return inside([*RESIDUE, *self.ecosystem.residue, *dropped])

    def _started(self) -> Iterator[str]:
        """The programs and scripts that are started, as far as they are the Dockerfile's own."""
        for command in self.launch.commands:
            for word in command[:1]:
                place = self.world.which(word)
                for path in (place, self.world.paths.real(place) if place else None):
                    if path and path in self.world.own and not self.world.system.owner(path):
                        yield f"/{path}"
        yield from (f"/{path}" for path in self.launch.scripts if path in self.world.own)


INSTALLERS = ("apt-get", "apt", "apk", "dnf", "yum", "microdnf", "zypper", "dpkg")


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
            folder.kept_bytes += entry.size if path in kept else 0
            folder.dropped_bytes += entry.size if is_own and path not in kept else 0
            folder.inherited += not is_own
            folder.is_forbidden |= path not in kept and bool(_REPOSITORY.search(path))
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
            whole = below.kept > 1 and name not in _SHARED and _is_worth_copying(name, below)
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
