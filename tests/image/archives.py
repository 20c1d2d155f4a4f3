"""Builds layers and image archives in memory: every shape `docker save` has had, and broken ones."""

import gzip
import hashlib
import io
import json
import sys
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


Document = dict[str, Any]


@dataclass(frozen=True)
class Item:
    """A member of a layer's tar."""

    name: str
    content: bytes = b""
    type: bytes = tarfile.REGTYPE
    link: str = ""
    mode: int = 0o644
    mtime: int = 0


def file(name: str, size: int = 0, **more: Any) -> Item:
    return Item(name, b"x" * size, **more)


def folder(name: str) -> Item:
    return Item(name, type=tarfile.DIRTYPE, mode=0o755)


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


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def config(
    layers: Sequence[bytes], history: Sequence[Document] = (), platform: str = "linux/amd64"
) -> bytes:
    document = {
        **platform_document(platform),
        "rootfs": {"type": "layers", "diff_ids": [digest(layer) for layer in layers]},
        "history": list(history),
    }
    return json.dumps(document).encode()


def platform_document(text: str) -> Document:
    return dict(zip(("os", "architecture", "variant"), text.split("/"), strict=False))


def pack(members: dict[str, bytes | str]) -> io.BytesIO:
    """An outer tar; a text value is the target of a symbolic link."""
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


def legacy(*layers: bytes, **more: Any) -> io.BytesIO:
    """`*/layer.tar` and manifest.json; a repeated layer is a link, as old engines wrote it."""
    members: dict[str, bytes | str] = {}
    names = []
    for number, layer in enumerate(layers):
        name = f"{number:064x}/layer.tar"
        first = layers.index(layer)
        members[f"{number:064x}/VERSION"] = b"1.0"
        members[f"{number:064x}/json"] = b"{}"
        members[name] = layer if first == number else f"../{first:064x}/layer.tar"
        names.append(name)
    members["c.json"] = config(layers, **more)
    manifest = [{"Config": "c.json", "RepoTags": None, "Layers": names}]
    members["manifest.json"] = json.dumps(manifest).encode()
    return pack(members)


def blob_name(data: bytes) -> str:
    return "blobs/" + digest(data).replace(":", "/")


def stored(layer: bytes, compression: str) -> bytes:
    if compression == "gzip":
        return gzip.compress(layer, mtime=0)
    return zstd.compress(layer) if compression == "zstd" else layer


def descriptor(data: bytes, **more: Any) -> Document:
    return {"mediaType": "x", "digest": digest(data), "size": len(data), **more}


def oci(
    *layers: bytes, compression: str = "none", attested: bool = False, **more: Any
) -> io.BytesIO:
    """An OCI layout; with an attestation manifest beside the image if asked."""
    blobs = [stored(layer, compression) for layer in layers]
    about = config(layers, **more)
    manifest = json.dumps(
        {"config": descriptor(about), "layers": [descriptor(x) for x in blobs]}
    ).encode()
    top = descriptor(manifest, platform={"os": "linux", "architecture": "amd64"})
    members: dict[str, bytes | str] = {blob_name(x): x for x in [*blobs, about, manifest]}
    if attested:
        note = b'{"config": {}, "layers": []}'
        unknown = {"os": "unknown", "architecture": "unknown"}
        notes = {"vnd.docker.reference.type": "attestation-manifest"}
        index = json.dumps(
            {"manifests": [descriptor(note, platform=unknown, annotations=notes), top]}
        ).encode()
        members |= {blob_name(note): note, blob_name(index): index}
        top = descriptor(index)
    members["index.json"] = json.dumps({"manifests": [top]}).encode()
    members["oci-layout"] = b'{"imageLayoutVersion":"1.0.0"}'
    return pack(members)
