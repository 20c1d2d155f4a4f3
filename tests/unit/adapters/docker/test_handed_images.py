"""The archive that `docker save` writes, as a folder with an OCI layout."""

import io
import tarfile
from pathlib import Path

import pytest

from bot.adapters.docker.handed_images import find_layout_digest, unpack_layout
from bot.errors import EngineUnavailableError
from tests.support.raw_tar import extended, raw_header
from tests.support.tar_world import (
    Item,
    encode,
    file,
    hardlink,
    image,
    layer_tar,
    layout,
    legacy,
    pack,
    symlink,
)

LAYER = layer_tar(file("a", 5))
IMAGE = image(LAYER)
DIGEST = IMAGE.top["digest"]
BLOB = f"blobs/sha256/{'1' * 64}"
WHOLE = pack(layout(IMAGE)).getvalue()


def unpack(folder: Path, data: bytes) -> str:
    return unpack_layout(io.BufferedReader(io.BytesIO(data)), folder)


def list_files(folder: Path) -> set[str]:
    return {x.relative_to(folder).as_posix() for x in folder.rglob("*") if not x.is_dir()}


def test_a_layout_is_unpacked_and_nothing_else(tmp_path: Path) -> None:
    others: dict[str, bytes | str] = {"manifest.json": b"[]", "../x": b"1"}
    others["blobs/sha256/../../y"] = b"1"
    data = pack({**layout(IMAGE), **others, BLOB: b"blob"}).getvalue()
    assert unpack(tmp_path / "a", data) == DIGEST
    assert list_files(tmp_path) == {f"a/{name}" for name in (*layout(IMAGE), BLOB)}
    assert (tmp_path / "a" / BLOB).read_bytes() == b"blob"


@pytest.mark.parametrize(
    "special",
    [
        symlink(BLOB, "/etc/passwd"),
        symlink("blobs", "/tmp"),
        hardlink(BLOB, "../../../etc/passwd"),
        Item(BLOB, type=tarfile.CHRTYPE),
        Item(BLOB, type=tarfile.FIFOTYPE),
    ],
)
def test_links_and_devices_are_not_made(tmp_path: Path, special: Item) -> None:
    # Of such a member there is nothing but one header.
    assert (
        unpack(tmp_path / "a", layer_tar(special, form=tarfile.USTAR_FORMAT)[:512] + WHOLE)
        == DIGEST
    )
    assert list_files(tmp_path) == {f"a/{name}" for name in layout(IMAGE)}


def test_a_link_in_place_of_the_index_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(encode({"manifests": [IMAGE.top]}))
    with pytest.raises(EngineUnavailableError, match="cannot be passed to this builder"):
        unpack(tmp_path / "a", pack({**layout(IMAGE), "index.json": "../secret"}).getvalue())


def test_an_archive_without_a_layout_names_the_engine(tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailableError, match="cannot be passed to this builder") as caught:
        unpack(tmp_path, legacy(LAYER).getvalue())
    assert "the engine is older than 25" in caught.value.why


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (WHOLE[:100], "truncated"),
        (WHOLE[:600], "truncated"),
        (b"x" * 5000, "where a number belongs"),
        (b"<html>Bad Gateway</html>" * 100, "where a number belongs"),
        (raw_header("index.json", 1 << 62), "truncated"),
        (raw_header("index.json", -1), "bytes"),
        (raw_header("extended", 1 << 40, tarfile.XHDTYPE), "header"),
        (raw_header("extended", 1 << 40, tarfile.GNUTYPE_LONGNAME), "header"),
        (extended(b"9" * 100) + WHOLE, "header"),
    ],
)
def test_a_broken_archive_is_an_error_with_the_reason(
    tmp_path: Path, data: bytes, reason: str
) -> None:
    with pytest.raises(EngineUnavailableError, match="cannot be passed to this builder") as caught:
        unpack(tmp_path, data)
    assert caught.value.why.startswith("the archive that the engine sends cannot be read: ")
    assert reason in caught.value.why
    assert "see the engine's log" in caught.value.fix


@pytest.mark.parametrize("name", [x for x in layout(IMAGE) if x.startswith("blobs/")])
@pytest.mark.parametrize("is_cut", [False, True])
def test_an_image_that_is_not_whole_is_an_error(tmp_path: Path, name: str, is_cut: bool) -> None:
    """An archive that was cut between two members looks like a whole one."""
    members = layout(IMAGE)
    content = members.pop(name)
    if is_cut:
        members[name] = content[:-1]
    with pytest.raises(EngineUnavailableError, match="cannot be passed to this builder") as caught:
        unpack(tmp_path, pack(members).getvalue())
    assert name in caught.value.why or "manifest says" in caught.value.why


@pytest.mark.parametrize(
    "index",
    [
        b"",
        b"{}",
        b"[]",
        b"[" * 100_000,
        b'{"manifests": 5}',
        b'{"manifests": []}',
        encode({"manifests": [{"digest": "sha256:1@x", "size": 1}]}),
        encode({"manifests": [{"digest": DIGEST, "size": -1}]}),
        encode({"manifests": [IMAGE.top, image().top]}),
    ],
)
def test_a_layout_without_one_image_is_an_error(tmp_path: Path, index: bytes) -> None:
    (tmp_path / "index.json").write_bytes(index)
    with pytest.raises(EngineUnavailableError, match="cannot be passed to this builder") as caught:
        find_layout_digest(tmp_path)
    assert caught.value.why.startswith("its OCI layout cannot be read: ")


def test_a_giant_index_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "index.json").open("wb") as index:
        index.truncate(1 << 40)
    with pytest.raises(EngineUnavailableError) as caught:
        find_layout_digest(tmp_path)
    assert "too large" in caught.value.why
