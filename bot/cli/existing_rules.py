"""`measure` and `diff` with limits, a configuration file or a Dockerfile."""

from collections.abc import Mapping
from dataclasses import replace

from bot.adapters.docker.buildx import BuildOptions
from bot.adapters.progress import make_progress
from bot.cli.advise_checks import read_checked_dockerfile
from bot.cli.options.build_args import resolve_build_args
from bot.cli.options.commands import (
    AdviseOptions,
    DiffOptions,
    ExistingImageOptions,
    MeasureOptions,
)
from bot.cli.review_requests import read_config_file
from bot.cli.root_paths import FILESYSTEM_ROOT, make_relative_to_root
from bot.dockerfile.build_plan import BuildPlan
from bot.errors import InputError
from bot.line.build_input import BuildInput
from bot.line.compared_images import advise_on_pair
from bot.line.existing import ExistingImage, ExistingPair, judge_pair, measure_pair
from bot.model.report import Mode, Report
from bot.model.spec import Budget, ImageSpec
from bot.project.config_file import parse_config
from bot.project.image_selector import select_images
from bot.wiring import open_image_tools

_NO_OLDER_REASON = "there is no older image"


def judge_existing(options: MeasureOptions | DiffOptions, environment: Mapping[str, str]) -> Report:
    """Return the report on one image or two, held against limits, with lines and suggestions."""
    rules = options.rules
    is_measure = isinstance(options, MeasureOptions)
    stated = _read_budget(rules)
    budget = _drop_growth_limits(stated, rules) if is_measure else stated
    source = _read_source(options, environment)
    pair = _make_pair(options, budget, source.plan if source else None)
    progress = make_progress(is_quiet=options.output.is_quiet)
    with open_image_tools(environment, progress, BuildOptions(), verify=False) as tools:
        measurer = tools.producer.measurer
        # A limit on compressed sizes needs contents to be read, which a size alone does not.
        measurer.prepare_for([budget])
        if options.compressed:
            measurer.enable_measured_compression()
        if options.skips_digest_check:
            measurer.trust_digests()
        measured = measure_pair(measurer, pair, options.platform)
        image = judge_pair(pair, measured)
        if source is not None:
            image = advise_on_pair(tools.advisor, image, source, measured)
    mode = Mode.MEASURE if is_measure else Mode.DIFF
    notes = _note_unused_limits(rules, stated, budget, is_measure=is_measure)
    return Report(mode, (image,), limit_options=rules.limit_options, notes=notes)


def _make_pair(
    options: MeasureOptions | DiffOptions, budget: Budget, plan: BuildPlan | None
) -> ExistingPair:
    """Return the image, and the older one that `diff` compares it with."""
    if isinstance(options, MeasureOptions):
        spec = _make_shown_spec(options.rules, options.image, budget)
        image = ExistingImage(options.image, plan)
        return ExistingPair(spec, image, None, skip_growth_reason=_NO_OLDER_REASON)
    spec = _make_shown_spec(options.rules, options.new, budget)
    return ExistingPair(spec, ExistingImage(options.new, plan), ExistingImage(options.old))


def _drop_growth_limits(budget: Budget, rules: ExistingImageOptions) -> Budget:
    """Return a budget without the limits on growth of the file: only one image is measured."""
    limits = rules.limits
    # One of the command line stays: its check says that it was skipped, and why.
    return replace(budget, max_growth=limits.max_growth, warn_growth=limits.warn_growth)


def _note_unused_limits(
    rules: ExistingImageOptions, stated: Budget, budget: Budget, *, is_measure: bool
) -> tuple[str, ...]:
    """Say why a limit is not judged, or nothing is, though a configuration file was given."""
    if rules.limits.max_growth and is_measure:
        return ("--max-growth was not judged: it needs an older image, and `diff` compares two.",)
    if rules.config is None or budget.limits_anything:
        return ()
    if stated.limits_growth:
        return ("Nothing was judged: `max-growth` needs an older image, and `diff` compares two.",)
    if rules.name is not None:
        return (f"Nothing was judged: {rules.config} has no limit of the image {rules.name}.",)
    return (
        f"Nothing was judged: {rules.config} has no limit of all images. --image NAME takes those "
        "of one of its images.",
    )


def _read_budget(rules: ExistingImageOptions) -> Budget:
    """Return the budget of the configuration file, with the limits of the command line."""
    if rules.config is None:
        if rules.name is not None:
            why = "it names an image of a configuration file"
            raise InputError("--image was given without --config.", why, "add --config FILE")
        return rules.limits.apply_to(Budget())
    config = parse_config(read_config_file(rules.config), str(rules.config))
    if rules.name is None:
        return rules.limits.apply_to(config.budget)
    selected = select_images(config.images or (), [rules.name])
    if not selected:
        names = ", ".join(repr(spec.name) for spec in config.images or ()) or "none"
        what = f"No image is called {rules.name!r}."
        raise InputError(what, f"the images of {rules.config} are: {names}", "check --image")
    return rules.limits.apply_to(selected[0].budget)


def _read_source(
    options: MeasureOptions | DiffOptions, environment: Mapping[str, str]
) -> BuildInput | None:
    """Return the Dockerfile of the image as a build would read it; None without one."""
    rules = options.rules
    if rules.dockerfile is None:
        _refuse_build_options(rules)
        return None
    # The checks of `advise`: it is the same file, beside an image that was built from it.
    advise = AdviseOptions(
        options.output,
        rules.dockerfile,
        context=rules.context,
        target=rules.target,
    )
    build_args = resolve_build_args(rules.build_args, environment)
    spec = ImageSpec(
        name=str(rules.dockerfile),
        dockerfile=make_relative_to_root(rules.dockerfile),
        context=make_relative_to_root(advise.context_folder),
        target=rules.target,
        build_args=build_args,
    )
    plan = BuildPlan(read_checked_dockerfile(advise), rules.target, build_args)
    return BuildInput(spec, FILESYSTEM_ROOT, plan, label=spec.name)


def _refuse_build_options(rules: ExistingImageOptions) -> None:
    """Raise InputError for an option that says how a Dockerfile is built, if there is none."""
    stated = {
        "--context": rules.context,
        "--target": rules.target,
        "--build-arg": rules.build_args,
    }
    for option in (option for option, value in stated.items() if value):
        raise InputError(
            f"{option} was given without --dockerfile.",
            "it says how the Dockerfile of the image is built",
            "add --dockerfile FILE",
        )


def _make_shown_spec(rules: ExistingImageOptions, reference: str, budget: Budget) -> ImageSpec:
    """Return the declaration that the report shows, with the paths as the user wrote them."""
    if rules.dockerfile is None:
        return ImageSpec(reference, "", "", budget=budget)
    context = rules.context or rules.dockerfile.parent
    return ImageSpec(
        reference, str(rules.dockerfile), str(context), target=rules.target, budget=budget
    )
