"""Paths of a server to ask for besides `/`: its routes without parameters, and static files.

They are what the application's sources, its OpenAPI file and its framework name. A path that the
server does not have gets the same answer from both images, so a wrong one does no harm.
"""

import json
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, zip_longest

from bot.pattern_lists import compile_sections, read_names, read_pattern_list
from bot.verify.app_files import AppFiles

_LIST = "routes.txt"
_HTTP_SERVER = compile_sections("bot.verify", _LIST, "http servers")
_HTTP_PROGRAM = compile_sections("bot.verify", _LIST, "http programs")
_LISTENER = compile_sections("bot.verify", _LIST, "listeners")
_NODE_RUNNERS = frozenset({"npm", "yarn", "pnpm", "npx"})
_ROUTE = re.compile(read_pattern_list("bot.verify", _LIST)["routes"].expression, re.MULTILINE)
_PREFIX = re.compile(
    read_pattern_list("bot.verify", _LIST)["route prefixes"].expression, re.MULTILINE
)
_CHANGING_PATH = compile_sections("bot.verify", _LIST, "changing paths")
_FRAMEWORK_PATHS = tuple(
    line.rpartition(" ") for line in read_names("bot.verify", _LIST, "framework paths")
)
_PLAIN_PATH = re.compile(r"/[A-Za-z0-9._/-]{1,100}")
_OPENAPI_FILE = re.compile(r"(?:^|/)(?:openapi|swagger)[\w.-]*\.(?:json|ya?ml)$")
# A key below `paths` of a YAML file; a path with a parameter has braces and is left out.
_OPENAPI_LINE = re.compile(r"^ {1,8}[\"']?(/[\w./-]*)[\"']?:\s*$", re.MULTILINE)
_STATIC_FOLDER = re.compile(
    r"(?:^|/)(public|static|assets|www|html|wwwroot|dist|build)/(?P<file>.+)$"
)
_STATIC_FILE = re.compile(r"\.(html|css|js|png|svg|ico|json|txt)$")
# Django: `path("users/", include("users.urls"))`
_INCLUDE = re.compile(
    r"(?:path|url)\(\s*r?[\"']\^?([^\"'\n]*)[\"']\s*,\s*include\(\s*[\"']([\w.]+)"
)
_MAX_ROUTES = 12
_MAX_STATIC_FILES = 4
_MAX_JOINED_PATHS = 100  # of routers in other files than their prefixes


def speaks_http(app: AppFiles) -> bool:
    """Return True if an application serves HTTP, by its command or its sources' frameworks."""
    started = (" ".join(app.image.config.command_line), _read_npm_scripts(app))
    if any(_HTTP_PROGRAM.search(text) for text in started):
        return True
    return any(_HTTP_SERVER.search(text) for text in app.program_sources.values())


def may_listen(app: AppFiles) -> bool:
    """Return False if an application has sources, and none of them can open a port.

    A game for a terminal may have an `EXPOSE` that was copied from elsewhere.
    """
    sources = [text for text in app.program_sources.values() if text]
    return not sources or speaks_http(app) or any(map(_LISTENER.search, sources))


def _read_npm_scripts(app: AppFiles) -> str:
    """Return the scripts that npm may start, one a line; empty where npm starts none."""
    if not _NODE_RUNNERS.intersection(app.image.config.command_line):
        return ""
    return "\n".join(app.npm_scripts.values())


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
    """Yield the paths that sources and OpenAPI files name.

    Only twelve are asked for, so the kinds take turns: routes of included modules, routes as they
    are written, prefixes, routes below a prefix of the same folder, and below any prefix. An
    application may have routers only, and then every route as it is written is wrong.
    """
    named = _list_named_paths(app)
    every_route = [route for _, _, routes in named for route in routes]
    every_prefix = [prefix for _, prefixes, _ in named for prefix in prefixes]
    of_folders: dict[str, list[str]] = defaultdict(list)
    for folder, prefixes, _ in named:
        of_folders[folder] += prefixes
    below_folder = (
        path for folder, _, routes in named for path in _join_paths(of_folders[folder], routes)
    )
    below_any = _join_paths(every_prefix, every_route)
    joined = (islice(paths, _MAX_JOINED_PATHS) for paths in (below_folder, below_any))
    yield from _take_turns(_list_included_routes(app), every_route, every_prefix, *joined)
    for path, text in app.data_texts.items():
        if _OPENAPI_FILE.search(path):
            yield from _list_openapi_paths(text)


def _list_included_routes(app: AppFiles) -> Iterator[str]:
    """Yield the routes of the modules that Django's settings include below a prefix."""
    sources = app.program_sources
    for prefix, module in (x for text in sources.values() for x in _INCLUDE.findall(text)):
        end = f"/{module.replace('.', '/')}.py"
        texts = (text for path, text in sources.items() if f"/{path}".endswith(end))
        yield from (prefix + route for text in texts for route in _find_paths(_ROUTE, text))


def _list_named_paths(app: AppFiles) -> list[tuple[str, list[str], list[str]]]:
    """List the folder of each source, and the prefixes and routes in it."""
    return [
        (posixpath.dirname(path), _find_paths(_PREFIX, text), _find_paths(_ROUTE, text))
        for path, text in app.program_sources.items()
    ]


def _take_turns(*kinds: Iterable[str]) -> Iterator[str]:
    """Yield one path of each kind, then the next of each, until all have ended."""
    for paths in zip_longest(*kinds):
        yield from (path for path in paths if path is not None)


def _find_paths(pattern: re.Pattern[str], text: str) -> list[str]:
    return [next((x for x in match.groups() if x), "") for match in pattern.finditer(text)]


def _join_paths(prefixes: Iterable[str], routes: Sequence[str]) -> Iterator[str]:
    """Yield the routes below each prefix: the router of a prefix may be in another file."""
    for prefix in prefixes:
        yield from (f"{prefix.strip('/')}/{route.strip('/')}".rstrip("/") for route in routes)


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
            # One file of a kind is enough to show that the server finds its folder.
            kinds.add(kind[1])
            yield folder["file"]
            yield f"{folder[1]}/{folder['file']}"
