"""What the checks look at: the image as it was, the image as it would be, and the candidate."""

import json
import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.dockerfile.build_context import Context
from bot.dockerfile.shell_script import Script
from bot.image.elf.dynamic_linker import Elf, Linker, Places
from bot.image.filesystem.contents import Contents
from bot.image.filesystem.paths import Paths
from bot.model.candidate import Candidate
from bot.model.container_config import Settings
from bot.model.files import Entry, Kind
from bot.model.image import Image
from bot.verify.build_residue import is_for_people
from bot.verify.users import Account, account, read_groups, read_users

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr", "etc", "proc", "sys", "dev")
_ALSO_SYSTEM = ("run", "boot", "var", "root", "home", "tmp", "opt", "srv", "mnt", "media")
_MAX_SOURCE = 1 << 20
_FILE_SERVERS = frozenset({"http-server", "serve", "sirv", "servor", "local-web-server"})
_LAUNCHERS = frozenset({"npx", "npm", "yarn", "pnpm", "node"})
_FOREIGN = frozenset(
    {"node_modules", "vendor", "site-packages", "dist-packages", ".git", ".venv", "venv", "target"}
    | {"__pycache__", ".cache", ".next", ".tox", ".nox", "obj", "deps", "_build"}
)
# What programs are configured with, and tables of theirs.
_DATA = re.compile(r"\.(?:sql|ya?ml|toml|ini|cfg|conf|properties|env|json5?|csv|tsv|tab|xml)$")
_MAX_FILES = 20_000
_MAX_DATA = 256 << 10
_SOURCES = re.compile(
    r"\.(?:go|rs|c|cc|cpp|cxx|h|hpp|java|kts?|scala|groovy|cs|fs|vb|exs?|erl|py|rb|php|p[lm]|[cm]?js|[cm]?ts"
    r"|[jt]sx|vue|svelte|sh|bash|lua|swift)$"
)


@dataclass(frozen=True)
class Piece:
    """One image, measured and open. `packaged` are the files that the system's packages own, by the
    packages' names; `base` is how its base image wants to be run, None where that is not known;
    `context` is what it was built from."""

    image: Image
    settings: Settings
    files: Contents
    elf: Callable[[str], Elf | None] = lambda path: None
    places: Places = field(default_factory=Places)
    packaged: Mapping[str, str] = field(default_factory=dict)
    base: Settings | None = None
    context: Context = field(default_factory=Context)

    @cached_property
    def paths(self) -> Paths:
        """Its paths, links followed."""
        return Paths(self.image.tree, self.image.directories)

    @cached_property
    def linker(self) -> Linker:
        """Its loader."""
        return Linker(self.paths, self.elf, self.places)

    @cached_property
    def search(self) -> str:
        """Where its programs are looked for."""
        return self.settings.env.get("PATH") or DEFAULT_PATH

    @property
    def workdir(self) -> str:
        """The folder that its command starts in, with a leading slash."""
        return self.settings.workdir or "/"

    def program(self, name: str) -> str | None:
        """Where a program is that its command could start by this name."""
        return self.paths.find_program(name, self.search, self.workdir)

    def is_own(self, path: str) -> bool:
        """Whether a path is from a layer that the Dockerfile added on top of its base."""
        index = self.image.origins.get(path, self.image.directory_origins.get(path))
        return index is None or not self.image.layers[index].from_base_image

    def keyword(self, path: str) -> str:
        """The instruction that brought a path: `COPY`, `RUN`; empty where that is not known."""
        index = self.image.origins.get(path)
        layer = self.image.layers[index] if index is not None else None
        return layer.instruction.keyword if layer and layer.instruction else ""

    @cached_property
    def users(self) -> Mapping[str, Account]:
        """The users of /etc/passwd by name."""
        return read_users(self.text("etc/passwd"))

    @cached_property
    def groups(self) -> Mapping[str, tuple[int, frozenset[str]]]:
        """The groups of /etc/group by name: number and members."""
        return read_groups(self.text("etc/group"))

    @cached_property
    def account(self) -> Account | None:
        """Whom it runs as; None if there is no such user."""
        return account(self.settings.user, self.users, self.groups)

    def text(self, path: str) -> str:
        """A file as text; empty if there is none."""
        return (self.files.read(path) or b"").decode(errors="replace")

    @cached_property
    def app_folders(self) -> tuple[str, ...]:
        """The folders that are the application's: where it starts, what it starts, its volumes."""
        found = [self.workdir, *self.settings.volumes]
        for argument in self.settings.arguments[:6]:
            path = self.program(argument) or self.paths.real(posixpath.join(self.workdir, argument))
            if path and self.is_own(path):
                found.append(posixpath.dirname("/" + path))
        cleaned = (posixpath.normpath(folder).strip("/") for folder in found)
        return tuple(dict.fromkeys(folder for folder in cleaned if not is_system(folder)))

    def in_app(self, path: str) -> bool:
        """Whether a path lies in a folder of the application's."""
        return any(path == folder or path.startswith(f"{folder}/") for folder in self.app_folders)

    @cached_property
    def serves_files(self) -> bool:
        """Whether what is started is a server of files that was installed for all, beside the project."""
        words = " ".join(self.settings.arguments).split()
        names = [word.rpartition("/")[2] for word in words]
        found = next((x for x in names if x in _FILE_SERVERS), "")
        place = self.program(found) if found else None
        return place is not None and not self.in_app(place) and not _LAUNCHERS.intersection(names)

    @cached_property
    def sources(self) -> Mapping[str, str]:
        """The application's own source texts by path, what it depends on left out. Where the build has
        deleted them all, those of the context."""
        return self._texts(self._is_source) or {
            path: self.context.read(path)
            for path, size in list(self.context.files.items())[:_MAX_FILES]
            if _SOURCES.search(path) and size <= _MAX_SOURCE and not _is_foreign(path)
        }

    @cached_property
    def code(self) -> Mapping[str, str]:
        """Those of the sources that are no tests, nor for tools or people."""
        return {path: text for path, text in self.sources.items() if not is_for_people(path)}

    @cached_property
    def data(self) -> Mapping[str, str]:
        """The texts that it is configured with, or has tables in: what it needs may be named there. Of
        a package.json its `config`, which npm makes variables of."""
        found = self._texts(self._is_data)
        return {path: _config(x) if _is_manifest(path) else x for path, x in found.items()}

    def _texts(self, wanted: Callable[[str], bool]) -> Mapping[str, str]:
        """The wanted files by path, folder by folder."""
        folders = {path.rpartition("/")[0] for path in self.image.tree if wanted(path)}
        tops = [x for x in sorted(folders) if not any(_is_below(x, other) for other in folders)]
        found: dict[str, str] = {}
        for top in tops:
            for path, content in self.files.below(top, lambda path, size: size <= _MAX_SOURCE):
                if wanted(path):
                    found[path] = content.decode(errors="replace")
        return found

    def _is_source(self, path: str) -> bool:
        if not _SOURCES.search(path.rpartition("/")[2]) or not self._is_text(path, _MAX_SOURCE):
            return False
        return path in self._installed_from_the_context or self._is_of_the_application(path)

    def _is_data(self, path: str) -> bool:
        name = path.rpartition("/")[2]
        if not _DATA.search(name) or is_for_people(path):
            return False
        return self._is_text(path, _MAX_DATA) and self._is_of_the_application(path)

    def _is_text(self, path: str, limit: int) -> bool:
        entry = self.image.tree.get(path)
        return entry is not None and entry.kind is Kind.FILE and entry.size <= limit

    def _is_of_the_application(self, path: str) -> bool:
        if not self.is_own(path) or _is_foreign(path):
            return False
        return self.in_app(path) or self.keyword(path) in {"COPY", "ADD"}

    @cached_property
    def _installed_from_the_context(self) -> frozenset[str]:
        """The files of Python distributions that were installed from a folder (PEP 610)."""
        found: set[str] = set()
        for path in self.image.tree:
            if path.endswith(".dist-info/direct_url.json") and '"file://' in self.text(path):
                information = posixpath.dirname(path)
                top = posixpath.dirname(information)
                rows = self.text(f"{information}/RECORD").splitlines()
                found |= {posixpath.join(top, row.partition(",")[0]) for row in rows}
        return frozenset(found)


@dataclass(frozen=True)
class Exhibit:
    """Both sides. `script` reads a text as a shell would."""

    old: Piece
    new: Piece
    candidate: Candidate
    script: Callable[[str], Script] = lambda text: Script((), complete=False)

    def explained(self, setting: str) -> bool:
        """Whether the candidate gives a reason for a setting that it changes."""
        given = self.candidate.explained
        return setting in given or setting.removeprefix("ENV ") in given

    def left_behind(self, path: str) -> bool:
        """Whether the candidate leaves a path behind on purpose, be it by a folder's name."""
        path = path.strip("/")
        named = (name.strip("/") for name in self.candidate.left_behind)
        return any(path == name or path.startswith(f"{name}/") for name in named if name)


def is_system(folder: str) -> bool:
    """Whether a folder is nobody's application: the root, and what every system has."""
    first, _, rest = folder.partition("/")
    if not folder or (first in _SYSTEM and not folder.startswith("usr/src/")):
        return True
    return not rest and first in _ALSO_SYSTEM


def _is_foreign(path: str) -> bool:
    return not _FOREIGN.isdisjoint(path.split("/")[:-1])


def _is_manifest(path: str) -> bool:
    return path.rpartition("/")[2] == "package.json"


def _config(manifest: str) -> str:
    try:
        return json.dumps(json.loads(manifest)["config"], indent=1)
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""


def is_file(entry: Entry) -> bool:
    """Whether an entry has a content."""
    return entry.kind in {Kind.FILE, Kind.HARDLINK}


def _is_below(folder: str, other: str) -> bool:
    return folder != other and (not other or folder.startswith(f"{other}/"))
