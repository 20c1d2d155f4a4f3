"""Node servers: what was built, and the modules that are no development dependencies."""

import json
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping

from bot.advise.base_images import distribution, read_reference, slim_variants
from bot.model.candidate import Probe
from bot.rewrite.build_facts import World
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.startup import Launch

_RUNNERS = (
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
_PRUNE = {
    "package-lock.json": "npm prune --omit=dev --no-save && npm cache clean --force",
    "npm-shrinkwrap.json": "npm prune --omit=dev --no-save && npm cache clean --force",
    "yarn.lock": "yarn install --production --ignore-scripts --prefer-offline && yarn cache clean",
    "pnpm-lock.yaml": "pnpm prune --prod",
}


def _applies(world: World, launch: Launch) -> bool:
    return any(_is_node(world, command) for command in launch.commands)


def _is_node(world: World, command: tuple[str, ...]) -> bool:
    if posixpath.basename(command[0]) in _RUNNERS:
        return True
    place = world.which(command[0])
    path = world.paths.real(place) if place else None
    entry = world.own.get(path or "")
    return bool(path and entry and entry.size < 1 << 20) and (
        world.text(path or "").partition("\n")[0].endswith("node")
    )


def folder_of(world: World) -> str:
    """The folder with the modules: the working folder, or the nearest above that has a package.json."""
    folder = world.workdir
    while folder and f"{folder}/package.json" not in world.tree:
        folder = posixpath.dirname(folder)
    return folder


def package_of(world: World) -> dict[str, object]:
    """What package.json says; empty if there is none."""
    try:
        found = json.loads(world.text(posixpath.join(folder_of(world), "package.json")))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _prepare(world: World, launch: Launch) -> Iterable[str]:
    """Development dependencies go where something was installed that only they need."""
    package = package_of(world)
    if not package.get("devDependencies") and "workspaces" not in package:
        return
    if any(_is_for_development(world, command[0], package) for command in launch.commands):
        return
    modules = posixpath.join(folder_of(world), "node_modules/")
    owners = {entry.uid for path, entry in world.own.items() if path.startswith(modules)}
    command = _pruning(world)
    if command and owners:
        if 0 in owners and world.settings.user not in ("", "0", "root"):
            yield "USER root"  # whose the modules are; nothing of it reaches the last stage
        yield f"RUN {command}"


def _is_for_development(world: World, program: str, package: Mapping[str, object]) -> bool:
    """Whether a development dependency has a program of that name, as `vite` in `vite preview`."""
    modules = posixpath.join(folder_of(world), "node_modules")
    real = world.paths.real(posixpath.join(modules, ".bin", posixpath.basename(program))) or ""
    inside = real.removeprefix(f"{modules}/").split("/")
    name = "/".join(inside[:2] if inside[0].startswith("@") else inside[:1])
    dependencies = package.get("devDependencies")
    return isinstance(dependencies, dict) and name in dependencies


def _pruning(world: World) -> str:
    """The command of the package manager whose lock file is there; npm's where there is none."""
    for lock, command in _PRUNE.items():
        if posixpath.join(folder_of(world), lock) in world.tree:
            return command
    return _PRUNE["package-lock.json"] if world.which("npm") else ""


def _bases(world: World, launch: Launch) -> Iterator[str]:
    base = world.subject.base or ""
    yield from slim_variants(base)
    if read_reference(base).name == "node":
        yield base
    elif any(x == "nodejs" for x in world.system.packages):
        yield from distribution(world.release)


def _probes(world: World, launch: Launch) -> Iterable[Probe]:
    return ()


ECOSYSTEM = Ecosystem(
    name="node",
    title="Node",
    applies=_applies,
    tools=("gcc", "g++", "make", "python3", "tsc", "webpack"),
    residue=(
        "~/.node-gyp",
        "~/.yarn",
        "/usr/local/share/.cache",
        "~/.local/share/pnpm",
        "/opt/yarn-*",
    ),
    sources=re.compile(
        r"(?<!\.d)\.(?:tsx?|mts|cts)$|\.tsbuildinfo$|(?:^|/)node_modules/\.cache/|"
        r"(?:^|/)tsconfig[\w.]*\.json$|(?:^|/)\.(?:eslintrc|prettierrc|babelrc)[\w.]*$"
    ),
    packages=re.compile(r"python3?(?:-minimal)?"),
    explained={f"ENV {name}": "Yarn is not shipped" for name in ("YARN_VERSION",)},
    prepare=_prepare,
    bases=_bases,
    probes=_probes,
)
