"""The runs of `docker buildx` for a review: builds with their progress, and its checks."""

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from functools import cached_property
from pathlib import Path

from bot.adapters.docker.build_errors import is_network_failure
from bot.adapters.docker.buildx_command import run_buildx
from bot.adapters.docker.buildx_instance import BuildxInstance, find_buildx_instance
from bot.adapters.docker.client_folder import ClientFolder
from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.environment import find_program, make_child_environment
from bot.adapters.process import ProcessResult
from bot.errors import EngineUnavailableError
from bot.line.ports import Progress

_STEP_LINE = re.compile(r"#\d+ (?P<step>\[.+)")


class BuildxRuns:
    """The docker command with buildx, found when it is first needed."""

    def __init__(
        self,
        handle: EngineHandle,
        environment: Mapping[str, str],
        progress: Progress,
        client: ClientFolder,
    ) -> None:
        self._handle, self._progress, self._client = handle, progress, client
        self._environment = make_child_environment(environment)
        self._killers: list[Callable[[], None]] = []
        self._is_stopped = False

    @cached_property
    def _docker_command(self) -> str:
        """Return the docker command; raise EngineUnavailableError if there is none."""
        docker = find_program("docker", self._environment)
        if docker is None:
            fix = "install the docker command and its buildx plug-in"
            raise EngineUnavailableError("The docker command is not installed.", fix=fix)
        return docker

    @cached_property
    def instance(self) -> BuildxInstance:
        """The builder that buildx uses."""
        return find_buildx_instance(self.run, self._environment)

    @cached_property
    def has_checks(self) -> bool:
        """Return True if buildx can check without building (since 0.15)."""
        return "--call" in self.run(["build", "--help"], 60).text

    def stop(self) -> None:
        """End the builds that run, and each that starts later."""
        self._is_stopped = True
        for kill in list(self._killers):
            kill()

    def _add_killer(self, kill: Callable[[], None]) -> None:
        self._killers.append(kill)
        if self._is_stopped:
            kill()

    def try_build(
        self,
        step: str,
        arguments: Sequence[str | Path],
        timeout_s: float,
        variables: Mapping[str, str] = {},
    ) -> ProcessResult:
        """Run one build, and once more after an error of the network, within one time limit.

        `variables` are there for this build alone.
        """
        start_time_s = time.monotonic()
        result = self._run_build(step, arguments, timeout_s, variables)
        if result.timed_out or not result.status or not is_network_failure(result.stderr_lines):
            return result
        remaining_s = max(1, timeout_s - (time.monotonic() - start_time_s))
        step = f"{step}, again after a network error"
        return self._run_build(step, arguments, remaining_s, variables)

    def _run_build(
        self,
        step: str,
        arguments: Sequence[str | Path],
        timeout_s: float,
        variables: Mapping[str, str],
    ) -> ProcessResult:
        """Run one build to its end."""
        is_connected = self._handle.is_connected
        alive = self._handle.engine.run.keep_alive() if is_connected else nullcontext()
        with self._progress.step(step) as show_detail, alive:
            return self.run(
                ["build", *arguments],
                timeout_s,
                lambda line: _show_step(line, show_detail),
                variables,
            )

    def run(
        self,
        arguments: Sequence[str | Path],
        timeout_s: float,
        on_line: Callable[[str], None] = lambda line: None,
        variables: Mapping[str, str] = {},
    ) -> ProcessResult:
        """Run buildx to its end, with the logins of this run."""
        return run_buildx(
            self._docker_command,
            arguments,
            {**self._client.environment, **variables},
            timeout_s=timeout_s,
            on_line=on_line,
            on_start=self._add_killer,
        )


def parse_warnings(output: bytes) -> tuple[str, ...] | None:
    """Parse the JSON of `--call=check`; return None for other output."""
    try:
        document = json.loads(output)
        return tuple(
            f"{warning['ruleName']}: {warning.get('detail') or warning.get('description')}"
            for warning in document.get("warnings") or ()
        )
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError):
        return None


def _show_step(line: str, show_detail: Callable[[str], None]) -> None:
    match = _STEP_LINE.match(line)
    if match:
        show_detail(match["step"])
