"""`advise`: suggestions for one Dockerfile, its context and an image built from it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bot.adapters.docker.build_caches import CacheRules
from bot.adapters.docker.buildx import BuildOptions
from bot.adapters.progress import make_progress
from bot.adapters.registry.login_variable import add_logins
from bot.adapters.secret_reader import SecretReader
from bot.advise.subject import RuleInput
from bot.budget.judge import ImageResult, final_state, image_or_none, image_verdict
from bot.cli.advise_bases import open_bases
from bot.cli.advise_checks import (
    check_image_origin,
    find_dockerfile,
    find_repository,
    read_checked_dockerfile,
)
from bot.cli.advise_write import save_dockerfile
from bot.cli.options.build_args import resolve_build_args
from bot.cli.options.commands import AdviseOptions
from bot.cli.output import write_report
from bot.cli.root_paths import FILESYSTEM_ROOT, make_relative_to_root
from bot.cli.trusted_events import refuse_start
from bot.compare.compare import compare_images
from bot.dockerfile.build_plan import BuildPlan
from bot.line.advice import ImageAdvice
from bot.line.build_input import BuildInput
from bot.line.ports import Progress
from bot.line.production import Producer, Production
from bot.model.image import BuildFailure
from bot.model.image_location import parse_location
from bot.model.named_contexts import find_context_folder
from bot.model.report import ImageReport, ImageState, Mode, Report
from bot.model.spec import ImageSpec
from bot.project.image_chains import is_namespaced
from bot.rewrite.eligibility import find_text_reason
from bot.wiring import open_image_tools

_NOT_BUILT_NOTE = (
    "Nothing was built: --image IMAGE measures the savings in an image built from this file, and "
    "offers a multi-stage rewrite where one fits; --verify builds, starts and measures what is "
    "suggested."
)


def run_advise(options: AdviseOptions, environment: Mapping[str, str]) -> int:
    """Write suggestions for a Dockerfile."""
    if options.verify:
        refuse_start(environment)
    options = replace(options, dockerfile=find_dockerfile(options.dockerfile))
    environment = add_logins(environment, options.build.logins)
    # Files of secrets are named from the top of the repository, as in its configuration.
    secrets = SecretReader(environment, find_repository(options.dockerfile) or FILESYSTEM_ROOT)
    progress = make_progress(is_quiet=options.output.is_quiet)
    report = advise_dockerfile(options, environment, progress, secrets)
    return write_report(report, options.output, secrets.texts)


def advise_dockerfile(
    options: AdviseOptions,
    environment: Mapping[str, str],
    progress: Progress,
    secrets: SecretReader,
) -> Report:
    """Return the report on a Dockerfile; with `--write`, save the changed file, too."""
    dockerfile = read_checked_dockerfile(options)
    spec = _make_spec(options, environment)
    plan = BuildPlan(dockerfile, spec.target, spec.build_args)
    source = BuildInput(spec, FILESYSTEM_ROOT, plan, label=spec.name)
    if options.verify and (reason := find_text_reason(RuleInput(plan))):
        # A build may take many minutes, and this needs none.
        progress.write_line(f"No multi-stage rewrite will be offered: {reason}.")
    caches = CacheRules(chosen=options.build.needs.cache_to)
    build_options = BuildOptions(
        secrets=secrets, caches=caches, jobs=options.build.jobs, builder=options.build.builder
    )
    # The image and those below it exist while they are looked into, and are removed on the way out.
    with (
        open_image_tools(environment, progress, build_options, verify=options.verify) as tools,
        open_bases(options, environment, tools, source) as (complete, doubts),
        _produce(options, tools.producer, complete) as production,
    ):
        # Savings that were measured in another file's image would be taken for this one's.
        if production.image and options.image is not None:
            check_image_origin(options, plan, production.image)
        advice = tools.advisor.advise(production)
    image_report = _make_image_report(options, spec, production.result, advice)
    own_bases = note_own_bases(production)
    image_report = replace(image_report, notes=(*image_report.notes, *doubts, *own_bases))
    notes = () if options.verify or options.image is not None else (_NOT_BUILT_NOTE,)
    return Report(Mode.ADVISE, (image_report,), notes=notes)


def note_own_bases(production: Production) -> tuple[str, ...]:
    """Say of a build that failed how to build it on images of its own repository."""
    if not isinstance(production.result, BuildFailure):
        return ()
    # `FROM mycompany/base` may be built here; `FROM debian` is surely none of ours.
    names = [name for name in production.source.external_images if is_namespaced(name)]
    if not names:
        return ()
    return (
        f"No Dockerfile of the repository is known to build {names[0]}. If one does, set "
        "`provides` of its image in the configuration, or build it first "
        f"(docker build -t {names[0]} …).",
    )


def _make_image_report(
    options: AdviseOptions, spec: ImageSpec, result: ImageResult, advice: ImageAdvice
) -> ImageReport:
    notes = list(advice.notes)
    # Without an image, the note on what was not built says how to get a rewrite.
    if advice.no_rewrite_reason and result is not None:
        notes.append(f"No multi-stage rewrite is offered: {advice.no_rewrite_reason}.")
    if options.write:
        notes.append(save_dockerfile(options, options.write, advice, image_or_none(result)))
    final = final_state(ImageState.NO_BASELINE, None, result)
    # The paths as the user wrote them, in place of those from the root.
    shown_spec = ImageSpec(
        name=str(options.dockerfile),
        dockerfile=str(options.dockerfile),
        context=str(options.context_folder),
        target=spec.target,
        build_args=spec.build_args,
    )
    return ImageReport(
        shown_spec,
        final.state,
        image_verdict((), final.state, failure=final.failure),
        compare_images(None, image_or_none(result)),
        reason=final.reason,
        log=final.log,
        failure=final.failure,
        suggestions=advice.suggestions,
        notes=tuple(notes),
    )


def _make_spec(options: AdviseOptions, environment: Mapping[str, str]) -> ImageSpec:
    """Return the image as a configuration would declare it, with paths from the root."""
    return ImageSpec(
        name=str(options.dockerfile),
        dockerfile=make_relative_to_root(options.dockerfile),
        context=make_relative_to_root(options.context_folder),
        target=options.target,
        build_args=resolve_build_args(options.build_args, environment),
        smoke_test=options.smoke_test,
        needs=options.build.needs,
        build_contexts={
            name: value
            if (folder := find_context_folder(value)) is None
            else make_relative_to_root(Path(folder))
            for name, value in options.build.contexts.items()
        },
    )


@contextmanager
def _produce(
    options: AdviseOptions, producer: Producer, source: BuildInput
) -> Iterator[Production]:
    """Measure the image of `--image`, or with `--verify` one that is built and removed again.

    Without either, nothing is pinned: no engine is needed to read a Dockerfile.
    """
    if options.image is not None:
        location = parse_location(str(options.image))
        yield producer.measure_existing(source, producer.pin(source), location)
    elif options.verify:
        with producer.produce([source], producer.pin(source)) as (production,):
            yield production
    else:
        yield Production(source)
