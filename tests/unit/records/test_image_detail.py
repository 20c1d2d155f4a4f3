"""The rest of a recorded image: it is read as it was measured, and refused if it is forged."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.compare.compare import compare_images
from bot.model.build_key import BuildKey
from bot.model.files import OwnerKey
from bot.model.image import Image
from bot.model.spec import ImageSpec
from bot.records.image_detail import digest_detail, read_detail, render_detail
from bot.records.record import Record, RecordedBuild
from bot.records.record_writer import make_image_record
from tests.support.image_world import image
from tests.support.record_world import COMMIT, DATE

ID = "sha256:" + "ab" * 32
OLD = "FROM alpine:3.20 8MB / RUN apt 2MB waste 1MB (deb gcc 12 2MB) / COPY . 90MB"


def measured(world: str = OLD) -> Image:
    return replace(image(world), image_id=ID)


def keep(measured_image: Image) -> tuple[bytes, Record]:
    """Return the detail and the record of an image."""
    content = render_detail(measured_image)
    assert content is not None
    spec = ImageSpec("api", "Dockerfile", ".")
    record = make_image_record(spec, measured_image, COMMIT, DATE)
    key = BuildKey("sha256:" + "12" * 32)
    return content, replace(record, build=RecordedBuild(key, digest_detail(content)))


def forge(change: Callable[[dict[str, Any]], Any]) -> tuple[bytes, Record]:
    """Return a detail that was changed, and a record that names it."""
    content, record = keep(measured())
    document = json.loads(content)
    change(document)
    content = json.dumps(document).encode()
    assert record.build is not None
    return content, replace(record, build=replace(record.build, detail=digest_detail(content)))


def test_an_image_from_a_record_compares_like_the_one_that_was_measured() -> None:
    old = measured()
    new = image("FROM alpine:3.20 8MB / RUN apt 3MB (deb gcc 13 3MB) / COPY . 91MB")
    fresh, recorded = compare_images(old, new), compare_images(read_detail(*keep(old)), new)
    assert (recorded.delta, recorded.layer_matches) == (fresh.delta, fresh.layer_matches)
    assert recorded.attribution == fresh.attribution
    for row in recorded.attribution:
        assert sum(owner.delta_bytes for owner in row.owners) == row.delta_bytes


def test_another_detail_than_the_record_names_is_refused() -> None:
    content, record = keep(measured())
    with pytest.raises(ValueError, match="not the one that the record names"):
        read_detail(content + b" ", record)
    with pytest.raises(ValueError, match="not the one that the record names"):
        read_detail(content, replace(record, build=None))


def test_the_detail_of_another_image_is_refused() -> None:
    content, record = keep(measured())
    with pytest.raises(ValueError, match="of another image"):
        read_detail(content, replace(record, image_id="sha256:" + "cd" * 32))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda document: document["layers"].pop(), "other layers"),
        (lambda document: document["layers"][1]["owners"][0].__setitem__(3, 1), "do not add up"),
        (lambda document: document["layers"][1].update(owners=[]), "do not add up"),
        (
            lambda document: document["layers"][1]["owners"].extend([["deb", "x", "1", 0]] * 2),
            "appears twice",
        ),
        (
            lambda document: document["layers"][1]["owners"][0].__setitem__(3, -1),
            "not a number of bytes",
        ),
        (
            lambda document: document["layers"][1]["owners"][0].__setitem__(3, True),
            "not a number of bytes",
        ),
        (
            lambda document: document["layers"][1]["owners"][0].__setitem__(1, "x" * 3_000),
            "not a short text",
        ),
        (lambda document: document["layers"][1]["owners"][0].pop(), "not a list of kind"),
        (lambda document: document["layers"][1].update(wasted_bytes=0), "waste of its layers"),
        (lambda document: document["layers"][1].update(created_by=3), "created_by is not a text"),
        (lambda document: document["layers"][1].update(compressed_error=-1), "compressed_error"),
        (lambda document: document.update(identity="md5"), "md5"),
        (lambda document: document.update(files=-1), "files"),
        (lambda document: document.update(layers=5), "layers is not a list"),
    ],
)
def test_a_forged_detail_is_refused(change: Callable[[dict[str, Any]], Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_detail(*forge(change))


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"[" * 100_000])
def test_what_is_no_document_is_refused(content: bytes) -> None:
    _, record = keep(measured())
    assert record.build is not None
    named = replace(record, build=replace(record.build, detail=digest_detail(content)))
    with pytest.raises(ValueError, match=r".+"):
        read_detail(content, named)


@pytest.mark.parametrize(
    "fields",
    [
        {"created_by": "RUN " + "x" * 2_000},
        {"created_by": "RUN curl -H 'token: ***' example.org"},
        {"owners": {OwnerKey("deb", f"package-{x}"): 0 for x in range(3_001)}},
    ],
)
def test_an_image_that_could_not_be_compared_has_no_detail(fields: dict[str, Any]) -> None:
    old = measured()
    layer = replace(old.layers[-1], **fields)
    assert render_detail(replace(old, layers=(*old.layers[:-1], layer))) is None
