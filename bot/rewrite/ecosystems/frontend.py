"""Static front ends: what a bundler wrote, served by the same server as before."""

import posixpath
import re
from collections.abc import Iterable, Iterator

from bot.advise.base_images import list_distribution_images
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.ecosystems.node import ECOSYSTEM as NODE
from bot.rewrite.file_selection import SYSTEM_PATHS
from bot.rewrite.package_json import find_package_folder
from bot.rewrite.project_residue import came_from_context
from bot.rewrite.startup import NODE_RUNNERS, Startup

_FILE_SERVERS = ("serve", "http-server", "sirv", "servor", "local-web-server", "ws")
_WEB_SERVERS = ("nginx", "apache2", "apache2ctl", "apachectl", "httpd", "lighttpd", "caddy")
_CONFIGURATION_FOLDERS = ("etc/nginx/", "etc/apache2/", "etc/httpd/", "etc/lighttpd/", "etc/caddy/")
_ROOT_DIRECTIVE = re.compile(
    r"(?:^|[{;])\s*(?:root|DocumentRoot|alias|server\.document-root\s*=)\s+\*?\s*[\"']?(/[^\s;\"']+)",
    re.MULTILINE,
)
# Debian's nginx and Apache, nginx's own package, Caddy's package
_DEFAULT_ROOTS = ("/var/www/html", "/usr/share/nginx/html", "/usr/share/caddy")


def _applies(facts: BuildFacts, startup: Startup) -> bool:
    """Return True if a file server starts that is not one of the project's own modules."""
    return any(_is_file_server(facts, command) for command in startup.commands) and any(
        True for _ in _find_served_folders(facts, startup)
    )


def _is_file_server(facts: BuildFacts, command: tuple[str, ...]) -> bool:
    real = facts.built.find_program(command[0])
    own_modules = f"{facts.workdir}/node_modules/"
    return (
        posixpath.basename(command[0]) in _FILE_SERVERS
        and real is not None
        and not real.startswith(own_modules)
    ) or _is_web_server(facts, command)


def _is_web_server(facts: BuildFacts, command: tuple[str, ...]) -> bool:
    """Return True for a server of a system package, in an image that built pages with npm."""
    link_path = facts.built.which(command[0])
    is_known = posixpath.basename(command[0]) in _WEB_SERVERS
    # nginx in front of PHP serves more than files.
    builds_with_npm = bool(facts.built.which("npm")) and not facts.built.which("php")
    return bool(
        is_known and builds_with_npm and link_path and facts.package_graph.find_owner(link_path)
    )


def _find_served_folders(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the folders that the server's command line or configuration names."""
    for command in startup.commands:
        if _is_web_server(facts, command):
            yield from _find_web_roots(facts)
        elif _is_file_server(facts, command):
            for word in command[1:]:
                path = posixpath.normpath(posixpath.join("/", facts.workdir, word))
                if not word.startswith("-") and path[1:] in facts.built.folders:
                    yield path


def _list_required_paths(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the served folders, and the package.json with the script that npm starts."""
    yield from _find_served_folders(facts, startup)
    folder = find_package_folder(facts)
    if any(posixpath.basename(command[0]) in NODE_RUNNERS for command in startup.commands):
        yield posixpath.join("/", folder, "package.json")


def _find_web_roots(facts: BuildFacts) -> Iterator[str]:
    configurations = (
        path for path in facts.built.own_files if path.startswith(_CONFIGURATION_FOLDERS)
    )
    roots = (
        root
        for path in configurations
        for root in _ROOT_DIRECTIVE.findall(facts.built.read_text(path))
    )
    for root in dict.fromkeys([*roots, *_DEFAULT_ROOTS]):
        folder = posixpath.normpath(root)
        if any(path.startswith(f"{folder[1:]}/") for path in facts.built.own_files):
            yield folder


def _list_excluded_paths(facts: BuildFacts, startup: Startup) -> Iterable[str]:
    """Yield the project's folder, or its parts at the root: only what is served is needed."""
    if facts.workdir:
        yield f"/{facts.workdir}"
        return
    files = (path for path in facts.built.own_files if came_from_context(facts, path))
    for name in {"node_modules", *(path.partition("/")[0] for path in files)}:
        if not SYSTEM_PATHS.match(f"{name}/"):
            yield f"/{name}"


def _list_base_images(facts: BuildFacts, startup: Startup) -> Iterable[str]:
    """Return the distribution's images for a web server, which needs no Node."""
    if any(_is_web_server(facts, command) for command in startup.commands):
        return list_distribution_images(facts.built.os_release, facts.rule_input.base_image or "")
    return NODE.base_images(facts, startup)


ECOSYSTEM = Ecosystem(
    name="frontend",
    title="static front end",
    applies=_applies,
    toolchain_programs=("npm",),
    residue_paths=NODE.residue_paths,
    build_package_pattern=NODE.build_package_pattern,
    accepted_changes=NODE.accepted_changes,
    required_paths=_list_required_paths,
    excluded_paths=_list_excluded_paths,
    base_images=_list_base_images,
)
