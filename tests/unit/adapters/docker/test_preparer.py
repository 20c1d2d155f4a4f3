"""What the commands before a build leave, and a builder that leaves nothing."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.adapters.docker.preparer import Preparer
from bot.adapters.process import ProcessResult
from bot.line.pins import Pins
from bot.line.worktree import PreparedCheckout
from bot.model.failures import FailureKind
from bot.model.image import BuildFailure
from bot.model.spec import BuildNeeds, ImageSpec, Preparation

NEEDS = BuildNeeds(preparation=Preparation("node:22", ("npm ci",)))
SPEC = ImageSpec("app", "Dockerfile", ".", needs=NEEDS)


def prepare(root: Path, kind: str) -> PreparedCheckout | BuildFailure:
    def run(step: str, arguments: Sequence[str | Path]) -> ProcessResult:
        fields = str(arguments[arguments.index("--output") + 1]).split(",")
        folder = Path(next(x for x in fields if x.startswith("dest=")).removeprefix("dest="))
        if kind == "nothing":
            folder.rename(root / "moved")
        if kind == "pipe":
            os.mkfifo(folder / "pipe")
        if kind == "link":
            (folder / "link").symlink_to("/etc/passwd")
        return ProcessResult(0, b"", ())

    preparer = Preparer()
    try:
        return preparer.prepare(SPEC, root, Pins(), run)
    finally:
        preparer.close()


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("nothing", "prepare failed: what it left cannot be read: No such file or directory"),
        ("pipe", "prepare failed: it left 'pipe', which is not a file, folder or link"),
    ],
)
def test_what_cannot_be_built_from_is_a_failure(tmp_path: Path, kind: str, reason: str) -> None:
    failure = prepare(tmp_path, kind)
    assert isinstance(failure, BuildFailure)
    assert (failure.reason, failure.kind) == (reason, FailureKind.PREPARATION)


def test_a_link_is_left_to_the_build(tmp_path: Path) -> None:
    assert isinstance(prepare(tmp_path, "link"), PreparedCheckout)
