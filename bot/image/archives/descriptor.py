"""Descriptors: name, digest and size of a blob, as manifests state them before it is read."""

import hashlib
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from bot.image.archives.json_document import get_field, get_texts, raising_unreadable
from bot.image.archives.platforms import format_platform
from bot.image.layers.streams import Unreadable

MAX_DOCUMENT_BYTES = 8 << 20  # as containerd has it
# The two algorithms that the OCI image specification registers (descriptor.md).
_DIGEST_PATTERN = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
# The name of a config in legacy archives: its SHA-256 digest.
_LEGACY_CONFIG_PATTERN = re.compile(r"([0-9a-f]{64})\.json")
# BuildKit marks its provenance and SBOM manifests with both.
_ATTESTATION_ANNOTATION = "vnd.docker.reference.type"
_UNKNOWN_PLATFORM = "unknown/unknown"


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A blob by digest and size, or by name alone where the archive gives no more.

    `urls` are the locations of a foreign layer, as in Windows images; `diff_id` is the required
    digest of a layer's tar.
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
        """Describe a file of an archive; blobs and the configs have their digests as names."""
        # An OCI layout keeps a blob as `blobs/ALGORITHM/ENCODED` (image-layout.md).
        name = posixpath.normpath(name)
        digest = name.removeprefix("blobs/").replace("/", ":")
        if match := _LEGACY_CONFIG_PATTERN.fullmatch(name):
            digest = f"sha256:{match[1]}"
        return cls(name, digest if _DIGEST_PATTERN.fullmatch(digest) else "")

    @property
    def is_attestation(self) -> bool:
        """Return True for an attestation manifest, which describes another image."""
        return _ATTESTATION_ANNOTATION in self.annotations or self.platform.startswith(
            _UNKNOWN_PLATFORM
        )

    @property
    def is_foreign(self) -> bool:
        """Return True for a foreign (nondistributable) layer, which registries do not store."""
        # Docker's `image.rootfs.foreign.diff.tar.gzip`, OCI's
        # `image.layer.nondistributable.v1.tar`.
        return bool(self.urls) or bool(re.search("foreign|nondistributable", self.media_type))

    def check_size(self, size: int) -> None:
        """Raise Unreadable unless the size is the stated one."""
        if self.size is not None and size != self.size:
            raise Unreadable(f"{self.name} has {size} bytes where its manifest says {self.size}")

    def check_content(self, data: bytes) -> None:
        """Raise Unreadable unless the bytes have the stated size and digest."""
        self.check_size(len(data))
        if self.digest and compute_digest(data, self.digest.partition(":")[0]) != self.digest:
            raise Unreadable(f"{self.name} does not match its digest")

    def make_missing_error(self) -> Unreadable:
        """Return the error for a missing blob, with the reason if it is a foreign layer."""
        if not self.is_foreign:
            return Unreadable(f"{self.name} is missing")
        location = f" but at {self.urls[0]}" if self.urls else ""
        return Unreadable(
            f"{self.name} is a foreign layer ({self.media_type}), which is not kept with its image"
            f"{location}: its size cannot be known here"
        )


def parse_descriptor(document: Any) -> Descriptor:
    """Read a descriptor of a manifest or an index; raise Unreadable if it is malformed."""
    with raising_unreadable("a descriptor"):
        digest, size = document["digest"], document["size"]
        if not isinstance(size, int) or isinstance(size, bool) or size < 0:
            raise Unreadable(f"{size!r} is not a valid blob size")
        if not _DIGEST_PATTERN.fullmatch(digest):
            raise Unreadable(f"{digest!r} is not a supported digest")
        return Descriptor(
            name="blobs/" + digest.replace(":", "/"),
            digest=digest,
            size=size,
            media_type=get_field(document, "mediaType", ""),
            platform=format_platform(get_field(document, "platform", {})),
            annotations=get_field(document, "annotations", {}),
            urls=get_texts(document, "urls"),
        )


def compute_digest(data: bytes, algorithm: str = "sha256") -> str:
    """Return the digest of bytes in the notation of manifests, `sha256:...`."""
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"
