"""Packages that files of Node import, as far as the build context shows."""

import posixpath
import re
from collections.abc import Container, Iterable, Iterator

from bot.advise.copied_scripts import CopiedScripts
from bot.advise.subject import RuleInput

# `require("x")`, `import("x")`, `import a from "x"`, `export * from "x"`
_IMPORT = re.compile(
    r"""(?:\brequire\s*\(\s*|\bimport\s*\(\s*|\bfrom\s*|\bimport\s+)["']([^"'\n]+)["']"""
)
# Libraries load others by their names: `transport: { target: "pino-pretty" }` of pino,
# `app.set("view engine", "pug")` of Express.
_NAME = re.compile(r"""["'](@[\w.-]+/[\w.-]+|[a-z][\w.-]*)["']""")
# Of npm, not a path that a compiler resolves: `@/store`, `~/lib`, `#db`, `src/x`.
_PACKAGE = re.compile(r"(?:@[a-z\d][\w.-]*/)?[a-z\d][\w.-]*")
# Modules of Node itself (nodejs.org/api), which come without a package.
_NODE_MODULES = frozenset(
    {
        "assert",
        "async_hooks",
        "buffer",
        "child_process",
        "cluster",
        "console",
        "constants",
        "crypto",
    }
    | {"dgram", "diagnostics_channel", "dns", "domain", "events", "fs", "http", "http2", "https"}
    | {"https", "inspector", "module", "net", "os", "path", "perf_hooks", "process", "punycode"}
    | {"querystring", "readline", "repl", "stream", "string_decoder", "timers", "tls", "tty", "url"}
    | {"trace_events", "util", "v8", "vm", "wasi", "worker_threads", "zlib", "bun", "sys"}
)
_TYPE_IMPORT = re.compile(r"\bimport\s+type\b[^;\n]*")
_SUFFIXES = ("", ".js", ".mjs", ".cjs", ".ts", "/index.js", "/index.ts")
_SOURCE = re.compile(r"\.(?:[cm]?[jt]s|[jt]sx)$")
# Tests, settings of tools, and declarations of types: none of them runs in the container.
_OTHER_SOURCE = re.compile(
    r"(?:^|/)(?:node_modules|dist|build|out|coverage|__tests__|tests?|spec|e2e|cypress|scripts|"
    r"stories|\.storybook|migrations|seeders|seeds)/|[.-](?:tests?|spec|config|conf|stories|d)\.|"
    r"(?:^|/)\.[^/]+$|(?:^|/)(?:gulpfile|Gruntfile|karma\.conf|jest\.setup)"
)
_MAX_FILES, _MAX_BYTES = 200, 200_000


class ImportedPackages:
    """The packages that a started file imports, and those that it starts imports in turn.

    `named` are all words that may be names of packages.
    """

    def __init__(self) -> None:
        self.started: set[str] = set()
        self.named: set[str] = set()
        # A started file is not in the context: a build makes it.
        self.has_unread_file = False
        self._read_paths: set[str] = set()

    def read(self, files: CopiedScripts, path: str) -> None:
        """Read a file by its path in the image, and the files that it imports."""
        _, is_module, module = path.rpartition("module:")
        if is_module:
            self.started.add(_name_package(module))
            return
        waiting, is_first = [path], True
        while waiting and len(self._read_paths) < _MAX_FILES:
            text = self._read_one(files, waiting.pop(0), is_started=is_first)
            if text is None and is_first:
                self.has_unread_file = True
            is_first = False
            for module, parent in text or ():
                if module.startswith("."):
                    waiting.append(posixpath.normpath(posixpath.join(parent, module)))
                else:
                    self.started.add(_name_package(module))

    def _read_one(
        self, files: CopiedScripts, path: str, *, is_started: bool
    ) -> list[tuple[str, str]] | None:
        """Return the imports of a file with its folder; None if it cannot be read."""
        for candidate in _list_candidates(path, is_started=is_started):
            if candidate in self._read_paths:
                return []
            text = files.read(candidate) if _SOURCE.search(candidate) else None
            if text is not None:
                self._read_paths.add(candidate)
                self.named.update(_list_names(text))
                folder = posixpath.dirname(candidate)
                return [(module, folder) for module in _list_imports(text)]
        return None


def _list_candidates(path: str, *, is_started: bool) -> Iterator[str]:
    """Yield the files that a path may stand for, as Node and TypeScript resolve it.

    TypeScript imports `./a.ts` as `./a.js`; what starts as `dist/a.js` is made by a build.
    """
    if not _SOURCE.search(path):
        yield from (f"{path}{suffix}" for suffix in _SUFFIXES)
        return
    yield path
    if not is_started and path.endswith("js"):
        yield f"{path[:-2]}ts"


def list_source_packages(rule_input: RuleInput) -> Iterator[str]:
    """Yield the packages that the sources of the context import, and words that may name some."""
    context = rule_input.context
    sizes = context.file_sizes if context else {}
    paths = [
        path
        for path, size in sizes.items()
        if _SOURCE.search(path) and not _OTHER_SOURCE.search(path) and size <= _MAX_BYTES
    ]
    for path in paths[:_MAX_FILES] if context else ():
        text = context.read_text(path) if context else ""
        yield from (_name_package(x) for x in _list_imports(text) if not x.startswith("."))
        yield from _list_names(text)


def list_undeclared_packages(names: Iterable[str], declared: Container[str]) -> Iterator[str]:
    """Yield the packages of some imports that are no modules of Node, and that nothing declares.

    A package that is declared brings them: which one, only the lock file says.
    """
    for name in names:
        is_package = _PACKAGE.fullmatch(name) and name not in _NODE_MODULES
        if is_package and name not in declared:
            yield name


def _list_imports(text: str) -> list[str]:
    return _IMPORT.findall(_TYPE_IMPORT.sub("", text))


def _list_names(text: str) -> list[str]:
    return _NAME.findall(_TYPE_IMPORT.sub("", text))


def _name_package(module: str) -> str:
    """Return `@babel/register` for itself, and `ts-node` for `ts-node/register`."""
    parts = module.split("/")
    return "/".join(parts[:2] if module.startswith("@") else parts[:1])
