"""The other tools that read an image, each with its version.

A tool that is not installed is a row that says so. skopeo: `apt-get install skopeo`; crane and
dive: `go install github.com/google/go-containerregistry/cmd/crane@v0.20.3` and `go install -ldflags
"-X main.version=0.13.1" github.com/wagoodman/dive@v0.13.1`.
"""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.race import Command


@dataclass(frozen=True)
class Rival:
    """A tool, and the command by which it reads an image of the engine once.

    `{image}` is the image and `{folder}` an empty folder in the script.
    """

    tool: str
    title: str
    version: Sequence[str]
    script: str

    @property
    def is_installed(self) -> bool:
        """Return True if the tool can be started."""
        return shutil.which(self.tool) is not None

    def describe(self) -> str:
        """Return the title with the version that the tool states."""
        finished = subprocess.run(self.version, capture_output=True, text=True, check=False)
        words = (finished.stdout or finished.stderr).replace(",", " ").split()
        number = next((word for word in words if word.strip("v")[:1].isdigit()), "")
        return f"{self.title} {number.strip('v')}".rstrip()

    def can_read(self, image: str, folder: Path) -> bool:
        """Return True if the tool reads an image of this store: not each one reads each archive."""
        command = self.make_command(image, folder)
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def make_command(self, image: str, folder: Path) -> Command:
        """Return the command for an image; what an earlier run wrote is removed first."""
        output = folder / "rival"
        script = self.script.format(image=image, folder=output)
        return ("bash", "-c", f"set -o pipefail; rm -rf {output}; mkdir {output}; {script}")


RIVALS = (
    Rival(
        "docker",
        "`docker save \\| cat`",
        ("docker", "version", "--format", "{{.Client.Version}}"),
        "docker save {image} | cat > /dev/null",
    ),
    Rival("dive", "`dive --json`", ("dive", "--version"), "dive {image} --json {folder}/dive.json"),
    Rival(
        "crane",
        "`docker save \\| crane export`",
        ("crane", "version"),
        "docker save {image} | crane export - - | cat > /dev/null",
    ),
    Rival(
        "skopeo",
        "`docker save`, `skopeo copy`",
        ("skopeo", "--version"),
        # Not from the daemon: Debian's skopeo 1.9 speaks an API that Docker Engine 25 dropped.
        "docker save --output {folder}/tar {image}"
        " && skopeo copy --insecure-policy docker-archive:{folder}/tar dir:{folder}/copy",
    ),
)
