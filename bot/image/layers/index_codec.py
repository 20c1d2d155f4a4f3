"""The bytes of a stored layer index: columns of JSON, compressed, behind a digest.

A cache may be damaged or forged, so nothing is trusted: the digest, the version, the shape and the
bounds are checked, and an index that fails is read again from its layer.
"""

import hashlib
import json
import math
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from bot.image.layers.layer_index import LayerIndex, index_layer
from bot.image.layers.streams import STRUCTURE_ERRORS, Unreadable
from bot.image.packages.package import Package
from bot.model.files import Entry, EntryKind, HashAlgorithm

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

FORMAT_VERSION = 2
# Bounds for forged records: what zstd may decompress to.
_MAX_RECORD_BYTES = 512 << 20
_MAX_VALUES, _MAX_LISTS = 20_000_000, 1_000_000
_MAX_SIZE = 1 << 60
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
        index = index_layer(
            diff_id,
            _decode_entries(document),
            HashAlgorithm(document["identity"]),
            tuple(_decode_package(package) for package in document["packages"]),
            measured_gzip=(
                _check_number(document["deflated"]),
                _check_share(document["deflated_error"]),
            ),
        )
        # All else was derived from the entries anew.
        return replace(index, measured_compression=document["gauged"] is True)
    except (*STRUCTURE_ERRORS, zstd.ZstdError) as error:
        raise Unreadable(f"a cached layer index is malformed: {error}") from error


def _decompress(body: bytes) -> bytes:
    decompressor = zstd.ZstdDecompressor()
    plain = decompressor.decompress(body, _MAX_RECORD_BYTES)
    # Small values take far more memory than their text.
    is_dense = plain.count(b",") > _MAX_VALUES or plain.count(b"[") + plain.count(b"{") > _MAX_LISTS
    if not decompressor.eof or is_dense:
        raise Unreadable("a cached layer index is larger than any real one")
    return plain


def _decode_entries(document: Mapping[str, Any]) -> tuple[Entry, ...]:
    permissions = [_decode_permission(*row) for row in document["rights"]]
    links = {int(position): link for position, link in document["links"].items()}
    paths, sizes, contents = document["paths"], document["sizes"], document["contents"]
    numbers = document["right"]
    _check_types(str, paths, contents, links.values())
    _check_types(int, sizes, numbers)
    # A negative number would count from the end of the list of permissions.
    if sizes and not (0 <= min(sizes) <= max(sizes) <= _MAX_SIZE and min(numbers) >= 0):
        raise Unreadable("a cached layer index has a size that no file has")
    columns = zip(paths, sizes, contents, numbers, strict=True)
    entries = tuple(
        Entry(path, kind, size, mode, uid, gid, links.get(position, ""), content)
        for position, (path, size, content, permission) in enumerate(columns)
        for kind, mode, uid, gid in (permissions[permission],)
    )
    if any(entry.size and entry.kind is not EntryKind.FILE for entry in entries):
        raise Unreadable("a cached layer index has a size for something that is not a file")
    return entries


def _decode_permission(kind: str, mode: int, uid: int, gid: int) -> tuple[EntryKind, int, int, int]:
    _check_types(int, (mode, uid, gid))
    return EntryKind(kind), mode, uid, gid


def _check_types(kind: type, *columns: Iterable[object]) -> None:
    """Raise Unreadable for a value of another type; a subclass (bool of int) is one."""
    if not all(type(value) is kind for column in columns for value in column):
        raise Unreadable("a cached layer index has values of other types")


def _check_number(value: int) -> int:
    _check_types(int, (value,))
    if not 0 <= value <= _MAX_SIZE:
        raise Unreadable("a cached layer index has a size that no layer has")
    return value


def _check_share(value: float) -> float:
    if isinstance(value, bool) or not 0 <= value < math.inf:
        raise Unreadable("a cached layer index has an error that no estimate has")
    return float(value)


def _encode_package(package: Package) -> list[Any]:
    row = [package.kind, package.name, package.version, package.files, package.directories]
    return [*row, dict(package.embedded_bytes)]


def _decode_package(row: list[Any]) -> Package:
    kind, name, version, files, directories, embedded_bytes = row
    _check_types(str, (kind, name), files, directories, embedded_bytes)
    _check_types(int, embedded_bytes.values())
    _check_types(str, () if version is None else (version,))
    return Package(kind, name, version, tuple(files), tuple(directories), embedded_bytes)
