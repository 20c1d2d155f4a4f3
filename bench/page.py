"""docs/performance.md: what is written by hand stays, what was measured is written anew."""

import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
STORES = ("overlay2", "containerd")


def put(page: str, store: str, lines: Sequence[str]) -> str:
    """The page with a store's tables in place of those that it had."""
    before, _, after = _parted(page, store)
    return f"{before}\n" + "\n".join(lines) + f"\n{after}"


def section(page: str, store: str) -> list[str]:
    """The lines that a store's run has left on the page."""
    return _parted(page, store)[1].strip("\n").split("\n")


def machine(engine: str) -> str:
    """On what it was measured, and how busy that was with other things."""
    loads = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    return (
        f"{os.cpu_count()} processors ({_processor()}), Python {platform.python_version()}, "
        f"Docker Engine {engine}; load average at the beginning: {loads}."
    )


def _processor() -> str:
    about = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*: (.*)", about.read_text()) if about.exists() else []
    return names[0] if names else platform.machine()


def _parted(page: str, store: str) -> tuple[str, str, str]:
    found = re.fullmatch(rf"(.*<!-- {store} -->)\n(.*?)(<!-- /{store} -->.*)", page, re.DOTALL)
    if not found:
        raise SystemExit(f"{PAGE.name} has no place for the {store} store")
    return found[1], found[2], found[3]
