"""`advise`: one Dockerfile, and what its image and its context say of it."""

from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from bot.advise.advise import advise, rewritten, suggestions
from bot.advise.subject import Subject
from bot.commands.output import deliver
from bot.core.compare import compare
from bot.core.dockerfile import Dockerfile
from bot.core.judge import Side, image_or_none, verdict
from bot.core.model import ImageReport, ImageSpec, Report, State, Unmeasured
from bot.edge.contexts import FolderContexts
from bot.edge.images import ImageStore
from bot.edge.layer_cache import known_layers
from bot.edge.parse import DockerfileReader
from bot.edge.screen import TerminalScreen
from bot.errors import BadInput
from bot.measurer import Measurer
from bot.ports import Screen


def run(asked: Namespace, environment: Mapping[str, str]) -> int:
    """Says what a Dockerfile could do without."""
    return deliver(advise_on(asked, environment, TerminalScreen(Console(stderr=True))), asked)


def advise_on(asked: Namespace, environment: Mapping[str, str], screen: Screen) -> Report:
    """The report on a Dockerfile; saves the rewritten file where that is asked for."""
    if asked.verify:
        raise BadInput(
            "`advise --verify` is not in this version.",
            "suggestions are measured in an image, but not built and started",
            "leave --verify out",
        )
    dockerfile = _read(asked.dockerfile)
    spec = _spec(asked, environment)
    side = _measured(asked, environment, screen, dockerfile, spec)
    folder = asked.context or asked.dockerfile.parent
    context = FolderContexts(DockerfileReader()).read(asked.dockerfile, folder)
    subject = Subject(dockerfile, spec.target, spec.build_args, image_or_none(side), context)
    advice = advise(subject)
    notes = [*advice.notes]
    if asked.write:
        notes.append(_save(asked.write, rewritten(subject, advice), dockerfile))
    failed = side.reason if isinstance(side, Unmeasured) else None
    state = State.MEASURE_FAILED if failed else State.NO_BASELINE
    comparison = compare(None, image_or_none(side))
    image = ImageReport(
        spec,
        state,
        verdict((), state),
        comparison,
        reason=failed,
        suggestions=suggestions(subject, advice),
        notes=tuple(notes),
    )
    return Report("advise", (image,))


def _read(path: Path) -> Dockerfile:
    try:
        return DockerfileReader().parse(path.read_bytes())
    except OSError as problem:
        fix = "check its path"
        raise BadInput("The Dockerfile cannot be read.", str(problem), fix) from problem
    except ValueError as problem:
        fix = "name a file that `docker build` takes"
        raise BadInput(f"{path} is no Dockerfile.", str(problem), fix) from problem


def _spec(asked: Namespace, environment: Mapping[str, str]) -> ImageSpec:
    """What is asked about, as if a configuration declared it."""
    words = [word for word in asked.build_arg if "=" in word or word in environment]
    given = (word.partition("=") for word in words)
    return ImageSpec(
        name=str(asked.dockerfile),
        dockerfile=str(asked.dockerfile),
        context=str(asked.context or asked.dockerfile.parent),
        target=asked.target,
        build_args={name: value if eq else environment[name] for name, eq, value in given},
    )


def _measured(
    asked: Namespace,
    environment: Mapping[str, str],
    screen: Screen,
    dockerfile: Dockerfile,
    spec: ImageSpec,
) -> Side:
    """The image that was built of it, if one is named."""
    if asked.image is None:
        return None
    measurer = Measurer(ImageStore(environment), screen, known_layers(environment))
    stages = dockerfile.shipped(spec.target, spec.build_args)
    return measurer.measure(asked.image, spec.name, stages, label=asked.image)


def _save(path: Path, data: bytes, dockerfile: Dockerfile) -> str:
    """Writes the new file; what was done, in a sentence."""
    try:
        path.write_bytes(data)
    except OSError as problem:
        fix = "check --write"
        raise BadInput("The Dockerfile cannot be written.", str(problem), fix) from problem
    if data == dockerfile.source.data:
        return f"{path} was written as it is: no change can be made without a check."
    return f"{path} has every change that needs no check."
