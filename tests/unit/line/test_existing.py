"""Pairs of images, each measured as if it were alone."""

from dataclasses import replace
from io import StringIO

from bot.adapters.plain_progress import QuietProgress
from bot.compare.compare import compare_images
from bot.image.archives.archive import read_archive
from bot.image.archives.layer_cache import LayerCache
from bot.image.archives.manifest_resolver import ScannedImage
from bot.image.layers.layer_index import LayerIndex
from bot.line.existing import diff_references, measure_reference
from bot.line.measurer import Measurer
from bot.model.image import Image
from tests.support.random_layers import CountedEntries
from tests.support.tar_world import digest, file, layer_tar, legacy

COMMON = (layer_tar(file("a", 5), file("b", 7)), layer_tar(file("b", 1)))
STACKS = {
    "base": (*COMMON, layer_tar(file(".wh.a"))),
    "head": (*COMMON, layer_tar(file("a", 9), file("c", 2))),
    "prefix": COMMON,
    "other": (layer_tar(file("d", 3)),),
    # Together, the paths of its directories are longer than the bound.
    "hostile": (layer_tar(*(file(f"{number}/" + "d/" * 1990 + "f") for number in range(100))),),
}


class StackReader:
    """The port `ImageReader`: the stacks by name, in archives."""

    def read(self, reference: str, platform: str | None, layer_cache: LayerCache) -> ScannedImage:
        return read_archive(legacy(*STACKS[reference]), platform, layer_cache)

    def list_platforms(self, reference: str) -> tuple[str, ...]:
        return ()


def make_measurer() -> Measurer:
    return Measurer(StackReader(), QuietProgress(StringIO()))


def measure(reference: str) -> Image:
    image = make_measurer().measure(reference)
    assert isinstance(image, Image)
    return image


def test_a_pair_is_compared_as_two_images_that_were_measured_alone() -> None:
    sides = ("base", "head", "prefix", "other")
    for old, new in [(old, new) for old in sides for new in sides]:
        (report,) = diff_references(make_measurer(), old, new).images
        assert report.comparison == compare_images(measure(old), measure(new)), (old, new)


def test_layers_that_cannot_be_united_are_the_reason_of_the_image_that_has_them() -> None:
    (alone,) = measure_reference(make_measurer(), "hostile").images
    assert alone.reason
    for old, new in (("hostile", "hostile"), ("hostile", "base"), ("base", "hostile")):
        (report,) = diff_references(make_measurer(), old, new).images
        assert report.reason
        assert alone.reason in report.reason


def test_common_layers_are_analysed_once() -> None:
    readings = []
    for old, new in (("prefix", "other"), ("base", "head")):
        reader = CountingReader()
        diff_references(Measurer(reader, QuietProgress(StringIO())), old, new)
        entries = reader.layers[digest(COMMON[0])].entries
        assert isinstance(entries, CountedEntries)
        readings.append(entries.readings)
    assert len(set(readings)) == 1


class CountingReader(StackReader):
    """A reader of layers that count how often they are read; equal ones are one object."""

    def __init__(self) -> None:
        self.layers: dict[str, LayerIndex] = {}

    def read(self, reference: str, platform: str | None, layer_cache: LayerCache) -> ScannedImage:
        image = super().read(reference, platform, layer_cache)
        return replace(
            image, blobs=tuple(replace(x, layer=self._count(x.layer)) for x in image.blobs)
        )

    def _count(self, layer: LayerIndex) -> LayerIndex:
        counted = replace(layer, entries=CountedEntries(layer.entries))
        return self.layers.setdefault(layer.diff_id, counted)
