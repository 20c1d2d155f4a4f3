"""Blobs of layers: what is held against which digest."""

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


def test_a_blob_is_digested_as_it_is_and_unpacked() -> None:
    blob = scan_blob(stored(BLOB))
    assert (blob.digest, blob.size, blob.layer.diff_id) == (sha256(BLOB), len(BLOB), sha256(TAR))


def test_what_an_engine_has_unpacked_need_not_be_digested_again() -> None:
    read = scan_blob(stored(BLOB))
    assert scan_blob(replace(stored(BLOB), verified_diff_id=sha256(TAR))) == read


@pytest.mark.parametrize("blob", [BLOB, TAR])
def test_its_blob_is_held_against_its_digest_all_the_same(blob: bytes) -> None:
    other = replace(stored(blob, sha256(b"other")), verified_diff_id=sha256(TAR))
    with pytest.raises(Unreadable, match="other bytes than its digest says"):
        scan_blob(other)
