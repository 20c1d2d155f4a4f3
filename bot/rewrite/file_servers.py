"""File servers of Node: what their command line says, in terms of a folder, a port and paths.

Only options are read that nginx has the same for. What the documentation of a server leaves open,
a comparison of both running images shows.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.package_json import find_package_folder
from bot.rewrite.startup import NODE_RUNNERS, Startup

_INDEX = "index.html"
_PLAIN_PATH = re.compile(r"[\w./-]+")
# `serve` listens on `tcp://0.0.0.0:3000`, too.
_ADDRESS = re.compile(r"(?:tcp://)?(?:0\.0\.0\.0:)?(\d{1,5})")
# In the folder, or where it starts: redirects, headers and rewrites of its own.
_SERVE_SETTINGS = ("serve.json", "now.json", "vercel.json")
_VITE_SETTINGS = tuple(
    f"vite.config.{suffix}" for suffix in ("js", "ts", "mjs", "mts", "cjs", "cts")
)
# Settings with which `vite preview` does more than serve files.
_VITE_SERVICES = re.compile(
    r"\b(?:https|headers|base|appType|root)\s*:(?!//)|\bproxy\b|\bconfigurePreviewServer\b"
)
_VITE_FOLDER = re.compile(r"\boutDir\b\s*:\s*([\"'])([\w./-]+)\1")
_VITE_PORT = re.compile(r"\bpreview\s*:\s*\{[^{}]*?\bport\s*:\s*(\d+)")


@dataclass(frozen=True, slots=True)
class FileServer:
    """A file server: its default port, its options, and the files that it answers a path with.

    `tried` and `tried_with_fallback` are arguments of `try_files`, `directives` others of nginx.
    Options in `options_with_value` may have one, and mean nothing in a container.
    """

    port: int
    port_options: tuple[str, ...]
    fallback_options: tuple[str, ...]
    ignored_options: tuple[str, ...]
    tried: str
    tried_with_fallback: str
    directives: tuple[str, ...] = ()
    options_with_value: tuple[str, ...] = ()


# https://github.com/vercel/serve#options, of which cleanUrls of
# https://github.com/vercel/serve-handler#cleanurls-booleanarray is the default;
# https://github.com/http-party/http-server#readme; https://vite.dev/guide/cli#vite-preview, which
# serves with https://github.com/lukeed/sirv/tree/master/packages/sirv and answers with index.html
# for each missing file.
_SERVERS: Mapping[str, FileServer] = {
    "serve": FileServer(
        port=3000,
        port_options=("-l", "--listen", "-p", "--port"),
        fallback_options=("-s", "--single"),
        ignored_options=("-n", "--no-clipboard", "-L", "--no-request-logging", "--debug"),
        tried="$uri $uri.html $uri/index.html =404",
        tried_with_fallback="$uri /index.html",
        directives=(
            r'if ($request_uri ~ "^([^?]+)(\.html?|/index)(\?|$)") { return 301 $1; }',
            r'if ($request_uri ~ "^/index(\?|$)") { return 301 /; }',
        ),
    ),
    "http-server": FileServer(
        port=8080,
        port_options=("-p", "--port"),
        fallback_options=(),
        ignored_options=("-s", "--silent", "-d", "-i"),
        tried="$uri $uri/ $uri.html =404",
        tried_with_fallback="",
    ),
    "vite": FileServer(
        port=4173,
        port_options=("--port",),
        fallback_options=(),
        ignored_options=("--strictPort",),
        tried="$uri $uri.html $uri/index.html /index.html",
        tried_with_fallback="",
        options_with_value=("--host",),
    ),
}


@dataclass(frozen=True, slots=True)
class Service:
    """A folder of pages, without a leading slash, its port and its server."""

    server: FileServer
    name: str
    folder: str
    port: int
    has_fallback: bool

    @property
    def tried(self) -> str:
        """The arguments of `try_files`."""
        return self.server.tried_with_fallback if self.has_fallback else self.server.tried


def find_service(facts: BuildFacts, startup: Startup) -> Service | None:
    """Return how an image serves a folder; None if nginx may do it in another way."""
    runners = [
        command for command in startup.commands if posixpath.basename(command[0]) in NODE_RUNNERS
    ]
    servers = [command for command in startup.commands if command not in runners]
    if len(servers) != 1 or startup.main_command != servers[0] or startup.scripts:
        return None
    added = [word for runner in runners for word in _list_added_words(runner)]
    name = posixpath.basename(servers[0][0])
    words = [*servers[0][1:], *added]
    if name == "vite":
        return _read_vite(facts, words[1:]) if words[:1] == ["preview"] else None
    return _read_service(facts, name, words) if name in _SERVERS else None


def _list_added_words(runner: Sequence[str]) -> Iterator[str]:
    """Yield the words that npm and others add to a script: of npm, only those behind `--`."""
    words = [word for word in runner[1:] if word not in ("run", "run-script")]
    if posixpath.basename(runner[0]) == "npm" and "--" in words:
        yield from words[words.index("--") + 1 :]
    elif posixpath.basename(runner[0]) != "npm":
        yield from (word for word in words[1:] if word != "--")


def _read_vite(facts: BuildFacts, words: Sequence[str]) -> Service | None:
    """Return what `vite preview` serves; None if its settings do more than that."""
    folder = find_package_folder(facts)
    paths = [posixpath.join(folder, name) for name in _VITE_SETTINGS]
    text = "\n".join(map(facts.built.read_text, filter(facts.built.paths.is_file, paths)))
    if _VITE_SERVICES.search(text):
        return None
    output, port = _VITE_FOLDER.search(text), _VITE_PORT.search(text)
    pages = posixpath.join("/", folder, output[2] if output else "dist")
    settings = [pages, *(["--port", port[1]] if port else [])]
    return _read_service(facts, "vite", [*settings, *words])


def _read_service(facts: BuildFacts, name: str, words: Sequence[str]) -> Service | None:
    server = _SERVERS[name]
    default_port = facts.built.config.env.get("PORT", "") if name != "vite" else ""
    folders, ports, has_fallback = [], [default_port or str(server.port)], False
    rest = list(words)
    while rest:
        word = rest.pop(0)
        option, has_value, value = word.partition("=")
        if option in server.port_options:
            ports.append(value if has_value else "".join(rest[:1]))
            del rest[: 0 if has_value else 1]
        elif option in server.options_with_value:
            is_next = bool(rest) and not has_value and not rest[0].startswith("-")
            del rest[: 1 if is_next else 0]
        elif word in server.fallback_options:
            has_fallback = True
        elif not word.startswith("-"):
            folders.append(posixpath.normpath(posixpath.join("/", facts.workdir, word))[1:])
        elif word not in server.ignored_options:
            return None
    port = _ADDRESS.fullmatch(ports[-1])
    if port is None or len(folders) != 1 or not _is_plain_folder(facts, folders[0]):
        return None
    return Service(server, name, folders[0], int(port[1]), has_fallback)


def _is_plain_folder(facts: BuildFacts, folder: str) -> bool:
    """Return True for a folder with a page, and without settings of the file server."""
    is_file = facts.built.paths.is_file
    parents = {folder, facts.workdir}
    has_settings = any(
        is_file(posixpath.join(parent, name)) for parent in parents for name in _SERVE_SETTINGS
    )
    has_page = is_file(f"{folder}/{_INDEX}")
    return bool(_PLAIN_PATH.fullmatch(folder)) and has_page and not has_settings
