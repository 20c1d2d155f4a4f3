"""Images spread over jobs."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from bot.model.image_list import ListedImage
from bot.model.report import ImageState
from bot.model.spec import ImageSpec
from bot.project.shards import spread_images


def listed(name: str, *based_on: str, platform: str | None = None) -> ListedImage:
    spec = ImageSpec(name, f"{name}/Dockerfile", name, platform=platform)
    return ListedImage(spec, ImageState.CHANGED, based_on=based_on)


def test_images_are_spread_evenly_and_no_shard_is_empty() -> None:
    shards = Counter(image.shard for image in spread_images([listed(x) for x in "abcde"], 2))
    assert shards == {1: 3, 2: 2}
    assert {image.shard for image in spread_images([listed("a"), listed("b")], 9)} == {1, 2}
    assert spread_images([], 3) == ()


def test_a_chain_of_bases_stays_in_one_shard() -> None:
    images = [listed("web", "node"), listed("x"), listed("node", "os"), listed("y"), listed("os")]
    shards = {image.spec.name: image.shard for image in spread_images(images, 3)}
    assert shards["web"] == shards["node"] == shards["os"]
    assert len({shards["os"], shards["x"], shards["y"]}) == 3


def test_images_on_a_base_that_is_not_listed_stay_together() -> None:
    images = spread_images([listed("a", "os"), listed("b", "os")], 2)
    assert [image.shard for image in images] == [1, 1]


def test_the_platforms_of_a_name_stay_together_for_it_selects_both() -> None:
    images = [listed("a", platform="linux/amd64"), listed("a", platform="linux/arm64")]
    assert [image.shard for image in spread_images(images, 2)] == [1, 1]


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=2), max_size=8), st.integers(1, 9))
def test_every_image_is_in_the_shard_of_its_bases(bases: list[list[str]], count: int) -> None:
    images = [listed(name, *based_on) for name, based_on in zip("abcdefgh", bases, strict=False)]
    shards = {image.spec.name: image.shard for image in spread_images(images, count)}
    assert set(shards.values()) == set(range(1, len(set(shards.values())) + 1))
    for image in images:
        assert {shards[x] for x in image.based_on if x in shards} <= {shards[image.spec.name]}
