"""Elixir and Erlang: the release that `mix release` made, with its own runtime."""

import posixpath
import re
from collections.abc import Iterator

from bot.pattern_lists import compile_sections
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.startup import Startup

_RELEASE_SCRIPT = re.compile(r"^(?P<root>.*/rel/[^/]+|.+)/bin/[^/]+$")


def _applies(facts: BuildFacts, startup: Startup) -> bool:
    return any(True for _ in _find_releases(facts, startup))


def _find_releases(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield the folders of started releases, which hold `releases/` and `lib/`."""
    for script in startup.scripts:
        match = _RELEASE_SCRIPT.match(script)
        if match and f"{match['root']}/releases/start_erl.data" in facts.built.tree:
            yield f"/{match['root']}"


def _list_excluded_paths(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    # A release is below _build by default: required paths win over these.
    for name in ("_build", "deps"):
        yield posixpath.join("/", facts.workdir, name)


ECOSYSTEM = Ecosystem(
    name="elixir",
    title="Elixir",
    applies=_applies,
    toolchain_programs=("mix", "elixir", "erlc"),
    residue_paths=(
        "~/.mix",
        "~/.hex",
        "/usr/local/lib/elixir",
        "/usr/local/lib/erlang",
        "/opt/mix",
    ),
    source_pattern=compile_sections("bot.rewrite", "sources.txt", "elixir"),
    build_package_pattern=re.compile(r"elixir|erlang\S*"),
    required_paths=_find_releases,
    excluded_paths=_list_excluded_paths,
)
