"""Asks BuildKit's modules, and keeps the hardest questions with their answers. Needs Go."""

import tempfile
from pathlib import Path

from tests.support.ignore_oracle.kept_answers import FILE, select_hardest, write_answers
from tests.support.ignore_oracle.oracle import ask_oracle, build_oracle
from tests.support.ignore_oracle.questions import generate_questions

_SEED = 12
_COUNT = 20_000


def main() -> None:
    """Write the file of kept answers."""
    questions = list(generate_questions(_SEED, _COUNT))
    with tempfile.TemporaryDirectory() as folder:
        answers = ask_oracle(build_oracle(Path(folder)), questions)
        hardest = list(select_hardest(zip(questions, answers, strict=True)))
    write_answers(hardest)
    print(f"{len(hardest)} of {_COUNT} questions are kept in {FILE.name}")


if __name__ == "__main__":
    main()
