"""Scripts that compile when the container runs: no `RUN` starts them, so that others do."""

import posixpath
import re
from collections.abc import Iterator

from bot.advise.copy_targets import iter_context_copies, list_copy_sources
from bot.advise.subject import RuleInput

_COMPILE = re.compile(
    r"(?m)(?:^|&&|[;|(]|\b(?:then|do|else|exec)\b)[ \t]*(?:\w+=\S*[ \t]+)*(?:\S*/)?"
    r"(?:cmake|emcmake|emcc|em\+\+|gcc|g\+\+|clang(?:\+\+)?|javac|rustc|cargo build|go build)"
    r"(?![\w.-])"
)
_MODE_PROGRAMS = ("chmod", "chown")


def find_run_time_build(rule_input: RuleInput) -> str:
    """Return the name of a copied script that compiles and that no `RUN` starts; empty if none.

    `compile.sh` of 9LiveZZZ-Git/Allolib-Studio-Online compiles what its users write.
    """
    context = rule_input.context
    for path in _list_copied_scripts(rule_input) if context else ():
        name = posixpath.basename(path)
        text = context.read_text(path) if context and path in context.file_sizes else ""
        if _COMPILE.search(text) and not _is_run(rule_input, name):
            return name
    return ""


def _list_copied_scripts(rule_input: RuleInput) -> Iterator[str]:
    """Yield the scripts that are copied by their names."""
    for copy in iter_context_copies(rule_input.steps):
        for source in list_copy_sources(copy):
            if source.endswith((".sh", ".bash")):
                yield posixpath.normpath(source.lstrip("/"))


def _is_run(rule_input: RuleInput, name: str) -> bool:
    """Return True if a `RUN` mentions a script, but for its mode."""
    return any(
        name in word.text
        for call in rule_input.list_run_calls()
        if call.name not in _MODE_PROGRAMS
        for word in call.command.words
    )
