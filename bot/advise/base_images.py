"""Images to stand on: the same distribution, release, libc and interpreter, without the toolchain."""

import re
from collections.abc import Iterator

from bot.image.archives.reference import ReferenceParts, split_reference
from bot.image.packages.os_release import OsRelease

# Official images whose `slim` variant holds the same interpreter at the same path.
_SLIM_BEFORE_RELEASE = ("python", "ruby", "perl")
_SLIM_AFTER_RELEASE = ("node", "debian")
_OFFICIAL_PREFIXES = ("", "docker.io/", "library/", "docker.io/library/")
_DEBIAN_CODENAMES = "bullseye|bookworm|trixie|buster"
_VERSION_PATTERN = r"(?:\d+(?:\.\d+)*(?:-rc\S*)?|latest|lts|current)"
_TAG_PATTERN = re.compile(
    rf"(?P<version>{_VERSION_PATTERN})?(?:-?(?P<release>{_DEBIAN_CODENAMES}))?"
)


def find_slim_variant(image: str) -> str | None:
    """The slim variant of an official image; None if it has none, or is one.

    >>> slim_of("node:20-bookworm")
    'node:20-bookworm-slim'
    """
    found = split_reference(image)
    return (
        _build_slim_variant(found)
        if found.prefix in _OFFICIAL_PREFIXES and "@" not in image
        else None
    )


def list_slim_variants(image: str) -> Iterator[str]:
    """The slim images of the same interpreter, the nearest first, in a mirror too."""
    found = split_reference(image)
    slim = None if found.name == "debian" else _build_slim_variant(found)
    if slim:
        yield slim
        dated = _TAG_PATTERN.fullmatch(found.tag)
        if dated and dated["version"] and dated["release"]:
            yield found.with_tag(f"{dated['version']}-slim")


def _build_slim_variant(reference: ReferenceParts) -> str | None:
    tag = _TAG_PATTERN.fullmatch(reference.tag)
    if reference.name not in (*_SLIM_BEFORE_RELEASE, *_SLIM_AFTER_RELEASE) or not tag:
        return None
    version = "" if tag["version"] == "latest" else tag["version"] or ""
    release = tag["release"] or ("stable" if reference.name == "debian" and not version else "")
    # Where the word `slim` stands in the tags differs from image to image.
    before = reference.name in _SLIM_BEFORE_RELEASE
    order = (version, "slim", release) if before else (version, release, "slim")
    return reference.with_tag("-".join(part for part in order if part))


def list_interpreter_images(image: str, official_name: str, release: OsRelease) -> Iterator[str]:
    """Slim variants of the official image `name`, then the image itself; of any other image, which has
    its interpreter as a package, the bare distribution."""
    yield from list_slim_variants(image)
    if split_reference(image).name == official_name:
        yield image
    else:
        yield from list_distribution_images(release)


def list_distribution_images(release: OsRelease) -> Iterator[str]:
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
