"""`chown` and `chmod` of files from lower layers, which stores them again."""

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from bot.advise.copy_flags import (
    CopyMove,
    build_changes,
    copies_folder,
    has_small_copies,
    is_possible,
    rate_safety,
)
from bot.advise.copy_index import CopyIndex, list_folders
from bot.advise.copy_targets import (
    copies_whole_context,
    list_copy_sources,
    resolve_copy_destination,
)
from bot.advise.finding import Finding, FixSafety
from bot.advise.ownership_targets import (
    is_created_in_run,
    is_removed_behind,
    is_rewritten,
    list_build_arguments,
    list_targets,
    resolve_targets,
)
from bot.advise.path_patterns import has_pattern
from bot.advise.shell_variables import list_variables
from bot.advise.subject import RuleInput, Step
from bot.dockerfile.shell_calls import Call
from bot.model.files import WasteCause
from bot.model.sizes import join_names

_USER_PROGRAMS = ("adduser", "useradd")
_OWNERSHIP_PROGRAMS = ("chown", "chmod")


def find(rule_input: RuleInput) -> Iterator[Finding]:
    """Report every `RUN` that changes owners or modes of files in lower layers."""
    index, flagged = CopyIndex(rule_input), set[tuple[int, str]]()
    for step in rule_input.iter_runs():
        calls = [call for call in step.calls if call.name in _OWNERSHIP_PROGRAMS]
        copies = {call: _find_copies(rule_input, index, step, call) for call in calls}
        affected = [
            call
            for call in calls
            if (copies[call] or _may_affect_copies(rule_input, index, step, call))
            and not _has_flag_already(index, step, call)
            and not is_rewritten(step, call)
            and not is_removed_behind(step, call)
        ]
        if affected and not all(is_created_in_run(step, call) for call in affected):
            moves = {
                call: CopyMove(call, copy)
                for call in affected
                if (copy := _find_single_copy(index, step, call, copies[call]))
                # BuildKit refuses a second flag of one name.
                and (copy.instruction.line_start, call.name) not in flagged
            }
            plan = _MovePlan(step, calls, moves)
            first = plan.find_lasting(affected)
            groups = [plan.list_group(call) for call in (first, *affected)]
            chosen = _choose_moves(rule_input, index, step, groups)
            partners = plan.list_partners(first, affected)
            finding = _build_finding(
                rule_input, step, first, moves.get(first), chosen, partners=partners
            )
            if finding.changes:
                flagged |= {
                    (move.copy.instruction.line_start, call.name) for call, move in moves.items()
                }
            yield finding


class _MovePlan:
    """The commands of a `RUN` whose work flags can do, with those that change the same files.

    `chown app /x && chmod 700 /x` stores `/x` again as long as one of the two is there.
    """

    def __init__(self, step: Step, calls: Sequence[Call], moves: Mapping[Call, CopyMove]) -> None:
        self._targets = {call: resolve_targets(step, call) for call in calls}
        self._moves = moves
        self._by_path = defaultdict[str, list[Call]](list)
        for call, targets in self._targets.items():
            for target in targets:
                self._by_path[target].append(call)

    def find_lasting(self, affected: Sequence[Call]) -> Call:
        """Return the first command whose files no other one of them stores again."""
        return next((call for call in affected if self._is_lasting(call, affected)), affected[0])

    def list_partners(self, call: Call, affected: Sequence[Call]) -> list[Call]:
        """Return the other commands, if any, that would store the files of a command again."""
        if self._is_lasting(call, affected):
            return []
        return [x for x in self._list_others(call) if x in affected and x.name != call.name][:1]

    def list_group(self, call: Call) -> tuple[CopyMove, ...]:
        """Return the moves of a command and of those that change its files; none if one stays."""
        calls = (call, *self._list_others(call))
        moves = [self._moves[other] for other in calls if other in self._moves]
        names = {(move.call.name, move.copy.instruction.line_start) for move in moves}
        is_one_copy = len({line for _, line in names}) == 1
        is_whole = len(moves) == len(calls) == len(names) and is_one_copy
        return tuple(moves) if is_whole else ()

    def _is_lasting(self, call: Call, affected: Sequence[Call]) -> bool:
        return bool(self.list_group(call)) or not any(
            other in affected for other in self._list_others(call)
        )

    def _list_others(self, call: Call) -> list[Call]:
        """Return the other commands that change all files of a command."""
        groups = [
            {other for folder in list_folders(target) for other in self._by_path.get(folder, ())}
            for target in self._targets[call]
        ]
        others = set[Call]().union(*groups).intersection(*groups) - {call}
        return [other for other in self._targets if other in others and self._covers(other, call)]

    def _covers(self, other: Call, call: Call) -> bool:
        is_same = self._targets[other] == self._targets[call] and not call.is_recursive
        return other.is_recursive or is_same


def _build_finding(
    rule_input: RuleInput,
    step: Step,
    call: Call,
    move: CopyMove | None,
    chosen: Sequence[CopyMove],
    *,
    partners: list[Call],
) -> Finding:
    """Build the finding on a command, with the moves of others that are as safe."""
    moves = chosen if move in chosen else ()
    changes = tuple(build_changes(rule_input, step, moves))
    return Finding(
        step.instruction,
        _build_title(call, moves if changes else [move] if move else [], partners),
        _build_message(call, is_exact=not call.is_recursive)
        + (_describe_late_user(rule_input, step, call, move.copy) if move else ""),
        _measure_saving(rule_input, step),
        changes,
        rate_safety(rule_input, moves[:1]) if changes else FixSafety.MANUAL,
    )


def _build_title(call: Call, moves: Sequence[CopyMove], partners: list[Call]) -> str:
    # Of several files only the first command is named; of one file, each that goes.
    lines = list(dict.fromkeys(str(move.copy.instruction.line_start) for move in moves))
    calls = [move.call for move in moves] if len(lines) == 1 else [call]
    calls += [partner for partner in partners if partner not in calls]
    flags = " ".join(f"--{named.name}" for named in calls)
    commands = " and ".join(f"`{_name(named)}`" for named in calls)
    listed = join_names(lines)
    where = f" on line{'s' if len(lines) > 1 else ''} {listed}" if lines else ""
    return f"Use `COPY {flags}`{where} instead of {commands}"


def _name(call: Call) -> str:
    return f"{call.name} -R" if call.is_recursive else call.name


def _build_message(call: Call, *, is_exact: bool) -> str:
    reason = f"`RUN {call.name}` stores a second copy of every file that it changes."
    if is_exact:
        return reason
    return (
        f"{reason} `COPY --{call.name}` applies to the copied files, but not to a folder that "
        "already exists, nor to files from other instructions: check that they do not need it."
    )


def _describe_late_user(rule_input: RuleInput, step: Step, call: Call, copy: Step) -> str:
    """Return a sentence if the new owner is created only behind the `COPY`."""
    owner = (call.operands[0].value or "").partition(":")[0] if call.name == "chown" else ""
    for other in rule_input.steps_after(copy) if owner else ():
        if other.instruction.line_start > step.instruction.line_start:
            break
        if any(x.name in _USER_PROGRAMS and owner in x.known_arguments for x in other.calls):
            return f" Create the user `{owner}` above line {copy.instruction.line_start} first."
    return ""


def _measure_saving(rule_input: RuleInput, step: Step) -> int | None:
    if rule_input.evidence is None:
        return None
    hidden_files = rule_input.evidence.find_hidden_files(step.instruction, WasteCause.COPIED)
    return sum(file.size for file in hidden_files)


def _choose_moves(
    rule_input: RuleInput, index: CopyIndex, step: Step, groups: Sequence[tuple[CopyMove, ...]]
) -> tuple[CopyMove, ...]:
    """Return the first moves and, if they are safe, the other safe ones; none if not possible.

    A file that `--write` saves would otherwise have another one for the next run.
    """
    first = groups[0]
    if not first or not all(is_possible(rule_input, index, step, move) for move in first):
        return ()
    if rate_safety(rule_input, first) is not FixSafety.SAFE:
        return first
    by_copy = {first[0].copy.instruction.line_start: first}
    for group in filter(None, groups):
        is_safe = rate_safety(rule_input, group) is FixSafety.SAFE
        if is_safe and all(is_possible(rule_input, index, step, move) for move in group):
            by_copy.setdefault(group[0].copy.instruction.line_start, group)
    return tuple(move for group in by_copy.values() for move in group)


def _find_copies(rule_input: RuleInput, index: CopyIndex, step: Step, call: Call) -> list[Step]:
    """Return the instructions that added exactly a path that is changed.

    A build argument may name another path in the next build, unless the `COPY` has it as well.
    """
    find = index.find_by_destination if call.is_recursive else index.find_by_path
    arguments = list_build_arguments(rule_input, step, call)
    copies = (
        copy
        for target in resolve_targets(step, call)
        for copy in find(step, target)
        # Without `-R`, only the entry of a folder is changed.
        if call.is_recursive or not _is_folder(rule_input, index, step, copy, target)
        if arguments <= list_variables(copy.instruction.text)
    )
    by_line = {copy.instruction.line_start: copy for copy in copies}
    return [by_line[line] for line in sorted(by_line)]


def _is_folder(
    rule_input: RuleInput, index: CopyIndex, step: Step, copy: Step, target: str
) -> bool:
    """Return True if the destination of a `COPY` is a folder, as its sources or others show."""
    destination = resolve_copy_destination(copy) or ""
    if has_pattern(target) and fnmatchcase(destination, target):
        if _may_be_folder(rule_input, copy, destination):
            return True
        target = destination
    if target != destination:
        return False
    copies = index.find_by_destination(step, target)
    names = {source for other in copies for source in list_copy_sources(other)}
    folder = posixpath.join(step.resolve_path(".") or "", "")
    return (
        copies_whole_context(copy)
        or copies_folder(rule_input, copy) is True
        or index.count_below(step, target) > 0
        or len(names) > 1
        or folder.startswith(f"{target}/")
        or index.is_named_folder(copy, target)
    )


def _may_be_folder(rule_input: RuleInput, copy: Step, path: str) -> bool:
    """Return True if nothing shows that a path is a file: no suffix, and no folder of programs.

    `chmod 777 /usr/share/nginx/html/*` may change the entry of a copied folder alone.
    """
    folder, name = posixpath.split(path)
    is_program = posixpath.basename(folder) in ("bin", "sbin")
    return copies_folder(rule_input, copy) is None and not is_program and "." not in name


def _find_single_copy(index: CopyIndex, step: Step, call: Call, copies: list[Step]) -> Step | None:
    """Return the only `COPY` of the only path that is changed."""
    is_single = len(list_targets(call)) == 1 and len(copies) == 1
    if not is_single or any(word.is_pattern for word in list_targets(call)):
        return None
    if not call.is_recursive:
        return copies[0] if len(list_copy_sources(copies[0])) == 1 else None
    destination = resolve_copy_destination(copies[0]) or ""
    return None if index.count_below(step, destination) else copies[0]


def _may_affect_copies(rule_input: RuleInput, index: CopyIndex, step: Step, call: Call) -> bool:
    """Return True if a recursive change covers a copied folder, of more than a few kilobytes.

    With an image, the measured bytes decide.
    """
    if not call.is_recursive:
        return False
    targets = resolve_targets(step, call)
    return rule_input.evidence is not None or any(
        index.has_near(step, target) and not has_small_copies(rule_input, index, step, target)
        for target in targets
    )


def _has_flag_already(index: CopyIndex, step: Step, call: Call) -> bool:
    """Return True if each `COPY` of the paths has that value: a `RUN` made what is changed."""
    value, targets = call.operands[0].value, resolve_targets(step, call)
    copies = [copy for target in targets for copy in index.list_around(step, target)]
    return bool(value and copies) and all(
        copy.instruction.flag_value(call.name) == value for copy in copies
    )
