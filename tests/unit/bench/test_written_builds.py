"""The counts of bench/written_builds.py, and that a file is the same after its builds."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bench.findings import PublicFile, Reading
from bench.written_builds import Outcome, summarize, try_both

FILE = PublicFile("a/b", "0" * 40, "app/Dockerfile")


@dataclass
class RecordedBuilder:
    """A stand-in for the builder: it records the text that it is asked to build."""

    answers: list[bool | None]
    texts: list[bytes] = field(default_factory=list)

    def build(self, dockerfile: Path, context: Path) -> bool | None:
        """Return the next answer."""
        assert context.is_dir()
        self.texts.append(dockerfile.read_bytes())
        return self.answers.pop(0)


@pytest.mark.parametrize(
    ("answers", "texts", "row"),
    [
        ([True, True], [b"old", b"new"], "builds\tbuilds"),
        ([True, False], [b"old", b"new"], "builds\tfails"),
        ([False], [b"old"], "fails\t-"),
        ([True, None], [b"old", b"new"], "builds\t-"),
        ([None], [b"old"], "-\t-"),
    ],
)
def test_both_files_are_built_in_their_place(
    tmp_path: Path, answers: list[bool | None], texts: list[bytes], row: str
) -> None:
    path = tmp_path / FILE.path
    path.parent.mkdir()
    path.write_bytes(b"old")
    builder = RecordedBuilder(answers)
    outcome = try_both(builder, Reading(FILE, b"old", saved=b"new", context="app"), tmp_path)
    assert builder.texts == texts
    assert outcome.row == f"a/b\t{'0' * 40}\tapp/Dockerfile\t{row}"
    assert path.read_bytes() == b"old"


def test_the_counts() -> None:
    outcomes = [Outcome(FILE, True, True), Outcome(FILE, True, False), Outcome(FILE, False)]
    assert list(summarize(outcomes)) == [
        "3 changed files with stand-ins: 2 build as they are,",
        "1 of those build as they are saved, 1 do not.",
    ]
