"""A path of a build context that a Dockerfile copies or mounts."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CopiedPath:
    """A path relative to the build context; `.` is all of it.

    A pattern may match nothing, and BuildKit goes on without it; any other path must be there. A
    path that `is_mounted` is used where it is, by a command.
    """

    path: str
    is_pattern: bool = False
    is_mounted: bool = False


@dataclass(frozen=True, slots=True)
class MissingSource:
    """A path that a Dockerfile copies, and that its build context does not have in git.

    `folder` has it, and would be the right context; it is empty if no folder has. `ignore_rule` is
    the rule by which git ignores it (`.gitignore, line 3: target/`); empty if there is none.
    """

    path: str
    folder: str = ""
    ignore_rule: str = ""
