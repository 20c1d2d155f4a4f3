"""The line Fix names only what saves bytes of the growth, and what then remains."""

import pytest

from bot.model.report import ImageReport
from bot.report.formats.markdown import render_markdown
from bot.report.page.growth_savings import find_growth_saving
from bot.report.page.page import make_page, to_plain_text
from tests.support.image_world import budget, compared, review
from tests.support.report_cases import suggestion

_OLD = "FROM debian 75MB / RUN apt-get install -y git 50MB / COPY . /app 100kB"
_LISTS = "/var/lib/apt/lists 20MB"
_LIMIT = budget(max_growth="10MB")


def grown(after: str, before: str = _OLD, **fields: object) -> ImageReport:
    """Build a report on an image over its budget, with one suggestion."""
    return compared(before, after, _LIMIT, suggestions=(suggestion(**fields),))


def fix(image: ImageReport) -> str:
    return to_plain_text(make_page(review(image)).next_step)


def test_a_saving_at_another_line_is_none_of_the_growth() -> None:
    """70 MB of numpy are not saved by a .dockerignore."""
    image = grown(f"{_OLD} / RUN pip install numpy 70MB", line_start=3, line_end=3, saving_bytes=90)
    assert find_growth_saving(image) is None
    assert fix(image).startswith("Look at line 4 of api/Dockerfile. If the growth is intended, set")


def test_a_saving_that_the_old_layer_can_explain_is_none_of_the_growth() -> None:
    """The lists were there before; what is new is the package."""
    before = f"FROM debian 75MB / RUN apt-get install git 50MB (deb git 1 30MB, {_LISTS})"
    after = f"FROM debian 75MB / RUN apt-get install git 90MB ~2 (deb git 1 70MB, {_LISTS})"
    image = grown(after, before, saving_bytes=20_000_000)
    assert find_growth_saving(image) is None


def test_a_cache_that_is_new_in_a_line_is_of_the_growth() -> None:
    before = "FROM debian 75MB / RUN apt-get install git 50MB (deb git 1 50MB)"
    after = f"FROM debian 75MB / RUN apt-get install git 70MB ~2 (deb git 1 50MB, {_LISTS})"
    image = grown(after, before, saving_bytes=20_000_000)
    assert find_growth_saving(image) is not None


def test_a_part_of_the_excess_is_called_that_with_what_remains() -> None:
    after = f"FROM debian 75MB / RUN apt-get install -y git gcc 115MB (deb gcc 1 95MB, {_LISTS})"
    image = grown(after, "FROM debian 75MB", saving_bytes=19_900_000)
    assert fix(image).startswith(
        "Look at line 2 of api/Dockerfile. See also: Use a multi-stage build and copy only the "
        "result (line 2), which saves 19.9 MB of the 105 MB too much (verified: builds and starts "
        "as before). Then 85.1 MB too much remain. The patch is in the details. If the growth is intended, set budget: {max-growth: "
        "125MB} for api in .github/image-size.yml"
    )


def test_what_is_left_of_the_growth_is_said() -> None:
    after = "FROM debian 75MB / RUN apt-get install -y gcc 115MB"
    image = grown(after, "FROM debian 75MB", saving_bytes=110_000_000)
    assert ". Then +5.00 MB remains, within +10 MB. The patch is in the details. If the " in fix(
        image
    )


@pytest.mark.parametrize(("saving", "is_of_growth"), [(76, True), (75, False)])
def test_what_saves_more_than_the_old_image_had_is_of_the_growth(
    saving: int, is_of_growth: bool
) -> None:
    """The first line of a rewrite is that of `FROM`, which did not grow."""
    after = "FROM debian 75MB / RUN apt-get install -y gcc 115MB"
    fields = {"line_start": 1, "line_end": 1, "saving_bytes": saving * 10**6}
    image = grown(after, "FROM debian 75MB", **fields)
    assert (find_growth_saving(image) is not None) is is_of_growth


def test_for_a_limit_on_the_size_every_saving_counts() -> None:
    image = compared(
        *(_OLD, f"{_OLD} / RUN x 5MB", budget("100MB")),
        suggestions=(suggestion(saving_bytes=40_000_000),),
    )
    assert "which saves 40.0 MB (verified: builds and starts as before). It is then 90.1 MB" in fix(
        image
    )


def test_a_small_saving_is_no_option() -> None:
    image = compared(
        *(_OLD, f"{_OLD} / RUN x 5MB", budget("500MB")),
        suggestions=(suggestion(saving_bytes=90_000),),
    )
    assert fix(image) == "Nothing."


def test_suggestions_are_a_list_that_begins_with_the_bytes_and_counts_the_small_ones() -> None:
    suggestions = [
        suggestion(saving_bytes=size, dockerfile=None, line_start=4, line_end=4)
        for size in (9_000, 20_000_000)
    ]
    image = compared(_OLD, f"{_OLD} / RUN x 5MB", suggestions=tuple(suggestions))
    page = render_markdown(review(image))
    _, _, section = page.partition("#### Suggestions\n\n")
    items = section.splitlines()[:3]
    assert items[0].startswith("- **−20.0 MB** Use a multi-stage build and copy only the result")
    assert items[2] == "1 small suggestion of less than 100 kB: see the JSON report."
    assert "9.00 kB" not in section
