"""The copy of the whole context, moved below the installs that do not read it.

`COPY . .` above `npm ci` repeats the install with each change of a source. Here the files that
declare the dependencies are copied in its place, and the rest below the last such install.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile

from bot.advise.copy_targets import (
    copies_whole_context,
    is_copy,
    iter_context_copies,
    list_copy_sources,
    resolve_copy_destination,
)
from bot.advise.early_installs import EarlyRun, find_early_run
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.edits import TextChange, insert_lines
from bot.dockerfile.instruction import Instruction
from bot.dockerfile.instruction_lines import find_first_line, find_last_line, read_lines
from bot.dockerfile.source_text import Span
from bot.dockerfile.stages import Dockerfile
from bot.dockerfile.text_style import TextStyle, read_text_style
from bot.model.image import Image

_PLAIN_FLAGS = frozenset({"chmod", "chown", "link"})
_PLAIN_PATH = re.compile(r"[\w./@+-]+")
_COMMENT = "# Without the sources: a change of those does not repeat the installs."


@dataclass(frozen=True, slots=True)
class DeferredCopy:
    """A copy of the whole context, and the `RUN`s that it moves below.

    The files of the context that these read are copied in its place, but for those that an earlier
    instruction copies. `target` is its destination.
    """

    step: Step
    early_runs: tuple[EarlyRun, ...]
    target: str
    earlier_paths: frozenset[str] = frozenset()

    @property
    def runs(self) -> tuple[Step, ...]:
        """The `RUN`s that are above it as a whole."""
        return tuple(run.step for run in self.early_runs if run.joint is None)

    @property
    def joint(self) -> Span | None:
        """The bytes of the last one at which it is split in two; None if it is not."""
        return self.early_runs[-1].joint

    @property
    def manifests(self) -> tuple[str, ...]:
        """The files that are copied first."""
        return tuple(dict.fromkeys(name for run in self.early_runs for name in run.files))

    @property
    def line(self) -> int:
        """The line where the old file has it."""
        return self.step.instruction.line_start

    @property
    def last_run(self) -> Instruction:
        """The instruction that it moves below, or into."""
        return self.early_runs[-1].step.instruction

    @property
    def copied_early(self) -> frozenset[str]:
        """The paths in the image of the files that are copied first, without a leading slash."""
        return frozenset(posixpath.join(self.target, x).strip("/") for x in self.manifests)

    def render(
        self, dockerfile: Dockerfile, *, is_needed_below: bool = True
    ) -> Iterator[TextChange]:
        """Yield the changes that insert the copies; what removes the old one is not among them."""
        style, source = read_text_style(dockerfile), dockerfile.source
        instruction = self.step.instruction
        first = find_first_line(dockerfile, instruction)
        manifests = list(self._list_manifest_copies(style))
        if manifests:
            yield insert_lines(source, first, "\n".join(manifests))
        if not is_needed_below:
            return
        text = read_lines(source, first, find_last_line(instruction))
        if self.joint:
            yield TextChange(self.joint, f"\n{text}\n{style.format_line('RUN ')}")
        else:
            gap = "\n" if first < instruction.line_start else ""
            yield insert_lines(source, find_last_line(self.last_run) + 1, gap + text)

    def build_removal(self, dockerfile: Dockerfile) -> TextChange:
        """Return the change that removes the old copy."""
        instruction = self.step.instruction
        first, last = find_first_line(dockerfile, instruction), find_last_line(instruction)
        return TextChange(dockerfile.source.span_of_lines(first, last), "")

    def _list_manifest_copies(self, style: TextStyle) -> Iterator[str]:
        """Yield the lines that copy them: one instruction for each folder."""
        instruction = self.step.instruction
        destination = instruction.words[-1].removesuffix("/.").rstrip("/")
        folders: dict[str, list[str]] = {}
        for path in self.manifests:
            if posixpath.join(self.target, path) not in self.earlier_paths:
                folders.setdefault(posixpath.dirname(path), []).append(path)
        flags = [flag.text for flag in instruction.flags]
        if folders:
            yield _COMMENT
        for folder, paths in folders.items():
            target = f"{destination}/{folder}/" if folder else f"{destination}/"
            yield style.format_line(style.wrap_words(["COPY", *flags, *paths, target]))


def find_deferred_copy(rule_input: RuleInput) -> DeferredCopy | None:
    """Return the first copy of the whole context if installs below it do not need it."""
    copies = (x for x in iter_context_copies(rule_input.steps) if copies_whole_context(x))
    step = next(copies, None)
    if step is None or step.stage is not rule_input.final_stages[-1] or not _is_plain(step):
        return None
    target, earlier_paths = resolve_copy_destination(step), _list_earlier_paths(rule_input, step)
    runs = list(_list_early_runs(rule_input, step, target)) if target else []
    # Where one of them replaces a source, it stays below the copy, and so do those after it.
    while target and any(run.installs for run in runs):
        deferred = DeferredCopy(step, tuple(runs), target, earlier_paths)
        is_plain = all(map(_PLAIN_PATH.fullmatch, deferred.manifests))
        if is_plain and not _replaces_sources(rule_input.image, deferred):
            return deferred
        runs.pop()
    return None


def _list_earlier_paths(rule_input: RuleInput, step: Step) -> frozenset[str]:
    """Return the paths of the files that the instructions right above a copy take by their names.

    A `RUN` between the two may change them.
    """
    above = takewhile(
        lambda other: other.stage is step.stage and other.instruction.keyword != "RUN",
        reversed(rule_input.steps_before(step)),
    )
    # `COPY web/package.json ./` brings another file than the one at the top of the context.
    return frozenset(
        posixpath.join(resolve_copy_destination(copy) or "", source)
        for copy in iter_context_copies(tuple(above))
        for source in map(posixpath.normpath, list_copy_sources(copy))
        if source == posixpath.basename(source)
    )


def _is_plain(step: Step) -> bool:
    """Return True for `COPY . …` of one source, to which nothing that is set below it applies."""
    instruction = step.instruction
    flags = {flag.name for flag in instruction.flags}
    is_single = list_copy_sources(step) in ((".",), ("./",))
    is_plain = bool(_PLAIN_PATH.fullmatch(instruction.words[-1])) and "$" not in instruction.text
    return is_copy(step) and is_single and is_plain and flags <= _PLAIN_FLAGS


def _list_early_runs(rule_input: RuleInput, copy: Step, target: str) -> Iterator[EarlyRun]:
    """Yield the `RUN`s that the copy can move below; it may split the last one."""
    is_relative = not posixpath.isabs(copy.instruction.words[-1])
    for step in rule_input.steps_after(copy):
        keyword = step.instruction.keyword
        if keyword in ("COPY", "ADD") or (keyword == "WORKDIR" and is_relative):
            return
        if keyword == "RUN":
            run = find_early_run(rule_input, step, target)
            if run:
                yield run
            if run is None or run.joint:
                return


def _replaces_sources(image: Image | None, deferred: DeferredCopy) -> bool:
    """Return True if a `RUN` removes or rewrites a file of the copy that it does not install from.

    Below it, the copy would bring this file again. Without an image, this is not known.
    """
    lines = {run.step.instruction.line_start for run in deferred.early_runs}
    return image is not None and any(
        _find_line(image, file.shipping_layer) == deferred.line
        and _find_line(image, file.hiding_layer) in lines
        and file.path not in deferred.copied_early
        for file in image.wasted_files
    )


def _find_line(image: Image, layer: int) -> int | None:
    instruction = image.layers[layer].instruction
    return instruction.line_start if instruction else None
