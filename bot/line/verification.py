"""Proves candidates: built on the same builder, measured, checked, and started beside the old image.

What cannot be done is said in the proof's log, and then nothing is verified.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.dockerfile.build_context import Context
from bot.dockerfile.shell_script import Script
from bot.dockerfile.stages import Dockerfile
from bot.errors import BadInput
from bot.image.elf.dynamic_linker import Elf
from bot.image.elf.loader_config import read_places
from bot.image.elf.reader import read_elf
from bot.image.filesystem.contents import Contents
from bot.image.filesystem.package_files import installed
from bot.image.filesystem.paths import Paths
from bot.line.measurer import Measurer
from bot.line.ports import Builder, Looks, Parser, Pins, Starter
from bot.model.candidate import Candidate, Probe
from bot.model.container_config import Settings
from bot.model.container_run import Run
from bot.model.image import BuildFailed, Built, Image, Unmeasured
from bot.model.proof import OWN_COMMAND, Lesson, Objection, Proof
from bot.model.spec import ImageSpec
from bot.verify.command_line_probes import asks_for_use, questions
from bot.verify.image_pair import Exhibit, Piece
from bot.verify.probes import probes
from bot.verify.run_checks import check_all
from bot.verify.run_differences import compare, proves_nothing, tail

_PATIENCE = 12.0  # seconds that a command may take until it listens or ends
_SERVER_PATIENCE = 45.0
_PROBE_PATIENCE = 60.0
_SAME_SIZE = 0.01
_LEAST = 5.0  # seconds without which nothing is begun any more


@dataclass(frozen=True)
class Workshop:
    """What proving needs of the outside. `script` reads a text as a shell would; `clock` is in
    seconds and never goes back."""

    builder: Builder
    measurer: Measurer
    parser: Parser
    looks: Looks
    starter: Starter
    script: Callable[[str], Script]
    clock: Callable[[], float]


@dataclass(frozen=True)
class Trial:
    """What is to be replaced: the image as it is (`reference` is its name in the engine, `base` that
    of its base image, if it is there), how it was built, and how long all candidates may take
    (`deadline`, by the workshop's clock)."""

    image: Image
    reference: str
    spec: ImageSpec
    root: Path
    pins: Pins
    label: str
    deadline: float
    base: str | None = None
    smoke_test: tuple[str, ...] = ()
    context: Context = field(default_factory=Context)


@dataclass
class _Notes:
    """What comes up while one candidate is tried."""

    candidate: Candidate
    log: list[str] = field(default_factory=list)
    objections: list[Objection] = field(default_factory=list)
    undone: list[str] = field(default_factory=list)
    compared: int = 0
    differs: bool = False

    def skip(self, step: str, reason: str) -> None:
        """A step that was not done, for which nothing can be verified."""
        self.undone.append(step)
        self.log.append(f"{step}: not run, {reason}")

    def proof(
        self, *, built: bool = True, image: Image | None = None, saving: int | None = None
    ) -> Proof:
        """The proof, of what is known by now."""
        started = "differs" if self.differs else "same" if self.compared else "not-run"
        complete = built and image is not None and not self.undone and not self.objections
        return Proof(
            candidate=self.candidate,
            built=built,
            started=started,
            verified=complete and started == "same",
            image=image,
            unpacked_bytes=image.unpacked_bytes if image else None,
            saving=saving,
            objections=tuple(self.objections),
            log=tuple(self.log),
        )


class Prover:
    """Tries candidates for one image, one after another; what the old image does is found out once."""

    def __init__(self, workshop: Workshop, case: Trial) -> None:
        """Does nothing yet."""
        self._shop, self._case = workshop, case
        self._runs: dict[tuple[tuple[str, ...], int], Run] = {}
        self._elves: dict[str, Elf | None] = {}

    def prove(self, candidate: Candidate) -> Proof:
        """Everything there is to find out about a candidate, cheap things first."""
        notes = _Notes(candidate)
        if not self._has_time("build", notes):
            return notes.proof(built=False)
        dockerfile = self._parse(candidate)
        if dockerfile is None:
            notes.objections.append(Objection(Lesson.BUILD, "Dockerfile", "It cannot be read."))
            return notes.proof(built=False)
        pins = self._pins(dockerfile)
        spec, root = self._case.spec, self._case.root
        label = f"{self._case.label}, {candidate.rule}"
        built = self._shop.builder.build(spec, root, pins, label, candidate.dockerfile)
        if isinstance(built, BuildFailed):
            notes.log += ["build: failed", *built.log[-8:]]
            notes.objections.append(
                Objection(Lesson.BUILD, built.reason, built.reason, detail="\n".join(built.log))
            )
            return notes.proof(built=False)
        try:
            notes.log.append("build: done")
            return self._examine(built, dockerfile, pins, notes)
        finally:
            self._shop.builder.discard(built)

    def _examine(self, built: Built, dockerfile: Dockerfile, pins: Pins, notes: _Notes) -> Proof:
        """A candidate that was built."""
        self._buildkit(pins, notes)
        image = self._measure(built, dockerfile, pins, notes)
        if image is None:
            return notes.proof()
        saving = self._case.image.unpacked_bytes - image.unpacked_bytes
        notes.log.append(f"size: {image.unpacked_bytes:,} bytes, {saving:,} less")
        notes.objections += _on_size(notes.candidate, self._case.image, saving)
        if notes.objections:
            notes.skip("checks and start", "since it is out of the question already")
            return notes.proof(image=image, saving=saving)
        try:
            with self._exhibit(image, built, notes.candidate) as exhibit:
                self._check(exhibit, notes)
                if notes.objections:
                    notes.skip("start", "since the checks speak against it")
                else:
                    self._start(exhibit, built, notes)
        except OSError as problem:
            notes.skip("the rest", str(problem))
        return notes.proof(image=image, saving=saving)

    def _parse(self, candidate: Candidate) -> Dockerfile | None:
        try:
            return self._shop.parser.parse(candidate.dockerfile)
        except ValueError:
            return None

    def _pins(self, dockerfile: Dockerfile) -> Pins:
        """Those of the old build, and what the candidate's Dockerfile names besides."""
        spec = self._case.spec
        names = dockerfile.foreign_images(spec.target, spec.build_args)
        found, known = self._shop.builder.pin(names, spec.platform), self._case.pins
        return Pins(
            {**found.resolved, **known.resolved},
            {**found.layers, **known.layers},
            {**found.unresolved, **known.unresolved},
        )

    def _buildkit(self, pins: Pins, notes: _Notes) -> None:
        """BuildKit's own checks, where buildx offers them: nothing new may come up."""
        spec, root, builder = self._case.spec, self._case.root, self._shop.builder
        before = builder.warnings(spec, root, pins)
        after = builder.warnings(spec, root, pins, notes.candidate.dockerfile)
        if before is None or after is None:
            notes.log.append("BuildKit's checks: not offered by this buildx")
            return
        new = [warning for warning in after if warning not in before]
        notes.log.append(f"BuildKit's checks: {len(new)} new warnings")
        notes.objections += [Objection(Lesson.BUILD, text, text) for text in new]

    def _measure(
        self, built: Built, dockerfile: Dockerfile, pins: Pins, notes: _Notes
    ) -> Image | None:
        spec = self._case.spec
        base = dockerfile.base_of(spec.target, spec.build_args)
        measured = self._shop.measurer.measure(
            built.reference,
            spec.name,
            dockerfile.shipped(spec.target, spec.build_args),
            pins.layers.get(base or ""),
            label=f"{self._case.label}, {notes.candidate.rule}",
            platform=None,
        )
        if isinstance(measured, Unmeasured):
            notes.skip("measurement", measured.reason)
            return None
        return measured

    @contextmanager
    def _exhibit(self, image: Image, built: Built, candidate: Candidate) -> Iterator[Exhibit]:
        """Both images, open."""
        looks, case = self._shop.looks, self._case
        base = self._base_settings()
        with looks.files(case.reference) as old, looks.files(built.reference) as new:
            yield Exhibit(
                replace(
                    self._piece(case.image, looks.settings(case.reference), old),
                    base=base,
                    context=case.context,
                ),
                self._piece(image, looks.settings(built.reference), new),
                candidate,
                self._shop.script,
            )

    def _base_settings(self) -> Settings | None:
        """How the old base image wants to be run; None where the engine does not have it."""
        try:
            return self._shop.looks.settings(self._case.base) if self._case.base else None
        except BadInput:
            return None

    def _piece(self, image: Image, settings: Settings, files: Contents) -> Piece:
        def elf(path: str) -> Elf | None:
            entry = image.tree.get(path)
            key = f"{image.identity}:{entry.content}:{entry.size}" if entry else path
            if entry is None or not entry.content:
                return read_elf(files.read(path) or b"")
            if key not in self._elves:
                self._elves[key] = read_elf(files.read(path) or b"")
            return self._elves[key]

        paths = Paths(image.tree, image.directories)
        owned = installed(files.below, paths, image.tree.values())
        places = read_places(files.read, settings.env)
        return Piece(image, settings, files, elf, places, owned)

    def _check(self, exhibit: Exhibit, notes: _Notes) -> None:
        for name, found in check_all(exhibit):
            notes.log.append(f"{name}: {_count(found)}")
            notes.objections += found

    def _start(self, exhibit: Exhibit, built: Built, notes: _Notes) -> None:
        """The command, its questions, the probes and the smoke test, in both images."""
        self._own_command(exhibit, built, notes)
        for probe in probes(exhibit):
            if notes.objections or not self._has_time(probe.what, notes):
                return
            self._probe(built, probe, notes)
        smoke = self._case.smoke_test
        if smoke and not notes.objections and self._has_time("smoke test", notes):
            self._compare(built, "smoke test", smoke, notes, must=True)

    def _own_command(self, exhibit: Exhibit, built: Built, notes: _Notes) -> None:
        settings = exhibit.old.settings
        if not settings.arguments:
            notes.skip("start", "the image has no command")
            return
        # Both images must have had time to show what they do.
        if not self._has_time("start", notes, 2 * _PATIENCE):
            return
        # A server may take its time; one that has told what it does is not waited for.
        ports = any(port.endswith("/tcp") for port in settings.ports)
        patience = _SERVER_PATIENCE if ports or settings.health else _PATIENCE
        old = self._old((), patience)
        lame = proves_nothing(old, exposes=ports)
        asked = self._ask(exhibit, built, notes) if old.exit is not None else 0
        if not lame:
            self._compare(built, OWN_COMMAND, (), notes, must=True, patience=patience)
        elif asked and not settings.ports and asks_for_use(old.output):
            self._compare(built, f"{OWN_COMMAND} without arguments", (), notes, fails=True)
        elif self._case.smoke_test:
            notes.log.append(
                f"{OWN_COMMAND}: not run, the old image does not run by itself ({lame})"
            )
        else:
            notes.compared = 0
            notes.skip("start", f"the old image does not run by itself here ({lame})")
            notes.log += tail(old.output).splitlines()[-3:]

    def _ask(self, exhibit: Exhibit, built: Built, notes: _Notes) -> int:
        """Asks the program for its version and its help, where the old one has them."""
        asked = 0
        for arguments in questions(exhibit.old.settings):
            old = self._old(arguments)
            if old.exit == 0 and not old.problem and old.output.strip() and not notes.objections:
                self._compare(built, f"`{arguments[-1]}`", arguments, notes)
                asked += 1
        return asked

    def _probe(self, built: Built, probe: Probe, notes: _Notes) -> None:
        old = self._old(probe.arguments, _PROBE_PATIENCE)
        if old.exit != 0 or old.problem:
            notes.log.append(f"{probe.what}: not run, the old image cannot do it")
            return
        self._compare(
            built, probe.what, probe.arguments, notes, patience=_PROBE_PATIENCE, counts=False
        )

    def _compare(
        self,
        built: Built,
        what: str,
        arguments: Sequence[str],
        notes: _Notes,
        *,
        must: bool = False,
        fails: bool = False,
        counts: bool = True,
        patience: float = _PATIENCE,
    ) -> None:
        """Runs the same in both. What `must` work and does not in the old image proves nothing;
        `fails` says that it is known to end badly."""
        old = self._old(tuple(arguments), patience)
        if must and (old.problem or old.exit not in {None, 0}):
            notes.skip(what, f"the old image ends with status {old.exit} {old.problem}".strip())
            return
        longer = max(patience, 2 * old.seconds + 5)
        new = self._shop.starter.start(
            built.reference, self._case.reference, arguments, min(longer, self._left())
        )
        found = tuple(compare(what, old, new))
        if found:
            again = self._old(tuple(arguments), patience, 1)
            found = tuple(compare(what, old, new, again))
        notes.log.append(f"{what}: {'differs' if found else _said(new)}")
        notes.objections += found
        notes.differs = notes.differs or bool(found)
        notes.compared += counts and (not fails or notes.compared > 0)

    def _old(self, arguments: tuple[str, ...], patience: float = _PATIENCE, number: int = 0) -> Run:
        """What the old image does, found out once; `number` 1 is another time."""
        key = (arguments, number)
        if key not in self._runs:
            name = self._case.reference
            self._runs[key] = self._shop.starter.start(name, name, arguments, patience)
        return self._runs[key]

    def _left(self) -> float:
        return max(self._case.deadline - self._shop.clock(), 1.0)

    def _has_time(self, step: str, notes: _Notes, seconds: float = _LEAST) -> bool:
        if self._case.deadline - self._shop.clock() > seconds:
            return True
        notes.skip(step, "the time for proving was over")
        return False


def prove(workshop: Workshop, case: Trial, candidate: Candidate) -> Proof:
    """The proof of a single candidate."""
    return Prover(workshop, case).prove(candidate)


def _on_size(candidate: Candidate, old: Image, saving: int) -> Iterator[Objection]:
    """One that is worth having at the same size may differ by as much as two builds of one program."""
    if candidate.shrinks and saving <= 0:
        yield Objection(Lesson.SIZE, "size", "It is not smaller.")
    elif -saving > _SAME_SIZE * old.unpacked_bytes:
        yield Objection(Lesson.SIZE, "size", "It is larger.")


def _said(run: Run) -> str:
    """What a run that was the same came to."""
    if run.exit is not None:
        return f"same, exit status {run.exit}"
    ports: Mapping[int, object] = {port: run.answers[port].status for port in run.answers}
    shown = ", ".join(f"{port} answers {status or 'no HTTP'}" for port, status in ports.items())
    return f"same, it runs{'; port ' + shown if shown else ''}"


def _count(found: Sequence[Objection]) -> str:
    return "nothing against it" if not found else f"{len(found)} objections"
