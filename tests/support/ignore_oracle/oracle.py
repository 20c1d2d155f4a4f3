"""The Go program as a process: built once, asked many questions."""

import base64
import json
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.ignore_oracle.questions import Question

_SOURCES = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Answer:
    """For each path of a question if BuildKit sends it; or the error that ends the build."""

    sent: tuple[bool, ...] = ()
    error: str = ""


def build_oracle(folder: Path) -> Path:
    """Compile the Go program; its modules have fixed versions in go.mod."""
    program = folder / "ignore-oracle"
    subprocess.run(["go", "build", "-buildvcs=false", "-o", program], cwd=_SOURCES, check=True)
    return program


def ask_oracle(program: Path, questions: Sequence[Question]) -> Iterator[Answer]:
    """Return an answer to each question."""
    lines = b"".join(_encode(question) for question in questions)
    output = subprocess.run([program], input=lines, capture_output=True, check=True).stdout
    for line in output.splitlines():
        fields = json.loads(line)
        yield Answer(tuple(fields.get("sent", ())), fields.get("error", ""))


def _encode(question: Question) -> bytes:
    paths = [base64.b64encode(path).decode() for path in question.paths]
    fields = {"text": base64.b64encode(question.text).decode(), "paths": paths}
    return json.dumps(fields).encode() + b"\n"
