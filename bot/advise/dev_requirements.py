"""Requirements of pip that are for development, by the names of their files and extras."""

import posixpath
import re

from bot.advise.copy_targets import iter_context_copies, list_copy_sources
from bot.advise.requirement_files import REQUIREMENT_OPTIONS, list_named_files
from bot.advise.subject import RuleInput
from bot.dockerfile.shell_calls import Call

# `requirements-dev.txt`, `dev-requirements.txt`, `requirements/test.txt`, and extras: `.[dev]`.
_DEV_REQUIREMENTS = re.compile(
    r"(?:^|[/_.-])(?:dev|devl|devel|develop|development|lint|qa|tests?|testing)(?:[_.-]|$)"
)
_DEV_EXTRA = re.compile(r"\[(?:[^\]]*,)?\s*(?:dev|develop|development|lint|tests?|testing)\s*[,\]]")
# What is copied for an installation and a start: the sources of such an image are mounted.
_NO_SOURCES = re.compile(
    r"(?:^|/)(?:[\w.-]*requirements(?:[/.-].*)?|[\w.-]*entrypoint[\w.-]*)/?$"
    r"|\.(?:sh|bash|txt|pip|toml|lock)$"
)


def installs_requirements(call: Call) -> bool:
    """Return True if pip installs a project, or a file of what its program needs."""
    if not _is_pip_install(call):
        return False
    words = [word.text.strip("\"'") for word in call.arguments]
    is_project = any(word in (".", "./") or word.startswith(".[") for word in words)
    files = list_named_files(call, REQUIREMENT_OPTIONS)
    return is_project or any(not _is_for_development(name) for name in files)


def installs_dev_requirements(call: Call, *, has_others: bool) -> bool:
    """Return True for `pip install -r requirements-dev.txt` and `pip install -e .[test]`.

    A file whose requirements are the only ones has what the program needs, too.
    """
    if not _is_pip_install(call):
        return False
    words = [word.text.strip("\"'") for word in call.arguments]
    is_file = any(map(_is_for_development, list_named_files(call, REQUIREMENT_OPTIONS)))
    is_extra = any(word.startswith(".") and _DEV_EXTRA.search(word) for word in words)
    return (is_file and has_others) or is_extra


def has_only_dev_requirements(rule_input: RuleInput) -> bool:
    """Return True for an image that installs what developers need, and has no sources."""
    calls = rule_input.list_run_calls()
    copies = iter_context_copies(rule_input.steps)
    return (
        any(installs_dev_requirements(call, has_others=True) for call in calls)
        and not any(map(installs_requirements, calls))
        and all(_NO_SOURCES.search(source) for copy in copies for source in list_copy_sources(copy))
    )


def _is_pip_install(call: Call) -> bool:
    return call.runs_subcommand("pip", "install") or call.runs_subcommand("uv", "pip install")


def _is_for_development(requirements_file: str) -> bool:
    return bool(_DEV_REQUIREMENTS.search(posixpath.normpath(requirements_file)))
