"""What a manifest says of a blob before anyone has read it: where it is, its digest and its size."""

import hashlib
import json
import posixpath
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from bot.image.archives.platforms import format_platform
from bot.image.layers.streams import Unreadable

MAX_DOCUMENT_BYTES = 8 << 20  # as containerd has it
_DIGEST_PATTERN = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_ATTESTATION_ANNOTATION = "vnd.docker.reference.type"
_UNKNOWN_PLATFORM = "unknown/unknown"


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A blob by digest and size, or by name alone where the archive gives no more.

    `urls` say where it is kept if it is not here, as some layers of Windows are; `diff_id` is what a
    layer's tar must have as its digest.
    """

    name: str
    digest: str = ""
    size: int | None = None
    media_type: str = ""
    platform: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)
    urls: tuple[str, ...] = ()
    diff_id: str = ""

    @classmethod
    def from_file_name(cls, name: str) -> Self:
        """A file of an archive; where an OCI layout has it, its name tells the digest."""
        name = posixpath.normpath(name)
        digest = name.removeprefix("blobs/").replace("/", ":")
        return cls(name, digest if _DIGEST_PATTERN.fullmatch(digest) else "")

    @property
    def is_attestation(self) -> bool:
        """Whether it speaks of an image instead of being one."""
        return _ATTESTATION_ANNOTATION in self.annotations or self.platform.startswith(
            _UNKNOWN_PLATFORM
        )

    @property
    def is_foreign(self) -> bool:
        """Whether registries are told not to keep it."""
        return bool(self.urls) or bool(re.search("foreign|nondistributable", self.media_type))

    def check_size(self, size: int) -> None:
        """Unreadable if there are more or fewer bytes than stated."""
        if self.size is not None and size != self.size:
            raise Unreadable(f"{self.name} has {size} bytes where its manifest says {self.size}")

    def check_content(self, data: bytes) -> None:
        """Unreadable if these are not the bytes of size and digest."""
        self.check_size(len(data))
        if self.digest and compute_digest(data, self.digest.partition(":")[0]) != self.digest:
            raise Unreadable(f"{self.name} holds other bytes than its digest says")

    def make_missing_error(self) -> Unreadable:
        """The error of its not being there, with the reason where the manifest gives one."""
        if not self.is_foreign:
            return Unreadable(f"{self.name} is missing")
        place = f" but at {self.urls[0]}" if self.urls else ""
        return Unreadable(
            f"{self.name} is a foreign layer ({self.media_type}), which is not kept with its image"
            f"{place}: its size cannot be known here"
        )


def parse_descriptor(document: Any) -> Descriptor:
    """A descriptor out of a manifest or an index."""
    with raising_unreadable("a descriptor"):
        digest, size = document["digest"], document["size"]
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise Unreadable(f"{size!r} is no size of a blob")
        if not _DIGEST_PATTERN.fullmatch(digest):
            raise Unreadable(f"{digest!r} is no digest that could be checked")
        return Descriptor(
            name="blobs/" + digest.replace(":", "/"),
            digest=digest,
            size=size,
            media_type=str(document.get("mediaType") or ""),
            platform=format_platform(document.get("platform") or {}),
            annotations=dict(document.get("annotations") or {}),
            urls=tuple(map(str, document.get("urls") or ())),
        )


def compute_digest(data: bytes, algorithm: str = "sha256") -> str:
    """The digest of bytes, as manifests write it."""
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"


def parse_json(data: bytes, document_name: str) -> Any:
    """A JSON document; Unreadable if it is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as problem:
        raise Unreadable(f"{document_name} is not JSON: {problem}") from problem


@contextmanager
def raising_unreadable(document_name: str) -> Iterator[None]:
    """Where a document turns out to lack what it must have, or to hold something else there."""
    try:
        yield
    except (KeyError, TypeError, AttributeError) as problem:
        raise Unreadable(f"{document_name} is not as those of images are: {problem!r}") from problem
