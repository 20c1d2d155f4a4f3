"""Base images with less in them: same distribution, release, libc and interpreter.

The rules offer slim variants; the rewriter picks the base of a final stage from the same lists.
"""

import re
from collections.abc import Iterator

from bot.image.archives.reference import ReferenceParts, split_reference
from bot.image.packages.os_release import OsRelease

# Official images with a slim variant that has the same interpreter at the same path. Their tags put
# `slim` before or after the release: `python:3.12-slim-bookworm`, `node:20-bookworm-slim`.
_SLIM_BEFORE_RELEASE = ("python", "ruby", "perl")
_SLIM_AFTER_RELEASE = ("node", "debian")
_OFFICIAL_PREFIXES = ("", "docker.io/", "library/", "docker.io/library/")
# Official images: who has one of them in a mirror has its distribution there, too.
_MIRRORED_NAMES = frozenset(
    [
        "alpine",
        "buildpack-deps",
        "debian",
        "eclipse-temurin",
        "elixir",
        "erlang",
        "fedora",
        "gcc",
        "golang",
        "gradle",
        "maven",
        "node",
        "openjdk",
        "perl",
        "php",
        "python",
        "ruby",
        "rust",
        "ubuntu",
    ]
)
_DEBIAN_CODENAMES = "bullseye|bookworm|trixie|buster"
_VERSION_PATTERN = r"(?:\d+(?:\.\d+)*(?:-rc\S*)?|latest|lts|current)"
# `3.12`, `3.12-bookworm` or `bookworm`: tags with another word (alpine, slim) have no match.
_TAG_PATTERN = re.compile(
    rf"(?P<version>{_VERSION_PATTERN})?(?:-?(?P<release>{_DEBIAN_CODENAMES}))?"
)


def is_official_name(name: str) -> bool:
    """Return True for the name of an official image of a distribution or a language."""
    return name in _MIRRORED_NAMES


def is_public_image(image: str) -> bool:
    """Return True for an official image, in whatever registry, and any other without a prefix."""
    return has_no_prefix(image) or split_reference(image).name in _MIRRORED_NAMES


def has_no_prefix(image: str) -> bool:
    """Return True for an image of Docker's own: no registry and no owner is in front of it."""
    return split_reference(image).prefix in _OFFICIAL_PREFIXES


def find_slim_variant(image: str) -> str | None:
    """Return the slim variant of an official image; None if there is none.

    >>> find_slim_variant("node:20-bookworm")
    'node:20-bookworm-slim'
    """
    reference = split_reference(image)
    is_official = reference.prefix in _OFFICIAL_PREFIXES and "@" not in image
    return _build_slim_variant(reference) if is_official else None


def list_slim_variants(image: str) -> Iterator[str]:
    """Yield slim images of the same interpreter, the nearest first, also from a mirror."""
    reference = split_reference(image)
    # Debian itself has no interpreter to keep.
    slim = None if reference.name == "debian" else _build_slim_variant(reference)
    if slim:
        yield slim
        tag_parts = _TAG_PATTERN.fullmatch(reference.tag)
        if tag_parts and tag_parts["version"] and tag_parts["release"]:
            yield reference.with_tag(f"{tag_parts['version']}-slim")


def _build_slim_variant(reference: ReferenceParts) -> str | None:
    tag_parts = _TAG_PATTERN.fullmatch(reference.tag)
    if reference.name not in (*_SLIM_BEFORE_RELEASE, *_SLIM_AFTER_RELEASE) or not tag_parts:
        return None
    version = "" if tag_parts["version"] == "latest" else tag_parts["version"] or ""
    release = tag_parts["release"] or (
        # `debian:slim` does not exist; `debian:latest` is the stable release.
        "stable" if reference.name == "debian" and not version else ""
    )
    slim_first = reference.name in _SLIM_BEFORE_RELEASE
    order = (version, "slim", release) if slim_first else (version, release, "slim")
    return reference.with_tag("-".join(part for part in order if part))


def list_interpreter_images(image: str, official_name: str, release: OsRelease) -> Iterator[str]:
    """Yield slim variants of an official image, then the image itself.

    Any other image has its interpreter as a package: then the bare distributions.
    """
    yield from list_slim_variants(image)
    if split_reference(image).name == official_name:
        yield image
    else:
        yield from list_distribution_images(release, image)


def list_distribution_images(release: OsRelease, image: str) -> Iterator[str]:
    """Yield the bare distributions that an image is based on, in their slim form.

    Those come first that are named as `image` is: by its tag if it is the distribution itself, and
    by its registry if that mirrors official images.
    """
    reference, names = split_reference(image), list(_list_official_distributions(release))
    if reference.name == release.id and names:
        is_slim = reference.name != "debian" or reference.tag.endswith("-slim")
        own = reference.with_tag(reference.tag) if is_slim else _build_slim_variant(reference)
        names = [own, *names] if own else names
    elif reference.prefix and reference.name in _MIRRORED_NAMES:
        names = [*(f"{reference.prefix}{name}" for name in names), *names]
    yield from dict.fromkeys(names)


def _list_official_distributions(release: OsRelease) -> Iterator[str]:
    match release.id:
        case "debian" if release.codename:
            yield f"debian:{release.codename}-slim"
            if release.version:
                yield f"debian:{release.version}-slim"
        case "ubuntu" if release.version:
            yield f"ubuntu:{release.version}"
        case "alpine" if release.version:
            # os-release has the point release, 3.20.3; the tag of two numbers gets its fixes.
            yield f"alpine:{'.'.join(release.version.split('.')[:2])}"
            yield "alpine:latest"
        case "fedora" if release.version:
            yield f"fedora:{release.version}"
