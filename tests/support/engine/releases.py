"""The releases of Docker Engine that the tests can start, and the choice of one of them."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.support.engine.cache import hash_parts
from tests.support.engine.errors import EngineUnavailable

PACKAGES = ("docker.io", "docker-cli", "containerd", "docker-buildx", "tini")
VARIABLE = "IMAGE_SIZE_ENGINE"


@dataclass(frozen=True)
class Release:
    """A release of Debian that has the engine's packages.

    `module` is the Go module of a daemon that takes the place of the packaged one.
    """

    suite: str
    module: str = ""

    @property
    def key(self) -> str:
        """Return what folders of this release are named by: two releases share no data."""
        return hash_parts(self.suite, *PACKAGES, *filter(None, [self.module]))

    @property
    def description(self) -> str:
        packages = f"Debian {self.suite} packages"
        return f"{packages}, and {self.module} built with Go" if self.module else packages


# Debian has no packages of 29 yet. Its daemon accepts the client, BuildKit's client and containerd of 28.
RELEASES: Mapping[str, Release] = {
    "26": Release("trixie"),
    "28": Release("forky"),
    "29": Release("forky", "github.com/moby/moby/v2/cmd/dockerd@v2.0.0-beta.24"),
}
DEFAULT = "26"


def find_release(environment: Mapping[str, str]) -> Release:
    """Return the release that a variable names; raise EngineUnavailable for one not listed."""
    name = environment.get(VARIABLE) or DEFAULT
    if release := RELEASES.get(name):
        return release
    raise EngineUnavailable(
        f"There is no private engine of release {name!r}.",
        f"{VARIABLE} names a release that is not in tests/support/engine/releases.py.",
        f"set it to one of {', '.join(RELEASES)}, or unset it.",
    )
