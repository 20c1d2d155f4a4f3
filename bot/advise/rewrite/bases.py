"""On what the last stage may stand: the same distribution, release and libc, without the toolchain."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.advise.rewrite.release import Release

# Official images whose `slim` variant holds the same interpreter at the same path.
_WITH_SLIM = ("python", "node", "ruby", "perl")
_CODENAMES = "buster|bullseye|bookworm|trixie|forky|sid"
_CODENAME = re.compile(rf"^(?P<version>.*?)-?(?P<code>{_CODENAMES})$")
# Images that are nothing but a distribution.
_DISTRIBUTIONS = ("debian", "ubuntu", "alpine", "fedora", "rockylinux", "almalinux", "amazonlinux")


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


def is_slim(reference: Reference) -> bool:
    """Whether it is a variant that is told to be small."""
    return bool(re.search(r"slim|alpine|distroless|busybox|minimal|micro", reference.tag))


def is_distribution(reference: Reference) -> bool:
    """Whether an image holds a distribution and nothing else."""
    return reference.name in _DISTRIBUTIONS


def slim_variant(base: str) -> Iterator[str]:
    """The slim images of the same repository, the nearest first."""
    found = read_reference(base)
    if found.name not in _WITH_SLIM or is_slim(found):
        return
    dated = _CODENAME.match(found.tag)
    if found.tag == "latest":
        yield found.tagged("slim")
    elif dated and dated["version"]:
        yield found.tagged(f"{dated['version']}-slim-{dated['code']}")
        yield found.tagged(f"{dated['version']}-{dated['code']}-slim")
        yield found.tagged(f"{dated['version']}-slim")
    elif dated:
        yield found.tagged(f"slim-{dated['code']}")
    else:
        yield found.tagged(f"{found.tag}-slim")


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
