"""The values of build secrets, from inputs, variables and files; a token of the job is none.

A checkout is untrusted: a link that leads out of the workspace, or to git's own files, which can
hold a token, would hand other secrets to a build.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.adapters.checkout_files import read_regular_file
from bot.errors import InputError
from bot.model.spec import SecretKind, SecretSource
from bot.project.runner_variables import is_runner_variable
from bot.redaction import list_secret_forms

# BuildKit takes no larger ones (MaxSecretSize in moby/buildkit, session/secrets).
MAX_SECRET_BYTES = 500 * 1024
_ANYWHERE = Path("/")
# No log has these as they are: of lines of binary secrets, only the Base64 is masked.
_UNPRINTED_CHARACTER = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass
class SecretReader:
    """Reads secrets, and remembers what must not be printed from then on.

    `root` is the folder of relative paths, which must stay in it; `token` is that of the job.
    `announce` gets the texts to mask before a program can print them.
    """

    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    root: Path = _ANYWHERE
    token: str = field(default="", repr=False)
    announce: Callable[[tuple[str, ...]], object] = lambda texts: None
    _texts: dict[str, None] = field(default_factory=dict, repr=False)

    @property
    def texts(self) -> tuple[str, ...]:
        """All that must be masked: the values that were read, also in Base64."""
        return tuple(self._texts)

    def read(self, source: SecretSource) -> bytes | None:
        """Return the value of a secret; None if it has none.

        InputError for a source that is a token of the job, or a file that no build may have.
        """
        value = self._read_value(source)
        if value:
            self.remember((value.decode(errors="surrogateescape"),))
        return value or None

    def remember(self, values: Iterable[str]) -> None:
        """Let values be masked from now on, in all their forms."""
        forms = dict.fromkeys(form for value in values for form in list_secret_forms(value))
        new = tuple(
            form
            for form in forms
            if form not in self._texts and not _UNPRINTED_CHARACTER.search(form)
        )
        if new:
            self._texts.update(dict.fromkeys(new))
            self.announce(new)

    def _read_value(self, source: SecretSource) -> bytes | None:
        match source.kind:
            case SecretKind.VALUE:
                return source.source.encode()
            case SecretKind.ENVIRONMENT:
                return self._read_variable(source)
            case SecretKind.FILE:
                return self.read_file(source.id, source.source)

    def _read_variable(self, source: SecretSource) -> bytes | None:
        name = source.source
        value = self.environment.get(name, "")
        if is_runner_variable(name) or (self.token and value == self.token):
            raise InputError(
                f"The secret {source.id} cannot be the variable {name}.",
                "it holds a token of the job, which no build gets from a variable",
                "write the value into the input `secrets` if the build is to have it",
            )
        return os.fsencode(value)

    def read_file(self, name: str, path: str) -> bytes | None:
        """Return the content of a file for a secret or an SSH key; None if there is none.

        An absolute path is one of the command line, and may be anywhere.
        """
        file = self.root / path
        if not os.path.lexists(file):
            return None
        is_anywhere = Path(path).is_absolute()
        content = None
        if is_anywhere or not _is_of_git(file):
            root = _ANYWHERE if is_anywhere else self.root
            content = read_regular_file(file, root, MAX_SECRET_BYTES)
        if content is None:
            raise InputError(
                f"The file {path!r} cannot be the secret {name}.",
                f"it must be a regular file of at most {MAX_SECRET_BYTES:,} bytes in the "
                "workspace, not in .git, and not behind a link that leads out of the workspace",
                "check its path, which is relative to the workspace",
            )
        return content


def _is_of_git(file: Path) -> bool:
    """Return True for git's own files, also behind links."""
    # In lower case: the file systems of macOS and Windows take `.GIT` for the same folder.
    names = (*Path(os.path.realpath(file)).parts, *file.parts)
    return ".git" in map(str.lower, names)
