"""Scripts of a project that its Dockerfile copies, by their paths in the image."""

import posixpath
from collections.abc import Iterator
from pathlib import PurePosixPath

from bot.advise.copy_targets import iter_context_copies, list_copy_sources, resolve_copy_destination
from bot.advise.project_files import read_only_file
from bot.advise.script_paths import resolve_word
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_programs import POSIX_SHELLS

_STARTERS = (*POSIX_SHELLS, ".", "source")


class CopiedScripts:
    """The files of the build context that a Dockerfile copies, by the paths that they get."""

    def __init__(self, rule_input: RuleInput) -> None:
        self._rule_input = rule_input
        self._origins: dict[str, list[str]] = {}
        for copy in iter_context_copies(rule_input.steps) if rule_input.context else ():
            target = resolve_copy_destination(copy)
            for source in list_copy_sources(copy) if target else ():
                origin = posixpath.normpath(source.lstrip("/") or ".")
                name = posixpath.basename(origin)
                for path in {target or "", posixpath.join(target or "", name)}:
                    self._origins.setdefault(path, []).append(origin)

    def read_called(self, step: Step, call: Call) -> str | None:
        """Return the text of the `.sh` that a call starts; None if it starts none known."""
        program = call.command.words[:1] if call.name.endswith(".sh") else ()
        arguments = call.arguments if call.name in _STARTERS else ()
        words = (word for word in (*program, *arguments) if (word.value or "").endswith(".sh"))
        script = next(words, None)
        return self.read(resolve_word(step, call, script)) if script else None

    def read(self, path: str) -> str | None:
        """Return the text of the file that is copied to a path; None if it is not known.

        Where no `COPY` says which one it is, the only one of its name is taken.
        """
        context = self._rule_input.context
        sources = list(self._list_sources(path))
        for source in sources if context else ():
            if context and source in context.file_sizes:
                return context.read_text(source) or None
        return read_only_file(self._rule_input, posixpath.basename((*sources, path)[0]))

    def _list_sources(self, path: str) -> Iterator[str]:
        """Yield the files of the context that may be at a path, the last copied one first."""
        for parent in (path, *map(str, PurePosixPath(path).parents)):
            below = path.removeprefix(parent).lstrip("/")
            for origin in reversed(self._origins.get(parent, ())):
                yield posixpath.normpath(posixpath.join(origin, below))


def list_copied_scripts(rule_input: RuleInput) -> Iterator[str]:
    """Yield the paths of the scripts of the shell that are copied by their names."""
    for copy in iter_context_copies(rule_input.steps):
        for source in list_copy_sources(copy):
            if source.endswith((".sh", ".bash")):
                yield posixpath.normpath(source.lstrip("/"))


def list_copied_texts(rule_input: RuleInput) -> Iterator[str]:
    """Yield the texts of these scripts, as far as the context has them."""
    context = rule_input.context
    for path in list_copied_scripts(rule_input) if context else ():
        if context and path in context.file_sizes:
            yield context.read_text(path)
