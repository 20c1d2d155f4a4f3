"""All the rules, asked one after another: the largest saving first, nothing twice."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.advise.finding import SINGLE_STAGE_BUILD, Finding, Tier
from bot.advise.ignore_comments import idle_ignores, is_ignored
from bot.advise.rules import RULES
from bot.advise.subject import Subject
from bot.dockerfile.edits import Change, apply, as_edits
from bot.dockerfile.stages import Dockerfile
from bot.model.suggestion import Suggestion

Rule = Callable[[Subject], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, and the rule that has it."""

    rule: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Advice:
    """What the rules found, and what became of those that could not be asked."""

    found: tuple[Found, ...]
    notes: tuple[str, ...] = ()


def advise(subject: Subject, rules: Mapping[str, Rule] = RULES) -> Advice:
    """What the rules say of a Dockerfile. One that raises is named and left out."""
    found: list[Found] = []
    notes = list(idle_ignores(subject.dockerfile.comments, (*RULES, SINGLE_STAGE_BUILD)))
    for name, rule in rules.items():
        try:
            found += [Found(name, finding) for finding in rule(subject)]
        except Exception as problem:  # noqa: BLE001 - no defect of a rule may cost the report
            notes.append(f"The rule {name} failed here ({problem!r}) and was left out.")
    return Advice(tuple(sorted(_worth_saying(subject, found), key=_rank)), tuple(notes))


def suggestions(subject: Subject, advice: Advice) -> tuple[Suggestion, ...]:
    """The advice as a report has it."""
    return tuple(suggestion_of(subject, each) for each in advice.found)


def still_standing(found: Iterable[Found], rewrite: Dockerfile) -> tuple[Found, ...]:
    """The findings about instructions that the last stage of a rewrite has too: of those that it leaves
    to the build stage nothing ships."""
    stage = rewrite.stages[-1]
    there = {statement.text for statement in (stage.origin, *stage.instructions)}
    return tuple(each for each in found if each.finding.statement.text in there)


def unasked(subject: Subject, advice: Advice) -> tuple[Found, ...]:
    """The findings whose changes need no check; of two that collide, the first."""
    chosen, made = list[Found](), list[Change]()
    for each in advice.found:
        more = each.finding.changes if each.finding.tier is Tier.APPLY else ()
        if more and _go_together(subject, made, more):
            chosen.append(each)
            made += more
    return tuple(chosen)


def rewritten(subject: Subject, found: Iterable[Found]) -> bytes:
    """The Dockerfile with the changes of such findings made."""
    changes = [change for each in found for change in each.finding.changes]
    return apply(subject.dockerfile.source, changes)


def _go_together(subject: Subject, made: Iterable[Change], more: Iterable[Change]) -> bool:
    try:
        apply(subject.dockerfile.source, [*made, *more])
    except ValueError:
        return False
    return True


def _worth_saying(subject: Subject, found: Iterable[Found]) -> Iterator[Found]:
    """Each finding once, without those that save nothing or that somebody ignores."""
    said: set[tuple[str, int, str]] = set()
    for each in found:
        finding = each.finding
        key = each.rule, finding.statement.line_start, finding.message
        comments = subject.dockerfile.comments_of(finding.statement)
        if key not in said and finding.saving != 0 and not is_ignored(each.rule, comments):
            said.add(key)
            yield each


def _rank(each: Found) -> tuple[int, int, str]:
    return -(each.finding.saving or 0), each.finding.statement.line_start, each.rule


def suggestion_of(subject: Subject, each: Found) -> Suggestion:
    """One finding as a report has it."""
    finding = each.finding
    return Suggestion(
        rule=each.rule,
        title=finding.title,
        message=finding.message,
        confidence="estimated" if finding.saving is None else "measured",
        line_start=finding.statement.line_start,
        line_end=finding.statement.line_end,
        saving_bytes=finding.saving,
        edits=tuple(as_edits(subject.dockerfile.source, finding.changes)),
    )
