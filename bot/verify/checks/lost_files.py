"""Check lost files: what the old image has and the new one lacks, except build residue.

All files that could be read at run time count, even if the candidate drops them on purpose. Only
files that were compiled into the program, or that are for development alone, are exempt.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from bot.model.files import Entry, EntryKind
from bot.model.proof import Regression, RegressionKind
from bot.pattern_lists import compile_sections
from bot.verify.app_files import is_system_directory
from bot.verify.build_ids import is_renamed_by_build_id
from bot.verify.build_residue import (
    is_build_residue,
    is_dependency,
    is_development_file,
    is_framework_draft,
    is_jar_input,
    is_node_module,
    is_tool_path,
    is_transpiled_source,
    is_war_input,
)
from bot.verify.database_mounts import make_database_script_matcher
from bot.verify.dev_dependencies import make_dev_dependency_matcher
from bot.verify.embedded_files import is_java_resource, make_embedded_pattern
from bot.verify.empty_folders import check_empty_folders
from bot.verify.failing_scripts import is_host_script
from bot.verify.generated_interfaces import make_generated_interface_matcher
from bot.verify.image_pair import ImagePair, is_file_entry
from bot.verify.nested_frontends import NestedFrontend, find_nested_frontends
from bot.verify.read_paths import (
    ignores_all,
    is_repository_file,
    is_version_file,
    make_read_path_matcher,
)
from bot.verify.readme_pictures import is_readme_picture
from bot.verify.released_files import make_released_file_matcher
from bot.verify.run_files import is_named_by_run
from bot.verify.source_mentions import SourceMentions
from bot.verify.started_tools import list_tool_settings
from bot.verify.vendored_modules import make_vendored_module_matcher

_DATA_FILE = compile_sections("bot.verify", "lost_files.txt", "data suffixes")
_SOURCE_FILE = compile_sections("bot.verify", "lost_files.txt", "source suffixes", "source names")
_GLOBAL_NODE_MODULES = re.compile(r"usr/(?:local/)?lib/node_modules/")
# Links that installers make for programs of their own: alternatives, npm, the golang image.
_TOOL_LINK_TARGET = re.compile(r"^/etc/alternatives/|lib/node_modules/|^/usr/local/go/")
_WEB_SERVER = re.compile(r"(?:^|/)(?:nginx|caddy|httpd|lighttpd)$")
_JAVASCRIPT_FILE = re.compile(r"\.[cm]?js$")
# Build scripts write to OUT_DIR. `include!(concat!(env!("OUT_DIR"), …))` is compiled in; a program
# that keeps the path looks there when it runs.
_CARGO_OUT_DIR = re.compile(r"(?:^|/)target/(?:[\w-]+/)?(?:debug|release)/build/[^/]+/out/")
_OUT_DIR_READ = re.compile(r"(?<!concat!\()(?<!concat!\( )\benv!\(\s*\"OUT_DIR\"")
_SYSTEM_FILE = re.compile(r"(?:etc|usr/(?!local/|src/)|var|lib\d*|bin|sbin)/")
_MAX_REGRESSIONS = 1000


def check(pair: ImagePair) -> Iterator[Regression]:
    """Yield the lost files that may be missed, 1,000 at most, and lost empty folders."""
    exemptions = _Exemptions.from_pair(pair)
    count = 0
    for path, entry in pair.old.image.tree.items():
        if (
            count < _MAX_REGRESSIONS
            and _is_lost(pair, path, entry)
            and not exemptions.is_exempt(path, entry)
        ):
            count += 1
            message = f"/{path} of the old image is not in the new one."
            yield Regression(RegressionKind.FILE, path, message, path=path)
    yield from check_empty_folders(pair)


def _is_lost(pair: ImagePair, path: str, entry: Entry) -> bool:
    """Return True if a file of the old image's own is gone, through linked folders too."""
    old, new = pair.old, pair.new
    if path in new.image.tree or not (
        old.is_added_by_dockerfile(path) or pair.old_app.is_in_app(path)
    ):
        return False
    if entry.kind is EntryKind.OTHER or new.paths.resolve(path) is not None:
        return False
    # The system's packages are another check's, and a link that led nowhere is no loss.
    return path not in old.packaged_files and (
        is_file_entry(entry) or old.paths.resolve(path) is not None
    )


@dataclass(frozen=True)
class _Exemptions:
    """The reasons for which a lost file is not missed."""

    pair: ImagePair
    is_dev_dependency: Callable[[str], bool]
    embedded_pattern: re.Pattern[str]
    is_generated_interface: Callable[[str], bool]
    is_vendored_module: Callable[[str], bool]
    is_database_script: Callable[[str], bool]
    is_released: Callable[[str, Entry], bool]
    is_read: Callable[[str], bool]
    has_scripts: bool
    has_jar: bool
    has_war: bool
    mentions: SourceMentions
    new_contents: frozenset[str] | None
    has_source_maps: bool
    tool_settings: frozenset[str]
    frontends: tuple[NestedFrontend, ...] = ()

    @classmethod
    def from_pair(cls, pair: ImagePair) -> "_Exemptions":
        """Collect what the exemptions depend on."""
        new, sources = pair.new, pair.old_app.sources
        own_paths = [
            path
            for path in new.image.tree
            if new.is_added_by_dockerfile(path) and not is_dependency(path)
        ]
        return cls(
            pair,
            make_dev_dependency_matcher(pair.old_app),
            make_embedded_pattern(sources),
            make_generated_interface_matcher(sources),
            make_vendored_module_matcher(pair.old.image.tree, pair.old_app.program_sources),
            make_database_script_matcher(pair.old, pair.old_app.program_sources),
            make_released_file_matcher(new.image.tree, pair.old_app.program_sources),
            make_read_path_matcher(pair.old_app.program_sources),
            has_scripts=any(_JAVASCRIPT_FILE.search(path) for path in own_paths),
            has_jar=any(path.endswith((".jar", ".war")) for path in own_paths),
            has_war=any(path.endswith(".war") for path in own_paths),
            new_contents=_list_new_contents(pair) if _is_static_site(pair) else None,
            mentions=SourceMentions.from_pair(pair),
            has_source_maps=_has_source_maps(pair),
            tool_settings=list_tool_settings(pair),
            frontends=find_nested_frontends(pair),
        )

    def is_exempt(self, path: str, entry: Entry) -> bool:
        """Return True if a lost file is not missed."""
        # Tools come before dependencies: a module cache has vendor folders, too.
        if self._is_tool_file(path) or self._is_of_repository(path):
            return True
        if is_renamed_by_build_id(self.pair, path):
            return True
        is_read = path in self.tool_settings or self._is_read_at_run_time(path)
        return not is_read and self._is_unread(path, entry)

    def _is_unread(self, path: str, entry: Entry) -> bool:
        """Return True if a file is not missed, by what it is and what mentions it."""
        is_of_build = self._is_build_residue(path) or self.is_vendored_module(path)
        if is_of_build or self.is_dev_dependency(path):
            return True
        if is_dependency(path):
            return self._is_exempt_dependency(path, entry)
        old = self.pair.old
        is_for_people = is_development_file(path) or is_readme_picture(old, path)
        if is_for_people or is_host_script(old, path) or self.is_database_script(path):
            return not self.mentions.mentions_file(path)
        if self._is_build_input(path, entry) or self._is_install_by_product(path, entry):
            return True
        if self.new_contents is not None and self.pair.is_dropped(path):
            return self._is_bundled_frontend(path, entry)
        return self._is_dropped_on_purpose(path, entry)

    def _is_of_repository(self, path: str) -> bool:
        return is_repository_file(path) and not (is_version_file(path) and self.is_read(path))

    def _is_read_at_run_time(self, path: str) -> bool:
        """Return True for a file of the context in a folder that sources read, if not embedded."""
        old = self.pair.old
        if old.get_instruction_keyword(path) not in {"COPY", "ADD"} or not self.is_read(path):
            return False
        if path.endswith("/.gitignore") and ignores_all(old.read_text(path)):
            return False
        is_transpiled = self.has_scripts and is_transpiled_source(path)
        is_built = is_transpiled or self._is_frontend_input(path) or is_dependency(path)
        return not is_built and not self.embedded_pattern.match(path)

    def _is_outside_of_served(self, path: str) -> bool:
        """Return True for files beside the only folders that a file server reads."""
        app = self.pair.old_app
        if not app.served_folders:
            return False
        # At the root, what is no system's is the application's.
        is_at_root = not self.pair.old.workdir.strip("/") and not is_system_directory(
            path.partition("/")[0]
        )
        if not (is_at_root or app.is_in_app(path)):
            return False
        return not any(path.startswith(f"{folder}/") for folder in app.served_folders)

    def _is_frontend_input(self, path: str) -> bool:
        is_input = any(frontend.owns_input(path) for frontend in self.frontends)
        return (is_input or self._is_outside_of_served(path)) and self.pair.is_dropped(path)

    def _is_build_residue(self, path: str) -> bool:
        """Return True for build residue and embedded files.

        Template content, source maps in use and files of OUT_DIR that are read at run time are
        none.
        """
        if self.embedded_pattern.match(path) or self._is_frontend_input(path):
            return True
        if is_framework_draft(path, self.pair.new.image.tree):
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
        """Return True for files in the folders of tools, but not in those of the application."""
        old = self.pair.old
        if self.pair.old_app.is_in_app(path) or not is_tool_path(
            path, old.get_instruction_keyword(path)
        ):
            return False
        return not self.mentions.mentions_location(path)

    def _is_build_input(self, path: str, entry: Entry) -> bool:
        """Return True for files that the new image has in a jar or release, or as code."""
        if self.is_released(path, entry):
            return True
        if self.has_jar and (is_jar_input(path) or is_java_resource(path)):
            return True
        if (self.has_war and is_war_input(path)) or self.is_generated_interface(path):
            return True
        return self.has_scripts and is_transpiled_source(path) and not self.has_source_maps

    def _is_bundled_frontend(self, path: str, entry: Entry) -> bool:
        """Return True for files of a front end, unless files of the same folder are served.

        Where a folder is served, each file of it is in the new image again.
        """
        served = self.new_contents or frozenset()
        return entry.content_hash in served or path.rpartition("/")[0] not in self._served_folders

    @cached_property
    def _served_folders(self) -> frozenset[str]:
        """Return the old image's folders with a file that the new image has somewhere."""
        served = self.new_contents or frozenset()
        return frozenset(
            path.rpartition("/")[0]
            for path, entry in self.pair.old.image.tree.items()
            if entry.content_hash and entry.content_hash in served
        )

    def _is_exempt_dependency(self, path: str, entry: Entry) -> bool:
        """Return True for globally installed tools, and for the modules of a bundled front end."""
        if not self.pair.is_dropped(path):
            return entry.kind is EntryKind.SYMLINK and self.pair.old.paths.resolve(path) is None
        is_bundled = self.pair.new.find_program("node") is None or self.pair.new_app.is_file_server
        return (is_bundled and is_node_module(path)) or bool(_GLOBAL_NODE_MODULES.match(path))

    def _is_install_by_product(self, path: str, entry: Entry) -> bool:
        """Return True for what the installation of system packages created beside their files."""
        if self.pair.old.get_instruction_keyword(path) in {"COPY", "ADD"}:
            return False
        if path.startswith("etc/ssl/certs/"):
            return True
        if entry.kind is not EntryKind.SYMLINK:
            return False
        target = self.pair.old.paths.resolve(path) or ""
        is_gone = (
            target in self.pair.old.packaged_files and self.pair.new.paths.resolve(target) is None
        )
        return is_gone or bool(_TOOL_LINK_TARGET.search(entry.link))

    def _is_dropped_on_purpose(self, path: str, entry: Entry) -> bool:
        """Return True if the candidate's word is enough: for programs, not for data files."""
        if not self.pair.is_dropped(path):
            return False
        if self.pair.old.get_instruction_keyword(path) in {"COPY", "ADD"}:
            return bool(_SOURCE_FILE.search(path)) and not _DATA_FILE.search(path)
        # Beside a package's files, the rewriter takes what the same RUN made for the package's.
        if _SYSTEM_FILE.match(path) and is_named_by_run(self.pair.old, path):
            return False
        name = path.rpartition("/")[2]
        # Made by a RUN: of files with a suffix only kinds of data are missed.
        if "." in name.lstrip("."):
            return not _DATA_FILE.search(path)
        is_program = is_file_entry(entry) and bool(entry.mode & 0o111)
        return is_program or not self.pair.old_app.is_in_app(path)


def _has_source_maps(pair: ImagePair) -> bool:
    """Return True if Node traces errors back to the sources that scripts were made of."""
    settings = pair.old.config
    words = (*settings.command_line, settings.env.get("NODE_OPTIONS", ""))
    return any("--enable-source-maps" in word for word in words)


def _is_static_site(pair: ImagePair) -> bool:
    """Return True if the new image does nothing but serve files, as the candidate says."""
    program = pair.new.find_program(next(iter(pair.new.config.command_line), ""))
    words = [program or "", *pair.new.config.command_line]
    serves = any(_WEB_SERVER.search(word) for word in words)
    is_changed = pair.is_accepted_change("CMD") or pair.is_accepted_change("ENTRYPOINT")
    return (
        serves
        and is_changed
        and not any(pair.new.find_program(x) for x in ("node", "python3", "php"))
    )


def _list_new_contents(pair: ImagePair) -> frozenset[str]:
    """Return the content hashes of the files that the new image adds."""
    new = pair.new
    return frozenset(
        entry.content_hash
        for path, entry in new.image.tree.items()
        if entry.content_hash and new.is_added_by_dockerfile(path)
    )
