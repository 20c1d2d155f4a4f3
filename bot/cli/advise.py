"""`advise`: one Dockerfile, and what its image and its context say of it."""

from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from bot.adapters.docker.buildx import BuildOptions
from bot.adapters.progress import TerminalScreen
from bot.budget.judge import Side, image_or_none, settle, verdict
from bot.cli.advise_checks import check_image, read_asked
from bot.cli.advise_write import save
from bot.cli.output import deliver
from bot.compare.compare import compare
from bot.dockerfile.stages import Dockerfile
from bot.line.advice import Advised, Case
from bot.line.ports import Pins, Screen
from bot.model.image import Built
from bot.model.report import ImageReport, Report, State
from bot.model.spec import ImageSpec
from bot.wiring import Bench, bench

_ENGINE = "docker-daemon:"
_ROOT = Path("/")
_MORE = (
    "Nothing was built: --image IMAGE measures the savings in what was built of this file, and offers a "
    "multi-stage rewrite where it calls for one; --verify builds, starts and measures what is suggested."
)


def run(asked: Namespace, environment: Mapping[str, str]) -> int:
    """Says what a Dockerfile could do without."""
    return deliver(advise_on(asked, environment, TerminalScreen(Console(stderr=True))), asked)


def advise_on(asked: Namespace, environment: Mapping[str, str], screen: Screen) -> Report:
    """The report on a Dockerfile; saves the rewritten file where that is asked for."""
    dockerfile = read_asked(asked)
    spec = _spec(asked, environment)
    options = BuildOptions(asked.build_timeout * 60, asked.build_network)
    with bench(environment, screen, options, verifies=asked.verify) as tools:
        pins = _pins(asked, tools, dockerfile, spec)
        with _produced(asked, tools, dockerfile, spec, pins) as (side, built):
            image = image_or_none(side)
            if image and asked.image is not None:
                check_image(asked, dockerfile, spec, image)
            case = Case(spec, _ROOT, dockerfile, image, built, pins, str(asked.dockerfile))
            advised = tools.advisor.advise(case)
    more = () if asked.verify or asked.image is not None else (_MORE,)
    return Report("advise", (_report(asked, dockerfile, spec, side, advised),), notes=more)


def _report(
    asked: Namespace, dockerfile: Dockerfile, spec: ImageSpec, side: Side, advised: Advised
) -> ImageReport:
    notes = list(advised.notes)
    if advised.left_alone and side is not None:
        notes.append(f"No multi-stage rewrite is offered: {advised.left_alone}.")
    if asked.write:
        notes.append(save(asked, advised, image_or_none(side)))
    state, reason, log = settle(State.NO_BASELINE, None, side)
    shown = ImageSpec(
        name=str(asked.dockerfile),
        dockerfile=str(asked.dockerfile),
        context=str(asked.context or asked.dockerfile.parent),
        target=spec.target,
        build_args=spec.build_args,
    )
    return ImageReport(
        shown,
        state,
        verdict((), state),
        compare(None, image_or_none(side)),
        reason=reason,
        log=log,
        suggestions=advised.suggestions,
        notes=tuple(notes),
    )


def _spec(asked: Namespace, environment: Mapping[str, str]) -> ImageSpec:
    """What is asked about, as if a configuration declared it; its paths start at the root."""
    words = [word for word in asked.build_arg if "=" in word or word in environment]
    given = (word.partition("=") for word in words)
    return ImageSpec(
        name=str(asked.dockerfile),
        dockerfile=_from_root(asked.dockerfile),
        context=_from_root(asked.context or asked.dockerfile.parent),
        target=asked.target,
        build_args={name: value if eq else environment[name] for name, eq, value in given},
        smoke_test=tuple(asked.smoke_test or ()),
    )


def _from_root(path: Path) -> str:
    return str(path.absolute().relative_to(_ROOT))


def _pins(asked: Namespace, tools: Bench, dockerfile: Dockerfile, spec: ImageSpec) -> Pins:
    """What the foreign images are, where an engine is needed anyway."""
    if not asked.verify and asked.image is None:
        return Pins()
    names = dockerfile.foreign_images(spec.target, spec.build_args)
    return tools.builder.pin(names, spec.platform)


@contextmanager
def _produced(
    asked: Namespace, tools: Bench, dockerfile: Dockerfile, spec: ImageSpec, pins: Pins
) -> Iterator[tuple[Side, Built | None]]:
    """The image that was built of it, if one is named; one built now, if it is to be verified."""
    if asked.image is None and not asked.verify:
        yield None, None
        return
    own = tools.builder.build(spec, _ROOT, pins, spec.name) if asked.image is None else None
    try:
        if own is not None and not isinstance(own, Built):
            yield own, None
            return
        reference = own.reference if own else str(asked.image)
        stages = dockerfile.shipped(spec.target, spec.build_args)
        layers = pins.layers.get(dockerfile.base_of(spec.target, spec.build_args) or "")
        side = tools.measurer.measure(reference, spec.name, stages, layers, label=reference)
        yield side, _in_engine(reference)
    finally:
        if isinstance(own, Built):
            tools.builder.discard(own)


def _in_engine(reference: str) -> Built | None:
    """An image as the engine knows it; None if it is kept elsewhere."""
    name = reference.removeprefix(_ENGINE)
    is_elsewhere = name.startswith(("docker-archive:", "oci-archive:", "oci:", "docker://"))
    return None if is_elsewhere else Built(name)
