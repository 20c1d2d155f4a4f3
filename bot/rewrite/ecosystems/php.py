"""PHP: the application with its vendor folder, and the extensions that were compiled for it."""

import re
from collections.abc import Iterable, Iterator

from bot.advise.base_images import list_distribution_images
from bot.image.archives.reference import split_reference
from bot.pattern_lists import compile_sections
from bot.rewrite.asset_tools import ASSET_PACKAGES, list_asset_tools
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.script_interpreter import is_script_of
from bot.rewrite.startup import Startup

_PHP_PROGRAMS = re.compile(
    r"php[\d.]*|php-fpm[\d.]*|apache2-foreground|apachectl|apache2ctl|frankenphp"
)


def _applies(facts: BuildFacts, startup: Startup) -> bool:
    runners = any(_PHP_PROGRAMS.fullmatch(name) for name in startup.program_names)
    if runners or ("apache2" in startup.program_names and facts.built.which("php") is not None):
        return True
    # `bin/console`, or an archive of PHP, begins with `#!/usr/bin/env php`.
    return any(is_script_of(facts, command[0], "php") for command in startup.commands)


def _list_base_images(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    base = facts.rule_input.base_image or ""
    if split_reference(base).name == "php":
        yield base
    else:
        yield from list_distribution_images(facts.built.os_release, base)


def _list_pruning_instructions(facts: BuildFacts, startup: Startup) -> Iterable[str]:
    """Yield the instruction that removes development dependencies, if Composer installed them."""
    folder = facts.workdir
    # Composer 2 notes there how it was last called; with --no-dev there is nothing to remove.
    has_dev = '"dev": true' in facts.built.read_text(f"{folder}/vendor/composer/installed.json")
    if has_dev and facts.built.which("composer"):
        # Scripts of the project ran at the first installation, and may need what is removed here.
        options = f"--no-dev --no-scripts --no-interaction {_find_autoloader(facts)}"
        yield f"RUN composer install {options}"


def _find_autoloader(facts: BuildFacts) -> str:
    """Return the option for the autoloader, which is written again, as the Dockerfile chose it."""
    calls = [
        call
        for step in facts.rule_input.iter_runs()
        for call in step.calls
        if call.name == "composer"
    ]
    is_authoritative = any(call.has_option("-a", "--classmap-authoritative") for call in calls)
    return "--classmap-authoritative" if is_authoritative else "--optimize-autoloader"


def _list_pruned_paths(facts: BuildFacts, startup: Startup) -> Iterator[str]:
    """Yield Composer, which no start calls, and what compiles assets."""
    path = facts.built.which("composer")
    if path in facts.built.own_files and "composer" not in startup.program_names:
        yield f"/{path}"
    yield from list_asset_tools(facts, startup)


ECOSYSTEM = Ecosystem(
    name="php",
    title="PHP",
    applies=_applies,
    toolchain_programs=("gcc", "cc", "make", "composer"),
    residue_paths=(
        "~/.composer",
        "~/.config/composer",
        "~/.local/share/composer",
        "/usr/src",
        "/usr/local/include",
    ),
    source_pattern=compile_sections("bot.rewrite", "sources.txt", "php"),
    ships_sources=True,
    build_package_pattern=re.compile(rf"composer|{ASSET_PACKAGES.pattern}"),
    base_images=_list_base_images,
    pruning_instructions=_list_pruning_instructions,
    pruned_paths=_list_pruned_paths,
    looks_up_services=True,
)
