"""BuildKit, through `docker buildx`.

The Docker SDK cannot build with BuildKit, so the command is run; the SDK does the rest.
"""

import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path

from bot.adapters.checkout_files import read_regular_file
from bot.adapters.docker.build_arguments import list_build_arguments, provide_dockerfile
from bot.adapters.docker.build_caches import BuildCaches, CacheRules
from bot.adapters.docker.build_errors import (
    parse_build_failure,
    tail_log,
)
from bot.adapters.docker.build_files import explain_missing_input, name_input
from bot.adapters.docker.build_hints import add_hint
from bot.adapters.docker.build_outputs import EngineOutput, LayoutOutput, untag
from bot.adapters.docker.build_secrets import (
    ProvidedNeeds,
    add_missing,
    list_provided,
    provide_needs,
)
from bot.adapters.docker.build_turns import BuildTurns
from bot.adapters.docker.buildx_instance import BUILDER_VARIABLE
from bot.adapters.docker.buildx_runs import BuildxRuns, parse_warnings
from bot.adapters.docker.client_folder import ClientFolder
from bot.adapters.docker.engine import CONTAINERD, DockerEngine
from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.docker.handed_images import HandedImages
from bot.adapters.docker.image_pins import ImagePinner
from bot.adapters.docker.login_failures import explain_login
from bot.adapters.docker.parallel_builds import (
    Machine,
    ParallelBuilds,
    find_free_bytes,
    is_stopped,
    may_be_due_to_others,
)
from bot.adapters.docker.preparer import Preparer
from bot.adapters.process import ProcessResult
from bot.adapters.secret_reader import SecretReader
from bot.dockerfile.source_text import MAX_DOCKERFILE_BYTES
from bot.errors import EngineUnavailableError
from bot.image.archives.platforms import detect_host_platform
from bot.line.pins import Pins
from bot.line.ports import Progress
from bot.line.worktree import PreparedCheckout
from bot.model.failures import FailureKind
from bot.model.image import BaseImage, BuildFailure, BuiltImage
from bot.model.spec import ImageSpec

# Attestations make an index of the image, which has another size (build-push-action#764).
_FORM_ARGUMENTS = ("--progress=plain", "--provenance=false", "--sbom=false")
# Both builds of an image end before the jobs of docs/, which say nothing when they are killed.
DEFAULT_TIMEOUT_S = 25 * 60
_BESIDE_ANOTHER = "while another build ran beside it (--jobs 1: one build after another)"


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """Options of every build: a timeout in seconds, and where the values of secrets are read.

    An image with a timeout of its own has that. `caches` says who may write which, `jobs` how many
    images are built at once (None: one after another, both sides of each at once where the machine
    has room). `builder` is the name of a builder that the caller gives, and `config_builder` that
    of the configuration file, for want of another (None: the one in use). `loads` is True if images
    are started afterwards.
    """

    timeout_s: float = DEFAULT_TIMEOUT_S
    secrets: SecretReader = field(default_factory=SecretReader)
    caches: CacheRules = CacheRules()
    jobs: int | None = None
    builder: str | None = None
    config_builder: str | None = None
    loads: bool = False


@dataclass(frozen=True, slots=True)
class _BuildRequest:
    """The arguments of `BuildxBuilder.build`."""

    spec: ImageSpec
    root: Path
    pins: Pins
    label: str
    dockerfile_text: bytes | None


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
        # As for docker's own settings: the command line, the environment, then a file.
        name = options.builder or environment.get(BUILDER_VARIABLE) or options.config_builder
        self._is_named = bool(name)
        if name:
            environment = {**environment, BUILDER_VARIABLE: name}
        self._client = ClientFolder(environment, options.secrets.remember, progress.write_warning)
        self._runs = BuildxRuns(handle, environment, progress, self._client)
        self._turns = BuildTurns()
        self.parallel_builds = ParallelBuilds(options.jobs, self._find_machine, progress.write_line)
        self._retries, self._was_stopped_alone = threading.Lock(), False
        self._preparer = Preparer()
        self._pinner = ImagePinner(handle, environment, self._uses_store, self._find_own_platform)
        self._caches = BuildCaches(
            options.caches, environment, progress.write_line, self._has_engine_store
        )
        options.secrets.remember(filter(None, [self._caches.token]))

    @property
    def _engine(self) -> DockerEngine:
        return self._handle.engine

    def _uses_store(self) -> bool:
        return self._runs.instance.uses_store

    def _has_engine_store(self) -> bool:
        return self._uses_store() and self._engine.storage_driver != CONTAINERD

    @cached_property
    def _output(self) -> EngineOutput | LayoutOutput:
        """Return the place of the images: the engine, if the builder writes to it.

        Images of another builder are loaded into it if they are to be started, or if nobody has
        named the builder, and an engine is there. Raises EngineUnavailableError if neither the
        builder nor the engine can be used.
        """
        problem = None if self._is_named else self._find_engine_problem()
        try:
            uses_store = self._uses_store()
        except EngineUnavailableError as mistake:
            raise (problem or mistake) from None
        if problem and uses_store:
            raise problem
        is_loaded = self._options.loads or not self._is_named
        if not uses_store and (not is_loaded or self._find_engine_problem() is not None):
            return LayoutOutput()
        handed = HandedImages(self._handle, self._uses_store)
        return EngineOutput(self._handle, handed, self._progress)

    def _find_engine_problem(self) -> EngineUnavailableError | None:
        try:
            self._handle.connect()
        except EngineUnavailableError as problem:
            return problem
        return None

    def _find_own_platform(self) -> str:
        """Return the platform of a builder that needs no engine; empty for others."""
        if isinstance(self._output, EngineOutput):
            return ""
        return self._runs.instance.platform or detect_host_platform()

    @property
    def description(self) -> str:
        """Return the builder's name and driver."""
        # First: an engine that does not answer is a plainer error than a builder without it.
        output = self._output
        driver = self._runs.instance
        name = f"builder {driver.name!r} ({driver.driver} driver)"
        if isinstance(output, LayoutOutput):
            return f"BuildKit, {name}"
        return f"BuildKit of {self._engine.product} {self._engine.version}, {name}"

    def pin_images(self, names: Sequence[str], platform: str | None) -> Pins:
        """Resolve each external image once in a run, for all images and both sides."""
        with self._turns.lock:
            return self._pinner.pin_images(names, platform)

    def _find_machine(self) -> Machine:
        if isinstance(self._output, EngineOutput):
            return Machine(find_free_bytes(self._engine.data_root), self._engine.info)
        return Machine(find_free_bytes(tempfile.gettempdir()))

    def stop(self) -> None:
        """End the builds that run."""
        self._runs.stop()

    def pin_digests(self, digests: Mapping[str, str], platform: str | None) -> Pins:
        """Pin external images at digests that they had before, as far as they can be had."""
        with self._turns.lock:
            return self._pinner.pin_digests(digests, platform)

    def find_base_image(self, name: str, platform: str | None) -> BaseImage | None:
        """Return an image of the store as it was built or pinned, or read that of the registry."""
        if self._output.has_built(name):
            return self._output.find_base_image(name)
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
            arguments = (*_FORM_ARGUMENTS, *arguments)
            return self._runs.try_build(f"{step} for {label}", arguments, timeout_s)

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
        """Build an image from a worktree into the engine's store, or into a folder.

        `label` names it in the progress; `dockerfile_text` replaces the content of the
        Dockerfile.
        """
        missing_input = explain_missing_input(spec, root)
        if missing_input:
            return BuildFailure(missing_input, kind=FailureKind.MISSING_FILE)
        request = _BuildRequest(spec, root, pins, label, dockerfile_text)
        outcome, was_beside_others = self._build_once(request)
        if was_beside_others and may_be_due_to_others(outcome):
            return self._build_alone(request, outcome)
        return outcome

    def _build_alone(
        self, request: _BuildRequest, failed: BuiltImage | BuildFailure
    ) -> BuiltImage | BuildFailure:
        """Run a build again that failed beside another one; the steps before are cached.

        Two builds at once share memory, the folders of cache mounts, and ports: what fails for want
        of these does not fail alone.
        """
        with self._retries:
            # If the other one was stopped alone as well, time is not what they lack.
            if self._was_stopped_alone and is_stopped(failed):
                return failed
            label = f"{request.label}, again without another build beside it"
            outcome, _ = self._build_once(replace(request, label=label), alone=True)
            self._was_stopped_alone |= is_stopped(outcome)
            return outcome

    def _build_once(
        self, request: _BuildRequest, *, alone: bool = False
    ) -> tuple[BuiltImage | BuildFailure, bool]:
        """Run one build; return what came of it, and if another one ran beside it."""
        spec, root, pins = request.spec, request.root, request.pins
        with self._turns.lock:
            location, output = self._output.begin()
        timeout_s = spec.needs.timeout_s or self._options.timeout_s
        with (
            self._turns.take(
                partial(self._client.has_other_logins, pins),
                partial(self._client.log_in, pins),
                alone=alone,
            ) as turn,
            provide_dockerfile(spec, root, request.dockerfile_text) as file,
            provide_needs(spec.needs, self._options.secrets) as provided,
        ):
            text = read_regular_file(file, file.parent, MAX_DOCKERFILE_BYTES)
            writes = request.dockerfile_text is None
            caches = self._caches.provide(spec, text, writes=writes)
            arguments = (
                *_FORM_ARGUMENTS,
                *output,
                *provided.arguments,
                *caches.arguments,
                *list_build_arguments(spec, root, pins, file),
            )
            step = f"build {request.label}"
            result = self._runs.try_build(step, arguments, timeout_s, caches.variables)
        if result.status == 0:
            problems = (*provided.missing, *turn.begun)
            notes = tuple(f"Built although {problem}." for problem in problems)
            return BuiltImage(location, notes), turn.was_beside_others
        failure = self._explain(request, result, provided)
        if result.timed_out and turn.was_beside_others:
            failure = replace(failure, reason=f"{failure.reason}, {_BESIDE_ANOTHER}")
        return failure, turn.was_beside_others

    def _explain(
        self, request: _BuildRequest, result: ProcessResult, provided: ProvidedNeeds
    ) -> BuildFailure:
        """Return why a build failed, or was stopped."""
        spec = request.spec
        if result.timed_out:
            minutes = (spec.needs.timeout_s or self._options.timeout_s) / 60
            reason = f"the build was stopped after {minutes:g} minutes (--build-timeout)"
            return BuildFailure(reason, tail_log(result.stderr_lines), FailureKind.TIME)
        # Of a build that lacks one of its secrets, a failure may be due to that whatever it says.
        names = set() if provided.missing else list_provided(spec.needs)
        failure = name_input(parse_build_failure(result, names), spec, request.root)
        return self._explain_failure(add_missing(failure, provided), spec)

    def _explain_failure(self, failure: BuildFailure, spec: ImageSpec) -> BuildFailure:
        """Return a failure with what lies around the build: an engine that ended, or a hint."""
        uses_engine = isinstance(self._output, EngineOutput)
        if uses_engine and not self._engine.is_alive:
            reason = f"the Docker Engine stopped answering during the build ({failure.reason})"
            return BuildFailure(reason, failure.log, FailureKind.ENGINE)
        failure = explain_login(failure, self._client.find_login)
        return add_hint(failure, spec, self._find_own_platform() or self._engine.platform)

    def check_dockerfile(
        self, spec: ImageSpec, root: Path, pins: Pins, dockerfile_text: bytes | None = None
    ) -> tuple[str, ...] | None:
        """Return the warnings of BuildKit's own checks; None if this buildx has none."""
        if not self._runs.has_checks or explain_missing_input(spec, root):
            return None
        with provide_dockerfile(spec, root, dockerfile_text) as file:
            arguments = ("--call=check,format=json", *list_build_arguments(spec, root, pins, file))
            result = self._runs.run(["build", *arguments], 120)
        return parse_warnings(result.stdout)

    def make_context(self, built: BuiltImage) -> str:
        """Return a built image as a named context, which lasts until the image is removed."""
        with self._turns.lock:
            return self._output.make_context(built.location)

    def remove(self, built: BuiltImage) -> None:
        """Remove a built image; the engine deletes it once nothing refers to it.

        A refusal is no error: the image is measured by now, and `close` tries again.
        """
        self._output.remove(built.location)

    def close(self) -> None:
        """Remove every tag and folder of this run, also after an interruption."""
        self._client.close()
        self._preparer.close()
        if "_output" in self.__dict__:
            self._output.close()
        for name in self._pinner.tags:
            untag(self._handle, name, self._progress)
