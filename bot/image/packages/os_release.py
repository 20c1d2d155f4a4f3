"""The distribution of an image, as its `os-release` says (os-release(5))."""

import re
from dataclasses import dataclass

# A value may stand in double or single quotes (os-release(5)).
_ASSIGNMENT = re.compile(r"""^([A-Z_]+)=(["']?)([^"'\n]*)\2$""", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class OsRelease:
    """A distribution: `debian`, its version `12`, its code name `bookworm`; empty if unknown."""

    id: str = ""
    version: str = ""
    codename: str = ""

    @property
    def package_manager(self) -> str:
        """Return the distribution's package manager, `apt` or `apk`; empty for others."""
        return {"debian": "apt", "ubuntu": "apt", "alpine": "apk"}.get(self.id, "")


def parse_os_release(text: str) -> OsRelease:
    """Read an `os-release` file; missing fields are empty."""
    fields = {name: value for name, _, value in _ASSIGNMENT.findall(text)}
    return OsRelease(
        fields.get("ID", ""), fields.get("VERSION_ID", ""), fields.get("VERSION_CODENAME", "")
    )
