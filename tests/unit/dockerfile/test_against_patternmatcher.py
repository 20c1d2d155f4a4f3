"""Our matcher against BuildKit's, in a Go program: 60,000 texts with up to 40 paths each."""

import itertools
from pathlib import Path

import pytest

from bot.dockerfile.dockerignore import TooCostlyError
from tests.support.ignore_oracle.compare import find_answer
from tests.support.ignore_oracle.oracle import Answer, ask_oracle, build_oracle
from tests.support.ignore_oracle.questions import Question, generate_questions

TEXTS = 60_000
_CHUNK = 5_000


def differs(question: Question, answer: Answer) -> bool:
    try:
        ours = find_answer(question)
    except TooCostlyError:  # only for the lines that are longer than any real file
        return len(question.text) < _CHUNK
    return bool(ours.error) != bool(answer.error) or ours.sent != answer.sent


@pytest.mark.long
def test_generated_ignore_files(tmp_path: Path) -> None:
    program = build_oracle(tmp_path)
    questions = generate_questions(seed=1, count=TEXTS)
    compared = paths = 0
    different: list[Question] = []
    while chunk := list(itertools.islice(questions, _CHUNK)):
        for question, answer in zip(chunk, ask_oracle(program, chunk), strict=True):
            compared += 1
            paths += len(question.paths)
            if differs(question, answer):
                different.append(question)
    assert different == []
    assert compared == TEXTS
    assert paths > 20 * TEXTS
