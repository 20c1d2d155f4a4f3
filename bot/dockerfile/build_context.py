"""What lies around a Dockerfile: the folder that a build may copy from, and who else builds there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.dockerfile.shell_script import Script
from bot.dockerfile.stages import Dockerfile


@dataclass(frozen=True, slots=True)
class BuildContext:
    """A build context, as BuildKit would send it.

    `files` are sizes in bytes by path, without those that an ignore file leaves out; `ignores` says
    whether there is such a file. `neighbours` are the other Dockerfiles beside this one and `scripts`
    the shell scripts, by path. `read` gives a file's text, empty if it cannot be had.
    """

    file_sizes: Mapping[str, int] = field(default_factory=dict)
    has_ignore_file: bool = False
    other_dockerfiles: Mapping[str, Dockerfile] = field(default_factory=dict)
    shell_scripts: Mapping[str, Script] = field(default_factory=dict)
    read_text: Callable[[str], str] = lambda path: ""

    def total_bytes(self, folder: str) -> int:
        """The bytes of a file or a folder; of everything for `.`."""
        if folder == ".":
            return sum(self.file_sizes.values())
        return sum(
            size
            for path, size in self.file_sizes.items()
            if path == folder or path.startswith(f"{folder}/")
        )
