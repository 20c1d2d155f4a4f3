"""`advise --write`: the saved file, and the note about it."""

from pathlib import Path

import pytest

from bot.cli.advise_write import save_dockerfile
from bot.cli.options.commands import AdviseOptions, ReportOutput
from bot.errors import InputError
from bot.line.advice import ImageAdvice
from bot.model.image import Image
from bot.model.suggestion import Confidence
from tests.support.image_world import image
from tests.support.report_cases import suggestion

MEASURED = image("FROM debian 9MB")
VERIFY = AdviseOptions(ReportOutput(), Path("Dockerfile"), verify=True)
FILES_ONLY = AdviseOptions(ReportOutput(), Path("Dockerfile"))


def save(
    path: Path,
    advice: ImageAdvice,
    measured: Image | None = MEASURED,
    options: AdviseOptions = VERIFY,
) -> str:
    note = save_dockerfile(options, path, advice, measured)
    assert note.startswith(f"{path} ")
    return note.removeprefix(f"{path} ")


def test_suggestions_that_need_a_check_are_counted(tmp_path: Path) -> None:
    """One that is verified was built by itself, and never together with the others."""
    path = tmp_path / "new"
    suggestions = (suggestion(rule="a"), suggestion(), suggestion(confidence=Confidence.ESTIMATED))
    assert save(path, ImageAdvice(suggestions, fixed_dockerfile=b"FROM a\n")) == (
        "was written unchanged: no change can be made without a check."
        " 3 more suggestions need a check and are not in it (2 verified, each by itself)."
    )
    assert path.read_bytes() == b"FROM a\n"


def test_one_change_is_written_and_one_is_skipped(tmp_path: Path) -> None:
    suggestions = (
        suggestion(confidence=Confidence.ESTIMATED),
        suggestion(confidence=Confidence.ESTIMATED),
    )
    advice = ImageAdvice(suggestions, fixed_dockerfile=b"FROM a\n", applied_count=1)
    assert save(tmp_path / "new", advice) == (
        "has 1 change that needs no check. 1 more suggestion needs a check and is not in it."
    )


def test_changes_that_were_verified_are_counted_once(tmp_path: Path) -> None:
    verified = suggestion(confidence=Confidence.VERIFIED)
    suggestions = (verified, suggestion(rule="b"), suggestion(confidence=Confidence.ESTIMATED))
    advice = ImageAdvice(suggestions, applied_count=2, verified_count=2)
    assert save(tmp_path / "new", advice) == (
        "has 2 changes, verified together. 1 more suggestion needs a check and is not in it."
    )
    single = ImageAdvice((verified,), applied_count=1, verified_count=1)
    assert save(tmp_path / "new", single) == "has 1 change, which was verified."


def test_a_verified_rewrite_is_written(tmp_path: Path) -> None:
    path = tmp_path / "new"
    advice = ImageAdvice(
        (suggestion(),),
        fixed_dockerfile=b"FROM b\n",
        applied_count=1,
        verified_count=1,
        is_rewrite=True,
    )
    assert save(path, advice) == "is the multi-stage rewrite that was verified."
    assert path.read_bytes() == b"FROM b\n"


def test_nothing_is_written_if_the_requested_image_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "new"
    assert save(path, ImageAdvice((), fixed_dockerfile=b"FROM a\n"), None).startswith(
        "was not written: there is no image"
    )
    assert not path.exists()


def test_no_image_is_needed_if_none_was_requested(tmp_path: Path) -> None:
    path = tmp_path / "new"
    save(path, ImageAdvice((), fixed_dockerfile=b"FROM a\n"), None, FILES_ONLY)
    assert path.read_bytes() == b"FROM a\n"


def test_a_file_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be written") as caught:
        save(tmp_path / "no" / "new", ImageAdvice(()))
    assert caught.value.fix == "check --write"
