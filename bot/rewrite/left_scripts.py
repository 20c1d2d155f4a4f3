"""Scripts of a package.json for the database that call development packages.

`npm run migrate` is for people in the container, so that no start shows that it no longer works.
"""

import posixpath
import re
from collections.abc import Iterator

from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.package_json import find_package_folder, read_package

# Other scripts of development packages build, test or watch: nobody calls them in the container.
_DATABASE_SCRIPT = re.compile(r"^(?:db|migrat\w*|seed\w*|rollback|schema)(?:$|[:_-])")
_SEPARATOR = re.compile(r"&&|\|\||[;|]")
# What may stand in front of the program: launchers and variables.
_LAUNCHERS = frozenset({"npx", "cross-env", "env", "dotenv", "--", "-c"})


def describe_left_scripts(facts: BuildFacts) -> str:
    """Return a sentence that names the scripts and the packages; empty if there are none.

    It is for rewrites that remove development packages.
    """
    calls = dict(_list_calls(facts))
    if not calls:
        return ""
    names, packages = ", ".join(calls), ", ".join(dict.fromkeys(calls.values()))
    return (
        f" Of the scripts in package.json, these call development packages ({packages}), which stay"
        f" in the build stage: {names}."
    )


def _list_calls(facts: BuildFacts) -> Iterator[tuple[str, str]]:
    """Yield the scripts, each with the development package that it calls."""
    package = read_package(facts, find_package_folder(facts))
    scripts, dependencies = package.get("scripts"), package.get("devDependencies")
    if not isinstance(scripts, dict) or not isinstance(dependencies, dict):
        return
    for name, script in scripts.items():
        for part in _SEPARATOR.split(str(script)) if _DATABASE_SCRIPT.match(name) else ():
            module = _find_module(facts, _find_program(part))
            if module in dependencies:
                yield name, module


def _find_program(command: str) -> str:
    words = (word for word in command.split() if word not in _LAUNCHERS and "=" not in word)
    return next(words, "")


def _find_module(facts: BuildFacts, program: str) -> str:
    """Return the package of a program in `node_modules/.bin`; empty if there is none."""
    modules = posixpath.join(find_package_folder(facts), "node_modules")
    real = facts.built.paths.resolve(posixpath.join(modules, ".bin", program)) or ""
    steps = real.removeprefix(f"{modules}/").split("/") if real.startswith(f"{modules}/") else [""]
    return "/".join(steps[:2] if steps[0].startswith("@") else steps[:1])
