"""The notes of the rows below a comment's table."""

from bot.model.failures import FailureCause, FailureKind
from bot.model.report import ImageReport, ImageState
from bot.report.formats.markdown import render_markdown
from tests.support.image_world import NO_LIMIT, budget, compared, review

_NOTE = "does not build: needs the secret <code>npm-token</code>"


def _failing(name: str) -> ImageReport:
    return compared(
        *(None, None, NO_LIMIT, name, ImageState.HEAD_BUILD_FAILED),
        reason="secret npm-token: not found",
        failure=FailureCause(FailureKind.SECRET, subject="npm-token"),
    )


def _list_notes(*images: ImageReport) -> list[str]:
    lines = render_markdown(review(*images)).splitlines()
    return [line for line in lines if line.startswith("- ")]


def test_images_with_one_note_are_one_item() -> None:
    assert _list_notes(*(map(_failing, ("api", "job", "web")))) == [
        f"- ❗ <code>api</code>, <code>job</code> and <code>web</code>: {_NOTE}"
    ]


def test_of_many_names_the_rest_is_counted() -> None:
    (line,) = _list_notes(*(_failing(f"job{number:02}") for number in range(30)))
    assert line.startswith("- ❗ <code>job00</code>, ")
    assert line.endswith(f"<code>job08</code> and 21 more images: {_NOTE}")


def test_what_the_headline_says_is_not_said_again() -> None:
    world = "FROM alpine 384MB"
    old = compared(world, f"{world} / COPY notes 1kB", budget(max_size="300MB"))
    headline = render_markdown(review(old)).splitlines()[0]
    assert "4.0 MB over the limit, as it was before this change" in headline
    assert _list_notes(old) == []


def test_the_note_of_another_image_than_the_headline_is_about_stays() -> None:
    world = "FROM alpine 384MB"
    old = [compared(world, f"{world} / COPY x 1kB", budget("300MB"), name) for name in ("a", "b")]
    (line,) = _list_notes(*old)
    assert line.startswith("- ⚠️ <code>a</code> and <code>b</code>: ")


def test_rows_without_notes_leave_no_list() -> None:
    grown = compared("FROM alpine 8MB", "FROM alpine 8MB / COPY site 90MB", budget("", "10MB"))
    assert _list_notes(grown) == []
