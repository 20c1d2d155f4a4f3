"""Our own answer to a question."""

import os

from bot.dockerfile.dockerignore import IllegalIgnoreFileError, parse_dockerignore
from tests.support.ignore_oracle.oracle import Answer
from tests.support.ignore_oracle.questions import Question


def find_answer(question: Question) -> Answer:
    """Return what our matcher says."""
    try:
        rules = parse_dockerignore(question.text)
        return Answer(tuple(not rules.is_ignored(os.fsdecode(path)) for path in question.paths))
    except IllegalIgnoreFileError as problem:
        return Answer(error=str(problem))
