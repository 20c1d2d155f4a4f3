"""Builds layers and image archives in memory: every shape `docker save` has had, and broken ones."""

import gzip
import hashlib
import io
import json
import sys
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


Document = dict[str, Any]
_MEDIA_TYPE = "application/vnd.oci.image"  # the engine takes no other; our own reader does not ask


@dataclass(frozen=True)
class Item:
    """A member of a layer's tar."""

    name: str
    content: bytes = b""
    type: bytes = tarfile.REGTYPE
    link: str = ""
    mode: int = 0o644
    mtime: int = 0


def file(name: str, size: int = 0, **attributes: Any) -> Item:
    return Item(name, b"x" * size, **attributes)


def folder(name: str, mode: int = 0o755) -> Item:
    return Item(name, type=tarfile.DIRTYPE, mode=mode)


def hardlink(name: str, target: str) -> Item:
    return Item(name, type=tarfile.LNKTYPE, link=target)


def symlink(name: str, target: str) -> Item:
    return Item(name, type=tarfile.SYMTYPE, link=target)


def layer_tar(*items: Item, form: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form, errors="surrogateescape") as tar:
        for item in items:
            info = tarfile.TarInfo(item.name)
            info.type, info.linkname, info.mode, info.mtime = (
                item.type,
                item.link,
                item.mode,
                item.mtime,
            )
            info.size = len(item.content) if item.type == tarfile.REGTYPE else 0
            tar.addfile(info, io.BytesIO(item.content))
    return buffer.getvalue()


def digest(data: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"


def config(
    layers: Sequence[bytes],
    history: Sequence[Document] = (),
    platform: str = "linux/amd64",
    labels: Mapping[str, str] | None = None,
) -> bytes:
    document = {
        **platform_document(platform),
        "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]},
        "history": list(history),
        **({"config": {"Labels": dict(labels)}} if labels else {}),
    }
    return json.dumps(document).encode()


def platform_document(text: str) -> Document:
    return dict(zip(("os", "architecture", "variant"), text.split("/"), strict=False))


def pack(members: dict[str, bytes | str]) -> io.BytesIO:
    """Return an outer tar; a text value is the target of a symbolic link."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            if isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content
                tar.addfile(info)
            else:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return io.BytesIO(buffer.getvalue())


def legacy(*layers: bytes, **options: Any) -> io.BytesIO:
    """Return an archive of `*/layer.tar` and manifest.json; a repeated layer is a link."""
    members: dict[str, bytes | str] = {}
    names = []
    for number, layer in enumerate(layers):
        name = f"{number:064x}/layer.tar"
        first = layers.index(layer)
        members[f"{number:064x}/VERSION"] = b"1.0"
        members[f"{number:064x}/json"] = b"{}"
        members[name] = layer if first == number else f"../{first:064x}/layer.tar"
        names.append(name)
    members["c.json"] = config(layers, **options)
    manifest = [{"Config": "c.json", "RepoTags": None, "Layers": names}]
    members["manifest.json"] = json.dumps(manifest).encode()
    return pack(members)


def blob_name(data: bytes, algorithm: str = "sha256") -> str:
    return "blobs/" + digest(data, algorithm).replace(":", "/")


def stored(layer: bytes, compression: str) -> bytes:
    if compression == "gzip":
        return gzip.compress(layer, mtime=0)
    return zstd.compress(layer) if compression == "zstd" else layer


def descriptor(data: bytes, algorithm: str = "sha256", **fields: Any) -> Document:
    return {"mediaType": "x", "digest": digest(data, algorithm), "size": len(data), **fields}


@dataclass(frozen=True)
class Part:
    """Something below an index: its descriptor, and all the blobs it needs."""

    top: Document
    members: dict[str, bytes | str]

    def with_annotations(self, **annotations: str) -> "Part":
        """Return the same part with annotations, such as a name."""
        return Part({**self.top, "annotations": annotations}, self.members)

    def without_blobs(self, *blobs: bytes) -> "Part":
        """Return the same part without some of its blobs."""
        names = {blob_name(blob) for blob in blobs}
        return Part(self.top, {k: v for k, v in self.members.items() if k not in names})


def part(document: bytes, *others: bytes, algorithm: str = "sha256", **fields: Any) -> Part:
    """Return a manifest or an index, with other blobs."""
    members: dict[str, bytes | str] = {
        blob_name(data, algorithm): data for data in (*others, document)
    }
    return Part(descriptor(document, algorithm, **fields), members)


def image(
    *layers: bytes,
    compression: str = "none",
    platform: str = "linux/amd64",
    algorithm: str = "sha256",
    **options: Any,
) -> Part:
    """Return a manifest with its config and its layers."""
    blobs = [stored(layer, compression) for layer in layers]
    image_config = config(layers, platform=platform, **options)
    layer_type = f"{_MEDIA_TYPE}.layer.v1.tar" + (
        "" if compression == "none" else f"+{compression}"
    )
    document = {
        "mediaType": f"{_MEDIA_TYPE}.manifest.v1+json",
        "schemaVersion": 2,
        "config": descriptor(image_config, algorithm, mediaType=f"{_MEDIA_TYPE}.config.v1+json"),
        "layers": [descriptor(x, algorithm, mediaType=layer_type) for x in blobs],
    }
    shown = platform_document(platform)
    kind = document["mediaType"]
    return part(
        encode(document), image_config, *blobs, algorithm=algorithm, platform=shown, mediaType=kind
    )


def attestation() -> Part:
    """Return an attestation manifest, as BuildKit adds it to an image."""
    notes = {"vnd.docker.reference.type": "attestation-manifest"}
    unknown = {"os": "unknown", "architecture": "unknown"}
    return part(b'{"config": {}, "layers": []}', platform=unknown, annotations=notes)


def index(*parts: Part) -> Part:
    """Return an index over images, or over indexes."""
    top = part(encode({"manifests": [x.top for x in parts]}))
    return Part(top.top, {k: v for x in (*parts, top) for k, v in x.members.items()})


def layout(*parts: Part) -> dict[str, bytes | str]:
    """Return the files of an OCI layout."""
    members = {name: data for x in parts for name, data in x.members.items()}
    members["index.json"] = encode({"manifests": [x.top for x in parts]})
    members["oci-layout"] = b'{"imageLayoutVersion":"1.0.0"}'
    return members


def encode(document: Any) -> bytes:
    return json.dumps(document).encode()


def oci(*layers: bytes, attested: bool = False, **options: Any) -> io.BytesIO:
    """Return an archive of one image, on request with an attestation manifest."""
    top = image(*layers, **options)
    return pack(layout(index(attestation(), top) if attested else top))


def unpack(members: dict[str, bytes | str], folder: Path) -> Path:
    """Write the members as files; a text value is the target of a symbolic link."""
    for name, content in members.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.symlink_to(content)
        else:
            path.write_bytes(content)
    return folder


def unpack_archive(archive: Path, folder: Path) -> Path:
    """Write the regular files of an archive below a folder.

    `extractall(filter=...)` came with Python 3.11.4, and Debian 12 has 3.11.2.
    """
    with tarfile.open(archive) as tar:
        for member in tar:
            if content := tar.extractfile(member):
                path = folder / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read())
    return folder
