"""All rules on one Dockerfile, and their findings as suggestions."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.advise.finding import SINGLE_STAGE_BUILD, Finding, FixSafety
from bot.advise.ignore_comments import describe_invalid_ignores, is_ignored
from bot.advise.rules import RULES
from bot.advise.subject import RuleInput
from bot.dockerfile.edits import TextChange, apply_changes, to_line_edits
from bot.dockerfile.stages import Dockerfile
from bot.model.suggestion import Confidence, Suggestion

Rule = Callable[[RuleInput], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """A finding and the name of its rule."""

    rule: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Advice:
    """The findings of all rules, and notes on rules that failed and ignores without effect."""

    findings: tuple[RuleFinding, ...]
    notes: tuple[str, ...] = ()


def run_rules(rule_input: RuleInput, rules: Mapping[str, Rule] = RULES) -> Advice:
    """Apply the rules to a Dockerfile; a rule that raises is noted and skipped."""
    findings: list[RuleFinding] = []
    notes = list(
        describe_invalid_ignores(rule_input.dockerfile.comments, (*RULES, SINGLE_STAGE_BUILD))
    )
    for name, rule in rules.items():
        try:
            findings += [RuleFinding(name, finding) for finding in rule(rule_input)]
        except Exception as problem:  # noqa: BLE001 - no defect of a rule may cost the report
            notes.append(f"The rule {name} failed ({problem!r}) and was skipped.")
    return Advice(
        tuple(sorted(_filter_findings(rule_input, findings), key=_sort_key)), tuple(notes)
    )


def build_suggestions(rule_input: RuleInput, advice: Advice) -> tuple[Suggestion, ...]:
    """Convert the findings to a report's suggestions."""
    return tuple(build_suggestion(rule_input, finding) for finding in advice.findings)


def select_remaining(
    findings: Iterable[RuleFinding], rewrite: Dockerfile
) -> tuple[RuleFinding, ...]:
    """Select findings about instructions that the final stage of a rewrite still has.

    What a rewrite leaves to the build stage is not in the image.
    """
    stage = rewrite.stages[-1]
    texts = {instruction.text for instruction in (stage.from_instruction, *stage.instructions)}
    return tuple(x for x in findings if x.finding.instruction.text in texts)


def select_safe_findings(rule_input: RuleInput, advice: Advice) -> tuple[RuleFinding, ...]:
    """Select the findings whose changes need no check; of two that collide, the first."""
    chosen, changes = list[RuleFinding](), list[TextChange]()
    for rule_finding in advice.findings:
        additions = (
            rule_finding.finding.changes if rule_finding.finding.safety is FixSafety.SAFE else ()
        )
        if additions and _can_combine(rule_input, changes, additions):
            chosen.append(rule_finding)
            changes += additions
    return tuple(chosen)


def apply_findings(rule_input: RuleInput, findings: Iterable[RuleFinding]) -> bytes:
    """Return the Dockerfile with the changes of the findings applied."""
    changes = [change for x in findings for change in x.finding.changes]
    return apply_changes(rule_input.dockerfile.source, changes)


def _can_combine(
    rule_input: RuleInput, changes: Iterable[TextChange], additions: Iterable[TextChange]
) -> bool:
    try:
        apply_changes(rule_input.dockerfile.source, [*changes, *additions])
    except ValueError:
        return False
    return True


def _filter_findings(
    rule_input: RuleInput, findings: Iterable[RuleFinding]
) -> Iterator[RuleFinding]:
    """Yield each finding once, without those that save nothing or that are ignored."""
    keys: set[tuple[str, int, str]] = set()
    for rule_finding in findings:
        finding = rule_finding.finding
        key = rule_finding.rule, finding.instruction.line_start, finding.message
        comments = rule_input.dockerfile.find_comments(finding.instruction)
        if (
            key not in keys
            and finding.saving_bytes != 0
            and not is_ignored(rule_finding.rule, comments)
        ):
            keys.add(key)
            yield rule_finding


def _sort_key(rule_finding: RuleFinding) -> tuple[int, int, str]:
    return (
        -(rule_finding.finding.saving_bytes or 0),
        rule_finding.finding.instruction.line_start,
        rule_finding.rule,
    )


def build_suggestion(rule_input: RuleInput, rule_finding: RuleFinding) -> Suggestion:
    """Convert one finding to a report's suggestion."""
    finding = rule_finding.finding
    return Suggestion(
        rule=rule_finding.rule,
        title=finding.title,
        message=finding.message,
        confidence=Confidence.ESTIMATED if finding.saving_bytes is None else Confidence.MEASURED,
        line_start=finding.instruction.line_start,
        line_end=finding.instruction.line_end,
        saving_bytes=finding.saving_bytes,
        edits=tuple(to_line_edits(rule_input.dockerfile.source, finding.changes)),
    )
