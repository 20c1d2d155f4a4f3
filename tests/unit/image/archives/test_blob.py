"""Blobs of layers, and the digests that they must match."""

import gzip
import hashlib
import io
from dataclasses import replace
from typing import BinaryIO, cast

import pytest

from bot.image.archives.blob import StoredBlob, scan_blob
from bot.image.layers.streams import Unreadable
from tests.support.tar_world import file, layer_tar

TAR = layer_tar(file("a", 5))
BLOB = gzip.compress(TAR)


def sha256(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def stored(blob: bytes, digest: str = "") -> StoredBlob:
    stream = cast(BinaryIO, io.BufferedReader(io.BytesIO(blob)))
    return StoredBlob(stream, len(blob), digest or sha256(blob))


def test_a_blob_has_its_own_digest_and_a_diff_id() -> None:
    blob = scan_blob(stored(BLOB))
    assert (blob.digest, blob.size, blob.layer.diff_id) == (sha256(BLOB), len(BLOB), sha256(TAR))


def test_a_verified_diff_id_is_taken_over() -> None:
    read = scan_blob(stored(BLOB))
    assert scan_blob(replace(stored(BLOB), verified_diff_id=sha256(TAR))) == read


@pytest.mark.parametrize("blob", [BLOB, TAR], ids=["gzip", "tar"])
def test_a_blob_with_a_verified_diff_id_must_match_its_digest(blob: bytes) -> None:
    other = replace(stored(blob, sha256(b"other")), verified_diff_id=sha256(TAR))
    with pytest.raises(Unreadable, match="does not match its digest"):
        scan_blob(other)


@pytest.mark.parametrize("blob", [BLOB, TAR], ids=["gzip", "tar"])
def test_with_a_trusted_diff_id_nothing_is_digested(blob: bytes) -> None:
    assert scan_blob(replace(stored(blob), trusted_diff_id=sha256(TAR))) == scan_blob(stored(blob))
    other = replace(stored(blob, sha256(b"other")), trusted_diff_id=sha256(b"another"))
    read = scan_blob(other)
    assert (read.digest, read.layer.diff_id) == (sha256(b"other"), sha256(b"another"))
