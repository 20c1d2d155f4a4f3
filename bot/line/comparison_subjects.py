"""The declarations, in two commits and by the caller, of images that somebody else has built."""

from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from bot.errors import InputError
from bot.line.existing import strip_version
from bot.line.review_request import ReviewRequest
from bot.model.report import ImageState
from bot.model.spec import Budget, ImageSpec
from bot.project.config_file import ProjectConfig
from bot.project.image_plan import PlannedImage
from bot.project.image_selector import select_images
from bot.project.overrides import Overrides


@dataclass(frozen=True, slots=True)
class ComparedImage:
    """A reference, that of the older image if there is one, and a name of the configuration."""

    reference: str
    base_reference: str | None = None
    config_name: str | None = None

    @property
    def lasting_names(self) -> tuple[str, str]:
        """Both references without what differs from run to run."""
        base = self.base_reference
        return strip_version(self.reference), strip_version(base) if base else ""


@dataclass(frozen=True, slots=True)
class ComparisonSubject:
    """An image with its declarations in both revisions, and whether head has dropped its own."""

    image: ComparedImage
    head: ImageSpec
    base: ImageSpec | None
    base_budget: Budget | None
    is_dropped: bool = False

    @property
    def planned(self) -> PlannedImage:
        """Both declarations, as a review pairs them."""
        return PlannedImage(
            self.base, self.head, ImageState.CHANGED, self.base_budget, self.is_dropped
        )


def declare_subjects(
    request: ReviewRequest, images: tuple[ComparedImage, ...]
) -> tuple[ComparisonSubject, ...]:
    """Return what both revisions say of each image; no two have one name."""
    names = [image.config_name or image.lasting_names[0] for image in images]
    return tuple(
        _declare_image(request, image, name if names.count(name) == 1 else image.reference)
        for image, name in zip(images, names, strict=True)
    )


def _declare_image(request: ReviewRequest, image: ComparedImage, name: str) -> ComparisonSubject:
    """Return the declarations of an image; InputError if its name is in no configuration."""
    overrides, base_config = request.overrides, request.configs.base
    in_head = _find_spec(request.configs.head, image, overrides)
    in_base = _find_spec(base_config, image, overrides) if base_config else None
    if image.config_name and in_head is None and in_base is None:
        raise _make_unknown_error(image.config_name, request)
    has_rules = request.has_base_rules
    is_dropped = has_rules and in_head is None and in_base is not None
    head = _complete(in_head or in_base, request.configs.head, overrides, name)
    base = _complete(in_base, base_config, overrides, name) if in_base and base_config else None
    base_budget: Budget | None = None
    if has_rules:
        # Head may have taken an image out of the file, or given it another name: base's common
        # limits hold all the same.
        common = base_config.defaults.spec.budget if base_config else Budget()
        base_budget = base.budget if base else overrides.limits.apply_to(common)
    return ComparisonSubject(image, head, base, base_budget, is_dropped)


def note_common_budget(
    request: ReviewRequest, subjects: tuple[ComparisonSubject, ...]
) -> tuple[str, ...]:
    """Say that images are judged by the common budget, where others of the file have their own."""
    names = [x.head.name for x in subjects if x.base is None and not x.head.dockerfile]
    configs = [config for config in (request.configs.head, request.configs.base) if config]
    if not names or not any(config.images for config in configs):
        return ()
    listed = ", ".join(names)
    return (
        f"Judged by the budget of all images: {listed}. For the budget and the Dockerfile of one "
        "image of the configuration, name it in the input `images`.",
    )


def _make_unknown_error(name: str, request: ReviewRequest) -> InputError:
    configs = [config for config in (request.configs.head, request.configs.base) if config]
    names = [repr(spec.name) for config in configs for spec in config.images or ()]
    existing = ", ".join(dict.fromkeys(names)) or "none"
    why = f"the images of the configuration are: {existing}"
    return InputError(f"No image is called {name!r}.", why, "check the input `images`")


def _find_spec(
    config: ProjectConfig, image: ComparedImage, overrides: Overrides
) -> ImageSpec | None:
    """Return the declaration of an image by its name or Dockerfile, else the only one there is."""
    declared = config.images or ()
    if image.config_name:
        return next(iter(select_images(declared, [image.config_name])), None)
    if overrides.dockerfile:
        return next((x for x in declared if x.dockerfile == overrides.dockerfile), None)
    # Of several, nobody knows which one the reference is: guessing could choose the widest limits.
    return declared[0] if len({spec.name for spec in declared}) == 1 else None


def _complete(
    spec: ImageSpec | None, config: ProjectConfig, overrides: Overrides, name: str
) -> ImageSpec:
    """Return a declaration with the options of the caller, for one platform of several."""
    if spec is None:
        file = overrides.dockerfile or ""
        folder = str(PurePosixPath(file).parent) if file else ""
        spec = ImageSpec(name, file, folder, budget=config.defaults.spec.budget)
    return replace(
        spec,
        name=name,
        platform=None,
        context=overrides.context or spec.context,
        target=overrides.target or spec.target,
        build_args={**spec.build_args, **overrides.build_args},
        budget=overrides.limits.apply_to(spec.budget),
    )
