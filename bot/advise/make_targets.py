"""Targets of a Makefile that build nothing: they download, configure or print."""

import posixpath
import re
from collections.abc import Iterator, Mapping

from bot.advise.copied_scripts import CopiedScripts
from bot.advise.script_paths import find_folder
from bot.advise.subject import Step
from bot.dockerfile.shell_calls import Call

_NAMES = ("Makefile", "makefile", "GNUmakefile")
_RULE = re.compile(
    r"(?m)^([\w./ -]+?)[ \t]*::?(?!=)[ \t]*([^\n#]*)((?:\n\t[^\n]*|\n[ \t]*(?=\n\t))*)"
)
_DEFINITION = re.compile(r"(?m)^[ \t]*(\w+)[ \t]*(?:[:?+]|::)?=[ \t]*((?:[^\\\n]|\\.|\\\n)*)")
_REFERENCE = re.compile(r"\$[({](\w+)[)}]")
_PREFIX = re.compile(r"(?m)^\t[@+-]*")
# Options of make that say which file or folder it reads: nobody follows these here.
_OTHER_FILES = ("-C", "-f", "--file", "--directory")
_MAX_TARGETS = 50


def read_make_recipes(scripts: CopiedScripts, step: Step, call: Call) -> str | None:
    """Return what a call of make runs, as far as its Makefile says; None if that is not known."""
    folder, targets = find_folder(step, call), list(call.known_arguments)
    if folder is None or not targets or not all(re.fullmatch(r"[\w.-]+", x) for x in targets):
        return None
    if call.has_option(*_OTHER_FILES) or any(target.startswith("-") for target in targets):
        return None
    texts = (scripts.read(posixpath.join(folder, name)) for name in _NAMES)
    text = next(filter(None, texts), None)
    return _join_recipes(text.replace("\\\n", " "), targets) if text else None


def _join_recipes(text: str, targets: list[str]) -> str | None:
    """Return the recipes of targets and of those that they need; None if one has no rule."""
    rules = {
        name: (match[2].split(), match[3])
        for match in _RULE.finditer(text)
        for name in match[1].split()
        if name != ".PHONY"
    }
    if any(target not in rules for target in targets):
        return None
    variables = {match[1]: match[2] for match in _DEFINITION.finditer(text)}
    return "\n".join(_expand(recipe, variables) for recipe in _list_recipes(rules, targets))


def _list_recipes(rules: Mapping[str, tuple[list[str], str]], targets: list[str]) -> Iterator[str]:
    waiting, done = list(targets), set[str]()
    while waiting and len(done) < _MAX_TARGETS:
        target = waiting.pop()
        if target in rules and target not in done:
            done.add(target)
            waiting += rules[target][0]
            yield _PREFIX.sub("", rules[target][1])


def _expand(text: str, variables: Mapping[str, str]) -> str:
    """Replace variables by what they are defined as, once."""
    return _REFERENCE.sub(lambda match: variables.get(match[1], match[0]), text)
