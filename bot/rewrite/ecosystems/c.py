"""C and C++: linked or installed programs, and the system libraries that they load."""

from collections.abc import Iterator

from bot.pattern_lists import compile_sections
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.ecosystems.elf_programs import find_started_programs
from bot.rewrite.startup import Startup


def _list_build_trees(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the folders that CMake, Meson or Ninja built in."""
    for path in facts.built.own_files:
        folder, _, name = path.rpartition("/")
        if name in ("CMakeCache.txt", "build.ninja"):
            yield f"/{folder}"


def _applies(facts: BuildFacts, startup: Startup) -> bool:
    return any(True for _ in find_started_programs(facts, startup))


ECOSYSTEM = Ecosystem(
    name="c",
    title="C or C++",
    applies=_applies,
    toolchain_programs=("gcc", "cc", "g++", "clang", "make", "cmake"),
    residue_paths=("/usr/local/include", "/usr/local/share/aclocal", "/usr/src", "/usr/local/src"),
    source_pattern=compile_sections("bot.rewrite", "sources.txt", "c"),
    excluded_paths=_list_build_trees,
    accepted_changes={
        f"ENV {name}": "only the compiler reads it" for name in ("GCC_VERSION", "GPG_KEYS")
    },
)
