"""Two adjacent `RUN`s of which the second rewrites files of the first."""

import posixpath
import re
from collections.abc import Iterator

from bot.advise.copy_targets import is_copy, list_copied_paths
from bot.advise.dockerfile_changes import merge_runs
from bot.advise.finding import Finding, FixSafety
from bot.advise.script_paths import resolve_word
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_script import Word
from bot.model.files import WasteCause
from bot.model.sizes import format_size

_REWRITING_PROGRAMS = ("strip", "patchelf", "upx")
_BUILDING_PROGRAMS = (
    "make",
    "ninja",
    "cmake",
    "meson",
    "go",
    "cargo",
    "gcc",
    "g++",
    "cc",
    "clang",
    "rustc",
    "nim",
    "zig",
    "ghc",
    "stack",
    "cabal",
    "dub",
    "crystal",
    "shards",
)
# `-o=/usr/bin/app` names `app` as well.
_WORD_PARTS = re.compile(r"[/=:\"']")
_OWNERSHIP_PROGRAMS = ("chown", "chmod", "chgrp")


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report neighbours that share files; merging any others saves nothing."""
    for first, second in zip(rule_input.steps, rule_input.steps[1:], strict=False):
        # hadolint DL3059 flags all neighbours, but by itself a layer costs nothing.
        if first.calls and second.calls and first.stage is second.stage:
            saving = _measure_saving(rule_input, first, second)
            changes = merge_runs(rule_input.dockerfile, first.instruction, second.instruction)
            is_likely = saving is None and _rewrites_files(rule_input, first, second)
            if changes and (saving or is_likely):
                yield Finding(
                    second.instruction,
                    "Merge the two `RUN` instructions",
                    f"This `RUN` rewrites {format_size(saving) if saving else 'files'} of line "
                    f"{first.instruction.line_start}. Merged into one `RUN`, both run again if "
                    "either changes: the layer cache has one entry less.",
                    saving,
                    changes,
                    FixSafety.NEEDS_CHECK,
                )


def _measure_saving(rule_input: RuleInput, first: Step, second: Step) -> int | None:
    """Return the bytes of the first that the second overwrites.

    Owners and modes belong to changed-in-a-later-layer.
    """
    if rule_input.evidence is None:
        return None
    layer = rule_input.evidence.find_layer(first.instruction)
    if layer is None or any(call.name in _OWNERSHIP_PROGRAMS for call in second.calls):
        return 0
    hidden = rule_input.evidence.find_hidden_files(
        second.instruction, WasteCause.OVERWRITTEN, WasteCause.COPIED
    )
    return sum(waste.size for waste in hidden if waste.shipping_layer == layer.index)


def _rewrites_files(rule_input: RuleInput, first: Step, second: Step) -> bool:
    """Return True if the first seems to make files that the second rewrites."""
    return any(
        _makes_file(rule_input, first, second, call, word)
        for call in second.calls
        if call.name in _REWRITING_PROGRAMS
        for word in call.operands
    )


def _makes_file(rule_input: RuleInput, first: Step, second: Step, call: Call, word: Word) -> bool:
    """Return True if the first names the file, or builds files and no `COPY` brought this one."""
    path = resolve_word(second, call, word)
    name = posixpath.basename(path)
    words = [other.text for x in first.calls for other in x.arguments]
    if name and any(name in _WORD_PARTS.split(text) for text in words):
        return True
    copies = [copy for copy in rule_input.steps_before(second) if is_copy(copy)]
    return any(x.name in _BUILDING_PROGRAMS for x in first.calls) and not any(
        path in list_copied_paths(copy) for copy in copies
    )
