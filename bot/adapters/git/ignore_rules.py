"""The rules by which git ignores a path of a commit."""

import os
import re
from dataclasses import replace
from pathlib import Path, PurePosixPath

from bot.adapters.git.git_command import GitCommand
from bot.adapters.git.tree_listing import find_entry, read_short_blob

_FILE_NAME = ".gitignore"
_MAX_FILE_BYTES = 1_000_000
# What `git check-ignore --verbose` prints: FILE, LINE and PATTERN, then a tab and the path.
_RULE = re.compile(r"(?P<file>.*?):(?P<line>\d+):(?P<pattern>.*)\t")
# A rule of the user's own (core.excludesFile) says nothing of the repository.
_NO_FILE = ("core.excludesFile", os.devnull)


class IgnoreRuleFinder:
    """The `.gitignore` files of commits; `folder`, made when needed, holds those that are asked."""

    def __init__(self, git: GitCommand, folder: Path) -> None:
        self._git, self._folder = git, folder

    def find_rule(self, sha: str, path: str) -> str:
        """Return the rule that ignores a path (`FILE, line 1: PATTERN`); empty if none does."""
        if "\0" in path:
            return ""
        folder = self._folder / sha
        folder.mkdir(parents=True, exist_ok=True)
        for parent in PurePosixPath(path).parents:
            self._write(sha, folder, str(parent / _FILE_NAME))
        git = replace(self._git, folder=folder).with_settings(_NO_FILE)
        git = git.with_variables(GIT_WORK_TREE=folder)
        # With a slash, since a rule for folders alone may be meant, and nothing is there.
        options = ("--verbose", "--no-index", "--")
        lines = git.attempt("check-ignore", *options, f"./{path}", f"./{path}/").text.splitlines()
        match = _RULE.match(lines[0]) if lines else None
        # With --verbose, the pattern that makes an exception is printed as well.
        if match is None or match["pattern"].startswith("!"):
            return ""
        return f"{match['file']}, line {match['line']}: {match['pattern']}"

    def _write(self, sha: str, folder: Path, name: str) -> None:
        """Write an ignore file of a commit; git does not follow links there."""
        entry = find_entry(self._git, sha, name)
        if entry is None or not entry.is_regular_file:
            return
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(read_short_blob(self._git, entry.object_id, _MAX_FILE_BYTES) or b"")
