"""Platforms, written as `os/architecture/variant` and told apart as containerd does."""

import platform
from collections.abc import Iterator, Sequence
from typing import Any

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
_DEFAULT_VARIANTS = {"amd64": "v1", "arm64": "v8"}
_DEFAULT_ARM_VARIANT = "v7"


def format_platform(document: Any) -> str:
    """The platform that a config or a descriptor states, as it states it; empty if it is silent."""
    parts = (document.get(key) for key in ("os", "architecture", "variant"))
    return "/".join(str(part) for part in parts if part)


def detect_host_platform() -> str:
    """What this machine's containers run on: Linux, whatever the system around it."""
    return normalise_platform(f"linux/{platform.machine()}")


def normalise_platform(text: str) -> str:
    """One spelling for each platform: `linux/arm64/v8` is `linux/arm64`, `linux/arm` is v7."""
    system, _, rest = text.lower().partition("/")
    machine, _, variant = rest.partition("/")
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
    """The platforms whose images run on the one wanted, the best first: lower variants run, too."""
    requested = normalise_platform(requested)
    yield requested
    base, _, version = requested.rpartition("/v")
    if version.isdigit():
        lowest = 5 if base.endswith("/arm") else 2
        yield from (f"{base}/v{lower}" for lower in range(int(version) - 1, lowest - 1, -1))
        if base.endswith("/amd64"):
            yield base


def choose_best_platform(offered: Sequence[str], requested: str) -> str | None:
    """That of the offered platforms, as it is written there, which suits the wanted one best."""
    spellings = {normalise_platform(text): text for text in reversed(offered) if text}
    return next(
        (spellings[text] for text in list_compatible_platforms(requested) if text in spellings),
        None,
    )
