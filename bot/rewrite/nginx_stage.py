"""A last stage in which nginx serves a front end, on the port of the file server before.

Only servers and options with the same meaning in nginx are replaced: what else a file server does
for a front end is in its own documentation, and no start shows all of it.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.rewrite.build_facts import ROOT_NAMES, BaseCandidate, BuildFacts
from bot.rewrite.copy_choice import CopyItem
from bot.rewrite.package_install import PackageInstall
from bot.rewrite.plan import RetryHints, RewritePlan, build_plan
from bot.rewrite.startup import NODE_RUNNERS, Startup

NGINX = "nginx:alpine"
_CONFIGURATION = "/etc/nginx/conf.d/default.conf"
_INDEX, _NOT_FOUND_PAGE = "index.html", "404.html"
_TEXT_TYPES = "text/css text/plain application/javascript application/json"
_PLAIN_PATH = re.compile(r"[\w./-]+")
# `serve` listens on `tcp://0.0.0.0:3000`, too.
_ADDRESS = re.compile(r"(?:tcp://)?(?:0\.0\.0\.0:)?(\d{1,5})")
# In the folder, or where it starts: redirects, headers and rewrites of its own.
_SERVE_SETTINGS = ("serve.json", "now.json", "vercel.json")
_DROPPED_KEYWORDS = frozenset({"CMD", "ENTRYPOINT", "STOPSIGNAL", "SHELL"})
_KEPT_SETTINGS = ("ENV ", "WORKDIR ")
_REASONS = {
    "CMD": "nginx serves the files",
    "ENTRYPOINT": "nginx serves the files",
    "STOPSIGNAL": "it is the signal of nginx",
    "EXPOSE": "the image of nginx exposes port 80, too, on which nothing listens",
}


@dataclass(frozen=True, slots=True)
class _FileServer:
    """A file server: its default port, its options, and what it does with other paths.

    `tried` are the files for a path, as in `try_files`; `redirects` are directives of nginx. Types
    of text have its `charset`.
    """

    port: int
    port_options: tuple[str, ...]
    fallback_options: tuple[str, ...]
    ignored_options: tuple[str, ...]
    tried: str
    charset: str
    redirects: tuple[str, ...] = ()


# https://github.com/vercel/serve#options, of which cleanUrls of
# https://github.com/vercel/serve-handler#cleanurls-booleanarray is the default, and
# https://github.com/http-party/http-server#readme
_SERVERS: Mapping[str, _FileServer] = {
    "serve": _FileServer(
        port=3000,
        port_options=("-l", "--listen", "-p", "--port"),
        fallback_options=("-s", "--single"),
        ignored_options=("-n", "--no-clipboard", "-L", "--no-request-logging", "--debug"),
        tried="$uri $uri.html $uri/index.html",
        charset="utf-8",
        redirects=(
            r'if ($request_uri ~ "^([^?]+)(\.html?|/index)(\?|$)") { return 301 $1; }',
            r'if ($request_uri ~ "^/index(\?|$)") { return 301 /; }',
        ),
    ),
    "http-server": _FileServer(
        port=8080,
        port_options=("-p", "--port"),
        fallback_options=(),
        ignored_options=("-s", "--silent", "-d", "-i"),
        tried="$uri $uri/ $uri.html",
        charset="UTF-8",
    ),
}


@dataclass(frozen=True, slots=True)
class _Service:
    """A folder of pages, without a leading slash, its port and its server."""

    server: _FileServer
    name: str
    folder: str
    port: int
    has_fallback: bool

    @property
    def tried(self) -> str:
        """The arguments of `try_files`; with a fallback, `serve` looks for no other file."""
        return f"$uri /{_INDEX}" if self.has_fallback else f"{self.server.tried} =404"


@dataclass(frozen=True, slots=True)
class NginxStage:
    """The plan of a stage on nginx; `rewrite` is the plan that was verified."""

    facts: BuildFacts
    startup: Startup
    rewrite: RewritePlan
    hints: RetryHints
    service: _Service

    @property
    def difference(self) -> str:
        """The differences to the server before, as the end of a sentence."""
        service = self.service
        return (
            f"nginx serves /{service.folder} on port {service.port}, without lists of the files in"
            f" a folder, and neither Node nor `{service.name}` is in it"
        )

    def plan_stage(self, base: BaseCandidate) -> RewritePlan:
        """Return the plan on the image of nginx."""
        plan = build_plan(self.facts, self.startup, self.rewrite.ecosystem, base, self.hints)
        served = tuple(item for item in plan.copy_plan.items if self._is_served(item))
        dropped = {item.path: item.size for item in plan.copy_plan.items if item not in served}
        copy_plan = replace(
            plan.copy_plan, items=served, dropped_sizes={**plan.copy_plan.dropped_sizes, **dropped}
        )
        versions = [x for x in self.facts.base_config.env if x.endswith("_VERSION")]
        unused = tuple(f"ENV {name}=" for name in versions)
        settings = (
            instruction
            for instruction in plan.inherited_instructions
            if instruction.startswith(_KEPT_SETTINGS) and not instruction.startswith(unused)
        )
        reasons = {f"ENV {name}": "it describes the old base image" for name in versions}
        return replace(
            plan,
            copy_plan=copy_plan,
            package_install=PackageInstall(),
            inherited_instructions=tuple(settings),
            accepted_changes={**plan.accepted_changes, **reasons, **_REASONS},
            dropped_keywords=_DROPPED_KEYWORDS,
            system_instructions=(self._render_configuration(),),
        )

    def _is_served(self, item: CopyItem) -> bool:
        path, folder = f"{item.path}/", f"{self.service.folder}/"
        return path.startswith(folder) or folder.startswith(path)

    def _render_configuration(self) -> str:
        """Return the `RUN` that writes the configuration, with a word for each of its lines."""
        words = [f"'{line}'" for line in self._list_lines()]
        words[-1] = f"{words[-1]} > {_CONFIGURATION}"
        separator = f" {self.facts.text_style.escape}\n{self.facts.text_style.indent}"
        return self.facts.text_style.format_line(separator.join([r"RUN printf '%s\n'", *words]))

    def _list_lines(self) -> Iterator[str]:
        service = self.service
        missing_page = f"{service.folder}/{_NOT_FOUND_PAGE}"
        has_page = not service.has_fallback and self.facts.built.paths.is_file(missing_page)
        yield "server {"
        yield f"    listen {service.port};"
        yield f"    root /{service.folder};"
        yield "    absolute_redirect off;"
        yield f"    charset {service.server.charset};"
        yield f"    charset_types {_TEXT_TYPES};"
        yield "    gzip on;"
        yield f"    gzip_types {_TEXT_TYPES} image/svg+xml;"
        yield from (f"    {directive}" for directive in service.server.redirects)
        if has_page:
            yield f"    error_page 404 /{_NOT_FOUND_PAGE};"
        yield "    location / {"
        yield f"        try_files {service.tried};"
        yield "    }"
        yield "}"


def find_nginx_stage(
    facts: BuildFacts, startup: Startup, rewrite: RewritePlan, hints: RetryHints
) -> NginxStage | None:
    """Return the stage for a front end that nginx can serve; None if something may be lost."""
    config = facts.built.config
    if config.health_check or rewrite.users or startup.scripts or config.user not in ROOT_NAMES:
        return None
    commands = [x for x in startup.commands if posixpath.basename(x[0]) not in NODE_RUNNERS]
    service = _read_service(facts, commands[0]) if len(commands) == 1 else None
    return NginxStage(facts, startup, rewrite, hints, service) if service else None


def _read_service(facts: BuildFacts, command: Sequence[str]) -> _Service | None:
    """Return how a command serves a folder; None if nginx may do it in another way."""
    name = posixpath.basename(command[0])
    server = _SERVERS.get(name)
    if server is None:
        return None
    default_port = facts.built.config.env.get("PORT", str(server.port))
    folders, ports, has_fallback = [], [default_port], False
    words = iter(command[1:])
    for word in words:
        option, has_value, value = word.partition("=")
        if option in server.port_options:
            ports.append(value if has_value else next(words, ""))
        elif word in server.fallback_options:
            has_fallback = True
        elif not word.startswith("-"):
            folders.append(posixpath.normpath(posixpath.join("/", facts.workdir, word))[1:])
        elif word not in server.ignored_options:
            return None
    port = _ADDRESS.fullmatch(ports[-1])
    is_known = port and len(folders) == 1 and _is_plain_folder(facts, folders[0])
    return (
        _Service(server, name, folders[0], int(port[1]), has_fallback)
        if port and is_known
        else None
    )


def _is_plain_folder(facts: BuildFacts, folder: str) -> bool:
    """Return True for a folder with a page, and without settings of the file server."""
    is_file = facts.built.paths.is_file
    parents = {folder, facts.workdir}
    has_settings = any(
        is_file(posixpath.join(parent, name)) for parent in parents for name in _SERVE_SETTINGS
    )
    return (
        bool(_PLAIN_PATH.fullmatch(folder)) and is_file(f"{folder}/{_INDEX}") and not has_settings
    )
