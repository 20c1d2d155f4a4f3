"""A review lists what a change could do better, and only counts what was so before."""

from bot.model.report import ImageReport
from bot.report.formats.markdown import render_markdown
from bot.report.page.older_suggestions import list_current_suggestions
from bot.report.page.page import make_page, to_plain_text
from tests.support.image_world import compared, review
from tests.support.report_cases import suggestion

_LISTS = "/var/lib/apt/lists 20MB"
_OLD = (
    f"FROM debian 75MB / RUN apt-get install git 50MB (deb git 1 30MB, {_LISTS}) / COPY . /app 1MB"
)


def grown(after: str, **fields: object) -> ImageReport:
    """Build a report with one suggestion, for lines of the new image."""
    changed = {"dockerfile": None, "verification": None, "saving_bytes": 20_000_000} | fields
    return compared(_OLD, after, suggestions=(suggestion(**changed),))


def is_current(image: ImageReport) -> bool:
    return bool(list_current_suggestions(image))


def test_a_line_that_the_change_leaves_alone_is_only_counted() -> None:
    image = grown(f"{_OLD} / COPY x /x 5MB")
    assert not is_current(image)
    page = render_markdown(review(image))
    assert (
        "#### Suggestions\n\n1 older suggestion on lines that this change does not edit: "
        "<code>image-size-review advise api/Dockerfile</code>.\n" in page
    )
    assert "multi-stage" not in page
    assert to_plain_text(make_page(review(image)).next_step).startswith("Nothing")


def test_a_line_that_is_new_or_that_was_edited_is_current() -> None:
    assert is_current(grown(f"{_OLD} / RUN x 5MB", line_start=4, line_end=4))
    assert is_current(grown(_OLD.replace("install git", "install -y git"), line_start=2))


def test_a_line_that_grew_is_current_whatever_was_there_before() -> None:
    """The reason names line 2, whose text is as it was: a suggestion for it is about this change."""
    after = _OLD.replace("git 50MB", "git 90MB ~2").replace("git 1 30MB", "git 2 70MB")
    assert is_current(grown(after))
    assert "older suggestion" not in render_markdown(review(grown(after)))
    # Some bytes more are no reason to repeat what could have been said before.
    a_little = _OLD.replace("git 50MB", "git 50.01MB ~2").replace("git 1 30MB", "git 2 30.01MB")
    assert not is_current(grown(f"{a_little} / COPY x /x 5MB"))


def test_what_the_growth_is_made_of_is_current_in_any_line() -> None:
    """A cache is new in a line that is as it was: its base image leaves one now."""
    before = "FROM debian 75MB / RUN apt-get install git 30MB (deb git 1 30MB)"
    after = f"FROM debian 75MB / RUN apt-get install git 50MB ~2 (deb git 1 30MB, {_LISTS})"
    lists = suggestion(dockerfile=None, verification=None, saving_bytes=20_000_000)
    assert is_current(compared(before, after, suggestions=(lists,)))


def test_a_rewritten_file_is_older_only_where_no_line_changed() -> None:
    same = _OLD.replace("1MB", "2MB ~2")
    assert not is_current(grown(same, dockerfile="FROM x\n"))
    assert is_current(grown(f"{same} / RUN x 1MB", dockerfile="FROM x\n"))


def test_nothing_is_older_where_nothing_is_compared() -> None:
    alone = compared(None, _OLD, suggestions=(suggestion(),))
    assert is_current(alone)
