"""Files that an application mentions: its sources, data and variables name them, or their kind.

A lost file that is mentioned is missed, even if it looks like a file of tools or tests.
"""

import posixpath
import re
from dataclasses import dataclass

from bot.pattern_lists import read_names
from bot.verify.build_residue import is_manifest, is_test_file
from bot.verify.image_pair import ImagePair

_PATH_MENTION = re.compile(r"/?[\w.@-]+(?:/[\w.@-]+)+")
_WORD = re.compile(r"[\w.@+-]+")
# The value of a variable that names one folder, two levels deep or more: `/app` would cover all.
_DEEP_DIRECTORY = re.compile(r"/[^/:\s]+/[^/:\s]+[^:\s]*$")
# Folders of installed packages, and hidden ones such as `.cargo` with packages in them.
_THIRD_PARTY_PATH = re.compile(
    r"(?:^|/)(?:node_modules|(?:site|dist)-packages|gems|pkg/mod|\.[\w-]+)/"
)
# Names that are put together: `f"{stem}.card"`, `"main." + ending`, `glob("*.c")`.
_SUFFIX_MENTION = re.compile(r"[}\])*s\"'`]\.(\w+)[\"'`]")
_STEM_MENTION = re.compile(r"([\w-]+)\.(?:[\"'`]\s*[+,.]|[{$*#]|%[sv])")
_COMMON_SUFFIXES = frozenset(read_names("bot.verify", "source_mentions.txt", "common suffixes"))


@dataclass(frozen=True)
class SourceMentions:
    """All texts of an application in one, and the words, paths and parts of names in them.

    `paths` have two parts or more, `suffixes` and `stems` are ends and beginnings of names that
    sources put together, `variable_folders` are values of variables without a leading slash.
    """

    text: str
    words: frozenset[str]
    paths: frozenset[str]
    suffixes: frozenset[str]
    stems: frozenset[str]
    variable_folders: tuple[str, ...]

    @classmethod
    def from_pair(cls, pair: ImagePair) -> "SourceMentions":
        """Collect what the application of the old image mentions."""
        old = pair.old
        code = "\n".join(pair.old_app.program_sources.values())
        inherited = old.base_config.env if old.base_config else {}
        # What the base image says of itself was not said for the application.
        own = {
            name: value for name, value in old.config.env.items() if inherited.get(name) != value
        }
        text = "\n".join([code, *pair.old_app.data_texts.values(), *own.values()])
        return cls(
            text,
            frozenset(word.rstrip(".") for word in _WORD.findall(text)),
            frozenset(_PATH_MENTION.findall(text)),
            frozenset(_SUFFIX_MENTION.findall(code)) - _COMMON_SUFFIXES,
            frozenset(_STEM_MENTION.findall(code)),
            tuple(
                f"{value.strip('/')}/"
                for name, value in own.items()
                if name != "PATH" and _DEEP_DIRECTORY.match(value)
            ),
        )

    def mentions_file(self, path: str) -> bool:
        """Return True if a file's name, its special folder or its unusual suffix is mentioned.

        Special are folders of tests and of manifests.
        """
        folder, _, name = path.rpartition("/")
        # The words are compared first: a search in all texts for each file would be quadratic.
        is_named = name in self.words if _WORD.fullmatch(name) else name in self.text
        if is_named or name.rpartition(".")[2] in self.suffixes:
            return True
        steps = [
            step
            for step in folder.split("/")
            if is_test_file(f"{step}/") or (is_manifest(path) and is_manifest(f"{step}/x.yml"))
        ]
        marks = ('"', "'", "`", "/", "\n")
        return any(f"{mark}{step}" in self.text for step in steps for mark in marks)

    def mentions_location(self, path: str) -> bool:
        """Return True if a file's path, or a folder that it is in, is mentioned.

        The last two folders above it count without the rest of the path.
        """
        folder = posixpath.dirname(path)
        last_folders = "/".join(folder.split("/")[-2:])
        spellings = {f"/{path}", f"/{folder}"}
        if not _THIRD_PARTY_PATH.search(path):  # where `@a/b` is a package, named to import it
            spellings |= {last_folders, f"/{last_folders}"}
        return path.startswith(self.variable_folders) or (
            "/" in folder and bool(spellings & self.paths)
        )

    def mentions_stem(self, path: str) -> bool:
        """Return True if sources put together a name that begins like this file's."""
        return posixpath.basename(path).rpartition(".")[0] in self.stems
