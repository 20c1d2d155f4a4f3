"""All rules on one Dockerfile, and their findings as suggestions."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from bot.advise.build_stage_users import is_shipped
from bot.advise.build_tools import is_windows_image
from bot.advise.finding import SINGLE_STAGE_BUILD, Finding, FixSafety
from bot.advise.ignore_comments import describe_invalid_ignores, is_ignored
from bot.advise.rules import RULES, Rule
from bot.advise.subject import RuleInput
from bot.dockerfile.edits import SpanSet, TextChange, apply_changes, to_line_edits
from bot.dockerfile.source_text import Span
from bot.dockerfile.stages import Dockerfile
from bot.model.suggestion import Confidence, Suggestion

_TEST_STAGE = re.compile(r"(?:^|[-_.])(?:tests?|testing|lint|e2e)(?:$|[-_.])")


@dataclass(frozen=True, slots=True)
class Advice:
    """The findings of all rules, and notes on rules that failed and ignores without effect."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()


def run_rules(rule_input: RuleInput, rules: Mapping[str, Rule] = RULES) -> Advice:
    """Apply the rules to a Dockerfile; a rule that raises is noted and skipped."""
    findings, json_forms = list[Finding](), _JsonForms(rule_input.dockerfile)
    is_windows = is_windows_image(rule_input.base_image or "")
    notes = list(
        describe_invalid_ignores(rule_input.dockerfile.comments, (*RULES, SINGLE_STAGE_BUILD))
    )
    for name, rule in rules.items():
        try:
            findings += [
                replace(_drop_commands(finding) if is_windows else finding, rule=name)
                for finding in map(json_forms.keep, rule(rule_input))
            ]
        except Exception as problem:  # noqa: BLE001 - no defect of a rule may cost the report
            notes.append(f"The rule {name} failed ({problem!r}) and was skipped.")
    return Advice(
        tuple(sorted(_filter_findings(rule_input, findings), key=_sort_key)), tuple(notes)
    )


def select_remaining(findings: Iterable[Finding], rewrite: Dockerfile) -> tuple[Finding, ...]:
    """Select findings about instructions that the final stage of a rewrite still has.

    What a rewrite leaves to the build stage is not in the image.
    """
    stage = rewrite.stages[-1]
    texts = {instruction.text for instruction in (stage.from_instruction, *stage.instructions)}
    return tuple(x for x in findings if x.instruction.text in texts)


def select_safe_findings(advice: Advice) -> tuple[Finding, ...]:
    """Select the findings with changes that need no check; of two that overlap, the first."""
    safe_findings = (finding for finding in advice.findings if finding.safety is FixSafety.SAFE)
    return select_compatible(safe_findings)


def select_compatible(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Select the findings with changes; of two that overlap, the first."""
    spans = SpanSet()
    return tuple(
        finding for finding in findings if finding.changes and spans.add_all(finding.changes)
    )


def apply_findings(rule_input: RuleInput, findings: Iterable[Finding]) -> bytes:
    """Return the Dockerfile with the changes of the findings applied."""
    changes = [change for x in findings for change in x.changes]
    return apply_changes(rule_input.dockerfile.source, changes)


class _JsonForms:
    """The instructions of a Dockerfile in JSON form, by the places of their arguments."""

    def __init__(self, dockerfile: Dockerfile) -> None:
        self._instructions = [x for x in dockerfile.statements if x.is_json]
        spans = [x.argument_text.span for x in self._instructions]
        self._starts, self._ends = [x.start for x in spans], [x.end for x in spans]

    def keep(self, finding: Finding) -> Finding:
        """Drop changes that would end a JSON form: a shell would get `["pip","install"] --x`."""
        for change in finding.changes:
            first = bisect_left(self._ends, change.span.start)
            last = bisect_left(self._starts, change.span.end)
            for instruction in self._instructions[first:last]:
                if not _removes_all(change, instruction.span):
                    return replace(finding, changes=(), safety=FixSafety.MANUAL)
        return finding


def _drop_commands(finding: Finding) -> Finding:
    """Drop changes of a `RUN` in an image of Windows: its shell has no `rm -rf`."""
    if finding.instruction.keyword != "RUN":
        return finding
    return replace(finding, changes=(), safety=FixSafety.MANUAL)


def _removes_all(change: TextChange, span: Span) -> bool:
    """Return True if a change deletes an instruction."""
    return not change.text and change.span.start <= span.start and span.end <= change.span.end


def _filter_findings(rule_input: RuleInput, findings: Iterable[Finding]) -> Iterator[Finding]:
    """Yield each finding once, without those that save nothing or that are ignored."""
    if rule_input.image is None and not is_shipped(rule_input):
        return
    keys: set[tuple[str, int, str]] = set()
    for finding in findings:
        key = finding.rule, finding.instruction.line_start, finding.message
        comments = rule_input.dockerfile.find_comments(finding.instruction)
        is_wanted = finding.saving_bytes != 0 and not is_ignored(finding.rule, comments)
        if key not in keys and is_wanted and not _is_in_test_stage(rule_input, finding):
            keys.add(key)
            yield finding


def _is_in_test_stage(rule_input: RuleInput, finding: Finding) -> bool:
    """Return True for the last stage of a file if it tests the one before, which is what ships.

    StaPH-B/docker-builds builds `--target app`, and `FROM app AS test` is for CI.
    """
    stages = rule_input.final_stages
    if rule_input.image is not None or rule_input.plan.target or len(stages) < 2:
        return False
    is_test = bool(_TEST_STAGE.search((stages[-1].name or "").lower()))
    return is_test and rule_input.get_step(finding.instruction).stage is stages[-1]


def _sort_key(finding: Finding) -> tuple[int, int, str]:
    # The largest first; line and name make the order the same in each run.
    return -(finding.saving_bytes or 0), finding.instruction.line_start, finding.rule


def build_suggestion(rule_input: RuleInput, finding: Finding) -> Suggestion:
    """Convert one finding to a report's suggestion."""
    return Suggestion(
        rule=finding.rule,
        title=finding.title,
        message=finding.message,
        confidence=Confidence.ESTIMATED if finding.saving_bytes is None else Confidence.MEASURED,
        line_start=finding.instruction.line_start,
        line_end=finding.instruction.line_end,
        saving_bytes=finding.saving_bytes,
        edits=tuple(to_line_edits(rule_input.dockerfile.source, finding.changes)),
    )
