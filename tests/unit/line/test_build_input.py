"""The names of builds in progress lines."""

from pathlib import Path

from bot.line.build_input import BuildInput, number_labels
from bot.model.spec import ImageSpec


def make_input(label: str) -> BuildInput:
    return BuildInput(ImageSpec("x", "Dockerfile", "."), Path("/x"), None, label=label)


def list_labels(*groups: tuple[str, ...]) -> list[list[str]]:
    inputs = [tuple(make_input(label) for label in group) for group in groups]
    return [[source.label for source in group] for group in number_labels(inputs)]


def test_images_are_counted_among_those_that_are_built() -> None:
    labels = list_labels(("a (base)", "a (head)"), (), ("b (head)",))
    assert labels == [["a (base), 1 of 2", "a (head), 1 of 2"], [], ["b (head), 2 of 2"]]


def test_a_single_image_has_no_number() -> None:
    assert list_labels((), ("a (base)", "a (head)")) == [[], ["a (base)", "a (head)"]]
    assert list_labels() == []
