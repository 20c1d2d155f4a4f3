"""What a line adds, in words: never more than is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.changes import FileChangeKind, FileChanges, FileGroup
from bot.model.comparison import Attribution, GrowthCause, Owner
from bot.report.page.owner_names import explain_owners
from bot.report.page.page import to_plain_text

_MB = 1_000_000


def _explain(file_bytes: int, total: int, name: str = "/app") -> str:
    owners = (Owner("directory", name, total),)
    row = Attribution(GrowthCause.INSTRUCTION, "COPY . /app", total, owners)
    group = FileGroup(FileChangeKind.ADDED, f"{name}/model.bin", 1, file_bytes)
    return to_plain_text(explain_owners(row, FileChanges({}, (group,))))


@pytest.mark.parametrize(
    ("file_bytes", "total", "words"),
    [
        (9 * _MB, 9 * _MB, ", all of it /app/model.bin"),
        (9 * _MB, 9 * _MB + 9, ", nearly all of it /app/model.bin"),
        (99, 100, ", nearly all of it /app/model.bin"),
        (98, 100, ", all of it in /app"),
        (101, 100, ", all of it in /app"),
        (9 * _MB, -9 * _MB, ", all of it in /app"),
    ],
)
def test_a_file_that_is_all_or_nearly_all_is_named(file_bytes: int, total: int, words: str) -> None:
    assert _explain(file_bytes, total) == words


@given(st.integers(1, 10**10), st.integers(1, 10**10))
def test_a_file_is_never_said_to_be_more_than_it_is(file_bytes: int, total: int) -> None:
    words = _explain(file_bytes, total)
    assert ("model.bin" in words) is (99 * total <= 100 * file_bytes <= 100 * total)
    assert words.startswith(", nearly") is (99 * total <= 100 * file_bytes < 100 * total)
