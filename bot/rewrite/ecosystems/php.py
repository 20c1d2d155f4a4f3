"""PHP: the application with its vendor folder, and the extensions that were compiled for it."""

import re
from collections.abc import Iterable, Iterator

from bot.advise.base_images import distribution, read_reference
from bot.rewrite.build_facts import World
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.startup import Launch

_RUNNERS = re.compile(r"php[\d.]*|php-fpm[\d.]*|apache2-foreground|apachectl|apache2ctl|frankenphp")


def _applies(world: World, launch: Launch) -> bool:
    runners = any(_RUNNERS.fullmatch(name) for name in launch.names)
    return runners or ("apache2" in launch.names and world.which("php") is not None)


def _bases(world: World, launch: Launch) -> Iterator[str]:
    base = world.subject.base or ""
    if read_reference(base).name == "php":
        yield base
    else:
        yield from distribution(world.release)


def _prepare(world: World, launch: Launch) -> Iterable[str]:
    """Development dependencies go where Composer installed them."""
    folder = world.workdir
    has_dev = '"dev": true' in world.text(f"{folder}/vendor/composer/installed.json")
    if has_dev and world.which("composer"):
        yield "RUN composer install --no-dev --no-scripts --no-interaction --optimize-autoloader"


ECOSYSTEM = Ecosystem(
    name="php",
    title="PHP",
    applies=_applies,
    tools=("gcc", "cc", "make", "composer"),
    residue=("~/.composer", "/usr/src", "/usr/local/include"),
    sources=re.compile(r"(?:^|/)tests?/.*Test\.php$|(?:^|/)phpunit\.xml(?:\.dist)?$|\.(?:o|lo)$"),
    packages=re.compile(r"composer"),
    bases=_bases,
    prepare=_prepare,
)
