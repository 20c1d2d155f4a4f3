"""The files of a commit, as git lists them."""

from collections.abc import Mapping

# A git tree: POSIX path -> mode and object ID, as in `git ls-tree -r`.
GitTree = Mapping[str, str]

SYMLINK_MODE_PREFIX = "120000 "  # git's mode of a symbolic link
SUBMODULE_MODE_PREFIX = "160000 "
