"""Node servers: what was built, and the modules that are no development dependencies."""

import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from bot.advise.base_images import (
    list_distribution_images,
    list_slim_variants,
)
from bot.image.archives.reference import split_reference
from bot.model.candidate import Probe
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystem import Ecosystem
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
_PRUNE_COMMANDS = {
    "package-lock.json": "npm prune --omit=dev --no-save && npm cache clean --force",
    "npm-shrinkwrap.json": "npm prune --omit=dev --no-save && npm cache clean --force",
    "yarn.lock": "yarn install --production --ignore-scripts --prefer-offline && yarn cache clean",
    "pnpm-lock.yaml": "pnpm prune --prod",
}


def _applies(facts: BuildFacts, startup: Startup) -> bool:
    return any(_runs_node(facts, command) for command in startup.commands)


def _runs_node(facts: BuildFacts, command: tuple[str, ...]) -> bool:
    if posixpath.basename(command[0]) in _NODE_PROGRAMS:
        return True
    place = facts.built.which(command[0])
    path = facts.built.paths.resolve(place) if place else None
    entry = facts.built.own_files.get(path or "")
    return bool(path and entry and entry.size < 1 << 20) and (
        facts.built.read_text(path or "").partition("\n")[0].endswith("node")
    )


def find_package_folder(facts: BuildFacts) -> str:
    """The folder with the modules: the working folder, or the nearest above that has a package.json."""
    folder = facts.workdir
    while folder and f"{folder}/package.json" not in facts.built.tree:
        folder = posixpath.dirname(folder)
    return folder


def read_package_json(facts: BuildFacts) -> dict[str, object]:
    """What package.json says; empty if there is none."""
    try:
        found = json.loads(
            facts.built.read_text(posixpath.join(find_package_folder(facts), "package.json"))
        )
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _list_pruning_instructions(facts: BuildFacts, startup: Startup) -> Iterable[str]:
    """Development dependencies go where something was installed that only they need."""
    package = read_package_json(facts)
    if not package.get("devDependencies") and "workspaces" not in package:
        return
    if any(_is_dev_dependency(facts, command[0], package) for command in startup.commands):
        return
    modules = posixpath.join(find_package_folder(facts), "node_modules/")
    owners = {
        entry.uid for path, entry in facts.built.own_files.items() if path.startswith(modules)
    }
    command = _choose_prune_command(facts)
    if command and owners:
        if 0 in owners and facts.built.config.user not in ("", "0", "root"):
            yield "USER root"  # whose the modules are; nothing of it reaches the last stage
        yield f"RUN {command}"


def _is_dev_dependency(facts: BuildFacts, program: str, package: Mapping[str, object]) -> bool:
    """Whether a development dependency has a program of that name, as `vite` in `vite preview`."""
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
    """The command of the package manager whose lock file is there; npm's where there is none."""
    for lock, command in _PRUNE_COMMANDS.items():
        if posixpath.join(find_package_folder(facts), lock) in facts.built.tree:
            return command
    return _PRUNE_COMMANDS["package-lock.json"] if facts.built.which("npm") else ""


def _list_base_images(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    base = facts.rule_input.base_image or ""
    yield from list_slim_variants(base)
    if split_reference(base).name == "node":
        yield base
    elif any(x == "nodejs" for x in facts.package_graph.packages):
        yield from list_distribution_images(facts.built.os_release)


def _list_probes(facts: BuildFacts, startup: Startup) -> Iterable[Probe]:
    return ()


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
        "/opt/yarn-*",
    ),
    source_pattern=re.compile(
        r"(?<!\.d)\.(?:tsx?|mts|cts)$|\.tsbuildinfo$|(?:^|/)node_modules/\.cache/|"
        r"(?:^|/)tsconfig[\w.]*\.json$|(?:^|/)\.(?:eslintrc|prettierrc|babelrc)[\w.]*$"
    ),
    build_package_pattern=re.compile(r"python3?(?:-minimal)?"),
    accepted_changes={f"ENV {name}": "Yarn is not shipped" for name in ("YARN_VERSION",)},
    pruning_instructions=_list_pruning_instructions,
    base_images=_list_base_images,
    probes=_list_probes,
)
