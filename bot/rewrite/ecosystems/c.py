"""C and C++: what was linked or installed, and the libraries of the system that it loads."""

import re
from collections.abc import Iterator

from bot.rewrite.build_facts import World
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.ecosystems.elf_programs import started_programs
from bot.rewrite.startup import Launch


def _build_trees(world: World, launch: Launch) -> Iterator[str]:
    """The folders that CMake, Meson or Ninja built in."""
    for path in world.own:
        folder, _, name = path.rpartition("/")
        if name in ("CMakeCache.txt", "build.ninja"):
            yield f"/{folder}"


def _applies(world: World, launch: Launch) -> bool:
    return any(True for _ in started_programs(world, launch))


ECOSYSTEM = Ecosystem(
    name="c",
    title="C or C++",
    applies=_applies,
    tools=("gcc", "cc", "g++", "clang", "make", "cmake"),
    residue=("/usr/local/include", "/usr/local/share/aclocal", "/usr/src", "/usr/local/src"),
    sources=re.compile(
        r"\.(?:c|cc|cpp|cxx|h|hh|hpp|hxx|o|a|la|lo|d|in|am|ac|m4|cmake|pc|gch)$|"
        r"(?:^|/)(?:CMakeLists\.txt|CMakeCache\.txt|CMakeFiles/|Makefile|GNUmakefile|configure$|"
        r"config\.(?:log|status|h)|build\.ninja|\.ninja_\w+|compile_commands\.json|meson\.build)"
    ),
    drops=_build_trees,
    explained={f"ENV {name}": "only the compiler reads it" for name in ("GCC_VERSION", "GPG_KEYS")},
)
