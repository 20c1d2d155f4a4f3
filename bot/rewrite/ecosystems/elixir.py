"""Elixir and Erlang: the release that `mix release` made, with its own runtime."""

import re
from collections.abc import Iterator

from bot.rewrite.build_facts import World
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.startup import Launch

_RELEASE = re.compile(r"^(?P<root>.*/rel/[^/]+|.+)/bin/[^/]+$")


def _applies(world: World, launch: Launch) -> bool:
    return any(True for _ in _releases(world, launch))


def _releases(world: World, launch: Launch) -> Iterator[str]:
    """The folders of the releases that are started: they hold `releases/` and `lib/`."""
    for script in launch.scripts:
        found = _RELEASE.match(script)
        if found and f"{found['root']}/releases/start_erl.data" in world.tree:
            yield f"/{found['root']}"


def _drops(world: World, launch: Launch) -> Iterator[str]:
    prefix = f"/{world.workdir}" if world.workdir else ""
    yield from (f"{prefix}/_build", f"{prefix}/deps")


ECOSYSTEM = Ecosystem(
    name="elixir",
    title="Elixir",
    applies=_applies,
    tools=("mix", "elixir", "erlc"),
    residue=("~/.mix", "~/.hex", "/usr/local/lib/elixir", "/usr/local/lib/erlang", "/opt/mix"),
    sources=re.compile(r"\.(?:ex|exs|erl|hrl)$|(?:^|/)(?:mix\.lock|rebar\.config)$"),
    packages=re.compile(r"elixir|erlang\S*"),
    keeps=_releases,
    drops=_drops,
)
