"""Ruby: the bundle where it is, and the application."""

import posixpath
from collections.abc import Iterator

from bot.advise.base_images import list_interpreter_images
from bot.pattern_lists import compile_sections
from bot.rewrite.asset_tools import ASSET_PACKAGES, list_asset_tools
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.script_interpreter import is_script_of
from bot.rewrite.startup import Startup

_RUBY_PROGRAMS = ("ruby", "bundle", "rackup", "puma", "rails", "unicorn", "thin", "sidekiq", "rake")


def _applies(facts: BuildFacts, startup: Startup) -> bool:
    return any(_runs_ruby(facts, command[0]) for command in startup.commands)


def _runs_ruby(facts: BuildFacts, program: str) -> bool:
    # The program of a gem (`/usr/local/bundle/bin/rubocop`) begins with `#!/usr/local/bin/ruby`.
    return posixpath.basename(program) in _RUBY_PROGRAMS or is_script_of(facts, program, "ruby")


def _list_base_images(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    return list_interpreter_images(
        facts.rule_input.base_image or "", "ruby", facts.built.os_release
    )


ECOSYSTEM = Ecosystem(
    name="ruby",
    title="Ruby",
    applies=_applies,
    toolchain_programs=("gcc", "cc", "g++", "make"),
    residue_paths=(
        "~/.bundle/cache",
        "~/.gem/specs",
        "~/.local/share/gem",
        "/usr/local/bundle/cache",
        "/usr/local/bundle/ruby/*/cache",
        "/usr/local/include",
        "/usr/src",
    ),
    source_pattern=compile_sections("bot.rewrite", "sources.txt", "ruby"),
    ships_sources=True,
    build_package_pattern=ASSET_PACKAGES,
    base_images=_list_base_images,
    pruned_paths=list_asset_tools,
    looks_up_services=True,
)
