"""Paths of a server to ask for besides `/`: its routes without parameters, and static files.

They are what the application's sources, its OpenAPI file and its framework name. A path that the
server does not have gets the same answer from both images, so a wrong one does no harm.
"""

import json
import re
from collections.abc import Iterable, Iterator

from bot.pattern_lists import compile_sections, read_names, read_pattern_list
from bot.verify.app_files import AppFiles

_LIST = "routes.txt"
_HTTP_SERVER = compile_sections("bot.verify", _LIST, "http servers")
_ROUTE = re.compile(read_pattern_list("bot.verify", _LIST)["routes"].expression, re.MULTILINE)
_CHANGING_PATH = compile_sections("bot.verify", _LIST, "changing paths")
_FRAMEWORK_PATHS = tuple(
    line.rpartition(" ") for line in read_names("bot.verify", _LIST, "framework paths")
)
_PLAIN_PATH = re.compile(r"/[A-Za-z0-9._/-]{1,100}")
_OPENAPI_FILE = re.compile(r"(?:^|/)(?:openapi|swagger)[\w.-]*\.(?:json|ya?ml)$")
_OPENAPI_LINE = re.compile(r"^ {1,8}[\"']?(/[\w./-]*)[\"']?:\s*$", re.MULTILINE)
_STATIC_FOLDER = re.compile(
    r"(?:^|/)(public|static|assets|www|html|wwwroot|dist|build)/(?P<file>.+)$"
)
_STATIC_FILE = re.compile(r"\.(html|css|js|png|svg|ico|json|txt)$")
_MAX_ROUTES = 12
_MAX_STATIC_FILES = 4


def speaks_http(app: AppFiles) -> bool:
    """Return True if an application serves HTTP, by the frameworks that its sources name."""
    return any(_HTTP_SERVER.search(text) for text in app.program_sources.values())


def list_routes(app: AppFiles) -> tuple[str, ...]:
    """List paths without parameters that a server answers to GET requests, 16 at most."""
    routes = _select([*_list_framework_paths(app), *_list_source_routes(app)])
    static_files = _select(_list_static_files(app))
    return tuple(dict.fromkeys([*routes[:_MAX_ROUTES], *static_files[:_MAX_STATIC_FILES]]))


def _select(paths: Iterable[str]) -> list[str]:
    """Return the paths that can be requested as they are and that change nothing, each once."""
    absolute = dict.fromkeys(f"/{path.lstrip('/^').removesuffix('$')}" for path in paths)
    return [
        path
        for path in absolute
        if _PLAIN_PATH.fullmatch(path) and "//" not in path and not _CHANGING_PATH.search(path)
    ]


def _list_framework_paths(app: AppFiles) -> Iterator[str]:
    texts = [*app.program_sources.values(), *app.data_texts.values()]
    for name, _, path in _FRAMEWORK_PATHS:
        if any(name in text for text in texts):
            yield path


def _list_source_routes(app: AppFiles) -> Iterator[str]:
    for text in app.program_sources.values():
        for match in _ROUTE.finditer(text):
            yield next((group for group in match.groups() if group), "")
    for path, text in app.data_texts.items():
        if _OPENAPI_FILE.search(path):
            yield from _list_openapi_paths(text)


def _list_openapi_paths(text: str) -> Iterator[str]:
    """Yield the paths of an OpenAPI file; of one in YAML, by its lines."""
    try:
        paths = json.loads(text)["paths"]
        yield from (path for path, item in paths.items() if "get" in item)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        yield from _OPENAPI_LINE.findall(text)


def _list_static_files(app: AppFiles) -> Iterator[str]:
    """Yield a file of each kind in a folder that servers serve, below `/` and below its name."""
    kinds: set[str] = set()
    for path in app.image.tree:
        folder, kind = _STATIC_FOLDER.search(path), _STATIC_FILE.search(path)
        if not folder or not kind or kind[1] in kinds or "node_modules/" in path:
            continue
        if app.is_in_app(path):
            kinds.add(kind[1])
            yield folder["file"]
            yield f"{folder[1]}/{folder['file']}"
