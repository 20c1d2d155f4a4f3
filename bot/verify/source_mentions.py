"""What an application says of files: its sources, its data and its variables name them, or their kind."""

import posixpath
import re
from dataclasses import dataclass

from bot.verify.build_residue import is_test
from bot.verify.image_pair import Exhibit

_PLACE = re.compile(r"/?[\w.@-]+(?:/[\w.@-]+)+")
_DEEP = re.compile(r"/[^/:\s]+/[^/:\s]+[^:\s]*$")
_OF_OTHERS = re.compile(r"(?:^|/)(?:node_modules|(?:site|dist)-packages|gems|pkg/mod|\.[\w-]+)/")
# Where a name is put together: `f"{stem}.card"`, `"main." + ending`, `glob("*.c")`.
_KIND = re.compile(r"[}\])*s\"'`]\.(\w+)[\"'`]")
_STEM = re.compile(r"([\w-]+)\.(?:[\"'`]\s*[+,.]|[{$*#]|%[sv])")
# Kinds of which everything has some.
_USUAL = frozenset(
    {"json", "yml", "yaml", "txt", "md", "html", "css", "js", "mjs", "ts", "py", "rb", "go", "rs"}
    | {"php", "sh", "java", "c", "h", "xml", "csv", "log", "toml", "ini", "sql", "png", "svg"}
    | {"jpg", "lock", "env", "map"}
)


@dataclass(frozen=True)
class Told:
    """All texts in one, and what stands in them: `places` are paths of two steps and more, absolute or
    not, `kinds` the suffixes and `stems` the beginnings of names that are put together; `folders` are the
    values of variables, without a leading slash."""

    text: str
    places: frozenset[str]
    kinds: frozenset[str]
    stems: frozenset[str]
    folders: tuple[str, ...]

    @classmethod
    def by(cls, exhibit: Exhibit) -> "Told":
        """What the old image's application says."""
        old = exhibit.old
        code = "\n".join(old.code.values())
        inherited = old.base.env if old.base else {}
        own = {name: x for name, x in old.settings.env.items() if inherited.get(name) != x}
        text = "\n".join([code, *old.data.values(), *own.values()])
        return cls(
            text,
            frozenset(_PLACE.findall(text)),
            frozenset(_KIND.findall(code)) - _USUAL,
            frozenset(_STEM.findall(code)),
            tuple(
                f"{x.strip('/')}/" for name, x in own.items() if name != "PATH" and _DEEP.match(x)
            ),
        )

    def names(self, path: str) -> bool:
        """Whether they name a file, the folder of tests that it is in, or its unusual kind."""
        folder, _, name = path.rpartition("/")
        if name in self.text or name.rpartition(".")[2] in self.kinds:
            return True
        steps = [step for step in folder.split("/") if is_test(f"{step}/")]
        marks = ('"', "'", "`", "/", "\n")
        return any(f"{mark}{step}" in self.text for step in steps for mark in marks)

    def places_it(self, path: str) -> bool:
        """Whether they name the place of a file: its path, the last two steps to it, a folder above."""
        folder = posixpath.dirname(path)
        last = "/".join(folder.split("/")[-2:])
        named = {f"/{path}", f"/{folder}"}
        if not _OF_OTHERS.search(path):  # where `@a/b` is a package, named to import it
            named |= {last, f"/{last}"}
        return path.startswith(self.folders) or ("/" in folder and bool(named & self.places))

    def makes_up(self, path: str) -> bool:
        """Whether they put a name together that begins as a file's does."""
        return posixpath.basename(path).rpartition(".")[0] in self.stems
