"""The page docs/performance.md: tables are replaced, prose stays."""

import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
STORES = ("overlay2", "containerd")
# The stores of Debian's release have sections of their own names, those of others have its number.
_USUAL_RELEASE = "26"
NEWER_STORES = tuple(f"{store}-28" for store in STORES)


def name_section(store: str, engine_version: str) -> str:
    """Return the name of the section for the store of a release of the engine."""
    release = engine_version.partition(".")[0]
    return store if release == _USUAL_RELEASE else f"{store}-{release}"


def put(page: str, name: str, lines: Sequence[str]) -> str:
    """Return the page with new tables in a section."""
    before, _, after = _parted(page, name)
    return f"{before}\n" + "\n".join(lines) + f"\n{after}"


def section(page: str, name: str) -> list[str]:
    """Return the lines that the page has in a section."""
    return _parted(page, name)[1].strip("\n").split("\n")


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


def _parted(page: str, name: str) -> tuple[str, str, str]:
    match = re.fullmatch(rf"(.*<!-- {name} -->)\n(.*?)(<!-- /{name} -->.*)", page, re.DOTALL)
    if not match:
        raise SystemExit(f"{PAGE.name} has no markers for the section {name}")
    return match[1], match[2], match[3]
