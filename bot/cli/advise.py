"""`advise`: one Dockerfile, and what its image and its context say of it."""

from argparse import Namespace
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from bot.adapters.docker.buildx import BuildOptions
from bot.adapters.progress import TerminalProgress
from bot.budget.judge import ImageResult, final_state, image_or_none, image_verdict
from bot.cli.advise_checks import check_image_origin, read_checked_dockerfile
from bot.cli.advise_write import save_dockerfile
from bot.cli.output import write_report
from bot.compare.compare import compare_images
from bot.dockerfile.stages import Dockerfile
from bot.line.advice import ImageAdvice, Production
from bot.line.ports import Pins, Progress
from bot.model.image import BuiltImage
from bot.model.image_location import parse_location
from bot.model.report import ImageReport, ImageState, Report
from bot.model.spec import ImageSpec
from bot.wiring import ImageTools, open_image_tools

_FILESYSTEM_ROOT = Path("/")
_NOT_BUILT_NOTE = (
    "Nothing was built: --image IMAGE measures the savings in what was built of this file, and offers a "
    "multi-stage rewrite where it calls for one; --verify builds, starts and measures what is suggested."
)


def run(arguments: Namespace, environment: Mapping[str, str]) -> int:
    """Says what a Dockerfile could do without."""
    return write_report(
        advise_dockerfile(arguments, environment, TerminalProgress(Console(stderr=True))), arguments
    )


def advise_dockerfile(
    arguments: Namespace, environment: Mapping[str, str], progress: Progress
) -> Report:
    """The report on a Dockerfile; saves the rewritten file where that is asked for."""
    dockerfile = read_checked_dockerfile(arguments)
    spec = _make_spec(arguments, environment)
    options = BuildOptions(arguments.build_timeout * 60, arguments.build_network)
    with open_image_tools(environment, progress, options, verify=arguments.verify) as tools:
        pins = _pin_images(arguments, tools, dockerfile, spec)
        with _build_or_measure(arguments, tools, dockerfile, spec, pins) as (side, built):
            image = image_or_none(side)
            if image and arguments.image is not None:
                check_image_origin(arguments, dockerfile, spec, image)
            case = Production(
                spec, _FILESYSTEM_ROOT, dockerfile, image, built, pins, str(arguments.dockerfile)
            )
            advised = tools.advisor.advise(case)
    more = () if arguments.verify or arguments.image is not None else (_NOT_BUILT_NOTE,)
    return Report(
        "advise", (_make_image_report(arguments, dockerfile, spec, side, advised),), notes=more
    )


def _make_image_report(
    arguments: Namespace,
    dockerfile: Dockerfile,
    spec: ImageSpec,
    result: ImageResult,
    advice: ImageAdvice,
) -> ImageReport:
    notes = list(advice.notes)
    if advice.no_rewrite_reason and result is not None:
        notes.append(f"No multi-stage rewrite is offered: {advice.no_rewrite_reason}.")
    if arguments.write:
        notes.append(save_dockerfile(arguments, advice, image_or_none(result)))
    state, reason, log = final_state(ImageState.NO_BASELINE, None, result)
    shown = ImageSpec(
        name=str(arguments.dockerfile),
        dockerfile=str(arguments.dockerfile),
        context=str(arguments.context or arguments.dockerfile.parent),
        target=spec.target,
        build_args=spec.build_args,
    )
    return ImageReport(
        shown,
        state,
        image_verdict((), state),
        compare_images(None, image_or_none(result)),
        reason=reason,
        log=log,
        suggestions=advice.suggestions,
        notes=tuple(notes),
    )


def _make_spec(arguments: Namespace, environment: Mapping[str, str]) -> ImageSpec:
    """What is asked about, as if a configuration declared it; its paths start at the root."""
    words = [word for word in arguments.build_arg if "=" in word or word in environment]
    given = (word.partition("=") for word in words)
    return ImageSpec(
        name=str(arguments.dockerfile),
        dockerfile=_make_relative_to_root(arguments.dockerfile),
        context=_make_relative_to_root(arguments.context or arguments.dockerfile.parent),
        target=arguments.target,
        build_args={name: value if eq else environment[name] for name, eq, value in given},
        smoke_test=tuple(arguments.smoke_test or ()),
    )


def _make_relative_to_root(path: Path) -> str:
    return str(path.absolute().relative_to(_FILESYSTEM_ROOT))


def _pin_images(
    arguments: Namespace, tools: ImageTools, dockerfile: Dockerfile, spec: ImageSpec
) -> Pins:
    """What the foreign images are, where an engine is needed anyway."""
    if not arguments.verify and arguments.image is None:
        return Pins()
    names = dockerfile.external_images(spec.target, spec.build_args)
    return tools.builder.pin_images(names, spec.platform)


@contextmanager
def _build_or_measure(
    arguments: Namespace, tools: ImageTools, dockerfile: Dockerfile, spec: ImageSpec, pins: Pins
) -> Iterator[tuple[ImageResult, BuiltImage | None]]:
    """The image that was built of it, if one is named; one built now, if it is to be verified."""
    if arguments.image is None and not arguments.verify:
        yield None, None
        return
    own = (
        tools.builder.build(spec, _FILESYSTEM_ROOT, pins, spec.name)
        if arguments.image is None
        else None
    )
    try:
        if own is not None and not isinstance(own, BuiltImage):
            yield own, None
            return
        location = own.location if own else parse_location(str(arguments.image))
        reference = str(location)
        stages = dockerfile.final_stages(spec.target, spec.build_args)
        layers = pins.diff_ids.get(dockerfile.base_image(spec.target, spec.build_args) or "")
        side = tools.measurer.measure(reference, spec.name, stages, layers, label=reference)
        yield side, BuiltImage(location) if location.is_in_engine else None
    finally:
        if isinstance(own, BuiltImage):
            tools.builder.remove(own)
