"""Archives that nobody's tool wrote: refused with a reason, before they fill memory or take long."""

import gzip
import io
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.image.archives.archive import read_archive
from bot.image.layers.streams import Unreadable
from tests.support.raw_tar import END, encode_number, extended, member, pax, raw_header
from tests.support.tar_world import (
    config,
    descriptor,
    digest,
    encode,
    file,
    layer_tar,
    layout,
    legacy,
    oci,
    pack,
    part,
)

GIB = 1 << 30
LAYER = layer_tar(file("a", 1000))
GOOD = oci(LAYER).getvalue()


class CountedFile(io.FileIO):
    """A file that counts the bytes read of it."""

    count = 0

    def readinto(self, buffer: Any) -> int:
        count = super().readinto(buffer)
        self.count += count or 0
        return count or 0


def refusal(data: bytes) -> str:
    """Return the reason why an archive is refused, the same from a file and from a stream."""
    reasons = set()
    for stream in (io.BytesIO(data), io.BytesIO(gzip.compress(data, 1))):
        with pytest.raises(Unreadable) as caught:
            read_archive(stream)
        reasons.add(str(caught.value))
    (reason,) = reasons
    return reason


@pytest.mark.parametrize("type_", [b"x", b"g", b"X", b"L", b"K"])
def test_an_extended_header_of_gigabytes_is_not_read(type_: bytes, tmp_path: Path) -> None:
    path = tmp_path / "archive.tar"
    with path.open("wb") as sparse:
        sparse.write(raw_header("p", 3 * GIB, type_))
        sparse.seek(3 * GIB, io.SEEK_CUR)
        sparse.write(GOOD)
    with CountedFile(path) as counted, pytest.raises(Unreadable, match="3,221,225,472 bytes"):
        read_archive(counted)
    assert counted.count < 1 << 20


@pytest.mark.parametrize("content", [b"Read me first.\n" * 60, b"\0" * 511 + b"x", b"7" * 512])
def test_a_file_that_is_no_tar_is_called_that(content: bytes) -> None:
    reason = "not an image archive, or a broken one: it does not begin like a tar archive"
    assert refusal(content) == reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (raw_header("p", -512, b"L") + GOOD, "-512 bytes"),
        (raw_header("p", -512, b"x") + GOOD, "-512 bytes"),
        (raw_header("p", -1) + GOOD, "-1 bytes"),
        (raw_header("p", 2**80) + GOOD, "truncated"),
        (raw_header("p", size_field=b"9" * 12) + GOOD, "where a number belongs"),
        (raw_header("p", size_field=b"-0000000777\0") + GOOD, "-511 bytes"),
        (pax({"size": "9" * 30}) + raw_header("p") + GOOD, "as size"),
        (pax({"size": "-1"}) + raw_header("p") + GOOD, "as size"),
        (pax({"path": "a" * 5000}) + raw_header("p") + GOOD, "4,096 characters"),
        (extended(b"1" * 900_000) + GOOD, "malformed"),
        (extended(b"5 a=\n0 b=c\n") + GOOD, "malformed"),
        (extended(b"a" * 600, b"L") * 17 + GOOD, "16 extended headers in a row"),
        (member("p", b"x" * 600)[:-600] + b"", "truncated"),
        (member("p", b"x")[:300], "truncated"),
        (member("p", b"x") + b"y" * 512 + GOOD, "where a number belongs"),
        (member("p", b"x") + b"1" * 512 + GOOD, "checksum"),
    ],
)
def test_a_malformed_header_is_a_reason(data: bytes, reason: str) -> None:
    assert reason in refusal(data)


def test_a_sparse_member_is_no_document() -> None:
    manifest = json.dumps([{"Config": "c.json", "Layers": []}]).encode()
    records = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "9"}
    sparse = pax(records | {"GNU.sparse.name": "manifest.json"}) + member("x", manifest)
    assert "manifest.json is missing" in refusal(sparse + END)
    assert read_archive(io.BytesIO(sparse + GOOD)).blobs


def test_global_records_that_nobody_reads_are_dropped() -> None:
    records = b"".join(pax({f"key{number}": "v" * 1000}, b"g") for number in range(12))
    assert read_archive(io.BytesIO(records + GOOD)).blobs


def test_long_names_do_not_fill_the_memory() -> None:
    name = "/".join(["n" * 100] * 40)
    assert "names in the archive" in refusal(
        b"".join(pax({"path": f"{name}{number}"}) + raw_header("x") for number in range(6000))
    )


def test_a_config_that_is_named_by_another_digest_is_refused() -> None:
    document = config([LAYER])
    for name, is_right in ((digest(document)[7:], True), ("0" * 64, False)):
        manifest = [{"Config": f"{name}.json", "RepoTags": None, "Layers": ["1/layer.tar"]}]
        data = pack(
            {f"{name}.json": document, "1/layer.tar": LAYER, "manifest.json": encode(manifest)}
        )
        if is_right:
            assert read_archive(data).blobs
        else:
            assert "does not match its digest" in refusal(data.getvalue())


WRONG_VALUES: list[Any] = [
    *(None, True, False, 0, -1, 1, 1e400, 1.5, 10**30, "", "x", "ü" * 10, "\ud800"),
    *([], ["x"], [None], [[]], {}, {"x": 1}, {"size": {}}, [{"digest": []}]),
]


def places(document: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value in a document."""
    yield path
    pairs: list[tuple[Any, Any]] = []
    if isinstance(document, dict):
        pairs = list(document.items())
    elif isinstance(document, list):
        pairs = list(enumerate(document))
    for key, value in pairs:
        yield from places(value, (*path, key))


def replaced(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Return a document with another value at a path."""
    if not path:
        return value
    copy = json.loads(json.dumps(document))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return copy


FULL_CONFIG: dict[str, Any] = {
    "os": "linux",
    "architecture": "amd64",
    "variant": "v1",
    "rootfs": {"type": "layers", "diff_ids": [digest(LAYER)]},
    "history": [{"created_by": "COPY", "empty_layer": False}, {"comment": "", "empty_layer": True}],
}


def full_descriptor(data: bytes) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "annotations": {"a": "b"},
        "urls": [],
        "platform": {"os": "linux", "variant": ""},
    }
    return descriptor(data, **fields)


def with_config(document: Any) -> bytes:
    data = encode(document)
    manifest = {"config": full_descriptor(data), "layers": [full_descriptor(LAYER)]}
    return pack(layout(part(encode(manifest), data, LAYER))).getvalue()


def with_manifest(document: Any) -> bytes:
    return pack(layout(part(encode(document), encode(FULL_CONFIG), LAYER))).getvalue()


def with_index(document: Any) -> bytes:
    files = layout(part(encode(MANIFEST), encode(FULL_CONFIG), LAYER))
    return pack(files | {"index.json": encode(document)}).getvalue()


def with_legacy_manifest(document: Any) -> bytes:
    files: dict[str, bytes | str] = {"c.json": encode(FULL_CONFIG), "1/layer.tar": LAYER}
    return pack(files | {"manifest.json": encode(document)}).getvalue()


MANIFEST = {
    "schemaVersion": 2,
    "config": full_descriptor(encode(FULL_CONFIG)),
    "layers": [full_descriptor(LAYER)],
}
DOCUMENTS = {
    "config": (FULL_CONFIG, with_config),
    "manifest": (MANIFEST, with_manifest),
    "index": ({"manifests": [full_descriptor(encode(MANIFEST))]}, with_index),
    "manifest.json": (
        [{"Config": "c.json", "RepoTags": ["a:1"], "Layers": ["1/layer.tar"]}],
        with_legacy_manifest,
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_wrong_value_anywhere_is_a_reason_or_makes_no_difference(name: str) -> None:
    document, make_archive = DOCUMENTS[name]
    assert read_archive(io.BytesIO(make_archive(document))).blobs
    refused = 0
    for path in places(document):
        for value in WRONG_VALUES:
            try:
                scanned = read_archive(io.BytesIO(make_archive(replaced(document, path, value))))
            except Unreadable:
                refused += 1
            else:
                assert {blob.layer.unpacked_bytes for blob in scanned.blobs} <= {1000}
    assert refused > len(WRONG_VALUES)


@pytest.mark.parametrize("field", ["annotations", "platform", "urls", "mediaType"])
def test_a_field_of_another_type_makes_a_manifest_malformed(field: str) -> None:
    for value in ("x", ["x"], 5) if field != "urls" else ("x", {}, [5]):
        if field == "mediaType" and value == "x":
            continue
        wrong = replaced(MANIFEST, ("layers", 0, field), value)
        assert f"the field {field!r} is no" in refusal(with_manifest(wrong))


def test_a_legacy_archive_is_read_as_before() -> None:
    assert read_archive(legacy(LAYER, LAYER)).blobs[1].layer.diff_id == digest(LAYER)


def test_numbers_of_headers_are_as_tarfile_has_them() -> None:
    for number in (0, 511, 8**11 - 1, 8**11, 2**63):
        info = tarfile.TarInfo.frombuf(raw_header("a", number), "utf-8", "strict")
        assert (info.size, encode_number(number)[:1]) == (
            number,
            b"\x80" if number >= 8**11 else b"0"[:1] if number < 8**10 else b"7"[:1],
        )
