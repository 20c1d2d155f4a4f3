"""The hardest questions with BuildKit's answers, kept for tests that have no Go."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.support.ignore_oracle.oracle import Answer
from tests.support.ignore_oracle.questions import Question

FILE = Path(__file__).with_name("answers.jsonl")

_MAX_TEXT_BYTES = 120
_MAX_ERROR_BYTES = 12
_MAX_PATHS = 12
_FORMS = re.compile(
    rb"\[[^\]]{0,9}\]?|\\.|\*+/?|^[!/. #]+|[?^${}|()]|[\0-\x1f]|[\x7f-\xff]", re.DOTALL
)
_FIRST_OF_MANY = "invalid excludepatterns"  # an error that no path is needed for


def select_hardest(
    answered: Iterable[tuple[Question, Answer]],
) -> Iterator[tuple[Question, Answer]]:
    """Yield what has a form of pattern that none before has, if not all paths have one answer."""
    earlier_forms: set[tuple[bytes, str]] = set()
    for question, answer in answered:
        kind = answer.error[:12]
        forms = {(form, kind) for form in _FORMS.findall(question.text)}
        is_telling = bool(kind) or len(set(answer.sent)) == 2
        max_bytes = _MAX_ERROR_BYTES if kind else _MAX_TEXT_BYTES
        if is_telling and len(question.text) <= max_bytes and forms - earlier_forms:
            earlier_forms |= forms
            yield question, answer


def write_answers(answered: Iterable[tuple[Question, Answer]]) -> None:
    """Write the file: a line for each text, with the paths that are sent, and those that are not.

    Each character stands for a byte.
    """
    lines = [json.dumps(_encode(question, answer)) for question, answer in answered]
    FILE.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def read_answers() -> list[tuple[Question, Answer]]:
    """Return the questions and answers of the file."""
    return [_decode(json.loads(line)) for line in FILE.read_text("utf-8").splitlines()]


def _encode(question: Question, answer: Answer) -> dict[str, object]:
    text = question.text.decode("latin-1")
    if answer.error:
        paths = () if answer.error.startswith(_FIRST_OF_MANY) else question.paths
        return {"text": text, "error": True, "paths": [path.decode("latin-1") for path in paths]}
    pairs = list(zip(question.paths, answer.sent, strict=True))
    names = {
        is_sent: [path.decode("latin-1") for path, sent in pairs if sent is is_sent]
        for is_sent in (True, False)
    }
    half = _MAX_PATHS // 2
    return {"text": text, "sent": names[True][:half], "ignored": names[False][:half]}


def _decode(fields: dict[str, object]) -> tuple[Question, Answer]:
    text = str(fields["text"]).encode("latin-1")
    lists = {name: _decode_paths(fields.get(name)) for name in ("sent", "ignored", "paths")}
    if "error" in fields:
        return Question(text, lists["paths"]), Answer(error="the build fails")
    paths = (*lists["sent"], *lists["ignored"])
    return Question(text, paths), Answer(tuple(path in lists["sent"] for path in paths))


def _decode_paths(paths: object) -> tuple[bytes, ...]:
    return tuple(str(path).encode("latin-1") for path in paths) if isinstance(paths, list) else ()
