"""Images that several others are built on: each is built once, and kept as long as it is needed."""

from pathlib import Path

from bot.line.build_input import BuildInput
from bot.line.image_shelf import ImageShelf
from bot.model.image import BuildFailure, BuiltImage
from bot.model.image_location import engine_image
from bot.model.spec import ImageSpec


def make_input(name: str, **bases: BuildInput) -> BuildInput:
    return BuildInput(ImageSpec(name, f"{name}/Dockerfile", name), Path("/head"), None, bases=bases)


def make_shelf() -> tuple[ImageShelf, list[str]]:
    removed: list[str] = []
    return ImageShelf(lambda built: removed.append(built.reference)), removed


def test_an_image_is_kept_until_nobody_holds_it() -> None:
    shelf, removed = make_shelf()
    base = make_input("base")
    with shelf.hold([make_input("b", base=base)]):
        with shelf.hold([make_input("a", base=make_input("base"))]):
            shelf.put(base, BuiltImage(engine_image("built/base")))
        assert shelf.find(make_input("base")) == BuiltImage(engine_image("built/base"))
        assert removed == []
    assert removed == ["built/base"]
    assert shelf.find(base) is None


def test_a_failed_build_is_not_tried_again_and_leaves_nothing() -> None:
    shelf, removed = make_shelf()
    base, failure = make_input("base"), BuildFailure("no")
    with shelf.hold([base]):
        shelf.put(base, failure)
        assert shelf.find(base) is failure
    assert (shelf.find(base), removed) == (None, [])


def test_bases_of_bases_are_held_each_once() -> None:
    shelf, removed = make_shelf()
    first = make_input("first")
    second = make_input("second", first=first)
    with shelf.hold([make_input("app", second=second, first=first)]):
        shelf.put(first, BuiltImage(engine_image("built/first")))
    assert removed == ["built/first"]


def test_the_same_image_of_another_checkout_is_another_one() -> None:
    spec = ImageSpec("base", "Dockerfile", ".")
    keys = {BuildInput(spec, Path(folder), None).key for folder in ("/base", "/head")}
    assert len(keys) == 2
