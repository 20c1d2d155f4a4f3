"""The engine's programs and a registry, unpacked from Debian packages into the cache.

Nothing is installed. Debian 12's own engine is too old (its BuildKit knows no heredocs);
Debian 13's and 14's run on Debian 12 as they are. They are fetched from the mirror that the
machine's apt uses.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from tests.support.engine.cache import create_once, hash_parts, remove
from tests.support.engine.commands import run
from tests.support.engine.errors import EngineUnavailable
from tests.support.engine.machine import make_search_path
from tests.support.engine.releases import DEFAULT, PACKAGES, RELEASES, Release

REGISTRY = ("docker-registry",)
BUILDKIT = tuple(
    f"github.com/moby/buildkit/cmd/{name}@v0.18.2" for name in ("buildkitd", "buildctl")
)
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
REGISTRY_RELEASE = RELEASES[DEFAULT]
INDEX_FORMAT = "$(CREATED_BY)|$(COMPONENT)|$(ORIGIN)|$(RELEASE)|$(REPO_URI)"


def parse_mirror(index_targets: str) -> str:
    """Return the mirror of Debian's main archive from apt's list of its downloads.

    The origin is unknown (empty) until the first `apt-get update`; a release with a hyphen is
    the security or updates archive, which does not hold the packages.
    """
    for line in index_targets.splitlines():
        created_by, component, origin, release, address = line.split("|", 4)
        if (created_by, component) != ("Packages", "main") or "-" in release:
            continue
        if origin in ("Debian", ""):
            return address
    raise EngineUnavailable(
        "No Debian mirror was found.",
        "apt on this machine has no source for Debian's component `main`.",
        "add Debian's archive to /etc/apt/sources.list.d, or use --use-existing.",
    )


def find_mirror() -> str:
    """Return the mirror that this machine uses."""
    listed = run(
        ["apt-get", "indextargets", "--format", INDEX_FORMAT],
        "apt could not list its sources.",
        "see that `apt-get indextargets` works.",
    )
    return parse_mirror(listed)


def unpack_engine(cache: Path, release: Release) -> Path:
    """Return a folder with the engine's programs, downloaded and built on the first call."""
    target = cache / f"packages-{release.key}"

    def make(folder: Path) -> None:
        _download(folder, release.suite, PACKAGES)
        if release.module:
            _build_program(folder, release.module)

    return create_once(target, f"the engine's programs ({release.description})", make)


def unpack_registry(cache: Path) -> Path:
    """Return the path of Debian's registry, downloaded in the same way."""
    suite = REGISTRY_RELEASE.suite
    unpacked = create_once(
        cache / f"registry-{hash_parts(suite, *REGISTRY)}",
        f"a registry ({REGISTRY_RELEASE.description})",
        lambda folder: _download(folder, suite, REGISTRY),
    )
    return unpacked / "usr/bin/docker-registry"


def unpack_buildkit(cache: Path) -> Path:
    """Return a folder with BuildKit's programs, built from Go modules in some ten minutes."""

    def make(folder: Path) -> None:
        for module in BUILDKIT:
            _build_program(folder, module)

    title = f"BuildKit ({' and '.join(BUILDKIT)}, built with Go)"
    return create_once(cache / f"buildkit-{hash_parts(*BUILDKIT)}", title, make) / "usr/sbin"


def _build_program(target: Path, module: str) -> None:
    """Build a program from its Go module, where a package would have it."""
    run(
        ["go", "install", module],
        f"{module} could not be built.",
        "install Go, and see that this machine reaches the Go module proxy, then try again.",
        {**os.environ, "GOBIN": str(target / "usr/sbin")},
    )


def _download(target: Path, suite: str, packages: Sequence[str]) -> None:
    fetched = target / "fetched"
    fetched.mkdir(parents=True)
    options = _apt_options(target, suite, find_mirror())
    _apt(["apt-get", *options, "update", "-q"], fetched)
    _apt(["apt-get", *options, "download", "-q", *packages], fetched)
    for package in sorted(fetched.glob("*.deb")):
        _apt(["dpkg", "-x", str(package), str(target)], fetched)
    (target / "versions").write_text("\n".join(sorted(p.name for p in fetched.glob("*.deb"))))
    for leftover in (fetched, target / "apt"):
        remove(leftover)


def _apt_options(target: Path, suite: str, mirror: str) -> list[str]:
    """Return options that keep apt's lists, caches and sources inside of `target`."""
    apt = target / "apt"
    for folder in ("lists/partial", "cache/archives/partial"):
        (apt / folder).mkdir(parents=True)
    sources = apt / "sources.list"
    sources.write_text(f"deb [signed-by={KEYRING}] {mirror} {suite} main\n")
    settings = {
        "Dir::Etc::SourceList": sources,
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": apt / "lists",
        "Dir::Cache": apt / "cache",
        "APT::Sandbox::User": "root",
        # Otherwise a mirror that cannot be reached is only a warning.
        "APT::Update::Error-Mode": "any",
    }
    return [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]


def _apt(command: list[str], folder: Path) -> None:
    run(
        command,
        "Debian packages that the tests need could not be downloaded.",
        "see that this machine reaches its Debian mirror (`apt-get update`), then try again.",
        {**os.environ, "PATH": make_search_path()},
        folder,
    )
