"""The bytes of a stored layer index: columns of JSON, compressed, behind a digest.

A cache may be damaged or forged, so nothing is trusted: the digest, the version, the shape and the
bounds are checked, and an index that fails is read anew from its layer.
"""

import hashlib
import json
import sys
from collections.abc import Mapping
from typing import Any

from bot.image.layers.layer_index import LayerIndex
from bot.image.layers.streams import Unreadable
from bot.image.packages.package import Package
from bot.model.files import Entry, EntryKind, HashAlgorithm

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FORMAT_VERSION = 2
# Bounds for forged records: what zstd may decompress to.
_MAX_RECORD_BYTES = 512 << 20
_DIGEST_BYTES = 32


def encode_index(index: LayerIndex) -> bytes:
    """Return the bytes of an index."""
    permissions = sorted({(e.kind.value, e.mode, e.uid, e.gid) for e in index.entries})
    number = {permission: position for position, permission in enumerate(permissions)}
    # Columns compress better than rows; entries share few combinations of kind, mode and owner. The
    # keys are part of the format: renaming one would invalidate every cache.
    document = {
        "version": FORMAT_VERSION,
        "diff_id": index.diff_id,
        "identity": index.hash_algorithm.value,
        "content_id": index.content_id,
        "paths": [e.path for e in index.entries],
        "sizes": [e.size for e in index.entries],
        "contents": [e.content_hash for e in index.entries],
        "rights": permissions,
        "right": [number[e.kind.value, e.mode, e.uid, e.gid] for e in index.entries],
        "links": {str(position): e.link for position, e in enumerate(index.entries) if e.link},
        "packages": [_encode_package(package) for package in index.packages],
        "files": index.file_count,
        "deflated": index.gzip_bytes,
        "deflated_error": index.gzip_error,
        "gauged": index.measured_compression,
    }
    body = zstd.compress(json.dumps(document, separators=(",", ":")).encode(), 3)
    return hashlib.sha256(body).digest() + body


def decode_index(record: bytes, diff_id: str) -> LayerIndex:
    """Return the index of a layer; raise Unreadable if the bytes are not a record of it."""
    digest, body = record[:_DIGEST_BYTES], record[_DIGEST_BYTES:]
    if hashlib.sha256(body).digest() != digest:
        raise Unreadable("a cached layer index is damaged")
    try:
        document = json.loads(_decompress(body))
        if (document["version"], document["diff_id"]) != (FORMAT_VERSION, diff_id):
            raise Unreadable("a cached layer index is of another layer or version")
        return LayerIndex(
            diff_id,
            _decode_entries(document),
            HashAlgorithm(document["identity"]),
            str(document["content_id"]),
            sum(document["sizes"]),
            int(document["files"]),
            int(document["deflated"]),
            float(document["deflated_error"]),
            bool(document["gauged"]),
            tuple(_decode_package(package) for package in document["packages"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, zstd.ZstdError) as error:
        raise Unreadable(f"a cached layer index is malformed: {error}") from error


def _decompress(body: bytes) -> bytes:
    decompressor = zstd.ZstdDecompressor()
    plain = decompressor.decompress(body, _MAX_RECORD_BYTES)
    if not decompressor.eof:
        raise Unreadable("a cached layer index is larger than any real one")
    return plain


def _decode_entries(document: Mapping[str, Any]) -> tuple[Entry, ...]:
    permissions = [(EntryKind(kind), mode, uid, gid) for kind, mode, uid, gid in document["rights"]]
    links = {int(position): link for position, link in document["links"].items()}
    paths, sizes = document["paths"], document["sizes"]
    if sizes and min(sizes) < 0:
        raise Unreadable("a cached layer index has a negative size")
    columns = zip(paths, sizes, document["contents"], document["right"], strict=True)
    return tuple(
        Entry(path, kind, size, mode, uid, gid, links.get(position, ""), content)
        for position, (path, size, content, permission) in enumerate(columns)
        for kind, mode, uid, gid in (permissions[permission],)
    )


def _encode_package(package: Package) -> list[Any]:
    row = [package.kind, package.name, package.version, package.files, package.directories]
    return [*row, dict(package.embedded_bytes)]


def _decode_package(row: list[Any]) -> Package:
    kind, name, version, files, directories, embedded_bytes = row
    return Package(kind, name, version, tuple(files), tuple(directories), embedded_bytes)
