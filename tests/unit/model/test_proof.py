"""A proof is complete, or it proves nothing."""

from dataclasses import replace
from typing import Any

import pytest

from bot.model.candidate import Candidate
from bot.model.proof import Proof, Regression, RegressionKind
from bot.model.suggestion import StartResult
from tests.support.image_world import image

COMPLETE = Proof(
    Candidate("single-stage-build", "Title", "Message.", b"FROM scratch\n"),
    built=True,
    started=StartResult.SAME,
    image=image("FROM scratch 0B / COPY tool 8MB"),
)


def test_a_complete_proof_is_verified() -> None:
    assert COMPLETE.verified
    assert COMPLETE.unpacked_bytes == 8_000_000


@pytest.mark.parametrize(
    "change",
    [
        {"built": False},
        {"image": None},
        {"started": StartResult.NOT_RUN},
        {"started": StartResult.DIFFERS},
        {"skipped_steps": ("start",)},
        {"regressions": (Regression(RegressionKind.SIZE, "size", "It is larger."),)},
    ],
)
def test_any_missing_part_leaves_the_proof_unverified(change: dict[str, Any]) -> None:
    assert not replace(COMPLETE, **change).verified
