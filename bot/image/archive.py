"""Reads an image archive as `docker save` writes it, in one pass over a stream.

Three shapes are in the wild: legacy `*/layer.tar` with `manifest.json`, OCI `blobs/sha256/*` plain,
and the same compressed. The stream names its layers last, so every member is sniffed on the way and
the descriptors are followed at the end.
"""

import hashlib
import io
import json
import posixpath
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

from bot.image.estimate import GzipGauge
from bot.image.index import LayerIndex
from bot.image.scan import scan_layer
from bot.image.streams import (
    CHUNK,
    Tap,
    Unreadable,
    decompressed,
    forget_members,
    is_compressed,
    peek,
)

_MAX_DOCUMENT = 32 << 20
_ATTESTATION = "vnd.docker.reference.type"


@dataclass(frozen=True, slots=True)
class Blob:
    """A layer as it is stored, and what it holds. `size` is that of the blob in a registry, in bytes:
    what was found where it is `compressed`, estimated where it is not."""

    digest: str
    size: int
    compressed: bool
    layer: LayerIndex


@dataclass(frozen=True, slots=True)
class History:
    """An entry of the image's history."""

    created_by: str
    empty: bool


@dataclass(frozen=True, slots=True)
class Archive:
    """One image out of an archive: the digest of its config, its platform, its history, and its
    layers, the lowest first.
    """

    image_id: str
    platform: str
    history: tuple[History, ...]
    blobs: tuple[Blob, ...]


@dataclass(slots=True)
class _Contents:
    """What one pass over the stream found, by member name."""

    documents: dict[str, bytes] = field(default_factory=dict)
    blobs: dict[str, Blob] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    def find(self, name: str) -> str:
        """The name that a chain of links ends at."""
        for _ in range(len(self.links) + 1):
            if name not in self.links:
                return name
            name = self.links[name]
        raise Unreadable(f"the links of {name} go round in a circle")

    def document(self, name: str) -> Any:
        """A JSON document; Unreadable if it is missing or broken."""
        try:
            return json.loads(self.documents[self.find(name)])
        except KeyError:
            raise Unreadable(f"the archive lacks {name}") from None
        except ValueError as problem:
            raise Unreadable(f"{name} is not JSON: {problem}") from problem

    def digest(self, name: str) -> str:
        """The digest of a document's bytes."""
        return f"sha256:{hashlib.sha256(self.documents[self.find(name)]).hexdigest()}"

    def blob(self, name: str) -> Blob:
        """A layer; Unreadable if it is missing."""
        try:
            return self.blobs[self.find(name)]
        except KeyError:
            raise Unreadable(f"the archive lacks the layer {name}") from None


def read_archive(
    stream: BinaryIO, platform: str | None = None, known: Mapping[str, Blob] = {}
) -> Archive:
    """The image in an archive; of several platforms, the one asked for.

    `known` holds blobs by digest that were scanned before; they are passed over. Unreadable if the
    archive is broken, lies about a digest, or has no image of the platform.
    """
    contents = _read(stream, known)
    try:
        config_name, layer_names = _follow(contents, platform)
        config = contents.document(config_name)
        blobs = tuple(contents.blob(name) for name in layer_names)
        _check(config, blobs)
        return Archive(contents.digest(config_name), _platform(config), _history(config), blobs)
    except (KeyError, TypeError, AttributeError) as problem:
        raise Unreadable(
            f"the archive's documents are not those of an image: {problem}"
        ) from problem


def _read(stream: BinaryIO, known: Mapping[str, Blob]) -> _Contents:
    contents = _Contents()
    plain = decompressed(cast(BinaryIO, io.BufferedReader(cast(io.RawIOBase, stream), CHUNK)))
    try:
        with tarfile.open(fileobj=plain, mode="r|", bufsize=CHUNK) as tar:
            for member in tar:
                forget_members(tar)
                _take(tar, member, contents, known)
    except tarfile.TarError as problem:
        raise Unreadable(f"not an image archive, or a truncated one: {problem}") from problem
    return contents


def _take(
    tar: tarfile.TarFile, member: tarfile.TarInfo, contents: _Contents, known: Mapping[str, Blob]
) -> None:
    name = posixpath.normpath(member.name)
    if member.issym() or member.islnk():
        folder = posixpath.dirname(name) if member.issym() else ""
        contents.links[name] = posixpath.normpath(posixpath.join(folder, member.linkname))
    stream = cast(BinaryIO, tar.extractfile(member)) if member.isreg() else None
    if stream is None:
        return
    stored = known.get("sha256:" + posixpath.basename(name))
    if stored:
        contents.blobs[name] = stored
    elif _is_document(peek(stream, 512), member.size):
        contents.documents[name] = stream.read()
        _check_name(name, contents.digest(name))
    else:
        contents.blobs[name] = _scan(name, stream)


def _is_document(head: bytes, size: int) -> bool:
    """JSON, or a scrap of text as the legacy format has; a tar is never shorter than a block."""
    if is_compressed(head) or head[257:262] == b"ustar":
        return False
    return size < 512 or (size <= _MAX_DOCUMENT and head[:1] in (b"{", b"["))


def _scan(name: str, stream: BinaryIO) -> Blob:
    compressed = is_compressed(peek(stream, 4))
    raw = Tap(stream)
    if compressed:
        layer = scan_layer(decompressed(cast(BinaryIO, io.BufferedReader(raw, CHUNK))))
        raw.drain()
    else:
        layer = scan_layer(cast(BinaryIO, raw), GzipGauge())
    _check_name(name, raw.digest)
    size = raw.size if layer.deflated_bytes is None else layer.deflated_bytes
    return Blob(raw.digest, size, compressed, layer)


def _check_name(name: str, digest: str) -> None:
    """A blob of an OCI layout is named by the digest of its bytes."""
    if name.startswith("blobs/sha256/") and digest != f"sha256:{posixpath.basename(name)}":
        raise Unreadable(f"{name} holds other bytes than its name says")


def _follow(contents: _Contents, platform: str | None) -> tuple[str, list[str]]:
    """The member names of the image's config and of its layers."""
    if "index.json" in contents.documents:
        manifest = _manifest(contents, contents.document("index.json"), platform)
        return _blob_name(manifest["config"]), [_blob_name(layer) for layer in manifest["layers"]]
    images = contents.document("manifest.json")
    if len(images) != 1:
        raise Unreadable(f"the archive holds {len(images)} images; save one at a time")
    names = (posixpath.normpath(name) for name in images[0]["Layers"])
    return posixpath.normpath(images[0]["Config"]), list(names)


def _manifest(contents: _Contents, index: Any, platform: str | None) -> Any:
    """The image manifest under an index, through indexes of indexes."""
    candidates = [entry for entry in index["manifests"] if not _is_attestation(entry)]
    matching = [entry for entry in candidates if _suits(entry, platform)]
    if not matching:
        offered = ", ".join(sorted(_show(entry) for entry in candidates)) or "none"
        raise Unreadable(f"the archive has no image for {platform}; it has: {offered}")
    document = contents.document(_blob_name(matching[0]))
    return _manifest(contents, document, platform) if "manifests" in document else document


def _is_attestation(entry: Any) -> bool:
    return _ATTESTATION in (entry.get("annotations") or {}) or _show(entry) == "unknown/unknown"


def _suits(entry: Any, platform: str | None) -> bool:
    return platform is None or "platform" not in entry or _show(entry) == platform


def _show(entry: Any) -> str:
    return _platform(entry.get("platform") or {})


def _blob_name(descriptor: Any) -> str:
    return "blobs/" + str(descriptor["digest"]).replace(":", "/", 1)


def _platform(config: Any) -> str:
    parts = [config.get("os"), config.get("architecture"), config.get("variant")]
    return "/".join(part for part in parts if part)


def _history(config: Any) -> tuple[History, ...]:
    entries = config.get("history") or []
    return tuple(
        History(
            entry.get("created_by") or entry.get("comment") or "", bool(entry.get("empty_layer"))
        )
        for entry in entries
    )


def _check(config: Any, blobs: tuple[Blob, ...]) -> None:
    """The config must speak of the very layers that are there."""
    stated = (config.get("rootfs") or {}).get("diff_ids")
    found = [blob.layer.diff_id for blob in blobs]
    if stated != found:
        raise Unreadable("the image's config names other layers than the archive holds")
