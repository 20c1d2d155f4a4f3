"""The surroundings of a Dockerfile: the folder it copies from, and the files beside it.

Rules read it to weigh what a `COPY` takes and to find scripts that build the Dockerfile.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.dockerfile.shell_script import Script
from bot.dockerfile.stages import Dockerfile


@dataclass(frozen=True, slots=True)
class BuildContext:
    """A build context, as BuildKit would send it.

    `file_sizes` are in bytes by path, without the files that `.dockerignore` excludes;
    `has_ignore_file` is True if there is one. `other_dockerfiles` and `shell_scripts` are
    those of the repository, by path. `read_text` returns a file's text, empty if it cannot be
    read. `read_repository_text` does so for small files of the repository, whose folder is
    `repository_folder`; both are paths in the checkout. `read_repository_yaml` returns the value of
    such a file, as plain mappings and lists; None if it is missing, empty or not YAML.
    `parse_script` reads the text of a script of the shell.
    """

    file_sizes: Mapping[str, int] = field(default_factory=dict)
    has_ignore_file: bool = False
    other_dockerfiles: Mapping[str, Dockerfile] = field(default_factory=dict)
    shell_scripts: Mapping[str, Script] = field(default_factory=dict)
    read_text: Callable[[str], str] = lambda path: ""
    repository_folder: str = "."
    read_repository_text: Callable[[str], str] = lambda path: ""
    read_repository_yaml: Callable[[str], Any] = lambda path: None
    parse_script: Callable[[str], Script] = lambda text: Script((), is_complete=True)

    def total_bytes(self, folder: str) -> int:
        """Return the bytes of a file or a folder; of everything for `.`."""
        if folder == ".":
            return sum(self.file_sizes.values())
        return sum(
            size
            for path, size in self.file_sizes.items()
            if path == folder or path.startswith(f"{folder}/")
        )
