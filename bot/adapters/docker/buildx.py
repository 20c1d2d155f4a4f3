"""BuildKit, through `docker buildx`.

The Docker SDK cannot build with BuildKit, so the command is run; the SDK does the rest.
"""

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from bot.adapters.docker.build_arguments import list_build_arguments, provide_dockerfile
from bot.adapters.docker.build_errors import (
    is_network_failure,
    parse_build_failure,
    tail_log,
)
from bot.adapters.docker.build_files import explain_missing_input, name_input
from bot.adapters.docker.build_hints import add_hint
from bot.adapters.docker.buildx_command import run_buildx
from bot.adapters.docker.buildx_instance import BuildxInstance, find_buildx_instance
from bot.adapters.docker.client_folder import ClientFolder
from bot.adapters.docker.engine import DockerEngine
from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.docker.handed_images import HandedImages
from bot.adapters.docker.image_pins import ImagePinner, describe_base_image
from bot.adapters.docker.login_failures import explain_login
from bot.adapters.docker.preparer import Preparer
from bot.adapters.docker.provided_needs import add_missing, list_provided, provide_needs
from bot.adapters.environment import find_program, make_child_environment
from bot.adapters.process import ProcessResult
from bot.adapters.secret_reader import SecretReader
from bot.errors import EngineUnavailableError, ReviewError
from bot.line.pins import Pins
from bot.line.ports import PreparedCheckout, Progress
from bot.model.failures import FailureKind
from bot.model.image import BaseImage, BuildFailure, BuiltImage
from bot.model.image_location import engine_image
from bot.model.spec import ImageSpec

_STEP_LINE = re.compile(r"#\d+ (?P<step>\[.+)")
# Both builds of an image end before the jobs of docs/, which say nothing when they are killed.
DEFAULT_TIMEOUT_S = 25 * 60


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """Options of every build: a timeout in seconds, and where the values of secrets are read.

    An image with a timeout of its own has that.
    """

    timeout_s: float = DEFAULT_TIMEOUT_S
    secrets: SecretReader = field(default_factory=SecretReader)


class BuildxBuilder:
    """The port `Builder`: one builder for every image of a run."""

    def __init__(
        self,
        handle: EngineHandle,
        environment: Mapping[str, str],
        progress: Progress,
        options: BuildOptions = BuildOptions(),
    ) -> None:
        self._handle, self._progress, self._options = handle, progress, options
        self._environment = make_child_environment(environment)
        self._client = ClientFolder(environment, options.secrets.remember, progress.write_line)
        self._tags: list[str] = []
        self._preparer = Preparer()
        self._pinner = ImagePinner(handle, environment, self._uses_store)
        self._handed = HandedImages(handle, self._uses_store)

    @property
    def _engine(self) -> DockerEngine:
        return self._handle.engine

    @cached_property
    def _docker_command(self) -> str:
        """Return the docker command; raise EngineUnavailableError if there is none."""
        docker = find_program("docker", self._environment)
        if docker is None:
            fix = "install the docker command and its buildx plug-in"
            raise EngineUnavailableError("The docker command is not installed.", fix=fix)
        return docker

    @cached_property
    def _instance(self) -> BuildxInstance:
        return find_buildx_instance(self._run, self._environment)

    def _uses_store(self) -> bool:
        return self._instance.uses_store

    @property
    def description(self) -> str:
        """Return the builder's name and driver."""
        engine, driver = self._engine.version, self._instance
        return (
            f"BuildKit of Docker Engine {engine}, builder {driver.name!r} ({driver.driver} driver)"
        )

    def pin_images(self, names: Sequence[str], platform: str | None) -> Pins:
        """Resolve each external image once a run, for all images and sides alike."""
        return self._pinner.pin_images(names, platform)

    def find_base_image(self, name: str, platform: str | None) -> BaseImage | None:
        """Return an image of the store as it was built or pinned, or read that of the registry."""
        if name in self._tags:
            built = self._engine.find_image(name)
            return describe_base_image(built.attrs) if built else None
        return self._pinner.find_base_image(name, platform)

    def prepare(self, spec: ImageSpec, root: Path, label: str) -> PreparedCheckout | BuildFailure:
        """Run the commands of an image in a container, on a copy of its checkout.

        They get no secret, and the same network as the build.
        """
        preparation = spec.needs.preparation
        pins = self.pin_images((preparation.image,), None) if preparation else Pins()
        timeout_s = spec.needs.timeout_s or self._options.timeout_s
        self._client.log_in(pins)

        def run(step: str, arguments: Sequence[str | Path]) -> ProcessResult:
            flags = ("--progress=plain", "--provenance=false", "--sbom=false")
            return self._try_build(f"{step} for {label}", (*flags, *arguments), timeout_s)

        prepared = self._preparer.prepare(spec, root, pins, run)
        if isinstance(prepared, BuildFailure):
            return explain_login(prepared, self._client.find_login)
        return prepared

    def build(
        self,
        spec: ImageSpec,
        root: Path,
        pins: Pins,
        label: str,
        dockerfile_text: bytes | None = None,
    ) -> BuiltImage | BuildFailure:
        """Build an image from a worktree into the engine's store.

        `label` names it in the progress; `dockerfile_text` replaces the content of the
        Dockerfile.
        """
        missing_input = explain_missing_input(spec, root)
        if missing_input:
            return BuildFailure(missing_input, kind=FailureKind.MISSING_FILE)
        self._handle.sweep()
        tag = self._engine.run.name_build(len(self._tags))
        self._tags.append(tag)
        # Attestations make an index of the image, which has another size
        # (build-push-action#764).
        output = ("--provenance=false", "--sbom=false", "--load", "--tag", tag)
        problems = self._client.log_in(pins)
        with (
            provide_dockerfile(spec, root, dockerfile_text) as file,
            provide_needs(spec.needs, self._options.secrets) as provided,
        ):
            arguments = (
                "--progress=plain",
                *output,
                *provided.arguments,
                *list_build_arguments(spec, root, pins, file),
            )
            timeout_s = spec.needs.timeout_s or self._options.timeout_s
            result = self._try_build(f"build {label}", arguments, timeout_s)
        if result.timed_out:
            return BuildFailure(
                f"the build was stopped after {timeout_s / 60:g} minutes (--build-timeout)",
                tail_log(result.stderr_lines),
                FailureKind.TIME,
            )
        if result.status == 0:
            return BuiltImage(
                engine_image(tag),
                tuple(f"Built although {x}." for x in (*provided.missing, *problems)),
            )
        names = set() if provided.missing else list_provided(spec.needs)
        failure = name_input(parse_build_failure(result, names), spec, root)
        return self._explain_failure(add_missing(failure, provided), spec)

    def _explain_failure(self, failure: BuildFailure, spec: ImageSpec) -> BuildFailure:
        """Return a failure with what lies around the build: an engine that ended, or a hint."""
        if not self._engine.is_alive:
            reason = f"the Docker Engine stopped answering during the build ({failure.reason})"
            return BuildFailure(reason, failure.log, FailureKind.ENGINE)
        failure = explain_login(failure, self._client.find_login)
        return add_hint(failure, spec, self._engine.platform)

    def _try_build(
        self, step: str, arguments: Sequence[str | Path], timeout_s: float
    ) -> ProcessResult:
        """Run one build, and once more after an error of the network, within one time limit."""
        start_time_s = time.monotonic()
        result = self._run_build(step, arguments, timeout_s)
        if result.timed_out or not result.status or not is_network_failure(result.stderr_lines):
            return result
        remaining_s = max(1, timeout_s - (time.monotonic() - start_time_s))
        return self._run_build(f"{step}, again after a network error", arguments, remaining_s)

    def _run_build(
        self, step: str, arguments: Sequence[str | Path], timeout_s: float
    ) -> ProcessResult:
        """Run one build to its end."""
        with self._progress.step(step) as show_detail, self._engine.run.keep_alive():
            return self._run(
                ["build", *arguments], timeout_s, lambda line: _show_step(line, show_detail)
            )

    def check_dockerfile(
        self, spec: ImageSpec, root: Path, pins: Pins, dockerfile_text: bytes | None = None
    ) -> tuple[str, ...] | None:
        """Return the warnings of BuildKit's own checks; None if this buildx has none."""
        if not self._has_checks or explain_missing_input(spec, root):
            return None
        with provide_dockerfile(spec, root, dockerfile_text) as file:
            arguments = ("--call=check,format=json", *list_build_arguments(spec, root, pins, file))
            result = self._run(["build", *arguments], 120)
        return parse_warnings(result.stdout)

    @cached_property
    def _has_checks(self) -> bool:
        """Return True if buildx can check without building (since 0.15)."""
        return "--call" in self._run(["build", "--help"], 60).text

    def _run(
        self,
        arguments: Sequence[str | Path],
        timeout_s: float,
        on_line: Callable[[str], None] = lambda line: None,
    ) -> ProcessResult:
        return run_buildx(
            self._docker_command,
            arguments,
            self._client.environment,
            timeout_s=timeout_s,
            on_line=on_line,
        )

    def make_context(self, built: BuiltImage) -> str:
        """Return a built image as a named context, which lasts until the image is removed."""
        return self._handed.make_context(built.location.name)

    def remove(self, built: BuiltImage) -> None:
        """Untag a built image; the engine deletes it once nothing refers to it.

        A refusal is no error: the image is measured by now, and `close` tries again.
        """
        self._handed.remove(built.location.name)
        with suppress(ReviewError, OSError):
            self._engine.untag(built.location.name)

    def close(self) -> None:
        """Remove every tag and folder of this run, also after an interruption."""
        self._client.close()
        self._preparer.close()
        self._handed.close()
        for name in (*self._tags, *self._pinner.tags):
            self._untag(name)

    def _untag(self, name: str) -> None:
        """Remove a tag, or say that it stays: the report is right nevertheless."""
        try:
            self._engine.untag(name)
        except (ReviewError, OSError) as problem:
            self._engine.run.add_leftover()
            reason = getattr(problem, "what", problem)
            self._progress.write_line(
                f"note: {name} stays in the engine until a later run removes it: {reason}"
            )


def parse_warnings(output: bytes) -> tuple[str, ...] | None:
    """Parse the JSON of `--call=check`; return None for other output."""
    try:
        document = json.loads(output)
        return tuple(
            f"{warning['ruleName']}: {warning.get('detail') or warning.get('description')}"
            for warning in document.get("warnings") or ()
        )
    except (ValueError, KeyError, AttributeError, TypeError):
        return None


def _show_step(line: str, show_detail: Callable[[str], None]) -> None:
    match = _STEP_LINE.match(line)
    if match:
        show_detail(match["step"])
