"""Elixir and Erlang: the release that `mix release` made, with its own runtime."""

import re
from collections.abc import Iterator

from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.startup import Startup

_RELEASE_SCRIPT = re.compile(r"^(?P<root>.*/rel/[^/]+|.+)/bin/[^/]+$")


def _applies(facts: BuildFacts, startup: Startup) -> bool:
    return any(True for _ in _find_releases(facts, startup))


def _find_releases(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """The folders of the releases that are started: they hold `releases/` and `lib/`."""
    for script in startup.scripts:
        found = _RELEASE_SCRIPT.match(script)
        if found and f"{found['root']}/releases/start_erl.data" in facts.built.tree:
            yield f"/{found['root']}"


def _list_excluded_paths(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    prefix = f"/{facts.workdir}" if facts.built.workdir else ""
    yield from (f"{prefix}/_build", f"{prefix}/deps")


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
    source_pattern=re.compile(r"\.(?:ex|exs|erl|hrl)$|(?:^|/)(?:mix\.lock|rebar\.config)$"),
    build_package_pattern=re.compile(r"elixir|erlang\S*"),
    required_paths=_find_releases,
    excluded_paths=_list_excluded_paths,
)
