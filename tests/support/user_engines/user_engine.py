"""An engine that a user started who is not root, as a runner of a team's own may have it.

The programs of Docker are those of the private engine; Podman and what makes Docker rootless are
packages of this machine's Debian, installed when they are missing. The user exists for the daemon
alone, and everything that it made is removed with it.
"""

import os
import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from tests.support.engine import PrivateEngine
from tests.support.engine.commands import cut_log
from tests.support.engine.errors import EngineUnavailable
from tests.support.engine.machine import install_packages, make_search_path
from tests.support.engine.supervisor import listens

RUNNER = 12345
Kind = Literal["docker", "podman"]
# program -> the Debian package that brings it
_PROGRAMS: dict[Kind, dict[str, str]] = {
    "docker": {"newuidmap": "uidmap", "rootlesskit": "rootlesskit", "slirp4netns": "slirp4netns"},
    "podman": {"newuidmap": "uidmap", "podman": "podman", "slirp4netns": "slirp4netns"},
}
_PATIENCE_SECONDS = 60.0


class UserEngine:
    """A rootless Docker or Podman of the user `RUNNER`, beside the private engine; use it with `with`."""

    def __init__(self, kind: Kind, engine: PrivateEngine) -> None:
        self.kind, self.private = kind, engine
        # A Unix socket's path has at most 107 characters, and the user cannot reach our cache.
        self.folder = Path(f"/var/tmp/image-size-review-{kind}")
        self._daemon: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        """Return the socket, which the user owns."""
        return self.folder / f"{self.kind}.sock"

    @property
    def client(self) -> Path:
        """Return a folder with the one client that the user has."""
        return self.folder / "client"

    @property
    def variables(self) -> dict[str, str]:
        """Return the variables of a job of the user's."""
        return {
            "DOCKER_HOST": f"unix://{self.socket}",
            "DOCKER_CONFIG": str(self.folder / "config"),
            "BUILDX_CONFIG": "",
            "XDG_RUNTIME_DIR": str(self.folder),
            "PATH": f"{self.client}:{os.defpath}",
        }

    def __enter__(self) -> Self:
        missing = {
            package
            for program, package in _PROGRAMS[self.kind].items()
            if not shutil.which(program, path=make_search_path())
        }
        if missing:
            install_packages(sorted(missing))
        self._remove()
        self.folder.mkdir(mode=0o755)
        self.client.mkdir()
        program = self.private.paths.client / "bin/docker"
        if self.kind == "podman":
            program = Path(shutil.which("podman", path=make_search_path()) or "podman")
        shutil.copy(program, self.client / self.kind)
        self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._daemon:
            self._daemon.kill()
            self._daemon.wait()
        self._remove()

    def take_images(self, *images: str) -> None:
        """Copy images of the private engine into this one, under the same names."""
        save = [str(self.private.paths.client / "bin/docker"), "save", *images]
        load = [save[0], "--host", f"unix://{self.socket}", "load", "--quiet"]
        variables = {**os.environ, **self.private.environment}
        with subprocess.Popen(save, env=variables, stdout=subprocess.PIPE) as saving:
            subprocess.run(load, env=variables, stdin=saving.stdout, check=True)
        assert saving.returncode == 0

    def _start(self) -> None:
        command = [str(Path(__file__).with_name("enter-user")), str(self.folder), str(RUNNER)]
        command += [self.private.paths.programs, *self._list_daemon()]
        with (self.folder / "log").open("wb") as log:
            # The end of the first process of a namespace ends all others, also those that left it.
            namespaces = ["unshare", "--mount", "--pid", "--fork", "--mount-proc"]
            self._daemon = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *namespaces, "--kill-child", *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        give_up = time.monotonic() + _PATIENCE_SECONDS
        while not listens(self.socket):
            if self._daemon.poll() is not None or time.monotonic() > give_up:
                log_end = cut_log((self.folder / "log").read_text(errors="replace"))
                self.__exit__(None, None, None)
                raise EngineUnavailable(
                    f"A rootless {self.kind} did not come up on this machine.",
                    f"the end of its log:\n    {log_end}",
                    "see that the kernel lets users make namespaces.",
                )
            time.sleep(0.1)

    def _list_daemon(self) -> list[str]:
        address = f"unix://{self.socket}"
        if self.kind == "podman":
            return ["podman", "--cgroup-manager=cgroupfs", "system", "service", "--time=0", address]
        return ["dockerd-rootless.sh", "--host", address, "--data-root", f"{self.folder}/data"]

    def _remove(self) -> None:
        """Remove the folder; files of its containers belong to further users, so root has to."""
        if self.folder.exists():
            shutil.rmtree(self.folder)
