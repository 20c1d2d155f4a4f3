"""Evidence that an image has a program: its Dockerfile says what starts, or copies sources.

Extensions alone on PHP's image are for sources that developers or tests mount: shlinkio/shlink. So
are dependencies alone: ChainBoard/ChainBoard starts `rails server` and copies a Gemfile.
"""

from bot.advise.build_stage_worth import may_copy_sources
from bot.advise.compose_uses import list_compose_uses, mounts_sources
from bot.advise.copy_targets import is_copy, lacks_program, list_copy_sources
from bot.advise.started_commands import read_start_commands
from bot.advise.subject import RuleInput
from bot.dockerfile.shell_calls import Call
from bot.image.archives.reference import split_reference

_CLONING_PROGRAMS = ("git", "svn", "hg", "bzr")
# `composer create-project`, `rails new`, `django-admin startproject`
_CREATING_WORDS = frozenset({"create", "create-project", "new", "startproject"})


def has_program(rule_input: RuleInput) -> bool:
    """Return True if a Dockerfile starts something, or has the sources of what its base starts.

    Not if all that it copies are lists of dependencies, unless it also fetches a program, or if
    it copies no sources, and each compose file that builds it mounts them.
    """
    # Its triggers copy the sources: `golang:onbuild`.
    if "onbuild" in split_reference(rule_input.base_image or "").tag:
        return True
    if _has_dependencies_alone(rule_input):
        return False
    if any(map(may_copy_sources, filter(is_copy, rule_input.steps))):
        return True
    is_mounted = mounts_sources(rule_input, rule_input.ask_once(list_compose_uses))
    return bool(read_start_commands(rule_input).commands) and not is_mounted


def _has_dependencies_alone(rule_input: RuleInput) -> bool:
    """Return True if lists of dependencies are copied, and nothing else but scripts."""
    copies = filter(is_copy, rule_input.steps)
    sources = (source for copy in copies for source in list_copy_sources(copy))
    is_listed = any(not source.endswith((".sh", ".bash")) for source in sources)
    calls = rule_input.list_run_calls()
    return lacks_program(rule_input) and is_listed and not any(map(_fetches_program, calls))


def _fetches_program(call: Call) -> bool:
    """Return True for a clone, and for a command that makes a project."""
    is_created = not _CREATING_WORDS.isdisjoint(call.known_arguments[:2])
    return call.name in _CLONING_PROGRAMS or is_created
