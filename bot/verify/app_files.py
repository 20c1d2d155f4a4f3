"""The application's part of an image: its folders, its source texts and its configuration files.

Its own module, because this is a judgement of the verifier about an image, not a fact about it.
"""

import json
import posixpath
import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from itertools import dropwhile

from bot.dockerfile.build_context import BuildContext
from bot.image.open_image import OpenImage
from bot.model.files import EntryKind
from bot.verify.build_residue import find_tool_folder, is_build_residue, is_development_file
from bot.verify.failing_scripts import calls_host

_SYSTEM_DIRECTORIES = (
    "bin",
    "sbin",
    "lib",
    "lib32",
    "lib64",
    "libx32",
    "usr",
    "etc",
    "proc",
    "sys",
    "dev",
)
# Of these the folder alone is the system's: /opt/app and /home/app are applications'.
_TOP_LEVEL_SYSTEM_DIRECTORIES = (
    "run",
    "boot",
    "var",
    "root",
    "home",
    "tmp",
    "opt",
    "srv",
    "mnt",
    "media",
)
_MAX_SOURCE_BYTES = 1 << 20
# Command line programs of npm that send files as they are, and run nothing of the application.
_FILE_SERVERS = frozenset({"http-server", "serve", "sirv", "servor", "local-web-server"})
_NODE_LAUNCHERS = frozenset({"npx", "npm", "yarn", "pnpm", "node"})
_NPM_RUNNERS = frozenset({"npm", "yarn", "pnpm"})
_VENDORED_DIRECTORIES = frozenset(
    {"node_modules", "vendor", "site-packages", "dist-packages", ".git", ".venv", "venv", "target"}
    | {"__pycache__", ".cache", ".next", ".tox", ".nox", "obj", "deps", "_build"}
)
# What programs are configured with, and tables of theirs.
_DATA_FILE = re.compile(r"\.(?:sql|ya?ml|toml|ini|cfg|conf|properties|env|json5?|csv|tsv|tab|xml)$")
# What is compiled into an archive of Java, or read by a generator.
_SETTING_FILE = re.compile(r"(?:\.properties|\.prisma|(?:^|/)resources/[^/]+\.ya?ml)$")
# A folder of data may have millions.
_MAX_CONTEXT_FILES = 20_000
_MAX_DATA_BYTES = 256 << 10
# What Composer reads on a developer's machine: https://getcomposer.org/doc/04-schema.md
_DEVELOPMENT_KEYS = frozenset({"autoload-dev", "require-dev", "scripts", "scripts-descriptions"})
# Sources in which names of files, programs and modules are looked for, shells and pages included.
_SOURCE_FILE = re.compile(
    r"\.(?:go|rs|c|cc|cpp|cxx|h|hpp|java|kts?|scala|groovy|cs|fs|vb|exs?|erl|py|rb|php|p[lm]|[cm]?js|[cm]?ts"
    r"|[jt]sx|vue|svelte|sh|bash|lua|swift|rake|psgi|f?cgi)$"
)


@dataclass(frozen=True)
class AppFiles:
    """The files of the application in an open image.

    `context` is the folder that it was built from: its sources count where the image has none.
    """

    image: OpenImage
    context: BuildContext = field(default_factory=BuildContext)

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """The application's folders: its working folder, those of its programs, its volumes."""
        folders = [self.image.workdir, *self.image.config.volumes]
        # The program and its scripts come first; further words are its own arguments.
        for argument in self.image.config.command_line[:6]:
            path = self.image.find_program(argument) or self.image.paths.resolve(
                posixpath.join(self.image.workdir, argument)
            )
            if path and self.image.is_added_by_dockerfile(path):
                folders.append(posixpath.dirname("/" + path))
        cleaned = (posixpath.normpath(folder).strip("/") for folder in folders)
        return tuple(dict.fromkeys(folder for folder in cleaned if not is_system_directory(folder)))

    def is_in_app(self, path: str) -> bool:
        """Return True if a path is in one of the application's folders.

        Where a working folder is also a tool's home (/go), the tool's own folders below are not.
        """
        # Of a tool's folder and the application's, the deeper one has the file.
        above = [x for x in self.folders if path == x or path.startswith(f"{x}/")]
        if not above:
            return False
        tool_folder = find_tool_folder(path, self.image.get_instruction_keyword(path))
        return any(len(folder) >= len(tool_folder) for folder in above)

    @cached_property
    def is_file_server(self) -> bool:
        """True if the command starts a file server that is installed outside of the application.

        One that a Node launcher starts may load the application's modules.
        """
        names = [word.rpartition("/")[2] for word in self._server_words]
        if _NODE_LAUNCHERS.intersection(names):
            return False
        server = next((name for name in names if name in _FILE_SERVERS), None)
        path = self.image.find_program(server) if server else None
        # npm prefers the modules of the project.
        modules = posixpath.join(self.image.workdir.strip("/"), "node_modules/.bin")
        is_module = f"{modules}/{server}" in self.image.tree
        return path is not None and not is_module and not self.is_in_app(path)

    @cached_property
    def _server_words(self) -> tuple[str, ...]:
        """The words of the command, or of the npm script that it starts, if that is one command."""
        # Split once more, as `sh -c "serve -s dist"` is one argument.
        words = " ".join(self.image.config.command_line).split()
        # Behind the entry script of the image of Node, which starts what it is given.
        behind = list(dropwhile(lambda word: word not in _NPM_RUNNERS, words))[1:]
        names = [word for word in behind if not word.startswith("-") and word != "run"]
        if len(names) != 1:
            return tuple(words)
        commands = self.image.parse_script(self.npm_scripts.get(names[0], "")).commands
        script_words = [word.value or "" for command in commands for word in command.words]
        return tuple(script_words if len(commands) == 1 else words)

    @cached_property
    def npm_scripts(self) -> Mapping[str, str]:
        """The scripts of the package.json in the working folder, by name."""
        path = posixpath.join(self.image.workdir, "package.json").lstrip("/")
        try:
            scripts = json.loads(self.image.read_text(path))["scripts"].items()
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return {}
        return {str(name): str(script) for name, script in scripts}

    @cached_property
    def served_folders(self) -> tuple[str, ...]:
        """The folders below the working folder that its command gives to a file server.

        Without any, or where a link in one leads out of it, all of the application may be served.
        """
        words = self._server_words if self.is_file_server else ()
        paths = (posixpath.join(self.image.workdir, word.strip("\"'")) for word in words)
        top = posixpath.join(self.image.workdir.strip("/"), "")  # empty for the root
        folders = tuple(
            path
            for path in map(self.image.paths.resolve, paths)
            if path and path in self.image.folders and path.startswith(top)
        )
        targets = (
            self.image.paths.resolve(path) or ""
            for path, entry in self.image.tree.items()
            if entry.kind is EntryKind.SYMLINK and _is_below(path, folders)
        )
        return folders if all(_is_below(target, folders) for target in targets) else ()

    @cached_property
    def sources(self) -> Mapping[str, str]:
        """The application's own source texts by path, without its dependencies.

        Where the build has deleted them all, they are those of the build context.
        """
        # A build that deletes its sources has compiled them; what they name is needed all the same.
        return self._read_texts(self._is_source) or {
            path: self.context.read_text(path)
            for path, size in list(self.context.file_sizes.items())[:_MAX_CONTEXT_FILES]
            if _SOURCE_FILE.search(path) and size <= _MAX_SOURCE_BYTES and not _is_vendored(path)
        }

    @cached_property
    def program_sources(self) -> Mapping[str, str]:
        """The sources without tests, documentation, and scripts of tools and of the host."""
        return {
            path: text
            for path, text in self.sources.items()
            if not is_development_file(path) and not calls_host(self.image, path, text)
        }

    @cached_property
    def unnamed_scripts(self) -> Mapping[str, str]:
        """Its scripts without a suffix, by path: only mode and first line show what they are."""
        texts = self._read_texts(self._may_be_script)
        return {path: text for path, text in texts.items() if text.startswith("#!")}

    @cached_property
    def data_texts(self) -> Mapping[str, str]:
        """Its configuration files and tables by path: they may name what it needs.

        Of a package.json only `config`, which npm turns into environment variables, and of a
        composer.json what is not for development.
        """
        texts = self._read_texts(self._is_data)
        return {path: _select_run_time_text(path, text) for path, text in texts.items()}

    @cached_property
    def setting_texts(self) -> Mapping[str, str]:
        """Its configuration files by path, and those of the context that were compiled in."""
        files = (path for path in self.context.file_sizes if _SETTING_FILE.search(path))
        compiled = {path: self.context.read_text(path) for path in files if not _is_vendored(path)}
        return {**compiled, **self.data_texts}

    def _read_texts(self, is_wanted: Callable[[str], bool]) -> Mapping[str, str]:
        """Read files by path, folder by folder: one request to the engine for each."""
        folders = {path.rpartition("/")[0] for path in self.image.tree if is_wanted(path)}
        tops = [folder for folder in sorted(folders) if not _has_folder_above(folder, folders)]
        texts: dict[str, str] = {}
        for top in tops:
            for path, content in self.image.files.read_below(
                top, lambda path, size: size <= _MAX_SOURCE_BYTES
            ):
                if is_wanted(path):
                    texts[path] = content.decode(errors="replace")
        return texts

    def _is_source(self, path: str) -> bool:
        if not _SOURCE_FILE.search(path.rpartition("/")[2]) or not self._is_small_file(
            path, _MAX_SOURCE_BYTES
        ):
            return False
        return path in self._locally_installed_files or self._is_app_file(path)

    def _may_be_script(self, path: str) -> bool:
        entry = self.image.tree.get(path)
        is_program = entry is not None and bool(entry.mode & 0o111)
        is_unnamed = is_program and "." not in path.rpartition("/")[2]
        return (
            is_unnamed and self._is_small_file(path, _MAX_SOURCE_BYTES) and self._is_app_file(path)
        )

    def _is_data(self, path: str) -> bool:
        name = path.rpartition("/")[2]
        # A workflow names the files that it builds from, and no program reads those.
        if not _DATA_FILE.search(name) or is_development_file(path) or is_build_residue(path):
            return False
        return self._is_small_file(path, _MAX_DATA_BYTES) and self._is_app_file(path)

    def _is_small_file(self, path: str, max_bytes: int) -> bool:
        entry = self.image.tree.get(path)
        return entry is not None and entry.kind is EntryKind.FILE and entry.size <= max_bytes

    def _is_app_file(self, path: str) -> bool:
        if not self.image.is_added_by_dockerfile(path) or _is_vendored(path):
            return False
        return self.is_in_app(path) or self.image.get_instruction_keyword(path) in {"COPY", "ADD"}

    @cached_property
    def _locally_installed_files(self) -> frozenset[str]:
        """The files of Python distributions that were installed from a folder (PEP 610)."""
        files: set[str] = set()
        for path in self.image.tree:
            if path.endswith(".dist-info/direct_url.json") and '"file://' in self.image.read_text(
                path
            ):
                information = posixpath.dirname(path)
                top = posixpath.dirname(information)
                rows = self.image.read_text(f"{information}/RECORD").splitlines()
                files |= {posixpath.join(top, row.partition(",")[0]) for row in rows}
        return frozenset(files)


def is_system_directory(folder: str) -> bool:
    """Return True for the root and for folders that every system has: no application's own."""
    first, _, below = folder.partition("/")
    if not folder or (first in _SYSTEM_DIRECTORIES and not folder.startswith("usr/src/")):
        return True
    return not below and first in _TOP_LEVEL_SYSTEM_DIRECTORIES


def _is_below(path: str, folders: tuple[str, ...]) -> bool:
    return any(path.startswith(f"{folder}/") for folder in folders)


def _is_vendored(path: str) -> bool:
    return not _VENDORED_DIRECTORIES.isdisjoint(path.split("/")[:-1])


def _is_package_json(path: str) -> bool:
    return path.rpartition("/")[2] == "package.json"


def _select_run_time_text(path: str, text: str) -> str:
    """Return what may count when the image runs: manifests also describe the development."""
    if _is_package_json(path):
        return _extract_config(text)
    return _drop_development(text) if posixpath.basename(path) == "composer.json" else text


def _drop_development(manifest: str) -> str:
    """Return a composer.json without what Composer reads only on a developer's machine."""
    try:
        keys = json.loads(manifest).items()
    except (ValueError, AttributeError, RecursionError):
        return manifest
    return json.dumps({key: x for key, x in keys if key not in _DEVELOPMENT_KEYS}, indent=1)


def _extract_config(manifest: str) -> str:
    try:
        return json.dumps(json.loads(manifest)["config"], indent=1)
    except (ValueError, TypeError, KeyError, RecursionError):
        return ""


def _has_folder_above(folder: str, folders: Set[str]) -> bool:
    """Return True if one of several folders is above another one; the root is above all."""
    while folder:
        folder = folder.rpartition("/")[0]
        if folder in folders:
            return True
    return False
