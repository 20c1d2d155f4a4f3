"""Images of the repository that are built on each other, in words and in order."""

from dataclasses import replace

from bot.model.image_identity import BaseUse, ImageIdentity
from bot.model.report import ImageReport
from bot.report.page.own_bases import list_grown_users, put_base_first
from bot.report.page.page import make_page, to_plain_text
from tests.support.image_world import budget, compared, review
from tests.support.report_cases import shared_base

LIMIT = budget(max_growth="1MB")


def built_on(*bases: str, name: str, grown: str = "9MB") -> ImageReport:
    """Build a report on an image that grew by its base image."""
    uses = tuple(BaseUse(ImageIdentity(x, "Dockerfile"), x, is_from=True) for x in bases)
    old, new = "FROM x 5MB / COPY a 1MB", f"FROM x {grown} ~2 / COPY a 1MB"
    report = compared(old, new, LIMIT, name, based_on=uses)
    return replace(report, spec=replace(report.spec, dockerfile="Dockerfile"))


def list_names(images: list[ImageReport]) -> list[str]:
    return [image.spec.name for image in images]


def test_an_image_that_grew_by_its_own_lines_did_not_grow_with_its_base() -> None:
    own = compared("FROM x 5MB / COPY a 1MB", "FROM x 6MB ~2 / COPY a 9MB ~2", LIMIT, "own")
    use = BaseUse(ImageIdentity("base", "Dockerfile"), "x", is_from=True)
    own = replace(own, based_on=(use,))
    base = built_on(name="base")
    assert list_names(list_grown_users(base, [own, built_on("base", name="app"), base])) == ["app"]


def test_a_base_that_did_not_grow_has_no_users_that_grew_with_it() -> None:
    base = built_on(name="base", grown="5MB")
    assert list_grown_users(base, [built_on("base", name="app")]) == []


def test_the_first_base_of_a_chain_comes_first() -> None:
    images = [built_on("b", name="a"), built_on("c", name="b"), built_on(name="c")]
    assert list_names(put_base_first(images)) == ["c", "b", "a"]


def test_a_report_with_a_circle_has_some_order() -> None:
    images = [built_on("b", name="a"), built_on("a", name="b")]
    assert sorted(list_names(put_base_first(images))) == ["a", "b"]


def test_the_headline_names_the_base_and_what_grew_with_it() -> None:
    page = make_page(shared_base())
    assert to_plain_text(page.headline) == (
        "Over budget: base grew by 115 MB to 254 MB; limit: +10 MB; with it api and auth"
    )


def test_a_base_that_passes_is_the_cause_and_what_to_look_at() -> None:
    api, _, base, _ = shared_base().images
    page = make_page(review(api))
    assert to_plain_text(page.why) == (
        "The base image base/Dockerfile, taken as internal/base, adds 115 MB, all of it in /usr. "
        "The base image had 139 MB before; a machine with the old image pulls 102 MB."
    )
    assert to_plain_text(page.next_step).startswith(
        "Look at what is new in its base image, base/Dockerfile. If the growth is intended, "
    )
    assert base.base_of[0].name == "api"
