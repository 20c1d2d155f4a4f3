"""The archive that `docker save` writes, as a folder with an OCI layout."""

import io
import json
from pathlib import Path

import pytest

from bot.adapters.docker.handed_images import unpack_layout
from bot.errors import EngineUnavailableError
from tests.support.tar_world import Item, layer_tar, symlink

DIGEST = f"sha256:{'1' * 64}"
BLOB = f"blobs/sha256/{'1' * 64}"
INDEX = Item("index.json", json.dumps({"manifests": [{"digest": DIGEST}]}).encode())


def unpack(folder: Path, *items: Item) -> str:
    return unpack_layout(io.BytesIO(layer_tar(*items)), folder)


def test_a_layout_is_unpacked_and_nothing_else(tmp_path: Path) -> None:
    others = Item("manifest.json", b"[]"), Item("../x", b"1"), Item("blobs/sha256/../../y", b"1")
    layout, blob = Item("oci-layout", b"{}"), Item(BLOB, b"blob")
    assert unpack(tmp_path / "a", INDEX, layout, blob, *others) == DIGEST
    files = {str(x.relative_to(tmp_path)) for x in tmp_path.rglob("*") if x.is_file()}
    assert files == {"a/index.json", "a/oci-layout", f"a/{BLOB}"}
    assert (tmp_path / "a" / BLOB).read_bytes() == b"blob"


@pytest.mark.parametrize(
    "items",
    [
        (Item("manifest.json", b"[]"),),
        (Item("index.json", b"{}"),),
        (Item("index.json", b'{"manifests": [{"digest": "sha256:1@x"}]}'),),
        (symlink("index.json", "/etc/passwd"),),
    ],
)
def test_an_archive_without_a_layout_is_an_error(tmp_path: Path, items: tuple[Item, ...]) -> None:
    with pytest.raises(EngineUnavailableError, match="cannot be handed to this builder"):
        unpack(tmp_path, *items)
