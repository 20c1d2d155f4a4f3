"""The checks that start no container, in the order of the verifier's log."""

from collections.abc import Iterator

from bot.model.proof import Regression
from bot.verify.checks import (
    changed_files,
    configuration,
    entry_point,
    executed_programs,
    lost_files,
    perl_modules,
    permissions,
    shared_libraries,
    system_files,
    system_packages,
)
from bot.verify.image_pair import ImagePair

# Later checks leave out what earlier ones reported: a program of the command is missing once, and
# not again as one that sources start.
CHECKS = {
    "configuration": configuration.check,
    "entry point": entry_point.check,
    "ELF closure": shared_libraries.check,
    "lost files": lost_files.check,
    "contents": changed_files.check,
    "permissions": permissions.check,
    "executed programs": executed_programs.check,
    "Perl modules": perl_modules.check,
    "certificates, time zones, locales, users, health check": system_files.check,
    "packages": system_packages.check,
}


def check_all(pair: ImagePair) -> Iterator[tuple[str, tuple[Regression, ...]]]:
    """Yield each check's name with its regressions, without those of earlier checks."""
    reported: set[tuple[str, str]] = set()
    for name, check in CHECKS.items():
        regressions = [x for x in check(pair) if (x.kind, x.subject) not in reported]
        reported |= {(x.kind, x.subject) for x in regressions}
        yield name, tuple({(x.kind, x.subject): x for x in regressions}.values())
