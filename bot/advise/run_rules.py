"""All the rules, asked one after another: the largest saving first, nothing twice."""

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
    """A finding, and the rule that has it."""

    rule: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Advice:
    """What the rules found, and what became of those that could not be asked."""

    findings: tuple[RuleFinding, ...]
    notes: tuple[str, ...] = ()


def run_rules(rule_input: RuleInput, rules: Mapping[str, Rule] = RULES) -> Advice:
    """What the rules say of a Dockerfile. One that raises is named and left out."""
    found: list[RuleFinding] = []
    notes = list(
        describe_invalid_ignores(rule_input.dockerfile.comments, (*RULES, SINGLE_STAGE_BUILD))
    )
    for name, rule in rules.items():
        try:
            found += [RuleFinding(name, finding) for finding in rule(rule_input)]
        except Exception as problem:  # noqa: BLE001 - no defect of a rule may cost the report
            notes.append(f"The rule {name} failed ({problem!r}) and was skipped.")
    return Advice(tuple(sorted(_filter_findings(rule_input, found), key=_sort_key)), tuple(notes))


def build_suggestions(rule_input: RuleInput, advice: Advice) -> tuple[Suggestion, ...]:
    """The advice as a report has it."""
    return tuple(build_suggestion(rule_input, each) for each in advice.findings)


def select_remaining(
    findings: Iterable[RuleFinding], rewrite: Dockerfile
) -> tuple[RuleFinding, ...]:
    """The findings about instructions that the last stage of a rewrite has too: of those that it leaves
    to the build stage nothing ships."""
    stage = rewrite.stages[-1]
    there = {statement.text for statement in (stage.from_instruction, *stage.instructions)}
    return tuple(each for each in findings if each.finding.instruction.text in there)


def select_safe_findings(rule_input: RuleInput, advice: Advice) -> tuple[RuleFinding, ...]:
    """The findings whose changes need no check; of two that collide, the first."""
    chosen, made = list[RuleFinding](), list[TextChange]()
    for each in advice.findings:
        more = each.finding.changes if each.finding.safety is FixSafety.SAFE else ()
        if more and _can_combine(rule_input, made, more):
            chosen.append(each)
            made += more
    return tuple(chosen)


def apply_findings(rule_input: RuleInput, findings: Iterable[RuleFinding]) -> bytes:
    """The Dockerfile with the changes of such findings made."""
    changes = [change for each in findings for change in each.finding.changes]
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
    """Each finding once, without those that save nothing or that somebody ignores."""
    said: set[tuple[str, int, str]] = set()
    for each in findings:
        finding = each.finding
        key = each.rule, finding.instruction.line_start, finding.message
        comments = rule_input.dockerfile.find_comments(finding.instruction)
        if key not in said and finding.saving_bytes != 0 and not is_ignored(each.rule, comments):
            said.add(key)
            yield each


def _sort_key(rule_finding: RuleFinding) -> tuple[int, int, str]:
    return (
        -(rule_finding.finding.saving_bytes or 0),
        rule_finding.finding.instruction.line_start,
        rule_finding.rule,
    )


def build_suggestion(rule_input: RuleInput, rule_finding: RuleFinding) -> Suggestion:
    """One finding as a report has it."""
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
