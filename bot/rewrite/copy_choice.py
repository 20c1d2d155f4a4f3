"""The choice between one COPY of a whole folder and several for its parts."""

import posixpath
import re
from collections import Counter
from dataclasses import dataclass

# A maintainer has to read and keep every line of a rewrite: a few bytes are not worth one.
MAX_PART_LINES = 4  # COPY instructions in place of one, where the parts are all that there will be
MAX_SPLIT_LINES = 10  # the same, where layers of dependencies are kept by it
MAX_NAMED_FILES = 40  # files of one folder that a COPY names, before the whole folder is copied
_MAX_TRIVIAL_BYTES = 50_000
_MAX_REMOVED_PATHS = 12  # operands of one `rm`
# Files of a repository that are so small and so common that no command is worth them.
_TRIVIAL_NAMES = re.compile(
    r"(?:.*[.])?Dockerfile[^/]*|\.dockerignore|\.git(?:ignore|attributes|keep)|\.editorconfig|README[^/]*|"
    r"(?:docker-)?compose[^/]*\.ya?ml|\.DS_Store"
)
MAX_EXTRA_BYTES = 300_000  # bytes of what nobody needs that come along before a folder is split up
_MAX_EXTRA_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class CopyItem:
    """A file or a whole folder to copy, without a leading slash.

    `link_target` is set for a symbolic link, which is created again. `order` is lower for what
    changes less often.
    """

    path: str
    is_folder: bool
    size: int
    link_target: str = ""
    order: tuple[bool, int] = (True, 0)


@dataclass(frozen=True, slots=True)
class CopyChoice:
    """Items to copy, and the paths below them that are removed before."""

    items: tuple[CopyItem, ...]
    removed_paths: tuple[str, ...] = ()

    @property
    def line_count(self) -> int:
        """The number of instructions: one for a folder, and one for the files of a folder."""
        folders = sum(item.is_folder for item in self.items)
        files = {posixpath.dirname(item.path) for item in self.items if not item.is_folder}
        return folders + len(files)

    @property
    def names_many_files(self) -> bool:
        """True if an instruction names more files than anybody would read."""
        folders = Counter(posixpath.dirname(item.path) for item in self.items if not item.is_folder)
        return max(folders.values(), default=0) > MAX_NAMED_FILES

    @property
    def is_short(self) -> bool:
        """True if what is removed can be said in one command."""
        return len(self.removed_paths) <= _MAX_REMOVED_PATHS

    def is_trivial(self, dropped_bytes: int) -> bool:
        """Return True if what is removed is hardly worth a command."""
        names = map(posixpath.basename, self.removed_paths)
        return dropped_bytes <= _MAX_TRIVIAL_BYTES and all(map(_TRIVIAL_NAMES.fullmatch, names))


def choose_copies(
    whole: CopyChoice,
    parts: CopyChoice,
    *,
    is_source_tree: bool,
    holds_dependencies: bool,
    dropped_bytes: int | None,
) -> CopyChoice:
    """Return the choice that ships the least with few lines.

    A tree of sources that are run as they are stays whole, since more files may come into it; but
    dependencies in it get a layer of their own. `dropped_bytes` is None where nothing of what is
    dropped may come along.
    """
    # In order of preference: layers that stay cached, then exact lists, then whole folders.
    max_lines = MAX_SPLIT_LINES if holds_dependencies else 0 if is_source_tree else MAX_PART_LINES
    if parts.line_count <= max_lines and not parts.names_many_files:
        return parts
    if dropped_bytes is not None and whole.is_trivial(dropped_bytes):
        return CopyChoice(whole.items)
    if whole.is_short:
        return whole
    # Too much to list in one `rm`, and too scattered to copy by name: a little of it comes along.
    size = sum(item.size for item in whole.items)
    is_little = dropped_bytes is not None and dropped_bytes <= max(
        MAX_EXTRA_BYTES, _MAX_EXTRA_SHARE * size
    )
    if is_little and parts.line_count > MAX_SPLIT_LINES:
        return CopyChoice(whole.items)
    return parts
