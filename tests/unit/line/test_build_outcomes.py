"""Images that several others are built on: each is built once, and kept as long as it is needed."""

from pathlib import Path

from bot.line.build_input import BuildInput
from bot.line.build_outcomes import BuildOutcomes
from bot.model.image import BuildFailure, BuiltImage
from bot.model.image_location import engine_image
from bot.model.spec import ImageSpec


def make_input(name: str, **bases: BuildInput) -> BuildInput:
    return BuildInput(ImageSpec(name, f"{name}/Dockerfile", name), Path("/head"), None, bases=bases)


def make_outcomes() -> tuple[BuildOutcomes, list[str]]:
    removed: list[str] = []
    return BuildOutcomes(lambda built: removed.append(built.reference)), removed


def test_an_image_is_kept_until_nobody_holds_it() -> None:
    outcomes, removed = make_outcomes()
    base = make_input("base")
    with outcomes.hold([make_input("b", base=base)]):
        with outcomes.hold([make_input("a", base=make_input("base"))]):
            outcomes.put(base, BuiltImage(engine_image("built/base")))
        assert outcomes.find(make_input("base")) == BuiltImage(engine_image("built/base"))
        assert removed == []
    assert removed == ["built/base"]
    assert outcomes.find(base) is None


def test_a_failed_build_is_not_tried_again_and_leaves_nothing() -> None:
    outcomes, removed = make_outcomes()
    base, failure = make_input("base"), BuildFailure("no")
    with outcomes.hold([base]):
        outcomes.put(base, failure)
        assert outcomes.find(base) is failure
    assert (outcomes.find(base), removed) == (None, [])


def test_bases_of_bases_are_held_each_once() -> None:
    outcomes, removed = make_outcomes()
    first = make_input("first")
    second = make_input("second", first=first)
    with outcomes.hold([make_input("app", second=second, first=first)]):
        outcomes.put(first, BuiltImage(engine_image("built/first")))
    assert removed == ["built/first"]


def test_the_same_image_of_another_checkout_is_another_one() -> None:
    spec = ImageSpec("base", "Dockerfile", ".")
    keys = {BuildInput(spec, Path(folder), None).key for folder in ("/base", "/head")}
    assert len(keys) == 2
