"""Archives that are downloaded or copied, and unpacked, but not deleted."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice

from bot.advise.cleanup_commands import Cleanup, add_cleanup_behind
from bot.advise.copy_targets import find_unpacked_archive, is_copy, is_remote_add, list_copied_paths
from bot.advise.finding import Finding, FixSafety
from bot.advise.path_patterns import covers_pattern
from bot.advise.script_paths import expand_braces, list_removed_paths, resolve_word
from bot.advise.subject import RuleInput, Step
from bot.advise.unpack_commands import find_archive
from bot.dockerfile.shell_calls import Call
from bot.dockerfile.shell_script import Word

_DELETING_WORDS = ("-delete", "rm")
# All of the suffixes: `.tar.gz` of `app-$V.tar.gz`.
_EXTENSIONS = re.compile(r"(?:\.[a-z0-9]+)*$")
_BRACED_VARIABLE = re.compile(r"\$\{(\w+)\}")
_PATTERN_WORD = re.compile(r"[^\s\"';|&]*\*[^\s\"';|&]*")
_DOWNLOADERS = ("curl", "wget", "aria2c")
_MAX_ARCHIVES = 50  # nobody unpacks as many in one `RUN`
_TITLE = "Delete the archive in the `RUN` that unpacks it"


@dataclass(frozen=True, slots=True)
class _UnpackCommand:
    """A command that unpacks, its archive, and the archive's path as far as it is known."""

    call: Call
    archive: Word
    path: str

    @property
    def archive_name(self) -> str:
        return self.archive.text.strip("\"'").rpartition("/")[2]


class _EarlierDownloads:
    """The `RUN`s that download a file, by the last part of each word; each is named once."""

    def __init__(self, rule_input: RuleInput) -> None:
        self._steps: dict[str, Step] = {}
        for step in rule_input.iter_runs():
            for call in step.calls:
                for word in call.arguments if call.name in _DOWNLOADERS else ():
                    self._steps.setdefault(_name_file(word), step)

    def take(self, step: Step, unpack: _UnpackCommand) -> Step | None:
        """Return the earlier `RUN` that downloads an archive; None the next time."""
        download = self._steps.get(_name_file(unpack.archive))
        if download is None or download.instruction.line_start >= step.instruction.line_start:
            return None
        return self._steps.pop(_name_file(unpack.archive))


def _name_file(word: Word) -> str:
    """Return the last part of a path or a URL, `${V}` and `$V` being the same."""
    name = word.text.strip("\"'").rpartition("/")[2].partition("?")[0]
    return _BRACED_VARIABLE.sub(r"$\1", name)


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every archive that a `RUN` unpacks and keeps."""
    earlier_downloads = _EarlierDownloads(rule_input)
    for step in rule_input.iter_runs():
        downloads = list[_UnpackCommand]()
        for unpack in _find_unpack_commands(step):
            if _is_used_later(step, unpack) or _is_mounted(step, unpack):
                continue
            copy = _find_copy(rule_input, step, unpack)
            if copy:
                yield _build_copy_finding(rule_input, step, unpack, copy)
            elif _is_downloaded_in_run(step, unpack):
                downloads.append(unpack)
            elif download := earlier_downloads.take(step, unpack):
                yield _build_copy_finding(rule_input, step, unpack, download)
        if downloads:
            yield _build_finding(rule_input, step, downloads)


def _build_finding(rule_input: RuleInput, step: Step, unpacks: list[_UnpackCommand]) -> Finding:
    cleanups = [
        # Without `-f`: if the archive is not there, the build shall say so, and nothing else is
        # removed.
        Cleanup(f"{{sudo}}rm {unpack.archive.text}", [unpack.call])
        for unpack in unpacks
        if not _is_named_elsewhere(rule_input, step, unpack)
    ]
    added = [add_cleanup_behind(rule_input, step, cleanup) for cleanup in cleanups]
    changes = tuple(change for each in added for change in each)
    # What sudo has downloaded may be another user's, and rm fails.
    is_safe = not any("sudo" in call.wrappers for call in step.calls)
    savings = [_measure_saving(rule_input, step, unpack) for unpack in unpacks]
    return Finding(
        step.instruction,
        _TITLE,
        "Nothing needs it once it is unpacked. A download that is piped into `tar` is never "
        "stored.",
        sum(filter(None, savings)) if None not in savings else None,
        changes,
        (FixSafety.SAFE if is_safe else FixSafety.NEEDS_CHECK) if changes else FixSafety.MANUAL,
    )


def _build_copy_finding(
    rule_input: RuleInput, step: Step, unpack: _UnpackCommand, copy: Step
) -> Finding:
    line, saving = copy.instruction.line_start, _measure_saving(rule_input, copy, unpack)
    reason = "Nothing needs the archive once it is unpacked."
    if copy.instruction.keyword == "RUN" or is_remote_add(copy):
        return Finding(
            step.instruction,
            "Download the archive in the `RUN` that unpacks it",
            f"{reason} Line {line} downloads the archive into a layer, where it stays.",
            saving,
        )
    return Finding(
        step.instruction,
        "Mount the archive instead of copying it",
        f"{reason} Line {line} copies the archive into a layer; `ADD` unpacks a tar archive, and "
        "`RUN --mount=type=bind` gives files to a command without storing them.",
        saving,
    )


def _is_named_elsewhere(rule_input: RuleInput, step: Step, unpack: _UnpackCommand) -> bool:
    """Return True if another instruction behind this one names the archive, or may match it."""
    texts = [
        instruction.text
        for instruction in rule_input.dockerfile.statements
        if instruction.line_start > step.instruction.line_start
    ]
    patterns = (word for text in texts for word in _PATTERN_WORD.findall(text))
    return any(unpack.archive_name in text for text in texts) or any(
        _may_match(pattern, unpack.path) for pattern in patterns
    )


def _may_match(pattern: str, path: str) -> bool:
    """Return True if a pattern of a later line may match the archive: `rm *.tgz` would fail."""
    folder, _, name = pattern.rpartition("/")
    is_same_folder = not folder or folder == posixpath.dirname(path)
    return fnmatchcase(posixpath.basename(path), name) and (is_same_folder or name != "*")


def _measure_saving(rule_input: RuleInput, step: Step, unpack: _UnpackCommand) -> int | None:
    """Return the archive's size in the layer.

    By its extension where a variable is part of its name.
    """
    if rule_input.evidence is None:
        return None
    is_known = "$" not in unpack.archive_name
    suffix = unpack.archive_name if is_known else _EXTENSIONS.findall(unpack.archive_name)[0]
    files = rule_input.evidence.file_sizes(step.instruction)
    return sum(size for path, size in files.items() if path.endswith(suffix))


def _find_unpack_commands(step: Step) -> Iterator[_UnpackCommand]:
    unpacking = (call for call in step.calls if find_archive(call))
    for call in islice(unpacking, _MAX_ARCHIVES):
        archive = find_archive(call)
        if archive is not None and archive.text not in ("-", "/dev/stdin"):
            yield _UnpackCommand(call, archive, resolve_word(step, call, archive))


def _is_mounted(step: Step, unpack: _UnpackCommand) -> bool:
    """Return True if the archive, or its folder, is a mount of the `RUN`.

    A variable that only the base image sets may name a cache mount: Islandora-Devops/isle-buildkit.
    """
    if unpack.path.startswith("$") and any(x.kind == "cache" for x in step.instruction.mounts):
        return True
    targets = (mount.target for mount in step.instruction.mounts)
    return any(covers_pattern(target, unpack.path) for target in targets if target)


def _find_copy(rule_input: RuleInput, step: Step, unpack: _UnpackCommand) -> Step | None:
    """Return the `COPY` of an earlier layer that brought the archive.

    archive-added-by-url reports an `ADD` of a URL; an `ADD` of a tar archive unpacks it.
    """
    copies = [
        copy
        for copy in rule_input.steps_before(step)
        if is_copy(copy)
        and unpack.path in list_copied_paths(copy)
        and find_unpacked_archive(rule_input, copy) is None
    ]
    return copies[-1] if copies else None


def _is_downloaded_in_run(step: Step, unpack: _UnpackCommand) -> bool:
    """Return True if an earlier command of the same `RUN` names the archive."""
    earlier = step.calls[: step.calls.index(unpack.call)]
    return any(_names_archive(word, unpack) for call in earlier for word in call.arguments)


def _names_archive(word: Word, unpack: _UnpackCommand) -> bool:
    """Return True if a word has the archive's name in it, `${V}` and `$V` being the same."""
    return _BRACED_VARIABLE.sub(r"$\1", unpack.archive_name) in _BRACED_VARIABLE.sub(
        r"$\1", word.text
    )


def _is_used_later(step: Step, unpack: _UnpackCommand) -> bool:
    """Return True if a later command names the archive, or may remove it."""
    later = step.calls[step.calls.index(unpack.call) + 1 :]
    if any(_names_archive(word, unpack) for call in later for word in call.arguments):
        return True
    return any(
        call in later and _may_remove(call, path, unpack) for call, path in list_removed_paths(step)
    )


def _may_remove(call: Call, path: str, unpack: _UnpackCommand) -> bool:
    """Return True if a command may remove the archive: by a pattern, or with its folder."""
    # Which files a `find` matches is not followed: any deletion may be the archive's.
    if call.name == "find":
        return any(word.text in _DELETING_WORDS for word in call.arguments)
    # Only the running shell knows what it removes.
    if "$" in path or "`" in path or any(x in path for x in "*?["):
        return True
    archive_path = expand_braces(unpack.path)[0]
    is_relative = not path.startswith(("/", "~")) or not archive_path.startswith(("/", "~"))
    folder = path.rstrip("/") + "/"
    return f"{archive_path}/".startswith(folder) or (is_relative and folder in f"/{archive_path}")
