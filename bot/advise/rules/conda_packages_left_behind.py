"""Archives and unpacked packages that conda keeps beside the environment."""

from collections.abc import Iterator

from bot.advise.finding import Finding
from bot.advise.package_caches import Manager, left_behind
from bot.advise.subject import Subject

_VERBS = ("install", "create", "update", "env", "upgrade")
_PLACES = ("/opt/*/pkgs", "~/*/pkgs", "~/.conda/pkgs")
_MANAGERS = tuple(
    Manager(name, _VERBS, _PLACES, f"{name} clean -afy")
    for name in ("conda", "mamba", "micromamba")
)


def find(subject: Subject) -> Iterator[Finding]:
    """Every `RUN` that installs packages and does not clean up."""
    return left_behind(
        subject,
        _MANAGERS,
        "Let conda clean up in the RUN that installed",
        "The environment has its packages; the archives that they came in are not read again.",
    )
