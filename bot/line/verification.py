"""Proves candidates: built on the same builder, measured, checked, and started beside the old image.

What cannot be done is said in the proof's log, and then nothing is verified.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from bot.dockerfile.build_context import BuildContext
from bot.errors import InputError
from bot.image.elf.dynamic_linker import ElfInfo
from bot.image.elf.elf_reader import read_elf
from bot.image.elf.loader_config import read_loader_config
from bot.image.filesystem.contents import ImageContents
from bot.image.filesystem.package_files import map_files_to_packages
from bot.image.filesystem.paths import PathResolver
from bot.line.ports import ContainerRunner, ImageInspector
from bot.line.production import MeasuredImage, Producer, Production
from bot.model.candidate import Candidate, Probe
from bot.model.container_config import ContainerConfig
from bot.model.container_run import ContainerRun
from bot.model.image import BuildFailure, BuiltImage, Image, MeasureFailure
from bot.model.proof import OWN_COMMAND_LABEL, Proof, Regression, RegressionKind
from bot.model.suggestion import StartResult
from bot.verify.command_line_probes import is_usage_message, list_help_commands
from bot.verify.image_pair import ImagePair, OpenImage
from bot.verify.probes import make_probes
from bot.verify.run_checks import check_all
from bot.verify.run_differences import compare_runs, get_last_lines, inconclusive_reason

_START_TIMEOUT_S = 12.0  # seconds that a command may take until it listens or ends
_SERVER_START_TIMEOUT_S = 45.0
_PROBE_TIMEOUT_S = 60.0
_SIZE_TOLERANCE_RATIO = 0.01
_MIN_STEP_TIME_S = 5.0  # seconds without which nothing is begun any more


@dataclass(frozen=True)
class VerifierTools:
    """What proving needs of the outside. `script` reads a text as a shell would; `clock` is in
    seconds and never goes back."""

    producer: Producer
    inspector: ImageInspector
    container_runner: ContainerRunner
    clock: Callable[[], float]


@dataclass
class _ProofDraft:
    """What comes up while one candidate is tried."""

    candidate: Candidate
    log: list[str] = field(default_factory=list)
    regressions: list[Regression] = field(default_factory=list)
    skipped_steps: list[str] = field(default_factory=list)
    comparison_count: int = 0
    differs: bool = False

    def skip_step(self, step: str, reason: str) -> None:
        """A step that was not done, for which nothing can be verified."""
        self.skipped_steps.append(step)
        self.log.append(f"{step}: not run, {reason}")

    def make_proof(
        self, *, built: bool = True, image: Image | None = None, saving_bytes: int | None = None
    ) -> Proof:
        """The proof, of what is known by now."""
        return Proof(
            candidate=self.candidate,
            built=built,
            started=self._compare_starts(),
            image=image,
            saving_bytes=saving_bytes,
            regressions=tuple(self.regressions),
            skipped_steps=tuple(self.skipped_steps),
            log=tuple(self.log),
        )

    def _compare_starts(self) -> StartResult:
        if self.differs:
            return StartResult.DIFFERS
        return StartResult.SAME if self.comparison_count else StartResult.NOT_RUN


class Verifier:
    """Tries candidates for one image, one after another; what the old image does is found out once."""

    def __init__(
        self,
        tools: VerifierTools,
        production: Production,
        measured: MeasuredImage,
        context: BuildContext,
        minutes: float,
    ) -> None:
        """`measured` is the production's image; all candidates together may take `minutes`."""
        self._tools, self._old, self._context = tools, production, context
        self._old_image, self._reference = measured.image, measured.reference
        self._deadline = tools.clock() + 60 * minutes
        self._old_runs: dict[tuple[tuple[str, ...], int], ContainerRun] = {}
        self._elf_cache: dict[str, ElfInfo | None] = {}

    def verify(self, candidate: Candidate) -> Proof:
        """Return everything that can be found out about a candidate, cheap steps first."""
        draft = _ProofDraft(candidate)
        if not self._has_time("build", draft):
            return draft.make_proof(built=False)
        producer, old_source = self._tools.producer, self._old.source
        plan = producer.parse_plan(old_source.spec, candidate.dockerfile)
        if plan is None:
            draft.regressions.append(
                Regression(RegressionKind.BUILD, "Dockerfile", "It cannot be read.")
            )
            return draft.make_proof(built=False)
        source = replace(
            old_source,
            plan=plan,
            label=f"{old_source.label}, {candidate.rule}",
            dockerfile_text=candidate.dockerfile,
        )
        pins = producer.pin(source).merge(self._old.pins)
        with producer.produce([source], pins) as (production,):
            return self._verify_production(production, draft)

    def _verify_production(self, production: Production, draft: _ProofDraft) -> Proof:
        result, built = production.result, production.built
        if isinstance(result, BuildFailure):
            draft.log += ["build: failed", *result.log[-8:]]
            detail = "\n".join(result.log)
            draft.regressions.append(
                Regression(RegressionKind.BUILD, result.reason, result.reason, detail=detail)
            )
            return draft.make_proof(built=False)
        draft.log.append("build: done")
        self._compare_build_checks(production, draft)
        if isinstance(result, MeasureFailure):
            draft.skip_step("measurement", result.reason)
        if built is None or not isinstance(result, Image):
            return draft.make_proof()
        return self._verify_measured(built, result, draft)

    def _verify_measured(self, built: BuiltImage, image: Image, draft: _ProofDraft) -> Proof:
        saving = self._old_image.unpacked_bytes - image.unpacked_bytes
        draft.log.append(f"size: {image.unpacked_bytes:,} bytes, {saving:,} less")
        draft.regressions += _check_size(draft.candidate, self._old_image, saving)
        if draft.regressions:
            draft.skip_step("checks and start", "since it is out of the question already")
            return draft.make_proof(image=image, saving_bytes=saving)
        try:
            with self._open_pair(image, built, draft.candidate) as exhibit:
                self._run_checks(exhibit, draft)
                if draft.regressions:
                    draft.skip_step("start", "since the checks speak against it")
                else:
                    self._compare_containers(exhibit, built, draft)
        except OSError as problem:
            draft.skip_step("the rest", str(problem))
        return draft.make_proof(image=image, saving_bytes=saving)

    def _compare_build_checks(self, production: Production, draft: _ProofDraft) -> None:
        """BuildKit's own checks, where buildx offers them: nothing new may come up."""
        source, pins, builder = production.source, production.pins, self._tools.producer.builder
        spec, root = source.spec, source.checkout
        before = builder.check_dockerfile(spec, root, pins)
        after = builder.check_dockerfile(spec, root, pins, source.dockerfile_text)
        if before is None or after is None:
            draft.log.append("BuildKit's checks: not offered by this buildx")
            return
        new = [warning for warning in after if warning not in before]
        draft.log.append(f"BuildKit's checks: {len(new)} new warnings")
        draft.regressions += [Regression(RegressionKind.BUILD, text, text) for text in new]

    @contextmanager
    def _open_pair(
        self, image: Image, built: BuiltImage, candidate: Candidate
    ) -> Iterator[ImagePair]:
        """Both images, open."""
        looks = self._tools.inspector
        base = self._read_base_settings()
        with looks.open_files(self._reference) as old, looks.open_files(built.reference) as new:
            yield ImagePair(
                replace(
                    self._open_image(self._old_image, looks.read_settings(self._reference), old),
                    base_settings=base,
                    context=self._context,
                ),
                self._open_image(image, looks.read_settings(built.reference), new),
                candidate,
                self._tools.producer.parser.parse_script,
            )

    def _read_base_settings(self) -> ContainerConfig | None:
        """How the old base image wants to be run; None where the engine does not have it."""
        try:
            return (
                self._tools.inspector.read_settings(self._old.base_reference)
                if self._old.base_reference
                else None
            )
        except InputError:
            return None

    def _open_image(
        self, image: Image, settings: ContainerConfig, files: ImageContents
    ) -> OpenImage:
        def elf(path: str) -> ElfInfo | None:
            entry = image.tree.get(path)
            key = f"{image.hash_algorithm}:{entry.content_hash}:{entry.size}" if entry else path
            if entry is None or not entry.content_hash:
                return read_elf(files.read(path) or b"")
            if key not in self._elf_cache:
                self._elf_cache[key] = read_elf(files.read(path) or b"")
            return self._elf_cache[key]

        paths = PathResolver(image.tree, image.directories)
        owned = map_files_to_packages(files.read_below, paths, image.tree.values())
        places = read_loader_config(files.read, settings.env)
        return OpenImage(image, settings, files, elf, places, owned)

    def _run_checks(self, pair: ImagePair, draft: _ProofDraft) -> None:
        for name, found in check_all(pair):
            draft.log.append(f"{name}: {_count_regressions(found)}")
            draft.regressions += found

    def _compare_containers(self, pair: ImagePair, built: BuiltImage, draft: _ProofDraft) -> None:
        """The command, its questions, the probes and the smoke test, in both images."""
        self._compare_own_command(pair, built, draft)
        for probe in make_probes(pair):
            if draft.regressions or not self._has_time(probe.description, draft):
                return
            self._compare_probe(built, probe, draft)
        smoke = self._old.source.spec.smoke_test
        if smoke and not draft.regressions and self._has_time("smoke test", draft):
            self._compare_runs(built, "smoke test", smoke, draft, must_succeed=True)

    def _compare_own_command(self, pair: ImagePair, built: BuiltImage, draft: _ProofDraft) -> None:
        settings = pair.old.settings
        if not settings.command_line:
            draft.skip_step("start", "the image has no command")
            return
        # Both images must have had time to show what they do.
        if not self._has_time("start", draft, 2 * _START_TIMEOUT_S):
            return
        # A server may take its time; one that has told what it does is not waited for.
        ports = any(port.endswith("/tcp") for port in settings.exposed_ports)
        patience = _SERVER_START_TIMEOUT_S if ports or settings.health_check else _START_TIMEOUT_S
        old = self._run_old((), patience)
        lame = inconclusive_reason(old, exposes_ports=ports)
        asked = self._compare_help_output(pair, built, draft) if old.exit_code is not None else 0
        if not lame:
            self._compare_runs(
                built, OWN_COMMAND_LABEL, (), draft, must_succeed=True, timeout_s=patience
            )
        elif asked and not settings.exposed_ports and is_usage_message(old.output):
            self._compare_runs(
                built, f"{OWN_COMMAND_LABEL} without arguments", (), draft, expects_failure=True
            )
        elif self._old.source.spec.smoke_test:
            draft.log.append(
                f"{OWN_COMMAND_LABEL}: not run, the old image does not run by itself ({lame})"
            )
        else:
            draft.comparison_count = 0
            draft.skip_step("start", f"the old image does not run by itself here ({lame})")
            draft.log += get_last_lines(old.output).splitlines()[-3:]

    def _compare_help_output(self, pair: ImagePair, built: BuiltImage, draft: _ProofDraft) -> int:
        """Asks the program for its version and its help, where the old one has them."""
        asked = 0
        for arguments in list_help_commands(pair.old.settings):
            old = self._run_old(arguments)
            if (
                old.exit_code == 0
                and not old.start_error
                and old.output.strip()
                and not draft.regressions
            ):
                self._compare_runs(built, f"`{arguments[-1]}`", arguments, draft)
                asked += 1
        return asked

    def _compare_probe(self, built: BuiltImage, probe: Probe, draft: _ProofDraft) -> None:
        old = self._run_old(probe.arguments, _PROBE_TIMEOUT_S)
        if old.exit_code != 0 or old.start_error:
            draft.log.append(f"{probe.description}: not run, the old image cannot do it")
            return
        self._compare_runs(
            built,
            probe.description,
            probe.arguments,
            draft,
            timeout_s=_PROBE_TIMEOUT_S,
            counts_as_start=False,
        )

    def _compare_runs(
        self,
        built: BuiltImage,
        step: str,
        arguments: Sequence[str],
        draft: _ProofDraft,
        *,
        must_succeed: bool = False,
        expects_failure: bool = False,
        counts_as_start: bool = True,
        timeout_s: float = _START_TIMEOUT_S,
    ) -> None:
        """Runs the same in both. What `must` work and does not in the old image proves nothing;
        `fails` says that it is known to end badly."""
        old = self._run_old(tuple(arguments), timeout_s)
        if must_succeed and (old.start_error or old.exit_code not in {None, 0}):
            draft.skip_step(
                step, f"the old image ends with status {old.exit_code} {old.start_error}".strip()
            )
            return
        longer = max(timeout_s, 2 * old.seconds + 5)
        new = self._tools.container_runner.run(
            built.reference, self._reference, arguments, min(longer, self._get_remaining_s())
        )
        found = tuple(compare_runs(step, old, new))
        if found:
            again = self._run_old(tuple(arguments), timeout_s, 1)
            found = tuple(compare_runs(step, old, new, again))
        draft.log.append(f"{step}: {'differs' if found else _describe_run(new)}")
        draft.regressions += found
        draft.differs = draft.differs or bool(found)
        draft.comparison_count += counts_as_start and (
            not expects_failure or draft.comparison_count > 0
        )

    def _run_old(
        self, arguments: tuple[str, ...], timeout_s: float = _START_TIMEOUT_S, attempt: int = 0
    ) -> ContainerRun:
        """What the old image does, found out once; `number` 1 is another time."""
        key = (arguments, attempt)
        if key not in self._old_runs:
            name = self._reference
            self._old_runs[key] = self._tools.container_runner.run(name, name, arguments, timeout_s)
        return self._old_runs[key]

    def _get_remaining_s(self) -> float:
        return max(self._deadline - self._tools.clock(), 1.0)

    def _has_time(self, step: str, draft: _ProofDraft, seconds: float = _MIN_STEP_TIME_S) -> bool:
        if self._deadline - self._tools.clock() > seconds:
            return True
        draft.skip_step(step, "the time for proving was over")
        return False


def _check_size(candidate: Candidate, old_image: Image, saving_bytes: int) -> Iterator[Regression]:
    """One that is worth having at the same size may differ by as much as two builds of one program."""
    if candidate.must_shrink and saving_bytes <= 0:
        yield Regression(RegressionKind.SIZE, "size", "It is not smaller.")
    elif -saving_bytes > _SIZE_TOLERANCE_RATIO * old_image.unpacked_bytes:
        yield Regression(RegressionKind.SIZE, "size", "It is larger.")


def _describe_run(run: ContainerRun) -> str:
    """What a run that was the same came to."""
    if run.exit_code is not None:
        return f"same, exit status {run.exit_code}"
    ports: Mapping[int, object] = {port: run.responses[port].status for port in run.responses}
    shown = ", ".join(f"{port} answers {status or 'no HTTP'}" for port, status in ports.items())
    return f"same, it runs{'; port ' + shown if shown else ''}"


def _count_regressions(regressions: Sequence[Regression]) -> str:
    return "nothing against it" if not regressions else f"{len(regressions)} objections"
