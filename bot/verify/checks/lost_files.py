"""Lost files: what the old image brought along and the new has not, less what a build leaves behind.

Whatever could be read at run time counts, also if the candidate leaves it behind on purpose: only
what it is compiled into, or being for development alone, excuses that.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from bot.model.files import Entry, EntryKind
from bot.model.proof import Regression, RegressionKind
from bot.pattern_lists import compile_sections
from bot.verify.build_residue import (
    is_build_residue,
    is_development_file,
    is_jar_input,
    is_tool_path,
    is_transpiled_source,
)
from bot.verify.dev_dependencies import make_dev_dependency_matcher
from bot.verify.embedded_files import is_java_resource, make_embedded_pattern
from bot.verify.image_pair import ImagePair, is_file_entry, is_system_directory
from bot.verify.source_mentions import SourceMentions

_DATA_FILE = compile_sections("bot.verify", "lost_files.txt", "data suffixes")
_SOURCE_FILE = compile_sections("bot.verify", "lost_files.txt", "source suffixes", "source names")
_IN_NODE_MODULES = re.compile(r"(?:^|/)node_modules/")
_IN_PACKAGE_DIRECTORY = re.compile(r"(?:^|/)(?:site-packages|dist-packages|vendor|gems)/")
_TOOL_CACHE = re.compile(r"(?:^|/)\.(?:cache|npm|yarn)/")
_GLOBAL_NODE_MODULES = re.compile(r"usr/(?:local/)?lib/node_modules/")
_TOOL_LINK_TARGET = re.compile(r"^/etc/alternatives/|lib/node_modules/|^/usr/local/go/")
_WEB_SERVER = re.compile(r"(?:^|/)(?:nginx|caddy|httpd|lighttpd)$")
_JAVASCRIPT_FILE = re.compile(r"\.[cm]?js$")
# What a Rust program's own build has made for it, and a program that looks there when it runs.
_CARGO_OUT_DIR = re.compile(r"(?:^|/)target/(?:[\w-]+/)?(?:debug|release)/build/[^/]+/out/")
_OUT_DIR_READ = re.compile(r"(?<!concat!\()(?<!concat!\( )\benv!\(\s*\"OUT_DIR\"")
_MAX_REGRESSIONS = 1000


def check(pair: ImagePair) -> Iterator[Regression]:
    """The lost files that may be missed, each; a thousand of them at most."""
    excuse = _Exemptions.from_pair(pair)
    told = 0
    for path, entry in pair.old.image.tree.items():
        if (
            told < _MAX_REGRESSIONS
            and _is_lost(pair, path, entry)
            and not excuse.is_exempt(path, entry)
        ):
            told += 1
            message = f"/{path} of the old image is not in the new one."
            yield Regression(RegressionKind.FILE, path, message, path=path)
    yield from _check_empty_folders(pair)


def _is_lost(pair: ImagePair, path: str, entry: Entry) -> bool:
    """Whether a file that counts is not there any more, be it through a folder that is a link."""
    old, new = pair.old, pair.new
    if path in new.image.tree or not (old.is_added_by_dockerfile(path) or old.is_in_app(path)):
        return False
    if entry.kind is EntryKind.OTHER or new.paths.resolve(path) is not None:
        return False
    # The system's packages are another check's, and a link that led nowhere is no loss.
    return path not in old.packaged_files and (
        is_file_entry(entry) or old.paths.resolve(path) is not None
    )


@dataclass(frozen=True)
class _Exemptions:
    """Why a lost file need not be missed."""

    pair: ImagePair
    is_dev_dependency: Callable[[str], bool]
    embedded_pattern: re.Pattern[str]
    has_scripts: bool
    has_jar: bool
    mentions: SourceMentions
    new_contents: frozenset[str] | None
    has_source_maps: bool

    @classmethod
    def from_pair(cls, pair: ImagePair) -> "_Exemptions":
        """Those of an exhibit."""
        new, sources = pair.new, pair.old.sources
        own = [
            path
            for path in new.image.tree
            if new.is_added_by_dockerfile(path) and not _is_dependency(path)
        ]
        return cls(
            pair,
            make_dev_dependency_matcher(pair.old),
            make_embedded_pattern(sources),
            has_scripts=any(_JAVASCRIPT_FILE.search(path) for path in own),
            has_jar=any(path.endswith((".jar", ".war")) for path in own),
            new_contents=_list_new_contents(pair) if _is_static_site(pair) else None,
            mentions=SourceMentions.from_pair(pair),
            has_source_maps=_has_source_maps(pair),
        )

    def is_exempt(self, path: str, entry: Entry) -> bool:
        """Whether there is an excuse."""
        cached = bool(_TOOL_CACHE.search(path)) and self._is_tool_file(path)
        if self._is_build_residue(path) or self.is_dev_dependency(path) or cached:
            return True
        if _is_dependency(path):
            return self._is_exempt_dependency(path, entry)
        if is_development_file(path) and not self._is_tool_file(path):
            return not self.mentions.mentions_file(path)
        if (
            self._is_tool_file(path)
            or self._is_build_input(path)
            or self._is_install_by_product(path, entry)
        ):
            return True
        if self.new_contents is not None and self.pair.is_dropped(path):
            return self._is_bundled_frontend(path, entry)
        return self._is_dropped_on_purpose(path, entry)

    def _is_build_residue(self, path: str) -> bool:
        """Whether a build leaves it behind, or has put it into the program; but for what is content,
        traced back to, or read where it lies."""
        if self.embedded_pattern.match(path):
            return True
        if not is_build_residue(path):
            return False
        old = self.pair.old
        if old.get_instruction_keyword(path) in {"COPY", "ADD"} and self.mentions.mentions_stem(
            path
        ):
            return False
        is_output = bool(_CARGO_OUT_DIR.search(path)) and _OUT_DIR_READ.search(self.mentions.text)
        return not is_output and not (self.has_source_maps and path.endswith(".map"))

    def _is_tool_file(self, path: str) -> bool:
        """Whether it lies where tools keep their own, the application's folders left out."""
        old = self.pair.old
        if old.is_in_app(path) or not is_tool_path(path, old.get_instruction_keyword(path)):
            return False
        return not self.mentions.mentions_location(path)

    def _is_build_input(self, path: str) -> bool:
        """Whether it went into a jar, or scripts were made of it, which the new image has."""
        if self.has_jar and (is_jar_input(path) or is_java_resource(path)):
            return True
        return self.has_scripts and is_transpiled_source(path) and not self.has_source_maps

    def _is_bundled_frontend(self, path: str, entry: Entry) -> bool:
        """Of a front end, now served as files: what lay in a folder that is served is there again."""
        moved = self.new_contents or frozenset()
        folder = path.rpartition("/")[0]
        return entry.content_hash in moved or not any(
            self.pair.old.image.tree[other].content_hash in moved
            for other in self._files_by_folder.get(folder, ())
        )

    @cached_property
    def _files_by_folder(self) -> Mapping[str, list[str]]:
        """The files of the old image by their folder."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for path, entry in self.pair.old.image.tree.items():
            if entry.content_hash:
                found[path.rpartition("/")[0]].append(path)
        return found

    def _is_exempt_dependency(self, path: str, entry: Entry) -> bool:
        """A tool that was installed for all, or the modules of a front end that was built."""
        if not self.pair.is_dropped(path):
            return entry.kind is EntryKind.SYMLINK and self.pair.old.paths.resolve(path) is None
        bundled = self.pair.new.find_program("node") is None or self.pair.new.is_file_server
        return bool((bundled and _IN_NODE_MODULES.search(path)) or _GLOBAL_NODE_MODULES.match(path))

    def _is_install_by_product(self, path: str, entry: Entry) -> bool:
        """What installing a system's packages has made besides."""
        if self.pair.old.get_instruction_keyword(path) in {"COPY", "ADD"}:
            return False
        if path.startswith("etc/ssl/certs/"):
            return True
        if entry.kind is not EntryKind.SYMLINK:
            return False
        target = self.pair.old.paths.resolve(path) or ""
        gone = (
            target in self.pair.old.packaged_files and self.pair.new.paths.resolve(target) is None
        )
        return gone or bool(_TOOL_LINK_TARGET.search(entry.link))

    def _is_dropped_on_purpose(self, path: str, entry: Entry) -> bool:
        """Whether the candidate's own word is enough: programs, and what is no data by its name."""
        if not self.pair.is_dropped(path):
            return False
        if self.pair.old.get_instruction_keyword(path) in {"COPY", "ADD"}:
            return bool(_SOURCE_FILE.search(path)) and not _DATA_FILE.search(path)
        name = path.rpartition("/")[2]
        if "." in name.lstrip("."):
            return not _DATA_FILE.search(path)
        is_program = is_file_entry(entry) and bool(entry.mode & 0o111)
        return is_program or not self.pair.old.is_in_app(path)


def _has_source_maps(pair: ImagePair) -> bool:
    """Whether errors are traced back to the sources that scripts were made of."""
    settings = pair.old.settings
    words = (*settings.command_line, settings.env.get("NODE_OPTIONS", ""))
    return any("--enable-source-maps" in word for word in words)


def _is_static_site(pair: ImagePair) -> bool:
    """Whether the new image does nothing but serve files, and says so."""
    program = pair.new.find_program(next(iter(pair.new.settings.command_line), ""))
    words = [program or "", *pair.new.settings.command_line]
    serves = any(_WEB_SERVER.search(word) for word in words)
    changed = pair.is_accepted_change("CMD") or pair.is_accepted_change("ENTRYPOINT")
    return (
        serves and changed and not any(pair.new.find_program(x) for x in ("node", "python3", "php"))
    )


def _list_new_contents(pair: ImagePair) -> frozenset[str]:
    """The contents that the new image brought along."""
    new = pair.new
    return frozenset(
        x.content_hash
        for path, x in new.image.tree.items()
        if x.content_hash and new.is_added_by_dockerfile(path)
    )


def _is_dependency(path: str) -> bool:
    return bool(_IN_NODE_MODULES.search(path) or _IN_PACKAGE_DIRECTORY.search(path))


def _check_empty_folders(pair: ImagePair) -> Iterator[Regression]:
    """Folders that hold nothing were made to be written to."""
    old, new = pair.old, pair.new
    filled = {path.rpartition("/")[0] for path in old.image.tree}
    filled |= {path.rpartition("/")[0] for path in old.image.directories}
    wanted = [path for path in old.image.directories if path not in filled]
    started = (old.workdir,) if old.workdir == new.workdir else ()
    wanted += [folder.strip("/") for folder in (*old.settings.volumes, *started)]
    for path in dict.fromkeys(wanted):
        ours = old.is_in_app(path) or (
            old.is_added_by_dockerfile(path) and not is_system_directory(path)
        )
        if (
            not ours
            or is_tool_path(path + "/x")
            or is_build_residue(path + "/x")
            or is_development_file(path + "/x")
            or _is_dependency(path)
        ):
            continue
        if path and old.paths.is_directory(path) and not new.paths.is_directory(path):
            message = f"The folder /{path} of the old image is not in the new one."
            yield Regression(RegressionKind.FOLDER, path, message, path=path)
