"""The user of a runner, who owns the workspace, beside root in the action's container."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Whoever runs the tests, if that is not root: the container's root is another user then, too.
_RUNNER = os.getuid() or 12345


@contextmanager
def open_reachable_folder() -> Iterator[Path]:
    """Yield a folder that every user can reach, as those of pytest are closed."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def give_to_runner(*paths: Path) -> None:
    """Make the runner's user the owner of files and folders; root alone can do so."""
    if os.getuid() == 0:
        for path in paths:
            os.chown(path, _RUNNER, _RUNNER, follow_symlinks=False)


def run_as_owner(folder: Path, *command: str) -> str:
    """Run a program in a clone as its owner, and return its output; it must succeed."""
    owner = (folder / ".git").stat().st_uid
    variables = {"HOME": str(folder), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    finished = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        user=None if owner == os.getuid() else owner,
        group=None if owner == os.getuid() else owner,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.strip()


def list_owners(folder: Path) -> dict[str, int]:
    """Return the user that each file and folder belongs to, by path."""
    paths = (folder, *folder.rglob("*"))
    return {str(path.relative_to(folder)): path.lstat().st_uid for path in paths}
