"""Applications on the private engine, each rewritten by hand, right and wrong, and proved."""

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from rich.console import Console

from bot.adapters.docker.buildx import BuildOptions, BuildxBuilder
from bot.adapters.docker.container_runner import DockerContainerRunner
from bot.adapters.docker.engine_handle import EngineHandle
from bot.adapters.docker.image_files import DockerImageInspector
from bot.adapters.image_sources import ImageSources
from bot.adapters.parsing.build_context import FolderContextReader
from bot.adapters.parsing.dockerfile_parser import DockerfileReader
from bot.adapters.terminal_progress import TerminalProgress
from bot.line.build_input import BuildInput
from bot.line.image_opener import ImageOpener
from bot.line.measurer import Measurer
from bot.line.production import Producer
from bot.line.verification import Verifier, VerifierTools
from bot.model.candidate import Candidate
from bot.model.container_run import ContainerRun
from bot.model.proof import Proof
from bot.model.spec import BuildNeeds, ImageSpec
from bot.model.start_settings import NO_SETTINGS, StartSettings
from tests.support.engine import PrivateEngine

SPEC = ImageSpec("app", "Dockerfile", ".")
GO_EXPLAINED = {
    "ENV GOLANG_VERSION": "no Go is left",
    "ENV GOTOOLCHAIN": "no Go is left",
    "ENV GOPATH": "no Go is left",
    "PATH": "no Go is left",
}


@dataclass(frozen=True)
class App:
    """An application as it was, and its rewrite; `base` is what the old image is built on."""

    base: str
    old: str
    new: str
    files: Mapping[str, str]
    explained: Mapping[str, str] = field(default_factory=dict)
    left_behind: Mapping[str, str] = field(default_factory=dict)
    modes: Mapping[str, int] = field(default_factory=dict)
    smoke_test: tuple[str, ...] = ()
    seconds: float = 600


class _Starter(DockerContainerRunner):
    """Notes what it is asked to start."""

    def __init__(self, handle: EngineHandle, started: list[tuple[str, tuple[str, ...]]]) -> None:
        super().__init__(handle)
        self._started = started

    def run(
        self,
        reference: str,
        probe_image: str,
        arguments: Sequence[str] = (),
        timeout_s: float = 10,
        paths: Sequence[str] = (),
        *,
        opens_input: bool = False,
        settings: StartSettings = NO_SETTINGS,
    ) -> ContainerRun:
        self._started.append((reference, tuple(arguments)))
        return super().run(
            *(reference, probe_image, arguments, timeout_s, paths),
            opens_input=opens_input,
            settings=settings,
        )


class Bench:
    """Proves rewrites of one application; the old image is built once."""

    def __init__(self, engine: PrivateEngine, app: App, folder: Path) -> None:
        self._app, self._folder = app, folder
        self.started: list[tuple[str, tuple[str, ...]]] = []
        self._write()
        environment = {**os.environ, **engine.environment}
        handle, screen = EngineHandle(environment), TerminalProgress(Console(quiet=True))
        store = ImageSources(environment, handle)
        network = None if engine.build_network == "default" else "host"
        self.builder = BuildxBuilder(handle, environment, screen, BuildOptions(600))
        producer = Producer(self.builder, DockerfileReader(), Measurer(store, screen))
        looks, starter = DockerImageInspector(handle), _Starter(handle, self.started)
        tools = VerifierTools(producer, starter, time.monotonic, app.seconds / 60)
        opener = ImageOpener(looks, producer.parser.parse_script)
        spec = replace(SPEC, smoke_test=app.smoke_test, needs=BuildNeeds(network=network))
        source = BuildInput(spec, folder, producer.parse_plan(spec, app.old.encode()), "app")
        self._open = ExitStack()
        (production,) = self._open.enter_context(producer.produce([source], producer.pin(source)))
        assert production.measured, production.result
        context = FolderContextReader(producer.parser).read(folder / "Dockerfile", folder, folder)
        self._prover = Verifier(tools, opener, production, production.measured, context)

    def prove(self, *changes: tuple[str, str], shrinks: bool = True) -> Proof:
        """Return the proof of the correct rewrite with some of its text replaced."""
        text = self._app.new
        for old, new in changes:
            assert old in text, f"{old!r} is not in the rewrite"
            text = text.replace(old, new)
        app = self._app
        candidate = Candidate(
            *("multi-stage", "", "", text.encode()),
            accepted_changes=app.explained,
            dropped_paths=app.left_behind,
            must_shrink=shrinks,
        )
        return self._prover.verify(candidate)

    def close(self) -> None:
        self._open.close()
        self.builder.close()

    def _write(self) -> None:
        for name, content in {**self._app.files, "Dockerfile": self._app.old}.items():
            file = self._folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content, "utf-8")
            file.chmod(self._app.modes.get(name, 0o644))


def format_proof(proof: Proof) -> str:
    """Return all parts of a proof, for a failing test's message."""
    return "\n".join(
        [*proof.log, *(f"- {x.kind} {x.subject}: {x.message}" for x in proof.regressions)]
    )
