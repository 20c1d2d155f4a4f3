"""Which distribution an image is, as its `os-release` says (man 5 os-release)."""

import re
from dataclasses import dataclass

_ASSIGNMENT = re.compile(r"^([A-Z_]+)=\"?([^\"\n]*)\"?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class OsRelease:
    """A distribution: `debian`, its version `12`, its code name `bookworm`; empty where not told."""

    id: str = ""
    version: str = ""
    codename: str = ""

    @property
    def package_manager(self) -> str:
        """What installs packages in it: `apt`, `apk`; empty where it is another one."""
        return {"debian": "apt", "ubuntu": "apt", "alpine": "apk"}.get(self.id, "")


def parse_os_release(text: str) -> OsRelease:
    """The distribution; blank if the text does not say."""
    found = dict(_ASSIGNMENT.findall(text))
    return OsRelease(
        found.get("ID", ""), found.get("VERSION_ID", ""), found.get("VERSION_CODENAME", "")
    )
