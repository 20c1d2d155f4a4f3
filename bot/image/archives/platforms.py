"""Platforms, written as `os/architecture/variant` and matched as containerd does."""

import platform
from collections.abc import Iterator, Sequence
from typing import Any

from bot.image.archives.json_document import get_field

# After containerd's platforms/database.go, with the names that `uname -m` prints.
_ARCHITECTURE_ALIASES = {
    "x86_64": "amd64",
    "x86-64": "amd64",
    "aarch64": "arm64",
    "armhf": "arm/v7",
    "armel": "arm/v6",
    "armv7l": "arm/v7",
    "armv6l": "arm/v6",
    "i386": "386",
    "i686": "386",
}
# Variants that containerd leaves out of the normalised form, and the one it adds to `arm`.
_DEFAULT_VARIANTS = {"amd64": "v1", "arm64": "v8"}
_DEFAULT_ARM_VARIANT = "v7"
_MAX_VERSION_DIGITS = 2  # each lower version is tried


def format_platform(document: Any) -> str:
    """Return the platform of a config or a descriptor as written; empty if it has none."""
    parts = (get_field(document, key, "") for key in ("os", "architecture", "variant"))
    return "/".join(part for part in parts if part)


def detect_host_platform() -> str:
    """Return the platform of this machine's containers: Linux on any host system."""
    return normalise_platform(f"linux/{platform.machine()}")


def normalise_platform(text: str) -> str:
    """Return the one spelling of a platform: `linux/arm64/v8` becomes `linux/arm64`."""
    system, _, machine_and_variant = text.lower().partition("/")
    machine, _, variant = machine_and_variant.partition("/")
    machine, _, implied = _ARCHITECTURE_ALIASES.get(machine, machine).partition("/")
    variant = variant or implied
    if variant.isdigit():
        variant = f"v{variant}"
    if machine == "arm" and not variant:
        variant = _DEFAULT_ARM_VARIANT
    if variant == _DEFAULT_VARIANTS.get(machine):
        variant = ""
    return "/".join(part for part in (system, machine, variant) if part)


def list_compatible_platforms(requested: str) -> Iterator[str]:
    """Yield the platforms with images that run on the requested one, the best first."""
    requested = normalise_platform(requested)
    yield requested
    base, _, version = requested.rpartition("/v")
    if version.isdecimal() and len(version) <= _MAX_VERSION_DIGITS:
        # Lower variants run, too: arm/v7 runs v6 and v5, amd64/v3 runs v2 and plain amd64.
        lowest = 5 if base.endswith("/arm") else 2
        yield from (f"{base}/v{lower}" for lower in range(int(version) - 1, lowest - 1, -1))
        if base.endswith("/amd64"):
            yield base


def choose_best_platform(offered: Sequence[str], requested: str) -> str | None:
    """Return the offered platform, as written, that suits the requested one best."""
    # Reversed, so that of two spellings of one platform the first counts.
    spellings = {normalise_platform(text): text for text in reversed(offered) if text}
    return next(
        (spellings[text] for text in list_compatible_platforms(requested) if text in spellings),
        None,
    )
