"""The totals of an audit, and what its images share."""

from dataclasses import replace

from bot.audit.shared_layers import find_shared_layers
from bot.audit.totals import count_totals
from bot.model.audit import Totals
from bot.model.report import ImageReport, ImageState
from tests.support.image_world import compared
from tests.support.report_cases import suggestion

_BASE = "FROM python 100MB / RUN apt 20MB"


def image(world: str | None, name: str) -> ImageReport:
    state = ImageState.NO_BASELINE if world else ImageState.HEAD_BUILD_FAILED
    return compared(None, world, name=name, state=state)


def shared(*images: ImageReport) -> list[list[tuple[str, int, int]]]:
    return [
        [(x.image.name, x.layers, x.unpacked_bytes) for x in others]
        for others in find_shared_layers(images)
    ]


def test_a_shared_layer_counts_once_and_for_each_image() -> None:
    api = replace(image(f"{_BASE} / COPY a 5MB", "api"), suggestions=(suggestion(),))
    images = [api, image(f"{_BASE} / COPY b 7MB", "web"), image(None, "job")]
    assert count_totals(images) == Totals(3, 252_000_000, 132_000_000, 605_300_000)


def test_an_audit_without_images_has_zeros() -> None:
    assert count_totals([]) == Totals(0, 0, 0, 0)


def test_a_layer_that_an_image_has_twice_counts_once_among_the_unique() -> None:
    twice = image("FROM a 1MB / COPY x 3MB", "a")
    head = twice.comparison.head
    assert head
    head = replace(head, layers=(*head.layers, replace(head.layers[1], index=2)))
    twice = replace(twice, comparison=replace(twice.comparison, head=head))
    assert count_totals([twice]) == Totals(1, 7_000_000, 4_000_000, 0)


def test_each_image_lists_what_it_shares_the_most_first() -> None:
    assert shared(
        image(f"{_BASE} / COPY a 5MB", "api"),
        image("FROM python 100MB / COPY b 7MB", "web"),
        image(f"{_BASE} / COPY a 5MB / COPY c 1MB", "worker"),
        image("FROM scratch 0B / COPY d 1MB", "tool"),
        image(None, "job"),
    ) == [
        [("worker", 3, 125_000_000), ("web", 1, 100_000_000)],
        [("api", 1, 100_000_000), ("worker", 1, 100_000_000)],
        [("api", 3, 125_000_000), ("web", 1, 100_000_000)],
        [],
        [],
    ]


def test_an_empty_layer_alone_is_nothing_to_share() -> None:
    empty = "FROM scratch 0B"
    assert shared(image(f"{empty} / COPY a 1MB", "a"), image(f"{empty} / COPY b 1MB", "b")) == [
        [],
        [],
    ]
