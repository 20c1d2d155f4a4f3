"""The private engine: start, stop, stand-in images and docker commands."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.engine import shelf
from tests.support.engine.cache import cache_root, take_lock
from tests.support.engine.commands import last_lines, run
from tests.support.engine.engine_paths import EnginePaths, Store, derive_paths
from tests.support.engine.errors import EngineUnavailable
from tests.support.engine.leftovers import wind_down
from tests.support.engine.machine import prepare_machine, probe_overlay
from tests.support.engine.packages import engine_programs
from tests.support.engine.progress import say
from tests.support.engine.recipes import full_name, recipe_for, recipes_for

PROJECT = Path(__file__).resolve().parents[3]
# A user's settings that would lead a client to another engine or builder.
CLEARED = ("DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "BUILDX_BUILDER")


class PrivateEngine:
    """A Docker engine that touches nothing of the user's; use it with `with`.

    Its images and build cache are kept between runs, in a folder that one process at a time can
    use; a second one waits. Another `purpose` is another folder.
    """

    def __init__(self, store: Store = "overlay2", purpose: str = "tests") -> None:
        self.store: Store = store
        self.purpose = purpose
        self.build_network = "default"
        self._place: EnginePaths | None = None
        self._keeper: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Set up what is missing, then start; from a warm cache this takes about two seconds."""
        if self._keeper:
            return
        paths = prepare_paths(self.store, self.purpose)
        self._place = paths
        self._keeper = start_keeper(paths)
        try:
            self.build_network = read_answer(self._keeper, paths)
            write_client(paths)
            self.tidy()
        except BaseException:
            self.stop()
            raise
        if self.build_network == "host":
            say(f"the bridge has no way out (see {paths.log}): builds need --network host")

    def stop(self) -> None:
        """End the engine and everything that runs in it; calling it twice does no harm."""
        keeper, self._keeper = self._keeper, None
        if not keeper or not self._place:
            return
        keeper.communicate()
        if keeper.returncode:
            wind_down(self._place)

    @property
    def paths(self) -> EnginePaths:
        """Return the engine's paths."""
        if not self._place:
            raise RuntimeError("this engine has not been started")
        return self._place

    @property
    def socket(self) -> Path:
        """Return the Unix socket of the Docker API."""
        return self.paths.socket

    @property
    def environment(self) -> dict[str, str]:
        """Return variables for a child process, which then uses this engine and no other."""
        client = self.paths.client
        return {
            **dict.fromkeys(CLEARED, ""),
            "DOCKER_HOST": f"unix://{self.socket}",
            "DOCKER_CONFIG": str(client),
            "BUILDX_CONFIG": str(client / "buildx"),
            "PATH": f"{client / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        }

    def docker(self, *arguments: str, folder: Path | None = None) -> str:
        """Run the private client to its end and return stdout."""
        command = [str(self.paths.client / "bin" / "docker"), *arguments]
        environment = {**os.environ, **self.environment}
        failing = f"`docker {' '.join(arguments[:3])} …` failed on the private engine."
        return run(command, failing, f"see {self.paths.log}.", environment, folder)

    def tidy(self) -> None:
        """Remove what the last run left, except for named images and the build cache.

        A container with a fixed name would otherwise be in a test's way for ever.
        """
        for kind in ("container", "network", "volume", "image"):
            self.docker(kind, "prune", "--force")

    def ensure(self, *images: str) -> None:
        """Load the stand-ins for these images (or `all`), building missing ones.

        They are built in a separate engine, so that this one contains nothing but the result.
        """
        recipes = recipes_for(images)
        cache = cache_root(os.environ)
        if shelf.missing(recipes, cache):
            with PrivateEngine("overlay2", purpose="workshop") as workshop:
                shelf.make(workshop, recipes, cache, Path(self.paths.programs))
        shelf.load(self, recipes, cache)
        self.name_the_nearest(images)

    def name_the_nearest(self, images: Iterable[str]) -> None:
        """Tag the closest stand-in with a name that no recipe has, and announce it."""
        for image in images:
            if image != "all" and full_name(image) not in (recipe := recipe_for(image)).tags:
                say(f"there is no stand-in for {image}: {recipe.tags[0]} takes its place")
                self.docker("tag", recipe.tags[0], full_name(image))


def prepare_paths(store: Store, purpose: str) -> EnginePaths:
    """Check the machine, unpack the engine's programs, and return the paths."""
    prepare_machine()
    cache = cache_root(os.environ)
    probe_overlay(cache)
    return derive_paths(cache, engine_programs(cache), store, purpose)


def start_keeper(paths: EnginePaths) -> "subprocess.Popen[str]":
    """Start the supervisor, which inherits the lock and holds it until it ends.

    Its own session keeps a Ctrl-C in the terminal from reaching the daemons first.
    """
    lock = take_lock(paths.lock, f"the private {paths.store} engine")
    try:
        with paths.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.support.engine.keeper", paths.to_json()],
                cwd=PROJECT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                pass_fds=(lock,),
                start_new_session=True,
            )
    finally:
        os.close(lock)


def read_answer(keeper: "subprocess.Popen[str]", paths: EnginePaths) -> str:
    """Return the network for builds; an error of the supervisor is raised as ours."""
    assert keeper.stdout
    line = keeper.stdout.readline()
    answer = json.loads(line) if line else {"error": keeper_broke(paths)}
    if "error" in answer:
        raise EngineUnavailable(*answer["error"])
    return str(answer["network"])


def keeper_broke(paths: EnginePaths) -> list[str]:
    """Return the parts of a message for a supervisor that ended without an answer."""
    log_end = last_lines(paths.log.read_text(errors="replace"))
    return [
        "The process that keeps the engine ended before the engine was up.",
        f"the end of its log:\n    {log_end}",
        f"read {paths.log}; if this is no fault of the machine, report it.",
    ]


def write_client(paths: EnginePaths) -> None:
    """Write a client folder without credentials, contexts or builders of the user."""
    plugins = paths.client / "cli-plugins"
    programs = Path(paths.programs)
    for folder in (plugins, paths.client / "bin", paths.client / "buildx"):
        folder.mkdir(parents=True, exist_ok=True)
    (paths.client / "config.json").write_text("{}\n")
    (paths.client / "bin" / "docker").symlink_to(programs / "usr/bin/docker")
    buildx = programs / "usr/libexec/docker/cli-plugins/docker-buildx"
    (plugins / "docker-buildx").symlink_to(buildx)
