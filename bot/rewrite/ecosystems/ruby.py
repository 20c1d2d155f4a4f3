"""Ruby: the bundle at its place, and the application."""

import posixpath
import re
from collections.abc import Iterator

from bot.advise.base_images import interpreters
from bot.rewrite.build_facts import World
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.startup import Launch

_RUNNERS = ("ruby", "bundle", "rackup", "puma", "rails", "unicorn", "thin", "sidekiq", "rake")


def _applies(world: World, launch: Launch) -> bool:
    return any(posixpath.basename(command[0]) in _RUNNERS for command in launch.commands)


def _bases(world: World, launch: Launch) -> Iterator[str]:
    return interpreters(world.subject.base or "", "ruby", world.release)


ECOSYSTEM = Ecosystem(
    name="ruby",
    title="Ruby",
    applies=_applies,
    tools=("gcc", "cc", "g++", "make"),
    residue=(
        *(
            "~/.bundle/cache",
            "~/.gem/specs",
            "/usr/local/bundle/cache",
            "/usr/local/bundle/ruby/*/cache",
        ),
        *("/usr/local/include", "/usr/src"),
    ),
    sources=re.compile(r"(?:^|/)(?:spec|test)/.*_(?:spec|test)\.rb$|\.(?:c|o)$|(?:^|/)tmp/cache/"),
    bases=_bases,
)
