"""Images to stand on: the same distribution, release, libc and interpreter, without the toolchain."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.image.packages.os_release import Release

# Official images whose `slim` variant holds the same interpreter at the same path.
_BEFORE_RELEASE = ("python", "ruby", "perl")
_BEHIND_RELEASE = ("node", "debian")
_OFFICIAL = ("", "docker.io/", "library/", "docker.io/library/")
_RELEASES = "bullseye|bookworm|trixie|buster"
_VERSION = r"(?:\d+(?:\.\d+)*(?:-rc\S*)?|latest|lts|current)"
_TAG = re.compile(rf"(?P<version>{_VERSION})?(?:-?(?P<release>{_RELEASES}))?")


@dataclass(frozen=True, slots=True)
class Reference:
    """An image's name, taken apart: `docker.io/library/python:3.12@sha256:…`."""

    prefix: str
    name: str
    tag: str

    def tagged(self, tag: str) -> str:
        """The same repository with another tag."""
        return f"{self.prefix}{self.name}:{tag}"


def read_reference(text: str) -> Reference:
    """The parts of a reference; the tag is `latest` if it has none."""
    name, _, _ = text.partition("@")
    folder, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    return Reference(folder + slash, last, tag or "latest")


def slim_of(image: str) -> str | None:
    """The slim variant of an official image; None if it has none, or is one.

    >>> slim_of("node:20-bookworm")
    'node:20-bookworm-slim'
    """
    found = read_reference(image)
    return _slim_of(found) if found.prefix in _OFFICIAL and "@" not in image else None


def slim_variants(image: str) -> Iterator[str]:
    """The slim images of the same interpreter, the nearest first, in a mirror too."""
    found = read_reference(image)
    slim = None if found.name == "debian" else _slim_of(found)
    if slim:
        yield slim
        dated = _TAG.fullmatch(found.tag)
        if dated and dated["version"] and dated["release"]:
            yield found.tagged(f"{dated['version']}-slim")


def _slim_of(found: Reference) -> str | None:
    tag = _TAG.fullmatch(found.tag)
    if found.name not in (*_BEFORE_RELEASE, *_BEHIND_RELEASE) or not tag:
        return None
    version = "" if tag["version"] == "latest" else tag["version"] or ""
    release = tag["release"] or ("stable" if found.name == "debian" and not version else "")
    # Where the word `slim` stands in the tags differs from image to image.
    before = found.name in _BEFORE_RELEASE
    order = (version, "slim", release) if before else (version, release, "slim")
    return found.tagged("-".join(part for part in order if part))


def interpreters(image: str, name: str, release: Release) -> Iterator[str]:
    """Slim variants of the official image `name`, then the image itself; of any other image, which has
    its interpreter as a package, the bare distribution."""
    yield from slim_variants(image)
    if read_reference(image).name == name:
        yield image
    else:
        yield from distribution(release)


def distribution(release: Release) -> Iterator[str]:
    """The bare distribution that an image is made of, in its slim form."""
    match release.id:
        case "debian" if release.codename:
            yield f"debian:{release.codename}-slim"
            if release.version:
                yield f"debian:{release.version}-slim"
        case "ubuntu" if release.version:
            yield f"ubuntu:{release.version}"
        case "alpine" if release.version:
            yield f"alpine:{'.'.join(release.version.split('.')[:2])}"
            yield "alpine:latest"
        case "fedora" if release.version:
            yield f"fedora:{release.version}"
