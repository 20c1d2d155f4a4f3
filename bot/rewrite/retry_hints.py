"""Hints for the next attempt, from the regressions of one that failed."""

import posixpath
import re
from collections.abc import Iterable
from dataclasses import replace

from bot.model.proof import Regression, RegressionKind
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.called_programs import find_script_packages
from bot.rewrite.ecosystem import Ecosystem
from bot.rewrite.package_install import find_header_libraries
from bot.rewrite.plan import RetryHints

# Failures that a copy in another place may have caused: other files, contents or modes than through
# the build stage, or an install that did need the sources.
_KINDS_OF_MOVED_COPIES = (
    RegressionKind.BUILD,
    RegressionKind.CONTENT,
    RegressionKind.MODE,
    RegressionKind.BEHAVIOUR,
)
# Where what is missing was taken away by the pruning of development dependencies.
_MODULE_FOLDERS = re.compile(r"/(?:node_modules|vendor|bundle|site-packages)/")


def hints_from(
    facts: BuildFacts, hints: RetryHints, regressions: Iterable[Regression]
) -> RetryHints:
    """Return the hints with those of the regressions; unchanged if they teach nothing."""
    for regression in regressions:
        hints = _add_hint(facts, hints, regression)
        if regression.kind in _KINDS_OF_MOVED_COPIES:
            hints = replace(hints, skip_moving=True)
        # A command that runs again may make other bytes: as it was, its layer is taken from the
        # builder's cache.
        if regression.kind is RegressionKind.CONTENT:
            hints = replace(hints, skip_mounts=True)
    return hints


def explain_refusal(
    facts: BuildFacts, ecosystem: Ecosystem, regressions: Iterable[Regression]
) -> str:
    """Return why no further attempt helps: the program calls its toolchain; empty if one may.

    A tool of a package is installed again; `go` or `javac` is more than the file of that name.
    """
    for regression in regressions:
        name = posixpath.basename(regression.subject)
        if regression.kind is RegressionKind.TOOLCHAIN:
            return f"it calls its toolchain when it runs: {regression.message.removesuffix('.')}"
        is_program = regression.kind is RegressionKind.PROGRAM and regression.path
        if is_program and name in ecosystem.toolchain_programs:
            real = facts.built.paths.resolve(regression.path) or regression.path.strip("/")
            is_script = facts.built.read_text(real).startswith("#!")
            if not is_script and facts.package_graph.find_owner(real) is None:
                return (
                    f"it calls its toolchain when it runs: {regression.message.removesuffix('.')}"
                )
    return ""


def _add_hint(facts: BuildFacts, hints: RetryHints, regression: Regression) -> RetryHints:
    subject = regression.subject
    match regression.kind:
        case RegressionKind.LIBRARY | RegressionKind.PROGRAM | RegressionKind.INTERPRETER if (
            regression.path
        ):
            hints = _require_program(facts, hints, regression)
        case RegressionKind.FILE if _MODULE_FOLDERS.search(subject):
            hints = replace(hints, skip_pruning=True, skip_moving=True)
        case RegressionKind.FILE:
            hints = _require_path(facts, hints, subject)
        case RegressionKind.FOLDER:
            hints = replace(hints, folders=hints.folders | {subject})
        case RegressionKind.PACKAGE:
            hints = replace(hints, packages=hints.packages | {subject})
        case RegressionKind.USER:
            hints = replace(hints, users=hints.users | {subject})
        case RegressionKind.SETTING if subject.startswith("ENV "):
            hints = replace(hints, variables=hints.variables | {subject.removeprefix("ENV ")})
        # The outputs differ, and nothing says what is missing: all that was left out on a guess
        # comes back at once, since there are few attempts.
        case RegressionKind.BEHAVIOUR:
            packages = find_header_libraries(facts) | find_script_packages(facts)
            hints = replace(hints, skip_pruning=True, packages=hints.packages | packages)
        case RegressionKind.BUILD:
            hints = replace(hints, skip_pruning=True)
    return hints


def _require_program(facts: BuildFacts, hints: RetryHints, regression: Regression) -> RetryHints:
    """Add the package that brings a program under the name that is called, or the file itself."""
    link_path = facts.built.which(regression.subject) or ""
    paths = (link_path, facts.built.paths.resolve(link_path) or "", regression.path.strip("/"))
    owner = facts.package_graph.find_program_owner(*paths)
    # For a missing library or interpreter, the package of the program that needs it is no answer.
    if regression.kind is RegressionKind.PROGRAM and owner:
        return replace(hints, packages=hints.packages | {owner})
    return _require_path(facts, hints, regression.path)


def _require_path(facts: BuildFacts, hints: RetryHints, path: str) -> RetryHints:
    """Add the package that owns a file or, without one, the file itself."""
    real = facts.built.paths.resolve(path) or path.strip("/")
    owner = facts.package_graph.find_owner(real) or facts.package_graph.find_owner(path.strip("/"))
    # A package brings its libraries and stays updatable; a copied file of one does neither.
    if owner:
        return replace(hints, packages=hints.packages | {owner})
    return replace(hints, paths=hints.paths | {path.strip("/"), real})
