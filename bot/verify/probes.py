"""Commands that must print the same in both images, made from what the old image has installed."""

import json
import posixpath
import re
from collections.abc import Iterator

from bot.image.open_image import OpenImage
from bot.model.candidate import Probe
from bot.verify.dev_dependencies import make_dev_dependency_matcher
from bot.verify.image_pair import ImagePair

_PACKAGE_INFO_PATH = re.compile(
    r"^(?P<folder>.*/(?:site|dist)-packages)/(?P<name>[^/]+)\.(?:dist|egg)-info/"
)
_MODULE_NAME = re.compile(r"[A-Za-z_]\w*$")
# An import opens a browser (antigravity), prints a poem (this), or runs tests and demos.
_EXCLUDED_MODULES = frozenset(
    {"antigravity", "this", "idlelib", "test", "tests", "turtledemo", "examples", "docs"}
)
# BaseException, as a module may call sys.exit() when it is imported. The name of an exception is
# compared and its text is not: that may hold a path.
_PYTHON_IMPORT_SCRIPT = """\
import importlib, sys
for name in {names!r}:
    try:
        importlib.import_module(name)
        print("yes", name)
    except BaseException as problem:
        print("no", name, type(problem).__name__)
"""
# A module may keep a timer or a socket open, with which Node would never end.
_NODE_REQUIRE_SCRIPT = """\
for (const name of {names}) {{
  try {{ require(name); console.log("yes", name) }}
  catch (problem) {{ console.log("no", name, problem.code || problem.name) }}
}}
process.exit(0)
"""


def make_probes(pair: ImagePair) -> Iterator[Probe]:
    """Yield imports of the installed dependencies, and the list of PHP's extensions."""
    old = pair.old
    python = next((x for x in _list_interpreters(old, "python") if old.find_program(x)), None)
    modules = sorted(_list_python_modules(pair))
    if python and modules:
        script = _PYTHON_IMPORT_SCRIPT.format(names=modules)
        yield Probe(f"import of {len(modules)} Python modules", (python, "-c", script))
    node_modules = sorted(_list_node_dependencies(old))
    # Where nothing but files is served, the loss of modules was judged with the lost files.
    is_bundled = pair.new.find_program("node") is None or pair.new_app.is_file_server
    if node_modules and old.find_program("node") and not is_bundled:
        script = _NODE_REQUIRE_SCRIPT.format(names=json.dumps(node_modules))
        yield Probe(f"require of {len(node_modules)} node modules", ("node", "-e", script))
    if old.find_program("php"):
        yield Probe("PHP's extensions", ("php", "-m"))


def _list_interpreters(open_image: OpenImage, name: str) -> Iterator[str]:
    """Yield the interpreter's names as the command calls it, then the usual ones."""
    for word in open_image.config.command_line[:2]:
        if posixpath.basename(word).startswith(name):
            yield word
    for word in open_image.config.command_line[:1]:
        path = open_image.find_program(word)
        head = (open_image.files.read(path) or b"")[:200] if path and "." not in word else b""
        match = re.match(rb"#!\s*(\S*python[\d.]*)", head)
        if match:
            yield match[1].decode()
    yield from (f"{name}3", name)


def _list_python_modules(pair: ImagePair) -> Iterator[str]:
    """Yield the modules of the distributions that pip installed, tools left out."""
    old = pair.old
    is_development = make_dev_dependency_matcher(pair.old_app)
    for path in old.image.tree:
        match = _PACKAGE_INFO_PATH.match(path)
        # One list of files for each distribution: RECORD of a wheel, installed-files.txt of an egg.
        if not match or not path.endswith(("/RECORD", "/installed-files.txt")):
            continue
        if (
            path in old.packaged_files
            or is_development(path)
            or not old.is_added_by_dockerfile(path)
        ):
            continue
        if pair.is_dropped(path):
            continue
        yield from _list_top_level_modules(old, path)


def _list_top_level_modules(open_image: OpenImage, record_path: str) -> Iterator[str]:
    """Yield the top-level modules of a distribution, from its list of files."""
    modules = set[str]()
    for line in open_image.read_text(record_path).splitlines():
        name = line.split(",")[0]
        first, _, below = name.partition("/")
        if below == "__init__.py":
            modules.add(first)
        elif not below and first.endswith((".py", ".so")):
            modules.add(first.partition(".")[0])
    importable = filter(_MODULE_NAME.match, modules - _EXCLUDED_MODULES - {"__main__"})
    yield from importable


def _list_node_dependencies(open_image: OpenImage) -> Iterator[str]:
    """Yield the installed run-time dependencies of the application's package.json."""
    root = open_image.workdir.strip("/")
    try:
        package = json.loads(open_image.files.read(f"{root}/package.json".lstrip("/")) or b"null")
    except (ValueError, RecursionError):
        return
    names = package.get("dependencies") if isinstance(package, dict) else None
    for name in names if isinstance(names, dict) else ():
        if open_image.paths.is_directory(posixpath.join(root, "node_modules", name)):
            yield name
