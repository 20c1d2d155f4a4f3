"""The commands that a Dockerfile starts: its `ENTRYPOINT` and `CMD`, whatever their form."""

import posixpath
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import dropwhile

from bot.advise.start_command import find_inline_script, strip_wrappers
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.shell_programs import POSIX_SHELLS

_COMMAND_END = re.compile(r"&&|\|\||[;&|\n]")
# Words of the shell in front of a command: `if [ -n "$X" ]; then npm start; fi`.
_SHELL_WORDS = frozenset({"if", "then", "elif", "else", "while", "until", "do", "!", "{", "time"})
_BLOCK_ENDS = frozenset({"fi", "done", "}"})


@dataclass(frozen=True, slots=True)
class StartCommands:
    """The commands that a Dockerfile starts, without wrappers, the one that keeps running last."""

    commands: tuple[tuple[str, ...], ...]

    @property
    def main_command(self) -> tuple[str, ...]:
        """Return the command that keeps running; empty if there is none."""
        return self.commands[-1] if self.commands else ()


def read_start_commands(rule_input: RuleInput) -> StartCommands:
    """Return what the `ENTRYPOINT` and `CMD` of the final stages start."""
    entrypoint, command = _find_start_steps(rule_input)
    words: tuple[str, ...] = ()
    commands: list[tuple[str, ...]] = []
    for step in (entrypoint, command):
        if step is None:
            continue
        if step.instruction.is_json:
            words += step.instruction.words
        else:
            commands += _split_shell_form(step)
    if entrypoint is not None and not entrypoint.instruction.is_json:
        return StartCommands(tuple(commands))
    exec_form = list(_split_exec_form(words, command))
    return StartCommands((*exec_form, *commands))


def _find_start_steps(rule_input: RuleInput) -> tuple[Step | None, Step | None]:
    """Return the last `ENTRYPOINT`, and the `CMD` that it leaves in force."""
    entrypoint: Step | None = None
    command: Step | None = None
    for step in rule_input.steps:
        if step.instruction.keyword == "CMD":
            command = step
        elif step.instruction.keyword == "ENTRYPOINT":
            # Dockerfile reference: ENTRYPOINT resets a CMD of the base image, not one of the same
            # stage.
            is_inherited = command is not None and command.stage is not step.stage
            entrypoint, command = step, None if is_inherited else command
    return entrypoint, command


def _split_shell_form(step: Step) -> list[tuple[str, ...]]:
    script = step.instruction.script
    if script is None:
        return list(split_commands(step.instruction.argument_text.text))
    texts = (
        tuple(word.text if word.value is None else word.value for word in command.words)
        for command in script.commands
    )
    return [words for text in texts if (words := strip_wrappers(text))]


def _split_exec_form(words: tuple[str, ...], command: Step | None) -> Iterator[tuple[str, ...]]:
    """Yield the command of a list; that of `sh -c`; what an entry script gets to start."""
    original = tuple(word for word in words if word)
    # `CMD ["npm start"]` starts no program; what its author means is to be seen.
    if len(original) == 1 and " " in original[0]:
        yield from split_commands(original[0])
        return
    words = strip_wrappers(original) or original
    if not words:
        return
    text = find_inline_script(words) if posixpath.basename(words[0]) in POSIX_SHELLS else None
    if text is not None:
        yield from split_commands(text)
        return
    yield words
    arguments = command.instruction.words if command and command.instruction.is_json else ()
    is_script = words[0].endswith(".sh") or "entrypoint" in words[0]
    if is_script and arguments and arguments != words and (started := strip_wrappers(arguments)):
        yield started


def split_commands(text: str) -> Iterator[tuple[str, ...]]:
    """Yield the commands of a shell's text, as far as quotes and blanks tell."""
    for part in _COMMAND_END.split(text):
        try:
            words = tuple(shlex.split(part))
        except ValueError:
            words = tuple(part.split())
        words = tuple(dropwhile(_SHELL_WORDS.__contains__, words))
        if words[:1] and words[0] not in _BLOCK_ENDS and (words := strip_wrappers(words)):
            yield words
