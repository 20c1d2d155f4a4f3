"""What an application says of files: its sources, its data and its variables name them, or their kind."""

import posixpath
import re
from dataclasses import dataclass

from bot.pattern_lists import read_names
from bot.verify.build_residue import is_test_file
from bot.verify.image_pair import ImagePair

_PATH_MENTION = re.compile(r"/?[\w.@-]+(?:/[\w.@-]+)+")
_DEEP_DIRECTORY = re.compile(r"/[^/:\s]+/[^/:\s]+[^:\s]*$")
_THIRD_PARTY_PATH = re.compile(
    r"(?:^|/)(?:node_modules|(?:site|dist)-packages|gems|pkg/mod|\.[\w-]+)/"
)
# Where a name is put together: `f"{stem}.card"`, `"main." + ending`, `glob("*.c")`.
_SUFFIX_MENTION = re.compile(r"[}\])*s\"'`]\.(\w+)[\"'`]")
_STEM_MENTION = re.compile(r"([\w-]+)\.(?:[\"'`]\s*[+,.]|[{$*#]|%[sv])")
_COMMON_SUFFIXES = frozenset(read_names("bot.verify", "source_mentions.txt", "common suffixes"))


@dataclass(frozen=True)
class SourceMentions:
    """All texts in one, and what stands in them: `places` are paths of two steps and more, absolute or
    not, `kinds` the suffixes and `stems` the beginnings of names that are put together; `folders` are the
    values of variables, without a leading slash."""

    text: str
    paths: frozenset[str]
    suffixes: frozenset[str]
    stems: frozenset[str]
    variable_folders: tuple[str, ...]

    @classmethod
    def from_pair(cls, pair: ImagePair) -> "SourceMentions":
        """What the old image's application says."""
        old = pair.old
        code = "\n".join(old.program_sources.values())
        inherited = old.base_settings.env if old.base_settings else {}
        own = {name: x for name, x in old.settings.env.items() if inherited.get(name) != x}
        text = "\n".join([code, *old.data_texts.values(), *own.values()])
        return cls(
            text,
            frozenset(_PATH_MENTION.findall(text)),
            frozenset(_SUFFIX_MENTION.findall(code)) - _COMMON_SUFFIXES,
            frozenset(_STEM_MENTION.findall(code)),
            tuple(
                f"{x.strip('/')}/"
                for name, x in own.items()
                if name != "PATH" and _DEEP_DIRECTORY.match(x)
            ),
        )

    def mentions_file(self, path: str) -> bool:
        """Whether they name a file, the folder of tests that it is in, or its unusual kind."""
        folder, _, name = path.rpartition("/")
        if name in self.text or name.rpartition(".")[2] in self.suffixes:
            return True
        steps = [step for step in folder.split("/") if is_test_file(f"{step}/")]
        marks = ('"', "'", "`", "/", "\n")
        return any(f"{mark}{step}" in self.text for step in steps for mark in marks)

    def mentions_location(self, path: str) -> bool:
        """Whether they name the place of a file: its path, the last two steps to it, a folder above."""
        folder = posixpath.dirname(path)
        last = "/".join(folder.split("/")[-2:])
        named = {f"/{path}", f"/{folder}"}
        if not _THIRD_PARTY_PATH.search(path):  # where `@a/b` is a package, named to import it
            named |= {last, f"/{last}"}
        return path.startswith(self.variable_folders) or (
            "/" in folder and bool(named & self.paths)
        )

    def mentions_stem(self, path: str) -> bool:
        """Whether they put a name together that begins as a file's does."""
        return posixpath.basename(path).rpartition(".")[0] in self.stems
