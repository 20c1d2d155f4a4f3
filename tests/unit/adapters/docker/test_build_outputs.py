"""Images in folders: what a builder without an engine leaves, and what is known of them."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from bot.adapters.docker.build_outputs import LayoutOutput
from bot.errors import EngineUnavailableError
from bot.model.image import BaseImage
from bot.model.image_location import Transport


def write_blob(folder: Path, document: Any) -> dict[str, Any]:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    digest = hashlib.sha256(data).hexdigest()
    blob = folder / "blobs/sha256" / digest
    blob.parent.mkdir(parents=True, exist_ok=True)
    blob.write_bytes(data)
    return {"digest": f"sha256:{digest}", "size": len(data)}


CONFIG = {"rootfs": {"diff_ids": ["sha256:1"]}, "config": {"OnBuild": ["RUN a"]}}


def write_layout(folder: Path, config: Any = CONFIG) -> str:
    """Write an image of one layer, as buildx does; return the digest of its manifest."""
    manifest = {"config": write_blob(folder, config), "layers": []}
    descriptor = write_blob(folder, manifest)
    (folder / "index.json").write_text(json.dumps({"manifests": [descriptor]}))
    return str(descriptor["digest"])


def test_each_image_has_a_folder_until_it_is_removed() -> None:
    output = LayoutOutput()
    location, arguments = output.begin()
    other, _ = output.begin()
    folder = Path(location.name)
    assert location.transport is Transport.OCI
    assert arguments == ("--output", f"type=oci,tar=false,dest={folder}")
    assert folder.is_dir()
    output.remove(location)
    assert not folder.exists()
    output.remove(location)
    assert not output.has_built(str(location))
    output.close()
    assert not Path(other.name).exists()


def test_an_image_is_the_base_of_others() -> None:
    output = LayoutOutput()
    location, _ = output.begin()
    digest = write_layout(Path(location.name))
    assert output.has_built(str(location))
    assert output.find_base_image(str(location)) == BaseImage(("sha256:1",), ("RUN a",))
    assert output.make_context(location) == f"oci-layout://{location.name}@{digest}"
    output.close()


def test_nothing_is_known_of_a_layout_that_cannot_be_read() -> None:
    output = LayoutOutput()
    location, _ = output.begin()
    for text in ("", "[]", '{"manifests": [{"digest": "sha256:../../x"}]}'):
        Path(location.name, "index.json").write_text(text)
        assert output.find_base_image(str(location)) is None
        with pytest.raises(EngineUnavailableError, match="cannot be passed to this builder"):
            output.make_context(location)
    output.close()


@pytest.mark.parametrize(
    "config",
    [
        b"[" * 100_000,
        b"[]",
        {"rootfs": []},
        {"rootfs": {"diff_ids": 5}},
        {"rootfs": {"diff_ids": ["sha256:1"]}, "config": ["RUN a"]},
        {"rootfs": {"diff_ids": ["sha256:1"]}, "config": {"OnBuild": [1]}},
    ],
)
def test_nothing_is_known_of_a_config_of_another_shape(config: Any) -> None:
    output = LayoutOutput()
    location, _ = output.begin()
    write_layout(Path(location.name), config)
    assert output.find_base_image(str(location)) is None
    output.close()


def test_a_link_of_a_builder_to_another_file_is_not_followed(tmp_path: Path) -> None:
    output = LayoutOutput()
    location, _ = output.begin()
    write_layout(tmp_path)
    for name in ("index.json", "blobs"):
        Path(location.name, name).symlink_to(tmp_path / name)
    assert output.find_base_image(str(location)) is None
    output.close()
