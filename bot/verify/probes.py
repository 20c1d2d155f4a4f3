"""Probes: commands that must say the same in both images, made from what the old one has."""

import json
import posixpath
import re
from collections.abc import Iterator

from bot.model.candidate import Probe
from bot.verify.dev_dependencies import development
from bot.verify.image_pair import Exhibit, Piece

_INFO = re.compile(r"^(?P<folder>.*/(?:site|dist)-packages)/(?P<name>[^/]+)\.(?:dist|egg)-info/")
_NAME = re.compile(r"[A-Za-z_]\w*$")
_NEVER = frozenset(
    {"antigravity", "this", "idlelib", "test", "tests", "turtledemo", "examples", "docs"}
)
_IMPORT = """\
import importlib, sys
for name in {names!r}:
    try:
        importlib.import_module(name)
        print("yes", name)
    except BaseException as problem:
        print("no", name, type(problem).__name__)
"""
_REQUIRE = """\
for (const name of {names}) {{
  try {{ require(name); console.log("yes", name) }}
  catch (problem) {{ console.log("no", name, problem.code || problem.name) }}
}}
process.exit(0)
"""


def probes(exhibit: Exhibit) -> Iterator[Probe]:
    """Imports of all that was installed for the application, the candidate's own probes behind."""
    old = exhibit.old
    python = next((x for x in _interpreters(old, "python") if old.program(x)), None)
    modules = sorted(_modules(exhibit))
    if python and modules:
        text = _IMPORT.format(names=modules)
        yield Probe(f"import of {len(modules)} Python modules", (python, "-c", text))
    names = sorted(_dependencies(old))
    # Where nothing but files is served, the loss of modules was judged with the lost files.
    bundled = exhibit.new.program("node") is None or exhibit.new.serves_files
    if names and old.program("node") and not bundled:
        text = _REQUIRE.format(names=json.dumps(names))
        yield Probe(f"require of {len(names)} node modules", ("node", "-e", text))
    if old.program("php"):
        yield Probe("PHP's extensions", ("php", "-m"))
    yield from exhibit.candidate.probes


def _interpreters(piece: Piece, name: str) -> Iterator[str]:
    """How the command calls it, then its usual names."""
    for word in piece.settings.arguments[:2]:
        if posixpath.basename(word).startswith(name):
            yield word
    for word in piece.settings.arguments[:1]:
        path = piece.program(word)
        head = (piece.files.read(path) or b"")[:200] if path and "." not in word else b""
        match = re.match(rb"#!\s*(\S*python[\d.]*)", head)
        if match:
            yield match[1].decode()
    yield from (f"{name}3", name)


def _modules(exhibit: Exhibit) -> Iterator[str]:
    """The modules of the distributions that no package of the system owns, tools left out."""
    piece = exhibit.old
    is_development = development(piece)
    for path in piece.image.tree:
        match = _INFO.match(path)
        if not match or not path.endswith(("/RECORD", "/installed-files.txt")):
            continue
        if path in piece.packaged or is_development(path) or not piece.is_own(path):
            continue
        if exhibit.left_behind(path):
            continue
        yield from _top_level(piece, path)


def _top_level(piece: Piece, record: str) -> Iterator[str]:
    """Which modules a distribution has: what its list of files has at the top."""
    found = set[str]()
    for line in piece.text(record).splitlines():
        name = line.split(",")[0]
        first, _, rest = name.partition("/")
        if rest and rest.rpartition("/")[2] == "__init__.py" and rest.count("/") == 0:
            found.add(first)
        elif not rest and first.endswith((".py", ".so")):
            found.add(first.partition(".")[0])
    yield from (x for x in found if _NAME.match(x) and x not in _NEVER and x != "__main__")


def _dependencies(piece: Piece) -> Iterator[str]:
    """What the package.json of the application asks for at run time, as far as it is installed."""
    root = piece.workdir.strip("/")
    try:
        told = json.loads(piece.files.read(f"{root}/package.json".lstrip("/")) or b"null")
    except (ValueError, RecursionError):
        return
    names = told.get("dependencies") if isinstance(told, dict) else None
    for name in names if isinstance(names, dict) else ():
        if piece.paths.is_directory(posixpath.join(root, "node_modules", name)):
            yield name
