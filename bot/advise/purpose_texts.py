"""Sentences in which a Dockerfile says that its image is to develop, test or build in."""

import re
from collections.abc import Iterator

from bot.advise.subject import RuleInput

_TESTS = r"(?:(?:unit|integration|acceptance|regression|end[- ]to[- ]end|e2e|smoke)[ -])?tests?"
_WORK = (
    rf"(?:dev(?:elopment|elopers?)?|{_TESTS}|testing|ci|continuous integration|debugging|linting|"
    r"fuzzing|benchmark(?:s|ing)?)"
)
_SUBJECT = r"(?:this|docker ?file|image|container|environment)"
_SERVICES = (
    r"(?:ci\b|continuous integration|travis|jenkins|github actions|gitlab ci|circleci|buildkite)"
)
_TEXTS = (
    # "This Dockerfile is purely for local development", "image for running the unit tests"
    re.compile(
        rf"\b{_SUBJECT}\b.*\bfor (?:(?:the|a|our|local|running|use in) )*{_WORK}\b(?![-./:])"
    ),
    # "Used only for running tests using tox", "meant to run the tests"
    re.compile(
        r"\b(?:used|meant|intended|only|solely)\b.*\b(?:for|in|to) "
        rf"(?:(?:the|a|our|local|run|running|\w*unit) )*{_WORK}\b(?![-./:])"
    ),
    # "This container is used to run our test suite"
    re.compile(r"\b(?:used|meant|intended)\b.*\b(?:run|running) (?:\S+ ){0,3}test[ -]?suites?\b"),
    # "for development only", "dev use only"
    re.compile(r"\bdev(?:elopment)? (?:(?:use|purposes?) )?only\b"),
    re.compile(r"\bdev(?:elopment)? docker ?file\b"),
    # "Build environment of the firmware", "the CI image"
    re.compile(
        r"\b(?:build|compile|dev(?:elopment)?|test(?:ing)?|ci) (?:environment|container|image)\b"
        r"(?! (?:var|file))"
    ),
    # "used by our CI", "used in GitHub Actions"
    re.compile(rf"\bused (?:by|in|on|for|with) (?:(?:the|our) )?{_SERVICES}"),
    # "containers that can compile and run C++ programs", "for Java code execution"
    re.compile(r"\bcompil(?:e|es|ing) and (?:run|runs|execut\w+|running)\b"),
    re.compile(r"\b(?:code|program)s? (?:execution|runner|sandbox)\b|\bautograd(?:er|ing)\b"),
)
_OTHER_PURPOSE = re.compile(
    r"\b(?:not for|never|production|prod|release|multi-?stage|docker build|"
    r"build(?:s|ing)? (?:the|a|an|this)) "
)
_DESCRIPTION = re.compile(r"(?:^|[\w.-]*[.])(?:description|summary|title)")
_WHOLE_FILE = re.compile(r"\bdocker ?file\b|\bthis file\b")
_SENTENCE_END = re.compile(r"[.!;]\s")


def find_purpose_text(rule_input: RuleInput) -> str:
    """Return the comment at the top of a file, or the label, that says so; empty if none does."""
    return next((text for text in _list_texts(rule_input) if is_purpose_text(text)), "")


def is_purpose_text(text: str) -> bool:
    """Return True for a text that says that its image is for developers, tests or builds alone."""
    sentences = _SENTENCE_END.split(text.lower())
    return any(
        any(pattern.search(sentence) for pattern in _TEXTS)
        and not _OTHER_PURPOSE.search(f"{sentence} ")
        for sentence in sentences
    )


def _list_texts(rule_input: RuleInput) -> Iterator[str]:
    """Yield the comments above the first and the last `FROM`, and descriptions in labels."""
    first, last = (rule_input.dockerfile.stages[index].from_instruction for index in (0, -1))
    for comment in rule_input.dockerfile.comments:
        # In a file of several stages, it may be about the first one alone.
        is_general = first is last or bool(_WHOLE_FILE.search(comment.text.lower()))
        if comment.line < first.line_start and is_general:
            yield comment.text
    yield from (comment.text for comment in rule_input.dockerfile.find_comments(last))
    for step in rule_input.steps:
        if step.instruction.keyword == "LABEL":
            words = step.instruction.words
            pairs = zip(words[::2], words[1::2], strict=False)
            yield from (
                value for name, value in pairs if _DESCRIPTION.fullmatch(name.strip("\"'").lower())
            )
