"""Probes: commands that must say the same in both images, made from what the old one has."""

import json
import posixpath
import re
from collections.abc import Iterator

from bot.model.candidate import Probe
from bot.verify.dev_dependencies import make_dev_dependency_matcher
from bot.verify.image_pair import ImagePair, OpenImage

_PACKAGE_INFO_PATH = re.compile(
    r"^(?P<folder>.*/(?:site|dist)-packages)/(?P<name>[^/]+)\.(?:dist|egg)-info/"
)
_MODULE_NAME = re.compile(r"[A-Za-z_]\w*$")
_EXCLUDED_MODULES = frozenset(
    {"antigravity", "this", "idlelib", "test", "tests", "turtledemo", "examples", "docs"}
)
_PYTHON_IMPORT_SCRIPT = """\
import importlib, sys
for name in {names!r}:
    try:
        importlib.import_module(name)
        print("yes", name)
    except BaseException as problem:
        print("no", name, type(problem).__name__)
"""
_NODE_REQUIRE_SCRIPT = """\
for (const name of {names}) {{
  try {{ require(name); console.log("yes", name) }}
  catch (problem) {{ console.log("no", name, problem.code || problem.name) }}
}}
process.exit(0)
"""


def make_probes(pair: ImagePair) -> Iterator[Probe]:
    """Imports of all that was installed for the application, the candidate's own probes behind."""
    old = pair.old
    python = next((x for x in _list_interpreters(old, "python") if old.find_program(x)), None)
    modules = sorted(_list_python_modules(pair))
    if python and modules:
        text = _PYTHON_IMPORT_SCRIPT.format(names=modules)
        yield Probe(f"import of {len(modules)} Python modules", (python, "-c", text))
    names = sorted(_list_node_dependencies(old))
    # Where nothing but files is served, the loss of modules was judged with the lost files.
    bundled = pair.new.find_program("node") is None or pair.new.is_file_server
    if names and old.find_program("node") and not bundled:
        text = _NODE_REQUIRE_SCRIPT.format(names=json.dumps(names))
        yield Probe(f"require of {len(names)} node modules", ("node", "-e", text))
    if old.find_program("php"):
        yield Probe("PHP's extensions", ("php", "-m"))
    yield from pair.candidate.probes


def _list_interpreters(open_image: OpenImage, name: str) -> Iterator[str]:
    """How the command calls it, then its usual names."""
    for word in open_image.settings.command_line[:2]:
        if posixpath.basename(word).startswith(name):
            yield word
    for word in open_image.settings.command_line[:1]:
        path = open_image.find_program(word)
        head = (open_image.files.read(path) or b"")[:200] if path and "." not in word else b""
        match = re.match(rb"#!\s*(\S*python[\d.]*)", head)
        if match:
            yield match[1].decode()
    yield from (f"{name}3", name)


def _list_python_modules(pair: ImagePair) -> Iterator[str]:
    """The modules of the distributions that no package of the system owns, tools left out."""
    piece = pair.old
    is_development = make_dev_dependency_matcher(piece)
    for path in piece.image.tree:
        match = _PACKAGE_INFO_PATH.match(path)
        if not match or not path.endswith(("/RECORD", "/installed-files.txt")):
            continue
        if (
            path in piece.packaged_files
            or is_development(path)
            or not piece.is_added_by_dockerfile(path)
        ):
            continue
        if pair.is_dropped(path):
            continue
        yield from _list_top_level_modules(piece, path)


def _list_top_level_modules(open_image: OpenImage, record_path: str) -> Iterator[str]:
    """Which modules a distribution has: what its list of files has at the top."""
    found = set[str]()
    for line in open_image.read_text(record_path).splitlines():
        name = line.split(",")[0]
        first, _, rest = name.partition("/")
        if rest and rest.rpartition("/")[2] == "__init__.py" and rest.count("/") == 0:
            found.add(first)
        elif not rest and first.endswith((".py", ".so")):
            found.add(first.partition(".")[0])
    yield from (
        x for x in found if _MODULE_NAME.match(x) and x not in _EXCLUDED_MODULES and x != "__main__"
    )


def _list_node_dependencies(open_image: OpenImage) -> Iterator[str]:
    """What the package.json of the application asks for at run time, as far as it is installed."""
    root = open_image.workdir.strip("/")
    try:
        told = json.loads(open_image.files.read(f"{root}/package.json".lstrip("/")) or b"null")
    except (ValueError, RecursionError):
        return
    names = told.get("dependencies") if isinstance(told, dict) else None
    for name in names if isinstance(names, dict) else ():
        if open_image.paths.is_directory(posixpath.join(root, "node_modules", name)):
            yield name
