"""Node servers: what was built, and the modules without development dependencies."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Set

from bot.advise.base_images import (
    list_distribution_images,
    list_slim_variants,
)
from bot.image.archives.reference import split_reference
from bot.image.tool_settings import find_tool_settings
from bot.pattern_lists import compile_sections, read_names
from bot.rewrite.build_facts import ROOT_NAMES, BuildFacts
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.file_selection import IN_DEPENDENCIES
from bot.rewrite.package_json import find_package_folder, read_package
from bot.rewrite.project_residue import came_from_context
from bot.rewrite.startup import Startup

_NODE_PROGRAMS = (
    "node",
    "npm",
    "yarn",
    "pnpm",
    "npx",
    "pm2",
    "pm2-runtime",
    "next",
    "nuxt",
    "nest",
    "tsx",
)
# Yarn 1 has no prune: its `install --production` removes instead. Scripts of modules ran at the
# first installation.
_PRUNE_COMMANDS = {
    "package-lock.json": "npm prune --omit=dev --no-save",
    "npm-shrinkwrap.json": "npm prune --omit=dev --no-save",
    "yarn.lock": "yarn install --production --ignore-scripts --prefer-offline && yarn cache clean",
    "pnpm-lock.yaml": "pnpm prune --prod",
}
# npm would change the modules to the versions of a lock that came after them.
_PRUNE_WITHOUT_LOCK = "npm prune --omit=dev --no-save --no-package-lock"

_BUNDLERS = frozenset(read_names("bot.rewrite", "bundlers.txt", "bundlers"))
_GLOBAL_TOOLS = frozenset(read_names("bot.rewrite", "bundlers.txt", "global tools"))
_GLOBAL_MODULE = re.compile(r"(?:usr/(?:local/)?)?lib/node_modules/(?P<name>(?:@[^/]+/)?[^/]+)")
# A file of the server that a framework makes, and what it makes it of.
_DRAFTS = {
    ".output/nitro.json": (".nuxt",),
    "build/handler.js": (".svelte-kit", "src", "static", "svelte.config.js", "vite.config.js"),
}
_FRAMEWORKS = ("vite", "nuxt", "nuxi")
# What `next build` bundles, beside scripts; what is in `public` is served as it is.
_NEXT_OUTPUT = ".next/BUILD_ID"
_NEXT_INPUTS = re.compile(
    r"(?:app|pages|src|components|styles)/.*"
    r"\.(?:css|s[ac]ss|less|ico|svg|png|jpe?g|gif|webp|avif|woff2?|[ot]tf)"
)
_TYPESCRIPT = re.compile(r"(?<!\.d)\.(?:tsx?|mts|cts)$")
_OUTPUT_FOLDERS = ("build", "dist", "out")  # create-react-app; Vite, Vue, Angular; `next export`


def _applies(facts: BuildFacts, startup: Startup) -> bool:
    return any(_runs_node(facts, command) for command in startup.commands)


def _runs_node(facts: BuildFacts, command: tuple[str, ...]) -> bool:
    if posixpath.basename(command[0]) in _NODE_PROGRAMS:
        return True
    path = facts.built.find_program(command[0])
    entry = facts.built.own_files.get(path or "")
    return bool(path and entry and entry.size < 1 << 20) and (
        facts.built.read_text(path or "").partition("\n")[0].endswith("node")
    )


def _list_pruning_instructions(facts: BuildFacts, startup: Startup) -> Iterable[str]:
    """Yield the instructions that remove development dependencies, where some are installed."""
    package = read_package(facts, find_package_folder(facts))
    # The development dependencies of workspaces are named in files of their own.
    if "workspaces" not in package and not _has_dev_dependencies(facts, package):
        return
    if any(_is_dev_dependency(facts, command[0], package) for command in startup.commands):
        return
    modules = posixpath.join(find_package_folder(facts), "node_modules/")
    owners = {
        entry.uid for path, entry in facts.built.own_files.items() if path.startswith(modules)
    }
    command = _choose_prune_command(facts)
    if command and owners:
        if 0 in owners and facts.build_user not in ROOT_NAMES:
            yield "USER root"  # the owner of the modules; the last stage is not affected
        yield f"RUN {command}"


def _has_build_tools(facts: BuildFacts, startup: Startup) -> bool:
    """Return True if development dependencies are installed, and can be removed."""
    package = read_package(facts, find_package_folder(facts))
    return _has_dev_dependencies(facts, package) and any(
        True for _ in _list_pruning_instructions(facts, startup)
    )


def _has_dev_dependencies(facts: BuildFacts, package: Mapping[str, object]) -> bool:
    """Return True if development dependencies are installed: many builds remove them themselves."""
    modules = posixpath.join(find_package_folder(facts), "node_modules")
    names = _read_names(package, "devDependencies")
    return any(facts.built.paths.resolve(posixpath.join(modules, name)) for name in names)


def _is_dev_dependency(facts: BuildFacts, program: str, package: Mapping[str, object]) -> bool:
    """Return True if a development dependency has the program, as `vite` in `vite preview`."""
    modules = posixpath.join(find_package_folder(facts), "node_modules")
    real = (
        facts.built.paths.resolve(posixpath.join(modules, ".bin", posixpath.basename(program)))
        or ""
    )
    inside = real.removeprefix(f"{modules}/").split("/")
    name = "/".join(inside[:2] if inside[0].startswith("@") else inside[:1])
    dependencies = package.get("devDependencies")
    return isinstance(dependencies, dict) and name in dependencies


def _choose_prune_command(facts: BuildFacts) -> str:
    """Return the command of the package manager by its lock file, or of npm; "" for none."""
    folder, layers = find_package_folder(facts), facts.built.image.layer_by_path
    # What npm has installed, whatever the lock file is of.
    hidden_lock = posixpath.join(folder, "node_modules/.package-lock.json")
    for lock, command in _PRUNE_COMMANDS.items():
        path = posixpath.join(folder, lock)
        if path in facts.built.tree:
            is_later = layers[path] > layers.get(hidden_lock, layers[path])
            return _PRUNE_WITHOUT_LOCK if is_later else command
    return _PRUNE_COMMANDS["package-lock.json"] if facts.built.which("npm") else ""


def _list_excluded_paths(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the folders of front ends (their pages are required), and tools that nothing starts."""
    yield from (f"/{folder}" for folder, _ in _find_nested_frontends(facts, startup))
    started = {*startup.program_names, *(x for command in startup.commands for x in command)}
    yield from _list_drafts(facts, started)
    if "dev" not in started:
        yield from _list_inputs_of_next(facts)
    for path, entry in facts.built.own_files.items():
        match = _GLOBAL_MODULE.match(path) or _GLOBAL_MODULE.search(entry.link)
        if match and match["name"] in _GLOBAL_TOOLS and match["name"] not in started:
            yield f"/{path}" if entry.link else f"/{match[0]}"


def _list_drafts(facts: BuildFacts, started: Set[str]) -> Iterator[str]:
    """Yield what a framework made a server of, unless the framework itself is started."""
    for output, names in _DRAFTS.items() if started.isdisjoint(_FRAMEWORKS) else ():
        for path in facts.built.own_files:
            if f"/{path}".endswith(f"/{output}") and not IN_DEPENDENCIES.search(path):
                yield from (f"/{path.removesuffix(output)}{name}" for name in names)


def _list_inputs_of_next(facts: BuildFacts) -> Iterator[str]:
    """Yield the styles, pictures and fonts that are in the output of `next build`."""
    folder = find_package_folder(facts)
    if posixpath.join(folder, _NEXT_OUTPUT) not in facts.built.tree:
        return
    prefix = posixpath.join(folder, "")
    for path in facts.built.own_files:
        if path.startswith(prefix) and _NEXT_INPUTS.fullmatch(path[len(prefix) :]):
            yield f"/{path}"


def _list_required_paths(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the pages of nested front ends, and settings and sources of tools that are started."""
    yield from (f"/{output}" for _, output in _find_nested_frontends(facts, startup))
    words = {posixpath.basename(word) for command in startup.commands for word in command}
    yield from (f"/{path}" for path in find_tool_settings(facts.built.own_files, words))
    # `ts-node src/index.ts` compiles what it imports, even if `tsc` has compiled it before.
    if any(map(_TYPESCRIPT.search, words)):
        for path in facts.built.own_files:
            if _TYPESCRIPT.search(path) and not IN_DEPENDENCIES.search(path):
                yield f"/{path}"


def _find_nested_frontends(facts: BuildFacts, startup: Startup) -> Iterator[tuple[str, str]]:
    """Yield the folders of front ends in the project, with those of their pages."""
    root = find_package_folder(facts)
    words = " ".join(word for command in startup.commands for word in command)
    for path in facts.built.own_files:
        folder, _, name = path.rpartition("/")
        if name != "package.json" or not folder or folder == root or "node_modules/" in path:
            continue
        # `node client/server.js` runs in it: it is no front end alone.
        if f"{posixpath.basename(folder)}/" in words or root.startswith(f"{folder}/"):
            continue
        package = read_package(facts, folder)
        names = {*_read_names(package, "dependencies"), *_read_names(package, "devDependencies")}
        outputs = (f"{folder}/{output}" for output in _OUTPUT_FOLDERS)
        pages = next((x for x in outputs if f"{x}/index.html" in facts.built.own_files), "")
        if names & _BUNDLERS and pages and not came_from_context(facts, f"{pages}/index.html"):
            yield folder, pages


def _read_names(package: Mapping[str, object], key: str) -> Iterable[str]:
    group = package.get(key)
    return group if isinstance(group, dict) else ()


def _list_base_images(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    base = facts.rule_input.base_image or ""
    yield from list_slim_variants(base)
    if split_reference(base).name == "node":
        yield base
    elif any(x == "nodejs" for x in facts.package_graph.packages):
        yield from list_distribution_images(facts.built.os_release, base)


ECOSYSTEM = Ecosystem(
    name="node",
    title="Node",
    applies=_applies,
    toolchain_programs=("gcc", "g++", "make", "python3", "tsc", "webpack"),
    residue_paths=(
        "~/.node-gyp",
        "~/.yarn",
        "/usr/local/share/.cache",
        "~/.local/share/pnpm",
        "~/.local/state/pnpm",
        "/opt/yarn-*",
    ),
    source_pattern=compile_sections("bot.rewrite", "sources.txt", "node"),
    ships_sources=True,
    build_package_pattern=re.compile(r"python3?(?:-minimal)?"),  # for node-gyp
    accepted_changes={"ENV YARN_VERSION": "Yarn is not shipped"},
    required_paths=_list_required_paths,
    excluded_paths=_list_excluded_paths,
    has_build_tools=_has_build_tools,
    pruning_instructions=_list_pruning_instructions,
    base_images=_list_base_images,
)
