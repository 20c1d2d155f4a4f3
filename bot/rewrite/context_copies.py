"""The copies from the build context at the end of a file, which move to the last stage.

No `RUN` below them needs their files. Where the last stage copies these itself, a change of a
source repeats one `COPY`, as in the old file, and nothing of the build stage.
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bot.advise.copy_targets import (
    is_copy,
    is_remote_add,
    list_copy_sources,
    resolve_copy_destination,
)
from bot.advise.deferred_copy import DeferredCopy
from bot.advise.subject import Step
from bot.image.open_image import collect_folders
from bot.model.files import EntryKind
from bot.rewrite.build_facts import BuildFacts
from bot.rewrite.copy_choice import (
    MAX_EXTRA_BYTES,
    MAX_PART_LINES,
    MAX_SPLIT_LINES,
    CopyChoice,
)
from bot.rewrite.file_selection import IN_DEPENDENCIES, REPOSITORY_PATHS
from bot.rewrite.folder_modes import is_mode_needed, runs_other_users
from bot.rewrite.project_residue import came_from_context

_BUILDERS = ("ADD", "COPY", "RUN")
# Flags with which a COPY of a part brings the same as a COPY of all. --exclude and --parents change
# what a source means.
_PLAIN_FLAGS = frozenset({"chmod", "chown", "link"})
_PATTERN_CHARACTERS = frozenset("*?[\\")
_PLAIN_NAME = re.compile(r"[\w.@+-]+")
_ARCHIVE = re.compile(r"\.(?:tar(?:\.\w+)?|t[gbx]z2?|txz)$")


@dataclass(frozen=True)
class MovedCopies:
    """The copies that the last stage makes in place of the build stage.

    `lines` are the instructions for it by the line of the old one, empty where nothing that it
    brings is needed, None where it moves as it is. `shipped_paths` come with them; `absent_paths`
    are not in the build stage any more.
    """

    lines: Mapping[int, tuple[str, ...] | None] = field(default_factory=dict)
    shipped_paths: frozenset[str] = frozenset()
    absent_paths: frozenset[str] = frozenset()


def find_moved_copies(
    facts: BuildFacts, selected_paths: frozenset[str], deferred: DeferredCopy | None = None
) -> MovedCopies:
    """Return the copies below the last `RUN` that ship nothing but what is selected.

    Those that only installs without need of them follow are among them.
    """
    files_by_line = _group_by_line(facts)
    lines: dict[int, tuple[str, ...] | None] = {}
    shipped, absent = set[str](), set[str]()
    for step in _list_trailing_copies(facts, deferred.runs if deferred else ()):
        number = step.instruction.line_start
        files = frozenset(files_by_line.get(number, ()))
        copy = _TrailingCopy(_Tree(facts, step, files), selected_paths)
        # An earlier copy must not move past one that stays: where both bring a file, the later
        # one has to win.
        if not copy.can_move:
            break
        lines[number] = copy.parts
        shipped |= copy.shipped_paths
        absent |= files
    # A file that an earlier layer has, too, is still in the build stage: as an older version, which
    # a COPY of its folder from there must not bring.
    present = facts.hidden_sizes.keys() | (deferred.copied_early if deferred else frozenset())
    return MovedCopies(lines, frozenset(shipped), frozenset(absent - present))


def _group_by_line(facts: BuildFacts) -> Mapping[int, list[str]]:
    """Return the Dockerfile's own files by the line of the instruction that brought each."""
    image = facts.built.image
    grouped: dict[int, list[str]] = {}
    for path in facts.built.own_files:
        instruction = image.layers[image.layer_by_path[path]].instruction
        if instruction:
            grouped.setdefault(instruction.line_start, []).append(path)
    return grouped


def _list_trailing_copies(facts: BuildFacts, early_runs: Sequence[Step]) -> Iterator[Step]:
    """Yield the copies from the context below all other instructions that create files, last first.

    What they bring is known from the text: no variable is in it, and nothing is downloaded.
    """
    stage = facts.rule_input.final_stages[-1]
    for step in reversed(facts.rule_input.steps):
        instruction = step.instruction
        if instruction.keyword not in _BUILDERS or step in early_runs:
            continue
        is_plain = is_copy(step) and not is_remote_add(step) and "$" not in instruction.text
        if step.stage is not stage or not is_plain or instruction.flag_value("from") is not None:
            return
        yield step


@dataclass(frozen=True)
class _Tree:
    """The files that one copy brings; `layer_paths` are those of its layer."""

    facts: BuildFacts
    step: Step
    layer_paths: frozenset[str]

    @cached_property
    def paths(self) -> frozenset[str]:
        """All its files, with those that an earlier COPY brought: no layer has these again."""
        context, own_files = self.facts.rule_input.context, self.facts.built.own_files
        # Of `COPY package.json .` and `COPY . .` only the first has package.json in its layer: an
        # equal file is no change. Without the context, the layer is all that is known.
        if context is None or self.source is None or self.target is None:
            return self.layer_paths
        above = f"{self.source}/" if self.source else ""
        sent = (x[len(above) :] for x in context.file_sizes if x.startswith(above))
        paths = (posixpath.join(self.target, name) for name in sent)
        return self.layer_paths | frozenset(
            path for path in paths if path in own_files and came_from_context(self.facts, path)
        )

    @cached_property
    def target(self) -> str | None:
        """The destination without a leading slash; None if it is unknown."""
        target = resolve_copy_destination(self.step)
        return None if target is None else target.strip("/")

    @cached_property
    def source(self) -> str | None:
        """The folder of the context that it copies, empty for all of it; None if it is none."""
        sources = list_copy_sources(self.step)
        name = posixpath.normpath(f"/{sources[0]}").strip("/")
        is_single = len(sources) == 1 and _PATTERN_CHARACTERS.isdisjoint(name)
        return name if is_single and self.target not in self.layer_paths else None

    def find_part(self, path: str) -> str | None:
        """Return the name in the copied folder of what a path is, or is below; None if unknown."""
        above = f"{self.target}/" if self.target else ""
        if self.source is None or self.target is None or not path.startswith(above):
            return None
        return path[len(above) :].partition("/")[0]

    def is_folder(self, part: str) -> bool:
        """Return True for a part that is no file."""
        return posixpath.join(self.target or "", part) not in self.paths

    def is_plain(self, part: str) -> bool:
        """Return True if a copy by this name brings what the copy of the whole folder brings.

        It would follow a link, and ADD would unpack an archive.
        """
        entry = self.facts.built.tree.get(posixpath.join(self.target or "", part))
        is_link = entry is not None and entry.kind is EntryKind.SYMLINK
        is_archive = self.step.instruction.keyword == "ADD" and bool(_ARCHIVE.search(part))
        return bool(_PLAIN_NAME.fullmatch(part)) and not is_link and not is_archive

    def render(self, parts: Iterable[str]) -> Iterator[str]:
        """Yield one instruction for each folder, and one for all files."""
        instruction, style = self.step.instruction, self.facts.text_style
        words = (instruction.keyword, *(flag.text for flag in instruction.flags))
        target = instruction.words[-1]
        # `COPY src app/src`: of a folder, COPY brings the contents, so that its name is repeated.
        target = "." if target in (".", "./") else target.removesuffix("/.").rstrip("/")
        ordered = sorted(parts)
        for name in filter(self.is_folder, ordered):
            source = posixpath.join(self.source or "", name)
            yield " ".join((*words, source, f"{target}/{name}"))
        files = [posixpath.join(self.source or "", x) for x in ordered if not self.is_folder(x)]
        if files:
            yield style.wrap_words((*words, *files, f"{target}/"))


@dataclass(frozen=True)
class _TrailingCopy:
    """One copy, and whether it moves: as it is, or as `parts` without what nothing reads."""

    tree: _Tree
    selected_paths: frozenset[str]

    @property
    def can_move(self) -> bool:
        """True if the last stage gets the same files with the same owners by it."""
        # Vendored dependencies change less often than sources, and get a layer of their own: only
        # copies from the build stage are split for that.
        if any(map(IN_DEPENDENCIES.search, self.tree.paths)):
            return False
        has_repository = any(map(REPOSITORY_PATHS.search, self._residue))
        can_be_said = self.parts is not None or (self._is_little and not has_repository)
        return can_be_said and all(map(self._keeps_folder, self._created_folders))

    @property
    def shipped_paths(self) -> frozenset[str]:
        """The files that come with it."""
        return self.tree.paths if self.parts is None else self._needed

    @property
    def _needed(self) -> frozenset[str]:
        return self.tree.paths & self.selected_paths

    @cached_property
    def _residue(self) -> frozenset[str]:
        return self.tree.paths - self.selected_paths

    @property
    def _residue_bytes(self) -> int:
        return sum(self.tree.facts.built.tree[path].size for path in self._residue)

    @property
    def _is_little(self) -> bool:
        return self._residue_bytes <= MAX_EXTRA_BYTES

    @cached_property
    def parts(self) -> tuple[str, ...] | None:
        """The instructions for what is needed alone; None where it stays as it is.

        Little that nothing reads may come along where it would take many lines to leave it out.
        """
        if CopyChoice((), tuple(self._residue)).is_trivial(self._residue_bytes):
            return None
        flags = {flag.name for flag in self.tree.step.instruction.flags}
        # By its name a part comes as a whole: none may have both what is needed and what is not.
        parts = {self.tree.find_part(path) for path in self._needed}
        names = {name for name in parts if name and self.tree.is_plain(name)}
        with_residue = {self.tree.find_part(path) for path in self._residue}
        if parts != names or names & with_residue or not flags <= _PLAIN_FLAGS:
            return None
        lines = tuple(self.tree.render(names))
        return lines if len(lines) <= self._max_lines else None

    @property
    def _max_lines(self) -> int:
        return MAX_PART_LINES if self._is_little else MAX_SPLIT_LINES

    @property
    def _created_folders(self) -> set[str]:
        """The folders that the Dockerfile created, among those above its files."""
        folders = collect_folders(map(posixpath.dirname, self.shipped_paths))
        return folders & self.tree.facts.built.own_folders.keys()

    def _keeps_folder(self, folder: str) -> bool:
        """Return True if a folder has the same owner and mode in the last stage.

        WORKDIR makes folders of root, and COPY those below its destination with its own owner.
        """
        facts = self.tree.facts
        entry = facts.built.image.directories[folder]
        is_below = f"{folder}/".startswith(f"{self.tree.target}/")
        is_given = is_below and self.tree.step.instruction.flag_value("chown") is not None
        is_same_owner = (entry.uid, entry.gid) == (0, 0) or is_given
        has_mode = runs_other_users(facts) and is_mode_needed(facts, folder, is_common=False)
        return is_same_owner and not has_mode
