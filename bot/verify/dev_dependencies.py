"""Development dependencies that an image lost, by what lock files and installers record."""

import json
import posixpath
import re
from collections.abc import Callable, Container, Mapping
from functools import cache
from typing import Any

from bot.image.open_image import OpenImage
from bot.verify.app_files import AppFiles
from bot.verify.build_residue import is_development_file, is_framework_draft
from bot.verify.python_packages import make_tool_matcher
from bot.verify.yarn_modules import NO_MODULES, YarnModules, read_yarn_modules

# The project's folder up to the outermost node_modules, from where the keys of npm's lock count.
_NODE_MODULE_PATH = re.compile(r"^(?P<root>(?:.*?/)??)(?P<key>node_modules/.+)$")
_COMPOSER_PACKAGE_PATH = re.compile(r"^(?P<root>(?:.*?/)??)vendor/(?P<name>[^/]+/[^/]+)/")

_JAVASCRIPT_FILE = re.compile(r"\.[cm]?js$")
# Scripts that only tools run: in folders of tools, configurations such as webpack.config.js, and
# names with a dot in front (.eslintrc.js).
_TOOL_SCRIPT = re.compile(
    r"(?:^|/)(?:scripts|tools|bin/dev)/"
    r"|(?:^|/)(?:gulpfile|Gruntfile|webpack|rollup|vite|jest|karma|babel|\.)[^/]*$"
    r"|\.(?:config|conf|setup)\.[cm]?js$"
)
# A module by a computed name: `require(name)`, a template with `${` in it.
_DYNAMIC_REQUIRE = re.compile(
    r"\b(?:require(?:\.resolve)?|import)\(\s*[^\s\"'`)]|\b(?:require|import)\(\s*`[^`]*\$\{"
)
_MODULE_NAME = re.compile(r"(?<![\w./-])(?:@[\w.-]+/)?[A-Za-z][\w.-]*(?![\w/-])")
# A module by its name: `require("a")`, `import "@a/b"`, `from "a/b"`; a path begins with a dot.
_STATIC_REQUIRE = re.compile(
    r"(?:\brequire\(|\bimport\(|\bfrom\s|\bimport\s)\s*[\"'`]((?:@[\w.-]+/)?[\w-][\w.-]*)"
)


def make_dev_dependency_matcher(app: AppFiles) -> Callable[[str], bool]:
    """Return a predicate for files of packages that only development needs."""
    is_python_tools = make_tool_matcher(app)

    @cache
    def read_lock(root: str) -> Mapping[str, Any]:
        return _get_packages(_read_json(app.image, f"{root}node_modules/.package-lock.json"))

    @cache
    def read_dev_package_names(root: str) -> frozenset[str]:
        installed = _read_json(app.image, f"{root}vendor/composer/installed.json")
        names = installed.get("dev-package-names") if isinstance(installed, dict) else None
        return frozenset(names if isinstance(names, list) else ())

    @cache
    def read_modules(root: str) -> YarnModules:
        return NO_MODULES if read_lock(root) else read_yarn_modules(app.image, root)

    @cache
    def list_required(root: str) -> frozenset[str]:
        """List the modules that scripts load from `node_modules` in a folder."""
        return find_required_modules(app.sources, app.image.tree, root) | modules_in_data

    modules_in_data = _find_modules_in_data(app)

    def is_development(path: str) -> bool:
        if is_python_tools(path):
            return True
        if match := _NODE_MODULE_PATH.match(path):
            root, key = match["root"], match["key"]
            return _get_module_name(key) not in list_required(root) and (
                _is_dev_package(read_lock(root), key) or read_modules(root).is_development(path)
            )
        if match := _COMPOSER_PACKAGE_PATH.match(path):
            return match["name"] in read_dev_package_names(match["root"])
        return False

    return is_development


def find_required_modules(
    sources: Mapping[str, str], tree: Container[str] = (), root: str = ""
) -> frozenset[str]:
    """Return the Node modules that an application's scripts load.

    Tests, the configuration of tools and drafts of a build are left out: a development dependency
    that any other script loads was declared as one by mistake. So is a module that `tree` has
    nearer to the script than in `node_modules` of the folder `root`: Nuxt copies what its server
    loads to `.output`.
    """
    return frozenset(
        name
        for path, text in sources.items()
        if _JAVASCRIPT_FILE.search(path)
        and not _TOOL_SCRIPT.search(path)
        and not is_development_file(path)
        and not is_framework_draft(path, tree)
        for name in _STATIC_REQUIRE.findall(text)
        if not _is_nearer(path, name, tree, root)
    )


def _is_nearer(script: str, module: str, tree: Container[str], root: str) -> bool:
    """Return True if Node finds a module for a script below the folder `root`, not in it."""
    folder = posixpath.dirname(script)
    while folder.startswith(root) and folder != root.rstrip("/"):
        if f"{folder}/node_modules/{module}/package.json" in tree:
            return True
        folder = posixpath.dirname(folder)
    return False


def _find_modules_in_data(app: AppFiles) -> frozenset[str]:
    """Return the names in the application's data, if scripts load modules by computed names."""
    tree = app.image.tree
    scripts = (text for path, text in app.sources.items() if _JAVASCRIPT_FILE.search(path))
    if not any(_DYNAMIC_REQUIRE.search(text) for text in scripts):
        return frozenset()
    texts = (x for path, x in app.data_texts.items() if not is_framework_draft(path, tree))
    return frozenset(name for text in texts for name in _MODULE_NAME.findall(text))


def _get_module_name(key: str) -> str:
    """Return the module of a path below a project's root: `@a/b` of `node_modules/@a/b/x.js`."""
    first, second, *_ = [*key.removeprefix("node_modules/").split("/"), "", ""]
    return f"{first}/{second}" if first.startswith("@") else first


def _is_dev_package(packages: Mapping[str, Any], path: str) -> bool:
    """Return True if the lock marks the innermost package of a file as a development dependency."""
    parts = path.split("/")
    for end in range(len(parts), 1, -1):
        package = packages.get("/".join(parts[:end]))
        if isinstance(package, dict):
            # In npm's lock, `devOptional` marks what development needs and something optional, too.
            return bool(package.get("dev") or package.get("devOptional"))
    return False


def _get_packages(lock: Any) -> Mapping[str, Any]:
    packages = lock.get("packages") if isinstance(lock, dict) else None
    return packages if isinstance(packages, dict) else {}


def _read_json(open_image: OpenImage, path: str) -> Any:
    try:
        return json.loads(open_image.files.read(path) or b"null")
    except (ValueError, RecursionError):
        return None
