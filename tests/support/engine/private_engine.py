"""The private engine: start, stop, stand-in images and docker commands."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.engine import stand_in_archives
from tests.support.engine.cache import find_cache_root, take_lock
from tests.support.engine.cleanup import clean_up
from tests.support.engine.commands import cut_log, run
from tests.support.engine.engine_paths import EnginePaths, Store, derive_paths
from tests.support.engine.errors import EngineUnavailable
from tests.support.engine.machine import prepare_machine, probe_overlay
from tests.support.engine.packages import unpack_engine
from tests.support.engine.progress import print_progress
from tests.support.engine.recipes import add_default_tag, find_recipe, find_recipes
from tests.support.engine.releases import find_release

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
        self._paths: EnginePaths | None = None
        self._supervisor: subprocess.Popen[str] | None = None

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
        if self._supervisor:
            return
        paths = prepare_paths(self.store, self.purpose)
        self._paths = paths
        self._supervisor = start_supervisor(paths)
        try:
            self.build_network = read_answer(self._supervisor, paths)
            write_client(paths)
            self.prune()
        except BaseException:
            self.stop()
            raise
        if self.build_network == "host":
            print_progress(
                f"the bridge has no way out (see {paths.log}): builds need --network host"
            )

    def stop(self) -> None:
        """End the engine and everything that runs in it; calling it twice does no harm."""
        supervisor, self._supervisor = self._supervisor, None
        if not supervisor or not self._paths:
            return
        supervisor.communicate()
        if supervisor.returncode:
            clean_up(self._paths)

    @property
    def paths(self) -> EnginePaths:
        """Return the engine's paths."""
        if not self._paths:
            raise RuntimeError("this engine has not been started")
        return self._paths

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

    @property
    def has_build_checks(self) -> bool:
        """Return True if this release's buildx checks a Dockerfile without building it."""
        return "--call" in self.docker("buildx", "build", "--help")

    def prune(self) -> None:
        """Remove what the last run left, except for named images and the build cache.

        A container with a fixed name would otherwise be in a test's way for ever. The names that
        a killed review left go too: another version of the program may have written them.
        """
        if names := self.list_run_names():
            self.docker("rmi", "--force", *names)
        for kind in ("container", "network", "volume", "image"):
            self.docker(kind, "prune", "--force")

    def list_run_names(self) -> list[str]:
        """Return the names of images that reviews gave in this engine."""
        form = "{{.Repository}}:{{.Tag}}"
        return self.docker("images", "--format", form, "image-size-review/*").split()

    def ensure(self, *images: str) -> None:
        """Load the stand-ins for these images (or `all`), building missing ones.

        They are built in a separate engine, so that this one contains nothing but the result.
        """
        recipes = find_recipes(images)
        cache = find_cache_root(os.environ)
        if stand_in_archives.list_missing(recipes, cache):
            with PrivateEngine("overlay2", purpose="workshop") as workshop:
                stand_in_archives.build_missing(workshop, recipes, cache, Path(self.paths.programs))
        stand_in_archives.load_missing(self, recipes, cache)
        self.tag_closest(images)

    def tag_closest(self, images: Iterable[str]) -> None:
        """Tag the closest stand-in with a name that no recipe has, and announce it."""
        for image in images:
            if image != "all" and add_default_tag(image) not in (recipe := find_recipe(image)).tags:
                print_progress(
                    f"there is no stand-in for {image}: {recipe.tags[0]} takes its place"
                )
                self.docker("tag", recipe.tags[0], add_default_tag(image))


def prepare_paths(store: Store, purpose: str) -> EnginePaths:
    """Check the machine, unpack the engine's programs, and return the paths."""
    prepare_machine()
    cache = find_cache_root(os.environ)
    probe_overlay(cache)
    release = find_release(os.environ)
    return derive_paths(cache, unpack_engine(cache, release), store, purpose, release)


def start_supervisor(paths: EnginePaths) -> "subprocess.Popen[str]":
    """Start the supervisor, which inherits the lock and holds it until it ends.

    Its own session keeps a Ctrl-C in the terminal from reaching the daemons first.
    """
    lock = take_lock(paths.lock, f"the private {paths.store} engine")
    try:
        with paths.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.support.engine.supervisor", paths.to_json()],
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


def read_answer(supervisor: "subprocess.Popen[str]", paths: EnginePaths) -> str:
    """Return the network for builds; an error of the supervisor is raised as ours."""
    assert supervisor.stdout
    line = supervisor.stdout.readline()
    answer = json.loads(line) if line else {"error": describe_failed_start(paths)}
    if "error" in answer:
        raise EngineUnavailable(*answer["error"])
    return str(answer["network"])


def describe_failed_start(paths: EnginePaths) -> list[str]:
    """Return the parts of a message for a supervisor that ended without an answer."""
    log_end = cut_log(paths.log.read_text(errors="replace"))
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
