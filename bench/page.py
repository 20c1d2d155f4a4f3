"""The page docs/performance.md: tables are replaced, prose stays."""

import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
STORES = ("overlay2", "containerd")


def put(page: str, store: str, lines: Sequence[str]) -> str:
    """Return the page with new tables for a store."""
    before, _, after = _parted(page, store)
    return f"{before}\n" + "\n".join(lines) + f"\n{after}"


def section(page: str, store: str) -> list[str]:
    """Return the lines that the page has for a store."""
    return _parted(page, store)[1].strip("\n").split("\n")


def machine(engine: str = "") -> str:
    """Describe the machine, and its load when the run began."""
    loads = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    with_engine = f", Docker Engine {engine}" if engine else ""
    return (
        f"{os.cpu_count()} processors ({_processor()}), Python {platform.python_version()}"
        f"{with_engine}; load average at the beginning: {loads}."
    )


def _processor() -> str:
    cpu_info = Path("/proc/cpuinfo")
    names = re.findall(r"model name\s*: (.*)", cpu_info.read_text()) if cpu_info.exists() else []
    return names[0] if names else platform.machine()


def _parted(page: str, store: str) -> tuple[str, str, str]:
    match = re.fullmatch(rf"(.*<!-- {store} -->)\n(.*?)(<!-- /{store} -->.*)", page, re.DOTALL)
    if not match:
        raise SystemExit(f"{PAGE.name} has no markers for the {store} store")
    return match[1], match[2], match[3]
