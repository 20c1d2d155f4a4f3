"""Records are written and read again; what is damaged or forged is refused."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from bot.model.build_key import BaseDigest, BuildKey
from bot.model.metric import Metric
from bot.model.report import ImageState
from bot.model.sizes import parse_size
from bot.records.record import ImageKey, RecordedBuild, RecordedOwner
from bot.records.record_reader import MAX_RECORD_BYTES, read_record
from bot.records.record_schema import read_record_schema
from bot.records.record_writer import make_record, render_record
from tests.support.image_world import compared, image
from tests.support.record_world import COMMIT, DATE, measured, recorded

SCHEMA = Draft202012Validator(json.loads(read_record_schema()))
# As release 0.2 wrote it: what is written from here on must not make it unreadable.
FIRST_VERSION = {
    "record_version": 1,
    "commit": COMMIT,
    "date": DATE,
    "name": "api",
    "platform": "linux/amd64",
    "dockerfile": "api/Dockerfile",
    "target": None,
    "renamed_from": None,
    "image_id": "sha256:" + "ab" * 32,
    "store": "overlay2",
    "approved": False,
    "unpacked_bytes": 12,
    "compressed_bytes": 5,
    "compressed_exact": False,
    "filesystem_bytes": 11,
    "wasted_bytes": 1,
    "own_wasted_bytes": 1,
    "rest_bytes": 2,
    "layers": [
        {
            "diff_id": "sha256:" + "cd" * 32,
            "unpacked_bytes": 12,
            "compressed_bytes": 5,
            "text": "RUN make",
            "line_start": 2,
            "line_end": 3,
            "from_base_image": False,
        }
    ],
    "owners": [{"kind": "deb", "name": "gcc", "bytes": 10}],
}


def document(**changes: Any) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(json.dumps(FIRST_VERSION))
    return content | changes


def encode(content: object) -> bytes:
    return json.dumps(content).encode()


def test_a_record_has_the_sizes_layers_and_owners_of_an_image() -> None:
    record = recorded("api", "110MB")
    new = measured("110MB")
    assert record.key == ImageKey("api", "linux/amd64")
    assert (record.commit, record.date) == (COMMIT, DATE)
    assert record.unpacked_bytes == new.unpacked_bytes == 120_000_000
    assert record.compressed_bytes == new.compressed_bytes
    assert record.filesystem_bytes == 119_000_000
    assert (record.wasted_bytes, record.own_wasted_bytes) == (1_000_000, new.own_wasted_bytes)
    assert [layer.diff_id for layer in record.layers] == [layer.diff_id for layer in new.layers]
    assert [layer.from_base_image for layer in record.layers] == [True, False, False]
    assert (record.layers[1].text, record.layers[1].line_start) == ("RUN apt", 2)
    assert RecordedOwner("deb", "gcc", 2_000_000) in record.owners
    assert [record.size(metric) for metric in Metric] == [new.size(metric) for metric in Metric]


def test_an_image_that_was_not_measured_has_no_record() -> None:
    failed = compared(None, None, state=ImageState.HEAD_BUILD_FAILED)
    assert make_record(failed, COMMIT, DATE) is None


def test_a_record_is_read_as_it_was_written() -> None:
    record = recorded(renamed_from="server", is_approved=True, target="runtime")
    assert read_record(render_record(record)) == record
    assert SCHEMA.is_valid(json.loads(render_record(record)))
    assert record.renamed_from == "server"


def test_the_first_version_stays_readable() -> None:
    record = read_record(encode(FIRST_VERSION))
    assert SCHEMA.is_valid(FIRST_VERSION)
    assert (record.unpacked_bytes, record.store, record.rest_bytes) == (12, "overlay2", 2)


def test_fields_may_be_added() -> None:
    assert read_record(encode(document(colour="blue"))).unpacked_bytes == 12


def test_the_many_small_owners_are_one_number() -> None:
    packages = ", ".join(f"deb p{number} 1 1MB" for number in range(25))
    world = f"RUN make 30MB ({packages}, /opt 5MB)"
    report = compared(None, replace(image(world), image_id="sha256:" + "ab" * 32))
    record = make_record(report, COMMIT, DATE)
    assert record is not None
    assert len(record.owners) == 20
    assert record.rest_bytes == parse_size("30MB") - sum(owner.bytes for owner in record.owners)
    assert read_record(render_record(record)) == record


def test_long_texts_are_cut() -> None:
    new = measured("5MB")
    layer = replace(new.layers[0], created_by="RUN " + "x" * 5_000, instruction=None)
    report = compared(None, replace(new, layers=(layer, *new.layers[1:])))
    record = make_record(report, COMMIT, DATE)
    assert record is not None
    assert len(record.layers[0].text) == 200


def change(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda content: content.update(fields)


def change_layer(**fields: Any) -> Callable[[dict[str, Any]], None]:
    return lambda content: content["layers"][0].update(fields)


BROKEN: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "newer": (change(record_version=2), "version 2 is of a newer release"),
    "no version": (change(record_version=None), "record_version is not a whole number"),
    "commit": (change(commit="HEAD"), "commit does not have its form"),
    "date": (change(date="yesterday"), "date does not have its form"),
    "month": (change(date="2026-13-01T00:00:00Z"), "date does not have its form"),
    "negative": (change(filesystem_bytes=-1), "filesystem_bytes is not between"),
    "boolean": (change(rest_bytes=True), "rest_bytes is not a whole number"),
    "fraction": (change(rest_bytes=1.5), "rest_bytes is not a whole number"),
    "huge": (change(unpacked_bytes=2**60), "unpacked_bytes is not between"),
    "text": (change(name="x" * 2_001), "name is not a text of at most"),
    "layers": (change(layers=[{}] * 1_001), "layers is not a list of at most"),
    "layer": (change(layers=["x"]), "layers has something else than objects"),
    "line": (change_layer(line_start=0), "line_start is not between"),
    "digest": (change_layer(diff_id="../../etc/passwd"), "diff_id does not have its form"),
    "flag": (change_layer(from_base_image="yes"), "from_base_image is not true or false"),
}
FALSE_SUMS: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
    "unpacked": (change(unpacked_bytes=13), "unpacked_bytes is 13, but should be 12"),
    "compressed": (change(compressed_bytes=4), "compressed_bytes is 4, but should be 5"),
    "wasted": (change(wasted_bytes=0), "wasted_bytes is 0, but should be 1"),
    "own waste": (change(own_wasted_bytes=2), "own_wasted_bytes is more than wasted_bytes"),
    "owners": (change(rest_bytes=3), "the sum of its owners is 13, but should be 12"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_breaks_the_schema_is_refused(name: str) -> None:
    damage, reason = BROKEN[name]
    content = document()
    damage(content)
    assert not SCHEMA.is_valid(content)
    with pytest.raises(ValueError, match=reason):
        read_record(encode(content))


@pytest.mark.parametrize("name", FALSE_SUMS)
def test_a_false_sum_is_refused(name: str) -> None:
    damage, reason = FALSE_SUMS[name]
    content = document()
    damage(content)
    assert SCHEMA.is_valid(content)
    with pytest.raises(ValueError, match=reason):
        read_record(encode(content))


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"\xff", b"{", b"[" * 100_000, b" " * (MAX_RECORD_BYTES + 1), b'{"x": NaN}'],
    ids=["empty", "list", "bytes", "cut", "deep", "long", "nan"],
)
def test_what_is_no_record_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_record(data)


_VALUES = st.one_of(
    *(st.none(), st.booleans(), st.integers(-2, 2), st.just(2**53), st.just(1.5)),
    *(st.just("x" * 2_001), st.text(max_size=3), st.just([]), st.just([1]), st.just({})),
)


@given(
    st.sampled_from(sorted(FIRST_VERSION)),
    st.sampled_from(["layers", "owners", ""]),
    st.sampled_from(sorted([*FIRST_VERSION["layers"][0], "kind", "name", "bytes"])),  # type: ignore[index]
    _VALUES,
)
def test_the_reader_takes_nothing_that_the_schema_refuses(
    name: str, list_name: str, item_name: str, value: object
) -> None:
    content = document()
    if list_name:
        content[list_name][0][item_name] = value
    else:
        content[name] = value
    if SCHEMA.is_valid(content):
        return
    with pytest.raises(ValueError, match=r"\w"):
        read_record(encode(content))


@given(st.sampled_from(sorted(FIRST_VERSION)))
def test_every_field_is_required(name: str) -> None:
    content = document()
    del content[name]
    assert not SCHEMA.is_valid(content)
    with pytest.raises(ValueError, match=name):
        read_record(encode(content))


# What an image was built of

KEY = BuildKey("sha256:" + "12" * 32, (BaseDigest("debian:12", "sha256:" + "34" * 32),))
BUILD: dict[str, Any] = {
    "inputs": KEY.inputs,
    "bases": [{"name": "debian:12", "digest": KEY.bases[0].digest}],
    "detail": "sha256:" + "56" * 32,
}


def test_a_record_has_what_its_image_was_built_of() -> None:
    record = replace(recorded(), build=RecordedBuild(KEY, BUILD["detail"]))
    written = render_record(record)
    assert json.loads(written)["build"] == BUILD
    assert read_record(written) == record
    SCHEMA.validate(json.loads(written))


def test_a_record_without_it_is_as_it_was_before() -> None:
    assert "build" not in json.loads(render_record(recorded()))
    assert read_record(encode(document())).build is None
    assert read_record(encode(document(build=None))).build is None


@pytest.mark.parametrize(
    "changes",
    [
        {"inputs": "abc"},
        {"inputs": None},
        {"detail": "../../x"},
        {"detail": None},
        {"bases": {}},
        {"bases": ["debian"]},
        {"bases": [{"name": "debian", "digest": "latest"}]},
        {"bases": [{"name": 3, "digest": BUILD["detail"]}]},
        {"bases": [{"name": "a", "digest": BUILD["detail"]}] * 201},
    ],
)
def test_a_key_that_breaks_the_schema_is_refused(changes: dict[str, Any]) -> None:
    forged = document(build=BUILD | changes)
    assert not SCHEMA.is_valid(forged)
    with pytest.raises(ValueError, match=r"is not|does not have its form|something else"):
        read_record(encode(forged))
